// SPDX-License-Identifier: GPL-2.0
/* Comparing an address space with what the kernel reports. */
#include "ledger/address_space.h"

/* How one address looks from both sides, and up to where it does. */
struct view {
	int ours;
	int theirs;
	uint64_t end;
};

static const struct range *look(const struct ranges *set, uint64_t at, uint64_t *end)
{
	size_t i = ranges_after(set, at);

	if (i == set->n)
		return NULL;
	if (set->v[i].start > at) {
		*end = set->v[i].start < *end ? set->v[i].start : *end;
		return NULL;
	}
	*end = set->v[i].end < *end ? set->v[i].end : *end;
	return &set->v[i];
}

static struct view view_at(const struct address_space *space, const struct ranges *maps,
			   uint64_t at)
{
	struct view view = { -1, -1, UINT64_MAX };
	const struct range *range;

	range = look(&space->ranges, at, &view.end);
	if (range && tag_class(range->tag) == CLASS_ANONYMOUS)
		view.ours = tag_prot(range->tag);
	range = look(maps, at, &view.end);
	if (range)
		view.theirs = range->tag;
	return view;
}

int address_space_compare(const struct address_space *space, const struct ranges *maps,
			  int (*differ)(uint64_t start, uint64_t end, int ours, int theirs,
					void *arg),
			  void *arg)
{
	struct view view = view_at(space, maps, 0);
	uint64_t start = 0, end;
	int n = 0;

	for (; start < UINT64_MAX; start = end) {
		struct view next = view;

		/* Neighbours that look the same are one. */
		for (end = view.end; end < UINT64_MAX; end = next.end) {
			next = view_at(space, maps, end);
			if (next.ours != view.ours || next.theirs != view.theirs)
				break;
		}
		n += view.ours != view.theirs;
		if (view.ours != view.theirs && differ(start, end, view.ours, view.theirs, arg))
			break;
		view = next;
	}
	return n;
}
