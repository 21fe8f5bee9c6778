// SPDX-License-Identifier: GPL-2.0
/* Adding to what memory came from. */
#include <stddef.h>

#include "ledger/shares.h"

#define WHO (TAG_ORIGIN | TAG_GUESS | TAG_FILE)

/* Returns NULL for a library that found no place. */
static struct library_share *place_of(struct shares *shares, uint64_t who)
{
	struct library_share *place = shares->libraries;

	while (place < shares->libraries + SHARES_LIBRARIES && place->who && place->who != who)
		place++;
	return place < shares->libraries + SHARES_LIBRARIES ? place : NULL;
}

void shares_add(struct shares *shares, uint64_t tag, uint64_t bytes)
{
	struct library_share *place;

	shares->bytes[share_of(tag)] += bytes;
	if (tag_origin(tag) != ORIGIN_LIBRARY || !tag_file(tag))
		return;
	place = place_of(shares, tag & WHO);
	if (!place)
		return;
	place->who = tag & WHO;
	place->bytes += bytes;
}
