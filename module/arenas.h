/* SPDX-License-Identifier: GPL-2.0 */
/* The heaps of the C library's thread arenas. */
#ifndef _BRKWATCH_ARENAS_H
#define _BRKWATCH_ARENAS_H

#include <linux/types.h>

/*
 * glibc's HEAP_MAX_SIZE: a heap has so many bytes (log2) and begins at a multiple of them, so
 * that glibc finds the heap of a block by its address.
 */
#define ARENA_SHIFT 26
#define ARENA_SHIFT_32 20

/* glibc makes so much of a new arena usable: M_TOP_PAD (128 KiB) and its head, in whole pages. */
#define ARENA_FIRST_BYTES 135168

#define ARENA_GROUPS 15
#define ARENA_GROUP 64

/**
 * struct bw_arena_group - places for heaps, one behind the other
 * @heaps: a bit for each place with a heap; 0 if the group is free
 * @first: address of the first place, divided by the size of a heap; a multiple of ARENA_GROUP
 * @shift: log2 of the size of a heap
 */
struct bw_arena_group {
	u64 heaps;
	u32 first;
	u32 shift;
};

/**
 * struct bw_arenas - where the heaps of a process are
 * @v: the groups with heaps, and free ones, in no order
 */
struct bw_arenas {
	struct bw_arena_group v[ARENA_GROUPS];
};

int bw_arenas_add(struct bw_arenas *arenas, u64 addr, u32 shift);
u32 bw_arenas_remove(struct bw_arenas *arenas, u64 start, u64 end);

#endif
