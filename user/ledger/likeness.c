// SPDX-License-Identifier: GPL-2.0
/* Guessing at the origin of memory by what lies beside it. */
#include <stdbool.h>

#include "ledger/likeness.h"
#include "ledger/tag.h"

/* glibc gives a thread no smaller stack (PTHREAD_STACK_MIN). */
#define STACK_LEAST (16ULL << 10)
/* HEAP_MAX_SIZE of glibc for 64-bit programs. */
#define ARENA_SIZE (64ULL << 20)

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

/* Do two neighbours touch, the first closed and the second to read and write? */
static bool is_stack(const struct range *guard, const struct range *stack, uint64_t page)
{
	return guard->end == stack->start && is_like(guard, 0) &&
	       guard->end - guard->start == page &&
	       is_like(stack, PROT_BIT_READ | PROT_BIT_WRITE) &&
	       stack->end - stack->start >= STACK_LEAST;
}

/* The same the other way round; the reserve reaches at least to the end of the arena. */
static bool is_arena(const struct range *used, const struct range *reserve)
{
	return used->end == reserve->start && !(used->start % ARENA_SIZE) &&
	       is_like(used, PROT_BIT_READ | PROT_BIT_WRITE) && is_like(reserve, 0) &&
	       reserve->end - used->start >= ARENA_SIZE;
}

static enum origin likeness(const struct ranges *set, size_t at, uint64_t page)
{
	const struct range *range = &set->v[at];
	bool first = !at, last = at + 1 == set->n;

	if ((!last && is_arena(range, range + 1)) || (!first && is_arena(range - 1, range)))
		return ORIGIN_ARENA;
	if ((!last && is_stack(range, range + 1, page)) ||
	    (!first && is_stack(range - 1, range, page)))
		return ORIGIN_STACK;
	return ORIGIN_UNKNOWN;
}

uint64_t likeness_tag(const struct ranges *set, size_t at, uint64_t page)
{
	uint64_t tag = set->v[at].tag;
	enum origin origin = is_mystery(&set->v[at]) ? likeness(set, at, page) : ORIGIN_UNKNOWN;

	return origin ? tag | tag_of(CLASS_NONE, 0, origin) | TAG_GUESS : tag;
}
