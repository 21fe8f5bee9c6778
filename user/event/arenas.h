/* SPDX-License-Identifier: GPL-2.0 */
/* The heaps of the C library's thread arenas, as the module finds them. */
#ifndef BRKWATCH_ARENAS_H
#define BRKWATCH_ARENAS_H

#include <stdint.h>

#include "event/event.h"

#define ARENA_GROUPS 15
#define ARENA_GROUP 64

/**
 * struct arena_group - places for heaps, one behind the other
 * @heaps: a bit for each place with a heap; 0 if the group is free
 * @first: address of the first place, divided by the size of a heap
 * @shift: log2 of the size of a heap
 */
struct arena_group {
	uint64_t heaps;
	uint32_t first;
	uint32_t shift;
};

/**
 * struct arenas - where the heaps of a process are
 * @v: the groups with heaps, and free ones, in no order
 *
 * An all-zero structure has none.
 */
struct arenas {
	struct arena_group v[ARENA_GROUPS];
};

/**
 * arenas_protected() - note the heap that a call of mprotect(2) begins
 * @arenas: the heaps of the process
 * @ev: the call, which has not failed
 *
 * Return: 1 if it begins a heap, 0 if it begins none or a known one, -ENOSPC if there is no room
 * to note it.
 */
int arenas_protected(struct arenas *arenas, const struct event *ev);

/**
 * arenas_unmapped() - forget the heaps that a range covers wholly
 * @arenas: the heaps of the process
 * @start: first address of the range, which is no longer mapped
 * @end: first address behind it
 *
 * Return: how many were known.
 */
unsigned int arenas_unmapped(struct arenas *arenas, uint64_t start, uint64_t end);

#endif
