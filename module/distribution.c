// SPDX-License-Identifier: GPL-2.0
/* How large and how long calls were, by powers of two. */
#include <linux/bitops.h>
#include <linux/brkwatch.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include "distribution.h"
#include "record.h"

/* 0 belongs to the same bucket as 1. */
static __always_inline u32 bucket_of(enum bw_distribution_id id, u64 value)
{
	return min_t(u32, __fls((value >> bw_distribution_shift(id)) | 1), BUCKETS - 1);
}

/* The least and the most value seldom change, so that most calls write the bucket alone. */
static __always_inline void add(struct bw_distribution *all, enum bw_distribution_id id, u64 value)
{
	struct bw_distribution *d = &all[id];

	if (unlikely(value < d->least))
		d->least = value;
	if (unlikely(value > d->most))
		d->most = value;
	d->buckets[bucket_of(id, value)]++;
}

/**
 * bw_distributions_init() - begin with no calls
 * @all: the distributions of a process, zeroed
 */
void bw_distributions_init(struct bw_distribution all[DISTRIBUTIONS])
{
	int i;

	for (i = 0; i < DISTRIBUTIONS; i++)
		all[i].least = U64_MAX;
}

/* Was a mapping of about that size unmapped, and its place not taken since? */
static bool comes_again(const struct bw_distribution *all, u64 bytes)
{
	u32 i = bucket_of(MMAP_SIZE, bytes);

	return all[MUNMAP_SIZE].buckets[i] > all[MMAP_FILE].buckets[i] + all[MMAP_AGAIN].buckets[i];
}

static void count_mmap(struct bw_distribution *all, const struct bw_record *rec, u64 bytes)
{
	add(all, MMAP_DURATION, rec->duration);
	if (!bytes) {
		if (!rec->error && !(rec->map.flags & MAP_ANONYMOUS))
			add(all, MMAP_FILE, PAGE_ALIGN(rec->map.length));
		return;
	}
	if (comes_again(all, bytes))
		add(all, MMAP_AGAIN, bytes);
	if (bw_map_reserves(&rec->map))
		add(all, MMAP_RESERVED, bytes);
	add(all, MMAP_SIZE, bytes);
}

/**
 * bw_distributions_count() - count a call
 * @all: the distributions of the process, locked
 * @rec: the call, or something else, which is not counted
 * @bytes: how many the heap grew by, or were mapped or unmapped; 0 if none were
 */
void bw_distributions_count(struct bw_distribution *all, const struct bw_record *rec, u64 bytes)
{
	switch (rec->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		if (bytes)
			add(all, BRK_SIZE, bytes);
		add(all, BRK_DURATION, rec->duration);
		break;
	case BRKWATCH_EVENT_KIND_MMAP:
		count_mmap(all, rec, bytes);
		break;
	case BRKWATCH_EVENT_KIND_MUNMAP:
		if (bytes)
			add(all, MUNMAP_SIZE, bytes);
		add(all, MUNMAP_DURATION, rec->duration);
		break;
	case BRKWATCH_EVENT_KIND_MREMAP:
		add(all, MREMAP_DURATION, rec->duration);
		break;
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
		add(all, MPROTECT_DURATION, rec->duration);
		break;
	case BRKWATCH_EVENT_KIND_MADVISE:
		add(all, MADVISE_DURATION, rec->duration);
		break;
	}
}
