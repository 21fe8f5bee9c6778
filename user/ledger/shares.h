/* SPDX-License-Identifier: GPL-2.0 */
/* Memory divided by where it came from. */
#ifndef BRKWATCH_SHARES_H
#define BRKWATCH_SHARES_H

#include <stdint.h>

#include "ledger/tag.h"

/* One for each origin, and as many for what only looks like it. */
#define SHARES 64

_Static_assert((TAG_ORIGIN | TAG_GUESS) == (SHARES - 1ULL) << TAG_ORIGIN_SHIFT,
	       "the bits of a share are adjacent");

/**
 * struct shares - bytes by origin
 * @bytes: of each share, see share_of()
 */
struct shares {
	uint64_t bytes[SHARES];
};

/**
 * share_of() - find the share of some memory
 * @tag: the tag of its range
 *
 * Return: an index below SHARES; guesses have shares of their own.
 */
static inline unsigned int share_of(uint64_t tag)
{
	return (tag & (TAG_ORIGIN | TAG_GUESS)) >> TAG_ORIGIN_SHIFT;
}

/**
 * share_tag() - get what the memory of a share has in common
 * @share: index of the share
 *
 * Return: a tag with the origin alone, and with TAG_GUESS if that is a guess.
 */
static inline uint64_t share_tag(unsigned int share)
{
	return (uint64_t)share << TAG_ORIGIN_SHIFT;
}

#endif
