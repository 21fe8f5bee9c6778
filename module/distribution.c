// SPDX-License-Identifier: GPL-2.0
/* How large and how long calls were, by powers of two. */
#include <linux/bitops.h>
#include <linux/brkwatch.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include "distribution.h"
#include "record.h"

static __always_inline u32 bucket_of(enum bw_distribution_id id, u64 value)
{
	u32 i = fls64(value >> bw_distribution_shift(id));

	return min_t(u32, i ? i - 1 : 0, BUCKETS - 1);
}

static __always_inline void add(struct bw_distribution *all, enum bw_distribution_id id, u64 value)
{
	struct bw_distribution *d = &all[id];

	d->least = d->n ? min(d->least, value) : value;
	d->most = max(d->most, value);
	d->n++;
	d->buckets[bucket_of(id, value)]++;
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
