// SPDX-License-Identifier: GPL-2.0
/* Which calls each distribution counts, and percentiles of them. */
#include <linux/brkwatch.h>

#include "event/distribution.h"

#define PAGE_BITS 12

#define TYPE(kind, measure, lowest) BRKWATCH_EVENT_KIND_##kind, BRKWATCH_MEASURE_##measure, lowest

const struct distribution_type distribution_types[DISTRIBUTIONS] = {
	{ "brk", TYPE(BRK, SIZE, PAGE_BITS) },	     { "mmap", TYPE(MMAP, SIZE, PAGE_BITS) },
	{ "munmap", TYPE(MUNMAP, SIZE, PAGE_BITS) }, { "brk", TYPE(BRK, DURATION, 0) },
	{ "mmap", TYPE(MMAP, DURATION, 0) },	     { "munmap", TYPE(MUNMAP, DURATION, 0) },
	{ "mremap", TYPE(MREMAP, DURATION, 0) },     { "mprotect", TYPE(MPROTECT, DURATION, 0) },
	{ "madvise", TYPE(MADVISE, DURATION, 0) },   { "mmap", TYPE(MMAP, FILE, PAGE_BITS) },
	{ "mmap", TYPE(MMAP, RESERVED, PAGE_BITS) }, { "mmap", TYPE(MMAP, AGAIN, PAGE_BITS) },
};

int distribution_find(uint32_t kind, uint32_t measure)
{
	int i;

	if (kind == BRKWATCH_EVENT_KIND_PKEY_MPROTECT)
		kind = BRKWATCH_EVENT_KIND_MPROTECT;
	for (i = 0; i < DISTRIBUTIONS; i++)
		if (distribution_types[i].kind == kind && distribution_types[i].measure == measure)
			return i;
	return -1;
}

static uint32_t bucket_of(uint64_t value, uint32_t lowest)
{
	uint32_t bucket = value >> lowest ? 63 - __builtin_clzll(value >> lowest) : 0;

	return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

int distribution_bucket(uint32_t kind, uint32_t measure, uint64_t value)
{
	return bucket_of(value, distribution_types[distribution_find(kind, measure)].lowest);
}

void distribution_add(struct distribution *all, uint32_t kind, uint32_t measure, uint64_t value)
{
	int i = distribution_find(kind, measure);
	struct distribution *d = &all[i];

	if (i < 0)
		return;
	if (!d->n || value < d->least)
		d->least = value;
	if (value > d->most)
		d->most = value;
	d->n++;
	d->buckets[bucket_of(value, distribution_types[i].lowest)]++;
}

static uint64_t calls_like(const struct distribution *all, uint32_t kind, uint32_t measure,
			   uint64_t bytes)
{
	return all[distribution_find(kind, measure)].buckets[bucket_of(bytes, PAGE_BITS)];
}

bool distribution_comes_again(const struct distribution *all, uint64_t bytes)
{
	const uint32_t mmap = BRKWATCH_EVENT_KIND_MMAP, munmap = BRKWATCH_EVENT_KIND_MUNMAP;

	return calls_like(all, munmap, BRKWATCH_MEASURE_SIZE, bytes) >
	       calls_like(all, mmap, BRKWATCH_MEASURE_FILE, bytes) +
		       calls_like(all, mmap, BRKWATCH_MEASURE_AGAIN, bytes);
}

uint64_t distribution_from(const struct distribution_type *type, int bucket)
{
	return bucket ? 1ULL << (type->lowest + bucket) : 0;
}

uint64_t distribution_part(const struct distribution *d, const struct distribution_type *type,
			   unsigned int percent)
{
	/* Round up without a product that may not fit. */
	uint64_t wanted = d->n / 100 * percent + (d->n % 100 * percent + 99) / 100;
	uint64_t seen = 0, end;
	int i;

	for (i = 0; i < BUCKETS - 1; i++) {
		seen += d->buckets[i];
		if (seen >= wanted)
			break;
	}
	end = i < BUCKETS - 1 ? distribution_from(type, i + 1) : UINT64_MAX;
	return end < d->most ? end : d->most;
}
