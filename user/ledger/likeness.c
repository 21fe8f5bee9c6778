// SPDX-License-Identifier: GPL-2.0
/* Guessing at the origin of memory by what lies beside it. */
#include <stdbool.h>

#include "ledger/likeness.h"
#include "ledger/tag.h"

/*
 * glibc gives a thread no smaller stack (PTHREAD_STACK_MIN), and unless the program asks for more no
 * larger one (RLIMIT_STACK). In a larger range the kernel may have joined a stack with others.
 */
#define STACK_LEAST (16ULL << 10)
#define STACK_MOST (8ULL << 20)
/* HEAP_MAX_SIZE of glibc for 64-bit programs. */
#define ARENA_SIZE (64ULL << 20)
/* glibc lets the kernel choose the address; Go, for one, asks for lower ones. */
#define CHOSEN_FROM (1ULL << 45)

static bool is_mystery(const struct range *range)
{
	return tag_class(range->tag) == CLASS_ANONYMOUS &&
	       tag_origin(range->tag) == ORIGIN_UNKNOWN && !tag_is_uncertain(range->tag);
}

/* Is it memory of unknown origin, with this protection? */
static bool is_like(const struct range *range, int prot)
{
	return is_mystery(range) && tag_prot(range->tag) == prot;
}

/*
 * Is it a closed page right below memory to read and write? A reserve above means that the kernel
 * has joined that memory with the used part of an arena.
 */
static bool is_stack(const struct ranges *set, size_t at, uint64_t page)
{
	const struct range *guard = &set->v[at], *stack = guard + 1, *above = guard + 2;
	uint64_t bytes = at + 1 < set->n ? stack->end - stack->start : 0;

	if (bytes < STACK_LEAST || bytes > STACK_MOST || guard->end != stack->start ||
	    guard->end - guard->start != page || !is_like(guard, 0) ||
	    !is_like(stack, PROT_BIT_READ | PROT_BIT_WRITE))
		return false;
	return at + 2 >= set->n || above->start != stack->end || !is_like(above, 0) ||
	       above->end - above->start == page;
}

/* Is the lower one used, and the upper one closed to the end of the arena at least? */
static bool is_arena(const struct range *used, const struct range *reserve)
{
	return used->end == reserve->start && !(used->start % ARENA_SIZE) &&
	       used->start >= CHOSEN_FROM && is_like(used, PROT_BIT_READ | PROT_BIT_WRITE) &&
	       is_like(reserve, 0) && reserve->end - used->start >= ARENA_SIZE;
}

static enum origin likeness(const struct ranges *set, size_t at, uint64_t page)
{
	const struct range *range = &set->v[at];
	bool first = !at, last = at + 1 == set->n;

	if ((!last && is_arena(range, range + 1)) || (!first && is_arena(range - 1, range)))
		return ORIGIN_ARENA;
	if (is_stack(set, at, page) || (!first && is_stack(set, at - 1, page)))
		return ORIGIN_STACK;
	return ORIGIN_UNKNOWN;
}

uint64_t likeness_tag(const struct ranges *set, size_t at, uint64_t page)
{
	uint64_t tag = set->v[at].tag;
	enum origin origin = is_mystery(&set->v[at]) ? likeness(set, at, page) : ORIGIN_UNKNOWN;

	return origin ? tag | tag_of(CLASS_NONE, 0, origin) | TAG_GUESS : tag;
}
