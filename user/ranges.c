// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ranges.h"

/* Index of the first range that ends after @addr; set->n when there is none. */
static size_t first_after(const struct ranges *set, uint64_t addr)
{
	size_t low = 0, high = set->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (set->v[mid].end > addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* A change adds at most two ranges: it splits one and puts one between. */
static int reserve(struct ranges *set)
{
	size_t cap = set->cap ? 2 * set->cap : 16;
	struct range *v;

	if (set->n + 2 <= set->cap)
		return 0;
	v = reallocarray(set->v, cap, sizeof(*v));
	if (!v)
		return -ENOMEM;
	set->v = v;
	set->cap = cap;
	return 0;
}

static void insert(struct ranges *set, size_t at, struct range range)
{
	memmove(&set->v[at + 1], &set->v[at], (set->n - at) * sizeof(range));
	set->v[at] = range;
	set->n++;
}

static void erase(struct ranges *set, size_t from, size_t to)
{
	memmove(&set->v[from], &set->v[to], (set->n - to) * sizeof(set->v[0]));
	set->n -= to - from;
}

int ranges_clear(struct ranges *set, uint64_t start, uint64_t end)
{
	size_t from, to;

	if (start >= end)
		return 0;
	if (reserve(set))
		return -ENOMEM;
	from = first_after(set, start);
	if (from < set->n && set->v[from].start < start) {
		struct range left = set->v[from];

		left.end = start;
		set->v[from].start = start;
		insert(set, from++, left);
	}
	for (to = from; to < set->n && set->v[to].end <= end; to++)
		;
	if (to < set->n && set->v[to].start < end)
		set->v[to].start = end;
	erase(set, from, to);
	return 0;
}

int ranges_set(struct ranges *set, uint64_t start, uint64_t end, uint32_t tag)
{
	struct range range = { start, end, tag };
	size_t at;

	if (start >= end)
		return 0;
	if (ranges_clear(set, start, end))
		return -ENOMEM;
	at = first_after(set, start);
	if (at > 0 && set->v[at - 1].end == start && set->v[at - 1].tag == tag) {
		range.start = set->v[--at].start;
		erase(set, at, at + 1);
	}
	if (at < set->n && set->v[at].start == end && set->v[at].tag == tag) {
		range.end = set->v[at].end;
		erase(set, at, at + 1);
	}
	/* ranges_clear() made room for two and used one at most. */
	insert(set, at, range);
	return 0;
}

const struct range *ranges_find(const struct ranges *set, uint64_t addr)
{
	size_t at = first_after(set, addr);

	return at < set->n && set->v[at].start <= addr ? &set->v[at] : NULL;
}

uint64_t ranges_bytes(const struct ranges *set, uint64_t start, uint64_t end, uint32_t tag)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = first_after(set, start); i < set->n && set->v[i].start < end; i++) {
		uint64_t from = set->v[i].start > start ? set->v[i].start : start;
		uint64_t to = set->v[i].end < end ? set->v[i].end : end;

		if (set->v[i].tag == tag)
			bytes += to - from;
	}
	return bytes;
}

void ranges_free(struct ranges *set)
{
	free(set->v);
	memset(set, 0, sizeof(*set));
}
