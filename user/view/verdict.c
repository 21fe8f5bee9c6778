// SPDX-License-Identifier: GPL-2.0
/* What the counters of a process say about how it uses memory. */
#include <inttypes.h>
#include <stdio.h>

#include "event/distribution.h"
#include "lib/format.h"
#include "view/verdict.h"

/* The man page gives all of these thresholds, so change them there as well. */
#define FREED_MIN (128ULL << 10)
#define ARENAS_MIN 2
#define CHURN_MIN 64

/*
 * Each heap of an arena has HEAP_MAX_SIZE bytes in glibc, and begins at a multiple of that. So
 * glibc maps twice as much (a double mapping), and unmaps what lies before and behind the heap.
 */
#define ARENA_BITS 26
#define ARENA (1ULL << ARENA_BITS)

static const struct distribution *mmaps(const struct counters *c, uint32_t measure)
{
	return &c->distributions[distribution_find(BRKWATCH_EVENT_KIND_MMAP, measure)];
}

static bool is_freed(const struct counters *c, char *text)
{
	uint64_t heap = c->brk - c->heap_start, peak = c->brk_peak - c->heap_start;
	char back[FORMAT_MAX], stands[FORMAT_MAX], most[FORMAT_MAX], shrunk[FORMAT_MAX], what[128];
	bool given = c->heap_given_back >= FREED_MIN && c->heap_given_back >= heap / 4;
	bool refused = c->shrinks_refused && heap >= FREED_MIN;

	if (!(given || refused) || heap < peak / 4 * 3)
		return false;
	format_size(stands, heap);
	format_size(most, peak);
	format_size(shrunk, c->shrunk_bytes);
	if (given)
		snprintf(what, sizeof(what), "%s of the heap's pages were given back",
			 format_size(back, c->heap_given_back));
	else
		snprintf(what, sizeof(what),
			 "brk was asked to trim the heap and refused %" PRIu64 " time%s",
			 c->shrinks_refused, c->shrinks_refused == 1 ? "" : "s");
	snprintf(text, VERDICT_MAX, "%s, yet the heap still spans %s of at most %s: brk trimmed %s",
		 what, stands, most, c->brk_shrinks ? shrunk : "nothing");
	return true;
}

/*
 * A piece that was unmapped and is as large as a heap need not have been one: glibc may unmap the
 * spare half of a double mapping in one piece, too. There is one such piece at most for each double
 * mapping, so only the pieces beyond that number can have been whole heaps.
 */
static uint64_t arena_heaps(const struct counters *c)
{
	const struct distribution *reserved = mmaps(c, BRKWATCH_MEASURE_RESERVED);
	const struct distribution *unmapped = &c->distributions[distribution_find(
		BRKWATCH_EVENT_KIND_MUNMAP, BRKWATCH_MEASURE_SIZE)];
	int one = ARENA_BITS - distribution_types[reserved - c->distributions].lowest;
	uint64_t made = reserved->buckets[one] + reserved->buckets[one + 1];
	uint64_t gone = unmapped->buckets[one];

	gone = gone > reserved->buckets[one + 1] ? gone - reserved->buckets[one + 1] : 0;
	return made > gone ? made - gone : 0;
}

static bool is_arenas(const struct counters *c, char *text)
{
	uint64_t heaps = arena_heaps(c);
	char size[FORMAT_MAX];

	if (!c->threads || heaps < ARENAS_MIN)
		return false;
	snprintf(text, VERDICT_MAX,
		 "for %" PRIu64 " thread%s malloc holds %s of addresses, %" PRIu64
		 " heaps of 64 MiB; see M_ARENA_MAX in mallopt(3)",
		 c->threads, c->threads == 1 ? "" : "s", format_size(size, heaps * ARENA), heaps);
	return true;
}

static bool is_churn(const struct counters *c, char *text)
{
	const struct distribution *again = mmaps(c, BRKWATCH_MEASURE_AGAIN);
	const struct distribution *all = mmaps(c, BRKWATCH_MEASURE_SIZE);
	const struct distribution_type *type = &distribution_types[again - c->distributions];
	char size[FORMAT_MAX];
	int i, most = 0;

	for (i = 1; i < BUCKETS; i++)
		if (again->buckets[i] > again->buckets[most])
			most = i;
	if (again->buckets[most] < CHURN_MIN || again->buckets[most] < all->buckets[most] / 2)
		return false;
	snprintf(text, VERDICT_MAX,
		 "%" PRIu64 " of %" PRIu64 " anonymous mappings of %s and more, up to twice that, "
		 "took the place of one just unmapped; see M_MMAP_THRESHOLD in mallopt(3)",
		 again->buckets[most], all->buckets[most],
		 format_size(size, 1ULL << (type->lowest + most)));
	return true;
}

static bool is_growing(const struct counters *c, char *text)
{
	char first[FORMAT_MAX], now[FORMAT_MAX];

	if (!growth_is_steady(&c->growth))
		return false;
	format_size(first, c->growth.first);
	format_size(now, c->growth.now);
	snprintf(text, VERDICT_MAX, "private memory rose in each quarter of the run, from %s to %s",
		 first, now);
	return true;
}

static const struct {
	const char *name;
	bool (*holds)(const struct counters *c, char *text);
	bool timed;
} verdicts[VERDICTS] = {
	[VERDICT_FREED] = { "freed but not returned", is_freed, false },
	[VERDICT_ARENAS] = { "arenas", is_arenas, false },
	[VERDICT_CHURN] = { "mmap churn", is_churn, false },
	[VERDICT_GROWING] = { "growing", is_growing, true },
};

const char *verdict_name(enum verdict verdict)
{
	return verdicts[verdict].name;
}

bool verdict_holds(enum verdict verdict, const struct counters *c, char text[VERDICT_MAX])
{
	return verdicts[verdict].holds(c, text);
}

bool verdict_is_told(enum verdict verdict, const struct counters *c, bool normalize,
		     char text[VERDICT_MAX])
{
	return !(normalize && verdicts[verdict].timed) && verdict_holds(verdict, c, text);
}
