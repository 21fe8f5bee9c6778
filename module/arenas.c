// SPDX-License-Identifier: GPL-2.0
/*
 * Where the heaps of thread arenas are. glibc puts heaps next to each other, so one bit a heap
 * in a few groups is enough for hundreds of them, and a probe need not allocate memory.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/math.h>
#include <linux/minmax.h>

#include "arenas.h"

/* Returns the group with that first place, a free one if there is none yet, or NULL. */
static struct bw_arena_group *group_of(struct bw_arenas *arenas, u32 first, u32 shift)
{
	struct bw_arena_group *g, *unused = NULL;

	for (g = arenas->v; g < arenas->v + ARENA_GROUPS; g++) {
		if (!g->heaps)
			unused = g;
		else if (g->first == first && g->shift == shift)
			return g;
	}
	return unused;
}

/**
 * bw_arenas_add() - note the heap of an arena
 * @arenas: the heaps of the process, locked
 * @addr: where it begins, a multiple of its size
 * @shift: log2 of its size
 *
 * Return: 1 if it is new, 0 if it is known, -ENOSPC if there is no room for it.
 */
int bw_arenas_add(struct bw_arenas *arenas, u64 addr, u32 shift)
{
	u32 place = addr >> shift, first = round_down(place, ARENA_GROUP);
	struct bw_arena_group *g = group_of(arenas, first, shift);
	u64 heap = 1ULL << (place - first);

	if (!g)
		return -ENOSPC;
	if (g->heaps & heap)
		return 0;
	g->heaps |= heap;
	g->first = first;
	g->shift = shift;
	return 1;
}

/* Returns the places of a group that lie wholly within a range, as bits. */
static u64 places_within(const struct bw_arena_group *g, u64 start, u64 end)
{
	u64 first = g->first, last = first + ARENA_GROUP;
	u64 from = max((start + (1ULL << g->shift) - 1) >> g->shift, first);
	u64 to = min(end >> g->shift, last);

	if (from >= to)
		return 0;
	return ~0ULL >> (ARENA_GROUP - (to - from)) << (from - first);
}

/**
 * bw_arenas_remove() - forget the heaps that a range covers wholly
 * @arenas: the heaps of the process, locked
 * @start: first address of the range, which is no longer mapped
 * @end: first address behind it
 *
 * Return: how many were known.
 */
u32 bw_arenas_remove(struct bw_arenas *arenas, u64 start, u64 end)
{
	struct bw_arena_group *g;
	u32 removed = 0;

	for (g = arenas->v; g < arenas->v + ARENA_GROUPS; g++) {
		u64 gone = g->heaps & places_within(g, start, end);

		g->heaps &= ~gone;
		removed += hweight64(gone);
	}
	return removed;
}
