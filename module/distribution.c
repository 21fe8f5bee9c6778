// SPDX-License-Identifier: GPL-2.0
/* How large and how long calls were, by powers of two. */
#include <linux/bitops.h>
#include <linux/brkwatch.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <net/netlink.h>

#include "distribution.h"
#include "netlink_fill.h"
#include "record.h"

/**
 * struct distribution_type - what a distribution is of
 * @kind: enum brkwatch_event_kind
 * @measure: enum brkwatch_measure
 * @shift: log2 of the least value that its first bucket is for
 */
struct distribution_type {
	u32 kind;
	u32 measure;
	u32 shift;
};

static const struct distribution_type types[DISTRIBUTIONS] = {
	[BRK_SIZE] = { BRKWATCH_EVENT_KIND_BRK, BRKWATCH_MEASURE_SIZE, PAGE_SHIFT },
	[MMAP_SIZE] = { BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_SIZE, PAGE_SHIFT },
	[MUNMAP_SIZE] = { BRKWATCH_EVENT_KIND_MUNMAP, BRKWATCH_MEASURE_SIZE, PAGE_SHIFT },
	[MMAP_FILE] = { BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_FILE, PAGE_SHIFT },
	[MMAP_RESERVED] = { BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_RESERVED, PAGE_SHIFT },
	[MMAP_AGAIN] = { BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_AGAIN, PAGE_SHIFT },
	[BRK_DURATION] = { BRKWATCH_EVENT_KIND_BRK, BRKWATCH_MEASURE_DURATION },
	[MMAP_DURATION] = { BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_DURATION },
	[MUNMAP_DURATION] = { BRKWATCH_EVENT_KIND_MUNMAP, BRKWATCH_MEASURE_DURATION },
	[MREMAP_DURATION] = { BRKWATCH_EVENT_KIND_MREMAP, BRKWATCH_MEASURE_DURATION },
	[MPROTECT_DURATION] = { BRKWATCH_EVENT_KIND_MPROTECT, BRKWATCH_MEASURE_DURATION },
	[MADVISE_DURATION] = { BRKWATCH_EVENT_KIND_MADVISE, BRKWATCH_MEASURE_DURATION },
};

static __always_inline u32 bucket_of(enum distribution_id id, u64 value)
{
	u32 i = fls64(value >> types[id].shift);

	return min_t(u32, i ? i - 1 : 0, BUCKETS - 1);
}

static __always_inline void add(struct distribution *all, enum distribution_id id, u64 value)
{
	struct distribution *d = &all[id];

	d->least = d->n ? min(d->least, value) : value;
	d->most = max(d->most, value);
	d->n++;
	d->buckets[bucket_of(id, value)]++;
}

/* Was one of about that size unmapped whose place none has taken yet? */
static bool comes_again(const struct distribution *all, u64 bytes)
{
	u32 i = bucket_of(MMAP_SIZE, bytes);

	return all[MUNMAP_SIZE].buckets[i] > all[MMAP_FILE].buckets[i] + all[MMAP_AGAIN].buckets[i];
}

static void count_mmap(struct distribution *all, const struct record *rec, u64 bytes)
{
	add(all, MMAP_DURATION, rec->duration);
	if (!bytes) {
		if (!rec->error && !(rec->map.flags & MAP_ANONYMOUS))
			add(all, MMAP_FILE, PAGE_ALIGN(rec->map.length));
		return;
	}
	if (comes_again(all, bytes))
		add(all, MMAP_AGAIN, bytes);
	if (map_reserves(&rec->map))
		add(all, MMAP_RESERVED, bytes);
	add(all, MMAP_SIZE, bytes);
}

/**
 * distributions_count() - count a call
 * @all: those of the process, locked
 * @rec: the call, or something else, which is not counted
 * @bytes: that the heap grew by, or that were mapped or unmapped; 0 if none were
 */
void distributions_count(struct distribution *all, const struct record *rec, u64 bytes)
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

/**
 * distributions_room() - bytes that the attributes of a watch's distributions take
 *
 * Return: the most they can take.
 */
size_t distributions_room(void)
{
	return DISTRIBUTIONS *
	       nla_total_size(3 * nla_total_size(sizeof(u32)) + 2 * nla_total_size(sizeof(u64)) +
			      nla_total_size(BUCKETS * sizeof(u64)));
}

/* From the first bucket with something in it to the last. */
static int fill(struct sk_buff *skb, const struct distribution_type *type,
		const struct distribution *d)
{
	struct nlattr *nest = nla_nest_start(skb, BRKWATCH_A_WATCH_DISTRIBUTION);
	u32 first = 0, end = BUCKETS;

	while (!d->buckets[first])
		first++;
	while (!d->buckets[end - 1])
		end--;
	if (!nest || nla_put_u32(skb, BRKWATCH_A_DISTRIBUTION_KIND, type->kind) ||
	    nla_put_u32(skb, BRKWATCH_A_DISTRIBUTION_MEASURE, type->measure) ||
	    put_u64(skb, BRKWATCH_A_DISTRIBUTION_LEAST, d->least) ||
	    put_u64(skb, BRKWATCH_A_DISTRIBUTION_MOST, d->most) ||
	    nla_put_u32(skb, BRKWATCH_A_DISTRIBUTION_FIRST, type->shift + first) ||
	    nla_put(skb, BRKWATCH_A_DISTRIBUTION_BUCKETS, (end - first) * sizeof(u64),
		    &d->buckets[first]))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * distributions_fill() - attributes of those that have something in them
 * @skb: where to
 * @all: those of one process
 *
 * Return: 0 or -EMSGSIZE.
 */
int distributions_fill(struct sk_buff *skb, const struct distribution *all)
{
	int i, err = 0;

	for (i = 0; i < DISTRIBUTIONS && !err; i++)
		if (all[i].n)
			err = fill(skb, &types[i], &all[i]);
	return err;
}
