/* SPDX-License-Identifier: GPL-2.0 */
/* Code of all processes of a session, and the callers: what each had mapped when it called. */
#ifndef BRKWATCH_STACKS_H
#define BRKWATCH_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "ledger/origin.h"
#include "stack/elf_files.h"
#include "stack/unwind.h"

struct stacks_process;

/**
 * struct stacks - the processes
 * @v: by rising watch
 * @n: how many
 * @cap: room in @v
 * @latest: the one that was looked up last, NULL if it is gone
 * @files: what the files say of who asks for memory in them, if somebody wants to know
 * @trace: of the event in hand, once it was asked for
 * @traced: @trace is filled
 *
 * An all-zero set is empty.
 */
struct stacks {
	struct stacks_process *v;
	size_t n;
	size_t cap;
	struct stacks_process *latest;
	struct elf_files files;
	struct trace trace;
	bool traced;
};

/**
 * stacks_image() - keep an image until its moment has come
 * @stacks: the processes
 * @image: the image
 *
 * Return: 0 or -ENOMEM.
 */
int stacks_image(struct stacks *stacks, const struct image *image);

/**
 * stacks_now() - take an image when the tool looks at a process for the first time
 * @stacks: the processes
 * @image: the image, mapped already when the events in hand happened
 *
 * Return: 0 or -ENOMEM.
 */
int stacks_now(struct stacks *stacks, const struct image *image);

/**
 * stacks_event() - take an event, and the images that came before it
 * @stacks: the processes
 * @ev: the event
 *
 * Return: 0 or -ENOMEM.
 */
int stacks_event(struct stacks *stacks, const struct event *ev);

/**
 * stacks_wants() - is it unknown what a process has mapped
 * @stacks: the processes
 * @watch: id of its watch
 *
 * Return: whether it is, but true only once.
 */
bool stacks_wants(struct stacks *stacks, uint32_t watch);

/**
 * stacks_trace() - find the callers
 * @stacks: the processes
 * @ev: the event that stacks_event() took last
 *
 * Return: a trace until the next event, NULL if the event has no stack or without memory.
 */
const struct trace *stacks_trace(struct stacks *stacks, const struct event *ev);

/**
 * stacks_asker() - find whose code made a call
 * @stacks: the processes
 * @ev: the event that stacks_event() took last
 *
 * Return: whose, all zero if nothing shows it; its file lies in @stacks.
 */
struct asker stacks_asker(const struct stacks *stacks, const struct event *ev);

/**
 * stacks_file() - find the file that is mapped at an address
 * @stacks: the processes
 * @ev: the event that stacks_event() took last
 * @addr: the address, at which a file is mapped
 *
 * Return: its name without directories, safe for a terminal and for JSON, in the memory of @stacks;
 * NULL if it is not certain, see exec_maps_file().
 */
const char *stacks_file(const struct stacks *stacks, const struct event *ev, uint64_t addr);

/**
 * stacks_drop() - forget a process that is gone
 * @stacks: the processes
 * @watch: id of its watch
 */
void stacks_drop(struct stacks *stacks, uint32_t watch);

/**
 * stacks_free() - release its memory
 * @stacks: the processes
 */
void stacks_free(struct stacks *stacks);

#endif
