// SPDX-License-Identifier: GPL-2.0
/* Snapshots: what the kernel has takes the place of what was known. */
#include <errno.h>

#include "ledger/address_space.h"

static enum tag_class class_of(uint32_t flags)
{
	if (flags & BRKWATCH_AREA_FLAG_SPECIAL)
		return CLASS_SPECIAL;
	if (flags & BRKWATCH_AREA_FLAG_GROWS_DOWN)
		return CLASS_GROWS_DOWN;
	return flags & BRKWATCH_AREA_FLAG_ANONYMOUS ? CLASS_ANONYMOUS : CLASS_FILE;
}

static uint64_t tag_of_area(const struct area *area, enum origin origin)
{
	int prot = 0;

	if (area->flags & BRKWATCH_AREA_FLAG_READ)
		prot |= PROT_BIT_READ;
	if (area->flags & BRKWATCH_AREA_FLAG_WRITE)
		prot |= PROT_BIT_WRITE;
	if (area->flags & BRKWATCH_AREA_FLAG_EXEC)
		prot |= PROT_BIT_EXEC;
	return tag_of(class_of(area->flags), prot, origin) |
	       (area->flags & BRKWATCH_AREA_FLAG_DONT_FORK ? TAG_DONT_FORK : 0);
}

static uint64_t keep(uint64_t tag, void *arg)
{
	const uint64_t *old = arg;

	return tag_renew(*old, tag);
}

/* The kernel made what lies there at an exec. Later it only looks like malloc's. */
static uint64_t make_heap(uint64_t tag, void *arg)
{
	(void)arg;
	if (tag_class(tag) != CLASS_ANONYMOUS || tag_origin(tag) == ORIGIN_EXEC)
		return tag;
	return (tag & ~TAG_ORIGIN) | tag_of(CLASS_NONE, 0, ORIGIN_HEAP) | TAG_GUESS;
}

/*
 * A page fault extends a mapping without a call, so only a snapshot shows how far. If the tool has
 * missed calls, one of them may have mapped what lies below the stack.
 */
static void note_grown(struct ranges *set, bool all_seen)
{
	size_t i;

	for (i = set->n; i-- > 1;) {
		const struct range *above = &set->v[i];
		struct range *range = &set->v[i - 1];

		if (range->end != above->start || tag_class(above->tag) != CLASS_GROWS_DOWN ||
		    tag_class(range->tag) != CLASS_GROWS_DOWN || range->tag & TAG_COUNTED)
			continue;
		if (above->tag & (TAG_COUNTED | TAG_GREW))
			range->tag |= TAG_GREW;
		else if (all_seen && tag_origin(range->tag) == ORIGIN_UNKNOWN)
			range->tag |= above->tag & TAG_ORIGIN;
	}
}

static int fill(struct ranges *set, const struct address_space *space,
		const struct snapshot *snapshot, uint64_t page)
{
	enum origin origin = space->from_exec && !space->snapshots ? ORIGIN_EXEC : ORIGIN_UNKNOWN;
	uint64_t heap_start = (snapshot->heap_start + page - 1) & -page;
	uint64_t heap_end = (snapshot->brk + page - 1) & -page;
	size_t i;
	int err = 0;

	for (i = 0; i < snapshot->n && !err; i++)
		err = ranges_set(set, snapshot->areas[i].start, snapshot->areas[i].end,
				 tag_of_area(&snapshot->areas[i], origin));
	if (!err)
		err = ranges_change(set, heap_start, heap_end, make_heap, NULL);
	for (i = 0; i < space->ranges.n && !err; i++)
		err = ranges_change(set, space->ranges.v[i].start, space->ranges.v[i].end, keep,
				    &space->ranges.v[i].tag);
	if (!err)
		note_grown(set, space->from_exec);
	return err;
}

int address_space_load(struct address_space *space, const struct snapshot *snapshot, uint64_t page)
{
	struct recent mine = {
		.effect = { .kind = EFFECT_STATE, .end = UINT64_MAX },
		.moment = { snapshot->time, snapshot->time, 0 },
		.blind = !space->whole,
	};
	struct ranges set = { 0 };

	if (fill(&set, space, snapshot, page) || ranges_copy(&mine.state, &set, 0, UINT64_MAX)) {
		ranges_free(&set);
		return -ENOMEM;
	}
	address_space_replace(space, &set);
	mine.before = set;
	space->heap_start = snapshot->heap_start;
	space->brk = snapshot->brk;
	space->whole = true;
	space->heap_moved = false;
	space->asked = false;
	space->snapshots++;
	space->snapshot_time = snapshot->time;
	return overlap_keep(&space->overlap, &mine);
}
