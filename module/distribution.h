/* SPDX-License-Identifier: GPL-2.0 */
/* A distribution counts the sizes or durations of calls by powers of two. */
#ifndef _BRKWATCH_DISTRIBUTION_H
#define _BRKWATCH_DISTRIBUTION_H

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <asm/page.h>

#define BUCKETS 32

/**
 * struct bw_distribution - how large or how long calls of one kind were
 * @least: least value, in bytes or ns; more than @most while no call is counted
 * @most: most
 * @buckets: number of calls by the log2 of the value; the first has smaller ones
 *	too, the last has larger ones
 */
struct bw_distribution {
	u64 least;
	u64 most;
	u64 buckets[BUCKETS];
};

/**
 * enum bw_distribution_id - the distributions of a watch
 * @BRK_SIZE: bytes by which the break grew
 * @MMAP_SIZE: bytes of an anonymous mapping
 * @MUNMAP_SIZE: bytes unmapped
 * @MMAP_FILE: bytes of a file mapping
 * @MMAP_RESERVED: bytes of an anonymous mapping that reserves addresses alone
 * @MMAP_AGAIN: bytes of an anonymous mapping that took the place of one of about its
 *	size; a place that may have been a file's does not count
 * @BRK_DURATION: ns that a call took, as in all that follow; the ones before are sizes
 * @MMAP_DURATION: anonymous or not
 * @MUNMAP_DURATION: see above
 * @MREMAP_DURATION: see above
 * @MPROTECT_DURATION: with pkey_mprotect
 * @MADVISE_DURATION: see above
 * @DISTRIBUTIONS: how many there are
 */
enum bw_distribution_id {
	BRK_SIZE,
	MMAP_SIZE,
	MUNMAP_SIZE,
	MMAP_FILE,
	MMAP_RESERVED,
	MMAP_AGAIN,
	BRK_DURATION,
	MMAP_DURATION,
	MUNMAP_DURATION,
	MREMAP_DURATION,
	MPROTECT_DURATION,
	MADVISE_DURATION,
	DISTRIBUTIONS,
};

void bw_distributions_init(struct bw_distribution all[DISTRIBUTIONS]);
void bw_distributions_map(struct bw_distribution *all, u64 bytes, bool reserves);

/**
 * bw_distribution_any() - has a distribution any calls?
 * @d: the distribution
 *
 * Return: whether it has.
 */
static inline bool bw_distribution_any(const struct bw_distribution *d)
{
	return d->least <= d->most;
}

/**
 * bw_distribution_shift() - log2 of the least value that the first bucket is for
 * @id: the distribution
 *
 * Return: 0 for durations, the log2 of a page for sizes.
 */
static inline u32 bw_distribution_shift(enum bw_distribution_id id)
{
	return id < BRK_DURATION ? PAGE_SHIFT : 0;
}

/**
 * bw_distribution_bucket() - which bucket a value is counted in
 * @id: the distribution
 * @value: in bytes or ns
 *
 * Return: the index of the bucket; 0 belongs to the same as 1.
 */
static __always_inline u32 bw_distribution_bucket(enum bw_distribution_id id, u64 value)
{
	return min_t(u32, __fls((value >> bw_distribution_shift(id)) | 1), BUCKETS - 1);
}

/**
 * bw_distribution_add() - count a call
 * @all: the distributions of the process, locked
 * @id: the distribution
 * @value: in bytes or ns
 *
 * The least and the most value seldom change, so that most calls write the bucket alone.
 */
static __always_inline void bw_distribution_add(struct bw_distribution *all,
						enum bw_distribution_id id, u64 value)
{
	struct bw_distribution *d = &all[id];

	if (unlikely(value < d->least))
		d->least = value;
	if (unlikely(value > d->most))
		d->most = value;
	d->buckets[bw_distribution_bucket(id, value)]++;
}

#endif
