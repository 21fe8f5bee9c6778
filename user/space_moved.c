// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "space.h"

/* A tag of the set of what may be something else. */
#define SUSPECT 1

/* Where @move took [start, end), which is part of what it moved; the last page also grew. */
static int suspect(struct ranges *suspects, const struct effect *move, uint64_t start, uint64_t end)
{
	uint64_t by = move->moved_to - move->start;

	return ranges_set(suspects, start + by, end == move->end ? move->moved_end : end + by,
			  SUSPECT);
}

/* What was moved while @mine was at work. */
static int suspect_news(struct ranges *suspects, const struct order *order,
			const struct recent *mine, const struct recent *other)
{
	const struct effect *move = &other->effect;
	uint64_t at = mine->effect.start > move->start ? mine->effect.start : move->start;
	uint64_t end = mine->effect.end < move->end ? mine->effect.end : move->end;
	uint64_t next;

	for (; at < end; at = next) {
		next = order_edge(order, mine, at);
		next = next < end ? next : end;
		if (order_is_news(order, mine, other, at) && suspect(suspects, move, at, next))
			return -ENOMEM;
	}
	return 0;
}

/* What was moved again. */
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

int space_doubt_moved(struct space *space, const struct recent *mine)
{
	const struct order *order = &space->order;
	struct ranges suspects = { 0 };
	size_t i;
	int err = 0;

	/* What was moved meanwhile may be forgotten. */
	if (mine->moment.began < order->horizon)
		space->whole = false;
	for (i = 0; i < order->n && !err; i++) {
		if (order->v[i].moment.ended <= mine->moment.began || !order->v[i].effect.moved_end)
			continue;
		err = suspect_news(&suspects, order, mine, &order->v[i]);
		if (!err)
			err = suspect_chain(&suspects, &order->v[i].effect);
	}
	for (i = 0; i < suspects.n && !err; i++)
		err = space_doubt_mapped(space, suspects.v[i].start, suspects.v[i].end);
	ranges_free(&suspects);
	return err;
}
