// SPDX-License-Identifier: GPL-2.0
/* Deriving the origin of memory from the call that mapped it. */
#include <linux/mman.h>
#include <sys/mman.h>

#include "ledger/origin.h"

/* glibc's M_MMAP_THRESHOLD, which slides up from here. */
#define MALLOC_FROM (128ULL << 10)
/* glibc maps HEAP_MAX_SIZE for a heap, or twice that before it trims the heap to its alignment. */
#define ARENA_FROM (64ULL << 20)
#define ARENA_FROM_COMPAT (1ULL << 20)

const char *origin_name(enum origin origin)
{
	static const char *const names[] = {
		[ORIGIN_UNKNOWN] = "unknown",	    [ORIGIN_HEAP] = "heap",
		[ORIGIN_MALLOC] = "malloc mmap",    [ORIGIN_ARENA] = "thread arena",
		[ORIGIN_STACK] = "thread stack",    [ORIGIN_LOADER] = "loader",
		[ORIGIN_OVERLAY] = "fixed overlay", [ORIGIN_DIRECT] = "direct mmap",
	};

	return names[origin];
}

const char *apart_name(uint64_t tag)
{
	if (tag_class(tag) == CLASS_GROWS_DOWN)
		return "growing down";
	if (tag & TAG_HUGE)
		return tag & TAG_SHARED ? "shared huge pages" : "huge pages";
	return "shared";
}

static uint64_t bits(enum origin origin, bool guess)
{
	return tag_of(CLASS_NONE, 0, origin) | (guess ? TAG_GUESS : 0);
}

static bool is_arena(const struct event *ev)
{
	bool compat = ev->traits & BRKWATCH_TRAIT_COMPAT;

	uint64_t from = compat ? ARENA_FROM_COMPAT : ARENA_FROM;

	if (ev->map.prot != PROT_NONE)
		return false;
	/* Since 2.40 glibc does without the flag, so without it the size must be glibc's own. */
	return ev->map.flags & MAP_NORESERVE ? ev->map.length >= from :
					       ev->map.length == from || ev->map.length == 2 * from;
}

static bool is_malloc(const struct event *ev)
{
	return !ev->map.addr && ev->map.fd == -1 && ev->map.prot == (PROT_READ | PROT_WRITE) &&
	       ev->map.flags == (MAP_PRIVATE | MAP_ANONYMOUS) && ev->map.length >= MALLOC_FROM;
}

uint64_t origin_of_mmap(const struct event *ev, uint64_t over, bool loading)
{
	bool fixed = ev->map.flags & MAP_FIXED;

	if (ev->map.flags & MAP_STACK)
		return bits(ORIGIN_STACK, false);
	/* glibc can give an arena's end back by mapping it anew. */
	if (fixed && tag_origin(over) == ORIGIN_ARENA && ev->map.prot == PROT_NONE)
		return over & (TAG_ORIGIN | TAG_GUESS);
	if (loading)
		return bits(ORIGIN_LOADER, true);
	if (fixed && over)
		return bits(ORIGIN_OVERLAY, false);
	if (!fixed && is_arena(ev))
		return bits(ORIGIN_ARENA, true);
	return is_malloc(ev) ? bits(ORIGIN_MALLOC, true) : bits(ORIGIN_DIRECT, false);
}
