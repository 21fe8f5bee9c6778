/* SPDX-License-Identifier: GPL-2.0 */
/* Where memory came from: the code that asked for it, and what it asked for. */
#ifndef BRKWATCH_ORIGIN_H
#define BRKWATCH_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"
#include "ledger/tag.h"

/**
 * enum code_owner - whose code made a call
 * @OWNER_UNKNOWN: nothing shows it
 * @OWNER_LOADER: the dynamic loader
 * @OWNER_GLIBC: malloc(3) or pthread_create(3) of glibc
 * @OWNER_MUSL: the same of musl
 * @OWNER_JEMALLOC: jemalloc
 * @OWNER_TCMALLOC: tcmalloc
 * @OWNER_MIMALLOC: mimalloc
 * @OWNER_GO: the runtime of Go
 * @OWNER_JVM: the virtual machine of Java
 * @OWNER_V8: V8
 * @OWNER_PYTHON: the interpreter CPython
 * @OWNER_OTHER: the program itself, or any other library
 * @OWNERS: how many there are
 */
enum code_owner {
	OWNER_UNKNOWN,
	OWNER_LOADER,
	OWNER_GLIBC,
	OWNER_MUSL,
	OWNER_JEMALLOC,
	OWNER_TCMALLOC,
	OWNER_MIMALLOC,
	OWNER_GO,
	OWNER_JVM,
	OWNER_V8,
	OWNER_PYTHON,
	OWNER_OTHER,
	OWNERS,
};

/**
 * struct asker - who made a call: the first code outside the C library's system-call functions
 * @owner: whose code
 * @guess: the code called one of these functions, and nothing shows which code it was
 * @program: the code lies in the program's own file, not in a library's
 * @file: name of the file, without directories; NULL if it is not known
 */
struct asker {
	enum code_owner owner;
	bool guess;
	bool program;
	const char *file;
};

/**
 * struct asked - who asked for memory, as far as the tool knows
 * @origin: which kind
 * @guess: it only looks like it: show "?" and build no sentence on it
 * @file: name of the file that asked, without directories; NULL if it is not known or says
 *	nothing more
 */
struct asked {
	enum origin origin;
	bool guess;
	const char *file;
};

/* Room for any text made here; a longer name of a file is cut off. */
#define ASKED_MAX 96

/**
 * file_is_plain() - can a name be nothing but that of a file
 * @file: the name, or NULL
 *
 * Anybody can call a file "heap", but no name of ours has a point, as those of libraries have.
 *
 * Return: false if something must say that it is a file.
 */
bool file_is_plain(const char *file);

/**
 * asked_text() - who asked for memory, as the subject of a line
 * @buf: takes the text
 * @asked: who
 *
 * Return: @buf, such as "malloc", "thread arena?", "jemalloc (libjemalloc.so.2)" or "unknown".
 */
const char *asked_text(char buf[ASKED_MAX], const struct asked *asked);

/**
 * asked_place() - who asked for memory, as the name of what is mapped
 * @buf: takes the text
 * @asked: who
 *
 * It differs from asked_text() where one asker has several kinds of memory.
 *
 * Return: @buf, such as "heap", "malloc mmap" or "thread arena?".
 */
const char *asked_place(char buf[ASKED_MAX], const struct asked *asked);

/**
 * origin_name() - the name of an origin
 * @origin: the origin
 *
 * Return: its name as asked_place() gives it without a file, such as "malloc mmap".
 */
const char *origin_name(enum origin origin);

/**
 * apart_name() - the name of anonymous memory outside the set
 * @tag: one for which tag_is_apart() holds
 *
 * Return: its name, such as "shared".
 */
const char *apart_name(uint64_t tag);

/**
 * origin_needs_asker() - check whether anything may follow from who made a call
 * @ev: any event
 *
 * A brk(2) that only asks where the break is, a mapping of a file and calls that never get memory
 * have no origin.
 *
 * Return: false if origin_of_call() need not know who made it.
 */
bool origin_needs_asker(const struct event *ev);

/**
 * origin_of_call() - where the memory comes from that a call asks for
 * @ev: a brk, mmap or mremap
 * @over: tag of what is mapped at its address, 0 for nothing
 * @asker: who made it
 *
 * If nothing shows who made it, the form of the call gives a guess.
 *
 * Return: who asked; the file is @asker's.
 */
struct asked origin_of_call(const struct event *ev, uint64_t over, const struct asker *asker);

#endif
