/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The callers: from the registers and a copy of the stack of a thread to functions, by elfutils
 * and by the tables for exceptions (.eh_frame) in the mapped files.
 */
#ifndef BRKWATCH_UNWIND_H
#define BRKWATCH_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

/* strace has the same limit. */
#define TRACE_MAX 256

/**
 * struct frame - one function on a stack; texts are safe for a terminal and for JSON
 * @address: where it goes on when what it called returns
 * @path: file that lies there, NULL if none is known
 * @offset: of @address as the file's tables number it; in the file if it was not read
 * @function: name, demangled, NULL if none is known
 * @function_offset: of @address in it
 * @source: file of the source, NULL without debug information
 * @line: in it
 * @unread: the file is gone, is another one by now or cannot be opened in time
 * @known: the tables show how to go on from here
 * @first: they need not, because the kernel started the program here
 */
struct frame {
	uint64_t address;
	char *path;
	uint64_t offset;
	char *function;
	uint64_t function_offset;
	char *source;
	int line;
	bool unread;
	bool known;
	bool first;
};

/**
 * enum trace_end - why a trace ends
 * @TRACE_WHOLE: with the first function of the thread
 * @TRACE_TRUNCATED: with the end of the copy
 * @TRACE_UNKNOWN: no table shows how to go on
 */
enum trace_end { TRACE_WHOLE, TRACE_TRUNCATED, TRACE_UNKNOWN };

/**
 * struct trace - the functions on a stack
 * @frames: the innermost first; valid until the unwinder takes another image
 * @n: how many
 * @end: why there are no more
 */
struct trace {
	const struct frame *frames[TRACE_MAX];
	size_t n;
	enum trace_end end;
};

struct exec_maps;
struct unwinder;

/**
 * unwind_new() - begin with a process
 *
 * Return: the handle for the other functions, or NULL without memory.
 */
struct unwinder *unwind_new(void);

/**
 * unwind_image() - add a file's code in place of what lay there before
 * @unwinder: of the process
 * @image: the image
 *
 * Return: 0 or -ENOMEM.
 */
int unwind_image(struct unwinder *unwinder, const struct image *image);

/**
 * unwind_forget() - drop what the module noted before a moment
 * @unwinder: of the process
 * @time: the moment, CLOCK_MONOTONIC in ns
 */
void unwind_forget(struct unwinder *unwinder, uint64_t time);

/**
 * unwind_copy() - give a process the mapped code of another one
 * @to: of the new process
 * @from: of the other one
 *
 * Return: 0 or -ENOMEM.
 */
int unwind_copy(struct unwinder *to, const struct unwinder *from);

/**
 * unwind_maps() - the mapped code of a process
 * @unwinder: of the process
 *
 * Return: the code, until the unwinder takes another image.
 */
struct exec_maps *unwind_maps(struct unwinder *unwinder);

/**
 * unwind_is_empty() - is nothing known of the process
 * @unwinder: of the process
 *
 * Return: whether it has no image.
 */
bool unwind_is_empty(const struct unwinder *unwinder);

/**
 * unwind() - find the callers
 * @unwinder: of the process
 * @ev: an event with a stack
 * @trace: filled
 *
 * Return: 0 or -ENOMEM.
 */
int unwind(struct unwinder *unwinder, const struct event *ev, struct trace *trace);

/**
 * unwind_free() - release its memory
 * @unwinder: of a process, or NULL
 */
void unwind_free(struct unwinder *unwinder);

#endif
