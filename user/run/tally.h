/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's counters, counted again from events, because the writer of a capture may have
 * been killed before it could ask for them.
 */
#ifndef BRKWATCH_TALLY_H
#define BRKWATCH_TALLY_H

#include <stddef.h>

#include "event/arenas.h"
#include "event/event.h"
#include "event/geometry.h"

/**
 * struct tally - counters of processes
 * @geometry: sizes of pages
 * @v: the counters, in the order in which the processes came
 * @n: how many processes
 * @cap: room in @v
 * @arenas: where the heaps of arenas are, in the same order
 * @arenas_cap: room in @arenas
 */
struct tally {
	struct geometry geometry;
	struct counters *v;
	size_t n;
	size_t cap;
	struct arenas *arenas;
	size_t arenas_cap;
};

/**
 * tally_event() - count an event
 * @tally: the tally
 * @ev: the event
 * @known: what the module reported of the process when the watch began, or NULL
 *
 * Return: 0 or -ENOMEM.
 */
int tally_event(struct tally *tally, const struct event *ev, const struct counters *known);

/**
 * tally_forget() - forget a process that has no more events
 * @tally: the tally
 * @watch: id of its watch
 */
void tally_forget(struct tally *tally, uint32_t watch);

/**
 * tally_free() - release its memory
 * @tally: the tally
 */
void tally_free(struct tally *tally);

#endif
