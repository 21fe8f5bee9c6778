// SPDX-License-Identifier: GPL-2.0
/* What the figures of a process say about how it uses memory. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "event/distribution.h"
#include "ledger/origin.h"
#include "lib/format.h"
#include "view/verdict.h"

/* The man page gives all of these thresholds, so change them there as well. */
#define FREED_MIN (128ULL << 10)
#define ARENAS_MIN 2
#define CHURN_MIN 64

/* glibc's HEAP_MAX_SIZE in a 64-bit program. */
#define ARENA (64ULL << 20)

static void __attribute__((format(printf, 2, 3))) add(char *text, const char *format, ...)
{
	size_t length = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + length, VERDICT_MAX - length, format, arguments);
	va_end(arguments);
}

static const struct distribution *mmaps(const struct counters *c, uint32_t measure)
{
	return &c->distributions[distribution_find(BRKWATCH_EVENT_KIND_MMAP, measure)];
}

static void add_callers(const struct verdict_basis *basis, char *text)
{
	add(text, "%s",
	    basis->callers ? "; the callers are named below" : "; -k names the callers");
}

/* Did glibc's malloc surely make most of the calls that grew the heap? */
static bool is_heap_of_malloc(const struct verdict_basis *basis)
{
	const struct maker *maker = basis->account ? &basis->account->makers.brk : NULL;
	uint64_t grows = basis->counters->brk_grows;

	/* A lead can be small where nobody made most calls. */
	return maker && maker_is_malloc(maker) && grows >= maker->lead &&
	       grows - maker->lead <= grows / 2;
}

static bool is_freed(const struct verdict_basis *basis, char *text)
{
	const struct counters *c = basis->counters;
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
	if (is_heap_of_malloc(basis))
		add(text, "; malloc_trim(3) gives back what is free, and M_TRIM_THRESHOLD in "
			  "mallopt(3) says how much may stay free below the break");
	else
		add_callers(basis, text);
	return true;
}

/* The heap of a 32-bit program lies below 4 GiB, and its arenas have smaller heaps. */
static bool is_surely_64_bit(const struct counters *c)
{
	return c->heap_start > UINT32_MAX;
}

static bool is_arenas(const struct verdict_basis *basis, char *text)
{
	const struct counters *c = basis->counters;
	char size[FORMAT_MAX];

	if (!c->knows_arenas || c->arenas < ARENAS_MIN)
		return false;
	snprintf(text, VERDICT_MAX, "malloc has %" PRIu64 " heaps of arenas for threads",
		 c->arenas);
	if (is_surely_64_bit(c))
		add(text, ", %s of addresses", format_size(size, c->arenas * ARENA));
	add(text, "; for fewer, set MALLOC_ARENA_MAX in the environment, the tunable "
		  "glibc.malloc.arena_max, or M_ARENA_MAX by mallopt(3)");
	return true;
}

/* Name a maker only if at least half of the calls that count are its, whoever made the others. */
static const struct maker *maker_of(const struct verdict_basis *basis, int bucket, uint64_t again,
				    uint64_t all)
{
	const struct maker *maker = basis->account ? &basis->account->makers.mmap[bucket] : NULL;

	if (!maker || all < maker->lead || (all - maker->lead) > again / 2)
		return NULL;
	return maker;
}

static void add_maker(const struct verdict_basis *basis, const struct maker *maker, char *text)
{
	char name[ASKED_MAX];
	struct asked asked;

	if (maker && maker_is_malloc(maker)) {
		add(text, "; malloc maps them: M_MMAP_THRESHOLD in mallopt(3) says from which "
			  "size on");
		return;
	}
	if (maker && maker_is_certain(maker)) {
		asked = asked_of_tag(basis->ledger, maker->who);
		add(text, "; origin: %s", asked_text(name, &asked));
	}
	add_callers(basis, text);
}

static bool is_churn(const struct verdict_basis *basis, char *text)
{
	const struct distribution *again = mmaps(basis->counters, BRKWATCH_MEASURE_AGAIN);
	const struct distribution *all = mmaps(basis->counters, BRKWATCH_MEASURE_SIZE);
	const struct distribution_type *type =
		&distribution_types[again - basis->counters->distributions];
	char size[FORMAT_MAX];
	int i, most = 0;

	for (i = 1; i < BUCKETS; i++)
		if (again->buckets[i] > again->buckets[most])
			most = i;
	if (again->buckets[most] < CHURN_MIN || again->buckets[most] < all->buckets[most] / 2)
		return false;
	snprintf(text, VERDICT_MAX,
		 "%" PRIu64 " of %" PRIu64 " anonymous mappings of %s and more, up to twice that, "
		 "took the place of one just unmapped",
		 again->buckets[most], all->buckets[most],
		 format_size(size, 1ULL << (type->lowest + most)));
	add_maker(basis, maker_of(basis, most, again->buckets[most], all->buckets[most]), text);
	return true;
}

static bool is_growing(const struct verdict_basis *basis, char *text)
{
	const struct growth *growth = &basis->counters->growth;
	char first[FORMAT_MAX], now[FORMAT_MAX];

	if (!growth_is_steady(growth))
		return false;
	format_size(first, growth->first);
	format_size(now, growth->now);
	snprintf(text, VERDICT_MAX,
		 "private memory rose in each quarter of the run, from %s to %s; what malloc or "
		 "another allocator holds free inside it cannot be seen from outside",
		 first, now);
	add_callers(basis, text);
	return true;
}

static const struct {
	const char *name;
	bool (*holds)(const struct verdict_basis *basis, char *text);
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

bool verdict_holds(enum verdict verdict, const struct verdict_basis *basis, char text[VERDICT_MAX])
{
	return verdicts[verdict].holds(basis, text);
}

bool verdict_is_told(enum verdict verdict, const struct verdict_basis *basis, bool normalize,
		     char text[VERDICT_MAX])
{
	return !(normalize && verdicts[verdict].timed) && verdict_holds(verdict, basis, text);
}
