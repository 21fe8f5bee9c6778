// SPDX-License-Identifier: GPL-2.0
/* This follows arenas.c and probe_protect.c of the module. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>

#include "event/arenas.h"

/* log2 of glibc's HEAP_MAX_SIZE, in 64-bit and in 32-bit programs. */
#define ARENA_SHIFT 26
#define ARENA_SHIFT_32 20

/* glibc makes so much of a new arena usable: M_TOP_PAD (128 KiB) and its head, in whole pages. */
#define FIRST_BYTES 135168

static bool begins_arena(const struct event *ev, uint32_t shift)
{
	return ev->kind == BRKWATCH_EVENT_KIND_MPROTECT && ev->map.length == FIRST_BYTES &&
	       ev->map.prot == (PROT_READ | PROT_WRITE) && !(ev->map.addr & ((1ULL << shift) - 1));
}

/* Returns the group with that first place, a free one if there is none yet, or NULL. */
static struct arena_group *group_of(struct arenas *arenas, uint32_t first, uint32_t shift)
{
	struct arena_group *g, *unused = NULL;

	for (g = arenas->v; g < arenas->v + ARENA_GROUPS; g++) {
		if (!g->heaps)
			unused = g;
		else if (g->first == first && g->shift == shift)
			return g;
	}
	return unused;
}

int arenas_protected(struct arenas *arenas, const struct event *ev)
{
	uint32_t shift = ev->traits & BRKWATCH_TRAIT_COMPAT ? ARENA_SHIFT_32 : ARENA_SHIFT;
	uint32_t place = ev->map.addr >> shift, first = place / ARENA_GROUP * ARENA_GROUP;
	uint64_t heap = 1ULL << (place - first);
	struct arena_group *g;

	if (!begins_arena(ev, shift))
		return 0;
	g = group_of(arenas, first, shift);
	if (!g)
		return -ENOSPC;
	if (g->heaps & heap)
		return 0;
	g->heaps |= heap;
	g->first = first;
	g->shift = shift;
	return 1;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Returns the places of a group that lie wholly within a range, as bits. */
static uint64_t places_within(const struct arena_group *g, uint64_t start, uint64_t end)
{
	uint64_t first = g->first, size = 1ULL << g->shift;
	uint64_t from = (start + size - 1) >> g->shift;
	uint64_t to = least(end >> g->shift, first + ARENA_GROUP);

	if (from < first)
		from = first;
	if (from >= to)
		return 0;
	return ~0ULL >> (ARENA_GROUP - (to - from)) << (from - first);
}

unsigned int arenas_unmapped(struct arenas *arenas, uint64_t start, uint64_t end)
{
	struct arena_group *g;
	unsigned int n = 0;

	for (g = arenas->v; g < arenas->v + ARENA_GROUPS; g++) {
		uint64_t gone = g->heaps & places_within(g, start, end);

		g->heaps &= ~gone;
		n += __builtin_popcountll(gone);
	}
	return n;
}
