/* SPDX-License-Identifier: GPL-2.0 */
/* Memory divided by where it came from. */
#ifndef BRKWATCH_SHARES_H
#define BRKWATCH_SHARES_H

#include <stdint.h>

#include "ledger/tag.h"

/* One for each origin, and as many for what only looks like it. */
#define SHARES 64

/* So many libraries of an address space have accounts of their own: the first ones. */
#define SHARES_LIBRARIES 32

_Static_assert((TAG_ORIGIN | TAG_GUESS) == (SHARES - 1ULL) << TAG_ORIGIN_SHIFT,
	       "the bits of a share are adjacent");

/**
 * struct library_share - what one library got; a part of the share of its origin
 * @who: bits of the tag: the origin, whether that is a guess, and the file; 0 for no library
 * @bytes: how much
 */
struct library_share {
	uint64_t who;
	uint64_t bytes;
};

/**
 * struct shares - bytes by origin
 * @bytes: of each share, see share_of()
 * @libraries: the parts of ORIGIN_LIBRARY, those with a library first
 *
 * A library keeps its place when it has no memory any more. So memory that was added to a place is
 * always taken out of the same place.
 */
struct shares {
	uint64_t bytes[SHARES];
	struct library_share libraries[SHARES_LIBRARIES];
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

/**
 * shares_add() - add some memory
 * @shares: the shares
 * @tag: the tag of its range
 * @bytes: how much; the negative of it to take the memory out
 */
void shares_add(struct shares *shares, uint64_t tag, uint64_t bytes);

#endif
