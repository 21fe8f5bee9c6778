// SPDX-License-Identifier: GPL-2.0
/* Sizes and durations of calls, as tables in a summary. */
#include <inttypes.h>

#include "event/distribution.h"
#include "lib/format.h"
#include "view/summary.h"

#define NSEC_PER_USEC 1000

/* The distributions of a measure lie from begin_of() to before end_of(). */
static int begin_of(uint32_t measure)
{
	int i = 0;

	while (i < DISTRIBUTIONS && distribution_types[i].measure != measure)
		i++;
	return i;
}

static int end_of(uint32_t measure)
{
	int i = begin_of(measure);

	while (i < DISTRIBUTIONS && distribution_types[i].measure == measure)
		i++;
	return i;
}

static uint64_t calls_with(const struct counters *c, int bucket)
{
	uint64_t calls = 0;
	int i;

	for (i = begin_of(BRKWATCH_MEASURE_SIZE); i < end_of(BRKWATCH_MEASURE_SIZE); i++)
		calls += c->distributions[i].buckets[bucket];
	return calls;
}

static void put_size_row(FILE *out, const struct counters *c, int bucket)
{
	const int begin = begin_of(BRKWATCH_MEASURE_SIZE);
	uint64_t from = distribution_from(&distribution_types[begin], bucket);
	char size[FORMAT_MAX], label[FORMAT_MAX];
	int i;

	/* The first bucket shows no least size, because no call in it was for 0 bytes. */
	if (bucket)
		format_size(label, from);
	else
		snprintf(label, sizeof(label), "< %.40s",
			 format_size(size, distribution_from(&distribution_types[begin], 1)));
	fprintf(out, "%12s", label);
	for (i = begin; i < end_of(BRKWATCH_MEASURE_SIZE); i++)
		fprintf(out, " %10" PRIu64, c->distributions[i].buckets[bucket]);
	fputc('\n', out);
}

void put_sizes(FILE *out, const struct counters *c)
{
	int first = 0, end = BUCKETS, i;

	while (first < BUCKETS && !calls_with(c, first))
		first++;
	if (first == BUCKETS)
		return;
	while (!calls_with(c, end - 1))
		end--;
	fprintf(out, "%-12s", "size from");
	for (i = begin_of(BRKWATCH_MEASURE_SIZE); i < end_of(BRKWATCH_MEASURE_SIZE); i++)
		fprintf(out, " %10s", distribution_types[i].name);
	fputc('\n', out);
	for (i = first; i < end; i++)
		put_size_row(out, c, i);
}

static void put_usec(FILE *out, const char *sign, uint64_t ns)
{
	char text[FORMAT_MAX];

	snprintf(text, sizeof(text), "%s%" PRIu64 ".%03" PRIu64, sign, ns / NSEC_PER_USEC,
		 ns % NSEC_PER_USEC);
	fprintf(out, " %14s", text);
}

/* @ns is a power of two above the value: rounded up to two digits, it still is above. */
static void put_below(FILE *out, uint64_t ns)
{
	uint64_t unit = 1;
	char text[FORMAT_MAX];

	while (ns > 99 * unit)
		unit *= 10;
	ns = (ns + unit - 1) / unit * unit;
	snprintf(text, sizeof(text), "<%.*f",
		 unit >= NSEC_PER_USEC	     ? 0 :
		 unit >= NSEC_PER_USEC / 10  ? 1 :
		 unit >= NSEC_PER_USEC / 100 ? 2 :
					       3,
		 (double)ns / NSEC_PER_USEC);
	fprintf(out, " %14s", text);
}

/* Between the ends, the module knows only how many calls each power of two has. */
static void put_part(FILE *out, const struct distribution *d, const struct distribution_type *type,
		     unsigned int percent)
{
	uint64_t part = distribution_part(d, type, percent);

	if (part == d->most)
		put_usec(out, d->least == d->most ? "" : "<=", part);
	else
		put_below(out, part);
}

void put_durations(FILE *out, const struct counters *c)
{
	bool any = false;
	int i;

	for (i = begin_of(BRKWATCH_MEASURE_DURATION); i < end_of(BRKWATCH_MEASURE_DURATION); i++) {
		const struct distribution *d = &c->distributions[i];

		if (!d->n)
			continue;
		if (!any)
			fprintf(out, "%-12s %14s %14s %14s %14s\n", "time in us", "least", "median",
				"99 %", "most");
		any = true;
		fprintf(out, "%-12s", distribution_types[i].name);
		put_usec(out, "", d->least);
		put_part(out, d, &distribution_types[i], 50);
		put_part(out, d, &distribution_types[i], 99);
		put_usec(out, "", d->most);
		fputc('\n', out);
	}
}
