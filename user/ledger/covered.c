// SPDX-License-Identifier: GPL-2.0
/* What is mapped where a call is about to fail. */
#include <linux/mman.h>

#include "ledger/covered.h"

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool names_range(const struct event *ev)
{
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_MMAP:
		return ev->map.flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	case BRKWATCH_EVENT_KIND_MUNMAP:
	case BRKWATCH_EVENT_KIND_MREMAP:
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
	case BRKWATCH_EVENT_KIND_MADVISE:
		return true;
	default:
		return false;
	}
}

static void add(struct covered *covered, uint64_t tag, uint64_t bytes)
{
	if (tag_is_uncertain(tag))
		covered->known = false;
	covered->ranges++;
	covered->mapped += bytes;
	if (tag_class(tag) != CLASS_ANONYMOUS)
		return;
	if (tag_prot(tag) & PROT_BIT_WRITE)
		covered->writable += bytes;
	else
		covered->readonly += bytes;
}

struct covered covered_by(const struct address_space *space, const struct event *ev,
			  const struct geometry *geometry)
{
	const struct ranges *set = &space->ranges;
	struct covered covered = { .known = space->whole };
	uint64_t start = ev->map.addr;
	uint64_t end = start + event_length(ev, geometry);
	size_t i;

	if (!names_range(ev) || end <= start)
		return (struct covered){ 0 };
	for (i = ranges_after(set, start); i < set->n && set->v[i].start < end; i++)
		add(&covered, set->v[i].tag, min(set->v[i].end, end) - max(set->v[i].start, start));
	return covered;
}
