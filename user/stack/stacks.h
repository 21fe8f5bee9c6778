/* SPDX-License-Identifier: GPL-2.0 */
/* Who called, for all processes of a session: what each had mapped when it called. */
#ifndef BRKWATCH_STACKS_H
#define BRKWATCH_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "stack/unwind.h"

struct stacks_process;

/**
 * struct stacks - the processes
 * @v: by rising watch
 * @n: how many
 * @cap: room in @v
 * @trace: of the event in hand, once it was asked for
 * @traced: it was
 *
 * All zero has none.
 */
struct stacks {
	struct stacks_process *v;
	size_t n;
	size_t cap;
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
 * stacks_now() - take an image of a process that is looked at for the first time
 * @stacks: the processes
 * @image: the image, there already when the events in hand happened
 *
 * Return: 0 or -ENOMEM.
 */
int stacks_now(struct stacks *stacks, const struct image *image);

/**
 * stacks_event() - an event has happened: before it others may have brought code
 * @stacks: the processes
 * @ev: the event
 *
 * Return: 0 or -ENOMEM.
 */
int stacks_event(struct stacks *stacks, const struct event *ev);

/**
 * stacks_wants() - is nothing known of what a process has mapped
 * @stacks: the processes
 * @watch: id of its watch
 *
 * Return: whether that is so, the first time alone.
 */
bool stacks_wants(struct stacks *stacks, uint32_t watch);

/**
 * stacks_trace() - find out who called
 * @stacks: the processes
 * @ev: the event, which stacks_event() had last
 *
 * Return: a trace until the next event, NULL if the event has no stack or without memory.
 */
const struct trace *stacks_trace(struct stacks *stacks, const struct event *ev);

/**
 * stacks_drop() - a process is gone
 * @stacks: the processes
 * @watch: id of its watch
 */
void stacks_drop(struct stacks *stacks, uint32_t watch);

/**
 * stacks_free() - give back its memory
 * @stacks: the processes
 */
void stacks_free(struct stacks *stacks);

#endif
