// SPDX-License-Identifier: GPL-2.0
/* Where an mremap may have moved something else than was believed. */
#include <errno.h>

#include "ledger/address_space.h"

/* The tag of ranges in which there may be something else than was believed. */
#define SUSPECT 1

/*
 * Adds to @suspects where @move took [start, end), a part of what it moved. If that part includes
 * the last page, the growth behind it is suspect too, because growth is like the last page.
 */
static int suspect(struct ranges *suspects, const struct effect *move, uint64_t start, uint64_t end)
{
	uint64_t by = move->moved_to - move->start;

	return ranges_set(suspects, start + by, end == move->end ? move->moved_end : end + by,
			  SUSPECT);
}

/* Adds where @other took what @mine may have changed before the move. */
static int suspect_news(struct ranges *suspects, const struct overlap *overlap,
			const struct recent *mine, const struct recent *other)
{
	const struct effect *move = &other->effect;
	uint64_t at = mine->effect.start > move->start ? mine->effect.start : move->start;
	uint64_t end = mine->effect.end < move->end ? mine->effect.end : move->end;
	uint64_t next;

	for (; at < end; at = next) {
		next = overlap_edge(overlap, mine, at);
		next = next < end ? next : end;
		if (overlap_is_news(overlap, mine, other, at) && suspect(suspects, move, at, next))
			return -ENOMEM;
	}
	return 0;
}

/* Adds where @move took suspect ranges, because they may be something else there as well. */
static int suspect_chain(struct ranges *suspects, const struct effect *move)
{
	struct ranges again = { 0 };
	size_t i;
	int err = ranges_copy(&again, suspects, move->start, move->end);

	for (i = 0; i < again.n && !err; i++)
		err = suspect(suspects, move, again.v[i].start, again.v[i].end);
	ranges_free(&again);
	return err;
}

int address_space_doubt_moved(struct address_space *space, const struct recent *mine)
{
	const struct overlap *overlap = &space->overlap;
	struct ranges suspects = { 0 };
	size_t i;
	int err = 0;

	/* A call that moved something while @mine was at work may be forgotten by now. */
	if (mine->moment.began < overlap->horizon)
		space->whole = false;
	for (i = 0; i < overlap->n && !err; i++) {
		if (overlap->v[i].moment.ended <= mine->moment.began ||
		    !overlap->v[i].effect.moved_end)
			continue;
		err = suspect_news(&suspects, overlap, mine, &overlap->v[i]);
		if (!err)
			err = suspect_chain(&suspects, &overlap->v[i].effect);
	}
	for (i = 0; i < suspects.n && !err; i++)
		err = address_space_doubt_mapped(space, suspects.v[i].start, suspects.v[i].end);
	ranges_free(&suspects);
	return err;
}
