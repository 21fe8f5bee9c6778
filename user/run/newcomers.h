/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that the tool has just learned of, and what /proc says of them, until they are shown. */
#ifndef BRKWATCH_NEWCOMERS_H
#define BRKWATCH_NEWCOMERS_H

#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "event/process_facts.h"

struct pipeline;

/**
 * struct newcomers - processes in the order in which the view shows them
 * @v: what /proc says of each
 * @n: how many
 * @cap: room in @v
 * @next: index of the one to be shown next
 *
 * An all-zero set is empty.
 */
struct newcomers {
	struct process_facts *v;
	size_t n;
	size_t cap;
	size_t next;
};

/**
 * newcomers_attach() - take down what /proc says of a process that the tool has attached to
 * @pipeline: the pipeline
 * @watch: id of its watch
 *
 * Return: 0 or a negative errno.
 */
int newcomers_attach(struct pipeline *pipeline, uint32_t watch);

/**
 * newcomers_of_batch() - take down what /proc says of the processes that a drain brought
 * @pipeline: the pipeline, with the events of the drain; an exec and the clone of a followed
 *	process bring one each
 *
 * Call it before any of these events is shown, because their processes may soon be gone.
 *
 * Return: 0 or a negative errno.
 */
int newcomers_of_batch(struct pipeline *pipeline);

/**
 * newcomers_show_attached() - show the processes that newcomers_attach() was called for
 * @pipeline: the pipeline
 *
 * Return: 0 or a negative errno.
 */
int newcomers_show_attached(struct pipeline *pipeline);

/**
 * newcomers_of_event() - find what /proc says of the process that an event brings
 * @newcomers: the set
 * @ev: the event; the caller passes all events of a drain, in their order
 *
 * Return: the facts, valid until the drain ends, or NULL if the view shows none.
 */
const struct process_facts *newcomers_of_event(struct newcomers *newcomers, const struct event *ev);

/**
 * newcomers_clear() - forget them
 * @newcomers: the set
 */
void newcomers_clear(struct newcomers *newcomers);

/**
 * newcomers_free() - release the memory of the set
 * @newcomers: the set
 */
void newcomers_free(struct newcomers *newcomers);

#endif
