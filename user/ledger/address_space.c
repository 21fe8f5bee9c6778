// SPDX-License-Identifier: GPL-2.0
/* What an address space has, and the totals that follow from it. */
#include <stdlib.h>

#include "ledger/address_space.h"

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct address_space *address_space_new(uint64_t time, struct holdings *holdings)
{
	struct address_space *space = calloc(1, sizeof(*space));

	if (!space)
		return NULL;
	space->users = 1;
	space->holders = 1;
	space->holdings = holdings;
	space->inexact_since = time;
	/* An event at that very time is not part of the beginning. */
	space->snapshot_time = time ? time - 1 : 0;
	/* Assume more than one thread until more is known. */
	space->overlap.crowd = true;
	return space;
}

struct address_space *address_space_hold(struct address_space *space)
{
	space->holders++;
	return space;
}

void address_space_release(struct address_space *space)
{
	if (--space->holders)
		return;
	ranges_free(&space->ranges);
	overlap_free(&space->overlap);
	free(space);
}

void address_space_end(struct address_space *space, uint64_t time)
{
	size_t i;

	for (i = 0; space->holdings && i < space->ranges.n; i++) {
		const struct range *range = &space->ranges.v[i];
		uint64_t bytes = range->end - range->start;

		if (time)
			holdings_keep(space->holdings, tag_call(range->tag), bytes, time);
		else
			holdings_lose(space->holdings, tag_call(range->tag), bytes);
	}
	/* The ranges stay for the views, but no longer count. */
	space->holdings = NULL;
}

static void note_change(struct address_space *space, uint64_t start, uint64_t end)
{
	space->changed[space->changes++ % CHANGES_KEPT] = (struct span){ start, end };
}

size_t address_space_changed(const struct address_space *space, uint64_t since,
			     struct span spans[CHANGES_KEPT])
{
	size_t n = 0;

	if (space->changes - since > CHANGES_KEPT) {
		spans[0] = (struct span){ 0, UINT64_MAX };
		return 1;
	}
	for (; since < space->changes; since++) {
		const struct span *span = &space->changed[since % CHANGES_KEPT];
		struct span *last = n ? &spans[n - 1] : NULL;

		if (last && span->start <= last->end && last->start <= span->end)
			*last = (struct span){ min(last->start, span->start),
					       max(last->end, span->end) };
		else
			spans[n++] = *span;
	}
	return n;
}

static void sum_up(struct sums *sums, uint64_t tag, uint64_t bytes)
{
	bool committed = tag_prot(tag);

	if (tag_is_uncertain(tag))
		sums->uncertain += bytes;
	if (tag & TAG_COUNTED)
		sums->counted += bytes;
	if (tag & TAG_INHERITED)
		sums->inherited += bytes;
	if (tag & TAG_GREW)
		sums->grown += bytes;
	if (tag_class(tag) == CLASS_ANONYMOUS) {
		sums->reserved += bytes;
		sums->committed += committed ? bytes : 0;
		sums->given_back += committed && tag_is_given_back(tag) ? bytes : 0;
		sums->other += tag & TAG_COUNTED ? 0 : bytes;
	} else if (tag & TAG_GREW) {
		sums->other += bytes;
	} else if (tag_class(tag) != CLASS_NONE && !(tag & TAG_COUNTED)) {
		sums->file += bytes;
	}
}

struct sums address_space_sums(const struct address_space *space, uint64_t start, uint64_t end)
{
	const struct ranges *set = &space->ranges;
	struct sums sums = { 0 };
	size_t i;

	for (i = ranges_after(set, start); i < set->n && set->v[i].start < end; i++)
		sum_up(&sums, set->v[i].tag, min(set->v[i].end, end) - max(set->v[i].start, start));
	return sums;
}

/* Take the committed bytes of [start, end) out of the shares of their origins, or put them in. */
static void count_shares(struct address_space *space, uint64_t start, uint64_t end, bool in)
{
	const struct ranges *set = &space->ranges;
	size_t i;

	if (space->no_totals)
		return;
	for (i = ranges_after(set, start); i < set->n && set->v[i].start < end; i++) {
		uint64_t bytes = min(set->v[i].end, end) - max(set->v[i].start, start);
		uint64_t tag = set->v[i].tag;

		if (tag_class(tag) == CLASS_ANONYMOUS && tag_prot(tag))
			shares_add(&space->by_origin, tag, in ? bytes : -bytes);
	}
}

/* Updates the totals after a part of the space holds something else. */
static void recount(struct address_space *space, const struct sums *before,
		    const struct sums *after)
{
	space->reserved.now += after->reserved - before->reserved;
	space->committed.now += after->committed - before->committed;
	space->given_back.now += after->given_back - before->given_back;
	space->counted += after->counted - before->counted;
	space->inherited += after->inherited - before->inherited;
	space->grown += after->grown - before->grown;
	space->uncertain += after->uncertain - before->uncertain;
}

int address_space_change(struct address_space *space, uint64_t start, uint64_t end,
			 uint64_t (*change)(uint64_t tag, void *arg), void *arg)
{
	struct sums before = address_space_sums(space, start, end);
	struct sums after;
	int err;

	note_change(space, start, end);
	count_shares(space, start, end, false);
	err = ranges_change(&space->ranges, start, end, change, arg);
	count_shares(space, start, end, true);
	if (err)
		return err;
	after = address_space_sums(space, start, end);
	recount(space, &before, &after);
	return 0;
}

