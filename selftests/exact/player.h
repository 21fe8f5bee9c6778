/* SPDX-License-Identifier: GPL-2.0 */
/* One thread of a random sequence, and the memory that it may change. */
#ifndef PLAYER_H
#define PLAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE 4096UL
/* Random calls go to an arena; a zone of huge pages lies above; RESERVED covers both. */
#define ARENA (1UL << 20)
#define HUGE_PAGE (2UL << 20)
#define HUGE_ZONE HUGE_PAGE
#define RESERVED (4 * HUGE_PAGE)
/* The heap grows to about this size. */
#define HEAP (1UL << 20)
/* The first arena is far below where the kernel looks for a free range. */
#define ARENAS (1UL << 40)
#define STRIDE (1UL << 30)
#define SLOTS 24
/* Children have children, but grandchildren have none. */
#define DEPTH 2
#define SEGMENTS 2
#define SEGMENT_BYTES(i) ((i) ? 5 * PAGE : PAGE)

enum call { BRK, MMAP, MUNMAP, MREMAP, MPROTECT, PKEY_MPROTECT, MADVISE, SHMAT, SHMDT, CALLS };

/**
 * struct counts - what a process did
 * @made: calls by kind
 * @failed: failed calls by kind, and refused calls of brk
 * @copies: new processes with an address space of their own
 * @shared: new processes in the same address space
 */
struct counts {
	uint64_t made[CALLS];
	uint64_t failed[CALLS];
	uint64_t copies;
	uint64_t shared;
};

/**
 * struct slot - a mapping that the kernel placed, and no other thread uses
 * @start: first address, 0 when the slot is free
 * @len: whole pages
 * @unit: size of its pages
 * @segment: 1 + index of its shared memory segment, or 0
 */
struct slot {
	uintptr_t start;
	size_t len;
	size_t unit;
	int segment;
};

/**
 * struct player - one thread and its memory
 * @random: state of its dice
 * @counts: counts of its process, in memory that all processes share
 * @children: counts of its child processes
 * @arena: start of its own addresses, where it places all fixed mappings
 * @heap: lowest break that it sets, or 0 if it may not move the break
 * @now: the break, as far as it knows
 * @depth: 0 in the first process, 1 in its children
 * @one_in: steps for each child, 0 for none
 * @exec: whether children may run another program
 * @fds: memfd, own program, /dev/zero, a folder
 * @segments: ids of shared memory segments
 * @pkey: a protection key, or -1
 * @slots: its mappings outside of @arena
 * @stacks: stacks of its children in this address space, by depth
 */
struct player {
	uint64_t random;
	struct counts *counts;
	struct counts *children;
	uintptr_t arena;
	uintptr_t heap;
	uintptr_t now;
	unsigned int depth;
	unsigned int one_in;
	bool exec;
	int fds[4];
	int segments[SEGMENTS];
	int pkey;
	struct slot slots[SLOTS];
	char stacks[DEPTH][16384] __attribute__((aligned(16)));
};

/**
 * struct range - addresses for a call
 * @start: first address, which need not be a page's
 * @len: any length that rounds to no more than the player has, or makes the call fail
 * @slot: slot of the range, NULL in arena or heap
 * @heap: whether the range is in the heap
 */
struct range {
	uintptr_t start;
	size_t len;
	struct slot *slot;
	bool heap;
};

uint32_t dice(struct player *p);
unsigned int below(struct player *p, unsigned int n);
static inline bool one_in(struct player *p, unsigned int n)
{
	return !below(p, n);
}

static inline size_t round_to(size_t len, size_t unit)
{
	return (len + unit - 1) & ~(unit - 1);
}

long player_call(struct player *p, enum call kind, long a, long b, long c, long d, long e, long f);

struct range pick(struct player *p);
struct range pick_arena(struct player *p, size_t pages);
void spoil(struct player *p, struct range *r);

void slots_room(struct player *p, int n);
void slots_add(struct player *p, uintptr_t start, size_t len, size_t unit, int segment);
void slots_forget(struct player *p, uintptr_t start, size_t len);
void slots_detached(struct player *p, uintptr_t start, int segment);
void slots_clear(struct player *p);

void play(struct player *p, unsigned int steps);
void play_child(struct player *p);
void play_copy(struct player *p);
void step_mmap(struct player *p);

#endif
