// SPDX-License-Identifier: GPL-2.0
/* Booking what calls do, in the order in which the kernel may have done it. */
#include <errno.h>

#include "ledger/address_space.h"

static uint64_t apply(uint64_t tag, void *arg)
{
	bool possible;

	return effect_apply(arg, tag, &possible);
}

static bool is_mapped(const struct ranges *set, uint64_t start, uint64_t end)
{
	size_t i = ranges_after(set, start);

	while (start < end && i < set->n && set->v[i].start <= start)
		start = set->v[i++].end;
	return start >= end;
}

/* Other effects leave what is mapped where it is. */
static bool replaces(const struct effect *effect)
{
	return effect->kind == EFFECT_SET || effect->kind == EFFECT_CLEAR;
}

/* If what happened does not fit into the account, the tool has missed something. */
static bool is_contradiction(const struct address_space *space, const struct effect *effect,
			     const struct sums *before)
{
	if (effect->need == NEED_MAPPED)
		return !is_mapped(&space->ranges, effect->start, effect->end);
	/* With more threads, a later event may report the call that made the room. */
	return effect->need == NEED_FREE && !space->overlap.crowd && before->reserved &&
	       !before->uncertain;
}

/* The order does not matter, because no other call concerns the same addresses. */
static int book_plainly(struct address_space *space, struct effect *effect, struct ranges *found,
			const struct sums *before)
{
	bool possible;

	if (is_contradiction(space, effect, before))
		space->whole = false;
	if (found && ranges_copy(found, &space->ranges, effect->start, effect->end))
		return -ENOMEM;
	if (replaces(effect))
		return address_space_put_over(space, effect->start, effect->end,
					      effect_apply(effect, 0, &possible), before);
	if (effect->kind == EFFECT_DOUBT && effect->tag)
		return address_space_doubt(space, effect->start, effect->end);
	return address_space_change(space, effect->start, effect->end, apply, effect);
}

/* The kernel may have done other calls before or after this one. */
static int book_in_order(struct address_space *space, struct recent *mine, struct ranges *found)
{
	uint64_t at, next;

	for (at = mine->effect.start; at < mine->effect.end; at = next) {
		const struct range *now = ranges_find(&space->ranges, at);
		struct outcome outcome;

		next = overlap_edge(&space->overlap, mine, at);
		outcome = overlap_resolve(&space->overlap, mine, at, now ? now->tag : 0);
		if (address_space_put(space, at, next, outcome.tag))
			return -ENOMEM;
		if (found && outcome.found && ranges_set(found, at, next, outcome.found))
			return -ENOMEM;
	}
	return address_space_doubt_moved(space, mine);
}

static struct recent recent_of(const struct address_space *space, const struct moment *moment,
			       const struct effect *effect)
{
	return (struct recent){
		.effect = *effect,
		.moment = *moment,
		.number = space->overlap.number,
		.blind = !space->whole,
	};
}

bool address_space_is_free(const struct address_space *space, const struct moment *moment,
			   const struct effect *effect)
{
	struct recent mine = recent_of(space, moment, effect);
	size_t i = ranges_after(&space->ranges, effect->start);

	return space->whole && !overlap_concerns(&space->overlap, &mine) &&
	       (i == space->ranges.n || space->ranges.v[i].start >= effect->end);
}

int address_space_book(struct address_space *space, const struct moment *moment,
		       const struct effect *effect, struct ranges *found, struct sums *gone)
{
	struct recent mine = recent_of(space, moment, effect);
	bool crowd = space->overlap.crowd, concerned;
	int err;

	*gone = (struct sums){ 0 };
	if (effect->start >= effect->end)
		return 0;
	if (replaces(effect))
		*gone = address_space_sums(space, effect->start, effect->end);
	if (!crowd)
		overlap_forget_over(&space->overlap, moment->began);
	concerned = overlap_concerns(&space->overlap, &mine);
	/* Only calls that overlap want to know what was there. */
	if ((crowd || concerned) &&
	    ranges_copy(&mine.before, &space->ranges, effect->start, effect->end))
		return -ENOMEM;
	err = concerned ? book_in_order(space, &mine, found) :
			  book_plainly(space, &mine.effect, found, gone);
	if (!err && crowd && effect->moved_end && found)
		err = ranges_copy(&mine.found, found, effect->start, effect->end);
	if (!err && crowd)
		return overlap_keep(&space->overlap, &mine);
	ranges_free(&mine.before);
	ranges_free(&mine.found);
	return err;
}

int address_space_note(struct address_space *space, const struct moment *moment,
		       const struct effect *effect)
{
	struct recent mine = recent_of(space, moment, effect);

	if (!space->overlap.crowd)
		return 0;
	if (ranges_copy(&mine.before, &space->ranges, effect->start, effect->end))
		return -ENOMEM;
	return overlap_keep(&space->overlap, &mine);
}