/* Reports to the account of each call how much of [start, end) it holds. */
static void account_calls(const struct address_space *space, uint64_t start, uint64_t end,
			  void (*report)(struct holdings *holdings, uint32_t call, uint64_t bytes))
{
	const struct ranges *set = &space->ranges;
	size_t i;

	if (!space->holdings)
		return;
	for (i = ranges_after(set, start); i < set->n && set->v[i].start < end; i++)
		report(space->holdings, tag_call(set->v[i].tag),
		       min(set->v[i].end, end) - max(set->v[i].start, start));
}

int address_space_put_over(struct address_space *space, uint64_t start, uint64_t end, uint64_t tag,
			   const struct sums *before)
{
	struct sums after = { 0 };
	int err;

	note_change(space, start, end);
	account_calls(space, start, end, holdings_lose);
	count_shares(space, start, end, false);
	err = tag ? ranges_set(&space->ranges, start, end, tag) :
		    ranges_clear(&space->ranges, start, end);
	count_shares(space, start, end, true);
	if (err)
		return err;
	if (tag)
		sum_up(&after, tag, end - start);
	recount(space, before, &after);
	account_calls(space, start, end, holdings_gain);
	return 0;
}

int address_space_put(struct address_space *space, uint64_t start, uint64_t end, uint64_t tag)
{
	struct sums before;

	if (start >= end)
		return 0;
	before = address_space_sums(space, start, end);
	return address_space_put_over(space, start, end, tag, &before);
}

static uint64_t make_uncertain(uint64_t tag, void *arg)
{
	(void)arg;
	return tag | TAG_UNCERTAIN;
}

int address_space_doubt_mapped(struct address_space *space, uint64_t start, uint64_t end)
{
	return address_space_change(space, start, end, make_uncertain, NULL);
}

int address_space_doubt(struct address_space *space, uint64_t start, uint64_t end)
{
	int err = address_space_doubt_mapped(space, start, end);

	while (!err && start < end) {
		size_t i = ranges_after(&space->ranges, start);
		const struct range *range = i < space->ranges.n ? &space->ranges.v[i] : NULL;

		if (range && range->start <= start) {
			start = range->end;
		} else {
			uint64_t to = range ? min(range->start, end) : end;

			err = address_space_put(space, start, to, TAG_UNCERTAIN);
			start = to;
		}
	}
	return err;
}

static bool is_continued(const struct range *range, const struct range *next)
{
	return range->end == next->start && range->tag == next->tag;
}

struct address_space *address_space_fork(const struct address_space *parent, uint64_t time)
{
	struct address_space *space = address_space_new(time, parent->holdings);
	static const struct sums nothing;
	struct sums sums;
	size_t i, n = 0;

	if (!space)
		return NULL;
	if (ranges_copy(&space->ranges, &parent->ranges, 0, UINT64_MAX)) {
		free(space);
		return NULL;
	}
	for (i = 0; i < space->ranges.n; i++) {
		struct range range = space->ranges.v[i];

		if (range.tag & TAG_DONT_FORK)
			continue;
		if (range.tag & TAG_COUNTED)
			range.tag |= TAG_INHERITED;
		/* No call of the child got it. */
		range.tag &= ~TAG_CALL;
		if (n && is_continued(&space->ranges.v[n - 1], &range))
			space->ranges.v[n - 1].end = range.end;
		else
			space->ranges.v[n++] = range;
	}
	space->ranges.n = n;
	space->no_totals = parent->no_totals;
	sums = address_space_sums(space, 0, UINT64_MAX);
	recount(space, &nothing, &sums);
	count_shares(space, 0, UINT64_MAX, true);
	space->heap_start = parent->heap_start;
	space->brk = parent->brk;
	space->from_exec = parent->from_exec;
	space->whole = parent->whole;
	space->exact = parent->exact;
	space->overlap.crowd = false;
	return space;
}

void address_space_replace(struct address_space *space, struct ranges *ranges)
{
	struct sums before = address_space_sums(space, 0, UINT64_MAX), after;
	struct ranges swap = space->ranges;

	note_change(space, 0, UINT64_MAX);
	account_calls(space, 0, UINT64_MAX, holdings_lose);
	count_shares(space, 0, UINT64_MAX, false);
	space->ranges = *ranges;
	*ranges = swap;
	count_shares(space, 0, UINT64_MAX, true);
	account_calls(space, 0, UINT64_MAX, holdings_gain);
	after = address_space_sums(space, 0, UINT64_MAX);
	recount(space, &before, &after);
}

void address_space_judge(struct address_space *space, uint64_t since, uint64_t now)
{
	bool exact = space->whole && !space->uncertain;

	space->reserved.peak = max(space->reserved.peak, space->reserved.now);
	space->committed.peak = max(space->committed.peak, space->committed.now);
	space->given_back.peak = max(space->given_back.peak, space->given_back.now);
	if (exact == space->exact)
		return;
	space->exact = exact;
	if (exact) {
		space->inexact_until = now;
	} else {
		space->inexact_since = since;
		space->episodes++;
	}
}
