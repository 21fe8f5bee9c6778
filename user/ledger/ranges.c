// SPDX-License-Identifier: GPL-2.0
/* Sorted, disjoint ranges of addresses, each with a tag. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ranges.h"

size_t ranges_after(const struct ranges *set, uint64_t addr)
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

/* A change adds at most two ranges, since it splits at both ends, or once and puts one between. */
static int reserve(struct ranges *set)
{
	size_t cap = 2 * set->cap + 16;
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
	if (from == to)
		return;
	memmove(&set->v[from], &set->v[to], (set->n - to) * sizeof(set->v[0]));
	set->n -= to - from;
}

/* Lets no range lie on both sides of @addr; returns the index of the first one behind it. */
static size_t split(struct ranges *set, uint64_t addr)
{
	size_t at = ranges_after(set, addr);
	struct range left;

	if (at == set->n || set->v[at].start >= addr)
		return at;
	left = set->v[at];
	left.end = addr;
	set->v[at].start = addr;
	insert(set, at, left);
	return at + 1;
}

/* Joins neighbours with the same tag, among the ranges from @from - 1 to @to. */
static void join(struct ranges *set, size_t from, size_t to)
{
	size_t into = from ? from - 1 : 0;
	size_t i;

	if (!set->n)
		return;
	for (i = into + 1; i <= to && i < set->n; i++) {
		if (set->v[into].end == set->v[i].start && set->v[into].tag == set->v[i].tag)
			set->v[into].end = set->v[i].end;
		else
			set->v[++into] = set->v[i];
	}
	if (into + 1 < i)
		erase(set, into + 1, i);
}

/* Takes [start, end) out, which is not empty; @at becomes the index of the first range behind it. */
static int clear(struct ranges *set, uint64_t start, uint64_t end, size_t *at)
{
	if (reserve(set))
		return -ENOMEM;
	*at = split(set, start);
	erase(set, *at, split(set, end));
	return 0;
}

int ranges_clear(struct ranges *set, uint64_t start, uint64_t end)
{
	size_t at;

	return start < end ? clear(set, start, end, &at) : 0;
}

int ranges_set(struct ranges *set, uint64_t start, uint64_t end, uint64_t tag)
{
	struct range range = { start, end, tag };
	size_t at;

	if (start >= end)
		return 0;
	if (clear(set, start, end, &at))
		return -ENOMEM;
	/* clear() made room for two and used one at most. */
	insert(set, at, range);
	join(set, at, at + 1);
	return 0;
}

int ranges_change(struct ranges *set, uint64_t start, uint64_t end,
		  uint64_t (*change)(uint64_t tag, void *arg), void *arg)
{
	size_t from, to, i;

	if (start >= end)
		return 0;
	if (reserve(set))
		return -ENOMEM;
	from = split(set, start);
	to = split(set, end);
	for (i = from; i < to; i++)
		set->v[i].tag = change(set->v[i].tag, arg);
	join(set, from, to);
	return 0;
}

int ranges_copy(struct ranges *to, const struct ranges *from, uint64_t start, uint64_t end)
{
	size_t at = ranges_after(from, start);
	size_t n = at;

	memset(to, 0, sizeof(*to));
	while (n < from->n && from->v[n].start < end)
		n++;
	n -= at;
	if (start >= end || !n)
		return 0;
	to->v = reallocarray(NULL, n, sizeof(*to->v));
	if (!to->v)
		return -ENOMEM;
	memcpy(to->v, &from->v[at], n * sizeof(*to->v));
	to->n = n;
	to->cap = n;
	if (to->v[0].start < start)
		to->v[0].start = start;
	if (to->v[n - 1].end > end)
		to->v[n - 1].end = end;
	return 0;
}

const struct range *ranges_find(const struct ranges *set, uint64_t addr)
{
	size_t at = ranges_after(set, addr);

	return at < set->n && set->v[at].start <= addr ? &set->v[at] : NULL;
}

void ranges_free(struct ranges *set)
{
	free(set->v);
	memset(set, 0, sizeof(*set));
}
