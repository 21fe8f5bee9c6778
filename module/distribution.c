// SPDX-License-Identifier: GPL-2.0
/* How large and how long calls were, by powers of two. */
#include <linux/limits.h>

#include "distribution.h"

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
	u32 i = bw_distribution_bucket(MMAP_SIZE, bytes);

	return all[MUNMAP_SIZE].buckets[i] > all[MMAP_FILE].buckets[i] + all[MMAP_AGAIN].buckets[i];
}

/**
 * bw_distributions_map() - count an anonymous mapping by its size
 * @all: the distributions of the process, locked
 * @bytes: its size
 * @reserves: it reserves addresses alone
 */
void bw_distributions_map(struct bw_distribution *all, u64 bytes, bool reserves)
{
	if (comes_again(all, bytes))
		bw_distribution_add(all, MMAP_AGAIN, bytes);
	if (reserves)
		bw_distribution_add(all, MMAP_RESERVED, bytes);
	bw_distribution_add(all, MMAP_SIZE, bytes);
}
