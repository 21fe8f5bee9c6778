// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/mman.h>

#include "array.h"
#include "atlas.h"

#define CAP_MIN 16
/* Bases of mappings that are gone are kept up to so many. */
#define MANY 1024

static int landmarks_insert(struct landmarks *set, size_t at, uint64_t addr, uint32_t number)
{
	struct landmark *v = array_insert(set->v, &set->n, &set->cap, sizeof(*v), CAP_MIN, at);

	if (!v)
		return -ENOMEM;
	set->v = v;
	set->v[at] = (struct landmark){ addr, number };
	return 0;
}

/* Index of the first with @addr or more. */
static size_t by_addr(const struct landmarks *set, uint64_t addr)
{
	size_t low = 0, high = set->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (set->v[mid].addr >= addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* Index of the first with @number or more. */
static size_t by_number(const struct landmarks *set, uint32_t number)
{
	return array_place(set->v, set->n, sizeof(*set->v), offsetof(struct landmark, number),
			   number);
}

/* Where mapping @number began; every mapping in @maps has a base. */
static struct landmark *base_of(const struct atlas *atlas, uint32_t number)
{
	return &atlas->bases.v[by_number(&atlas->bases, number)];
}

/* The bases of what is mapped. */
static int live_bases(const struct atlas *atlas, struct landmarks *live)
{
	size_t i, at;
	int err = 0;

	for (i = 0; i < atlas->maps.n && !err; i++) {
		uint32_t number = atlas->maps.v[i].tag;

		at = by_number(live, number);
		if (at == live->n || live->v[at].number != number)
			err = landmarks_insert(live, at, base_of(atlas, number)->addr, number);
	}
	return err;
}

/* A process that lives long has had many mappings. */
static int forget_bases(struct atlas *atlas)
{
	struct landmarks live = {};
	int err = live_bases(atlas, &live);

	if (err) {
		free(live.v);
		return err;
	}
	free(atlas->bases.v);
	atlas->bases = live;
	return 0;
}

/* Give a name of its own to what is mapped at @start. */
static int add_new(struct atlas *atlas, uint64_t start, uint64_t end)
{
	int err = 0;

	if (atlas->bases.n > 2 * atlas->maps.n + MANY)
		err = forget_bases(atlas);
	if (!err)
		err = landmarks_insert(&atlas->bases, atlas->bases.n, start, atlas->last + 1);
	if (err)
		return err;
	return ranges_set(&atlas->maps, start, end, ++atlas->last);
}

int atlas_add(struct atlas *atlas, uint64_t start, uint64_t end)
{
	const struct range *map = ranges_find(&atlas->maps, start);

	return map ? ranges_set(&atlas->maps, start, end, map->tag) : add_new(atlas, start, end);
}

int atlas_remove(struct atlas *atlas, uint64_t start, uint64_t end)
{
	return ranges_clear(&atlas->maps, start, end);
}

/* The mapping of which [start, end) is all that there is, or 0. */
static uint32_t whole(const struct atlas *atlas, uint64_t start, uint64_t end)
{
	const struct range *map = ranges_find(&atlas->maps, start);
	uint32_t number = map ? map->tag : 0;
	size_t i;

	if (!number || base_of(atlas, number)->addr != start)
		return 0;
	for (i = 0; i < atlas->maps.n; i++) {
		map = &atlas->maps.v[i];
		if (map->tag == number && (map->start < start || map->end > end))
			return 0;
	}
	return number;
}

static int resize(struct atlas *atlas, uint64_t start, uint64_t end, uint64_t new_end)
{
	const struct range *map = ranges_find(&atlas->maps, start);

	if (new_end < end)
		return ranges_clear(&atlas->maps, new_end, end);
	return map ? ranges_set(&atlas->maps, end, new_end, map->tag) :
		     atlas_add(atlas, start, new_end);
}

int atlas_remap(struct atlas *atlas, const struct event *ev, uint64_t page)
{
	uint64_t start = ev->map.addr, to = ev->map.result;
	uint64_t end = start + (ev->map.length + page - 1) / page * page;
	uint64_t new_end = to + (ev->map.new_length + page - 1) / page * page;
	uint32_t number;
	int err;

	if (to == start)
		return resize(atlas, start, end, new_end);
	/* A shared mapping that is doubled, or a source that stays. */
	if (start == end || ev->map.flags & MREMAP_DONTUNMAP)
		return atlas_add(atlas, to, new_end);
	number = whole(atlas, start, end);
	err = ranges_clear(&atlas->maps, start, end);
	if (err || !number)
		return err ?: atlas_add(atlas, to, new_end);
	base_of(atlas, number)->addr = to;
	return ranges_set(&atlas->maps, to, new_end, number);
}

void atlas_clear(struct atlas *atlas)
{
	ranges_free(&atlas->maps);
	atlas->bases.n = 0;
}

uint32_t atlas_map(const struct atlas *atlas, uint64_t addr, uint64_t *base)
{
	const struct range *map = ranges_find(&atlas->maps, addr);

	if (!map)
		return 0;
	*base = base_of(atlas, map->tag)->addr;
	return map->tag;
}

uint32_t atlas_other(struct atlas *atlas, uint64_t addr)
{
	size_t at = by_addr(&atlas->others, addr);
	uint32_t number = atlas->others.n + 1;

	if (at < atlas->others.n && atlas->others.v[at].addr == addr)
		return atlas->others.v[at].number;
	return landmarks_insert(&atlas->others, at, addr, number) ? 0 : number;
}

static void atlas_free(struct atlas *atlas)
{
	ranges_free(&atlas->maps);
	free(atlas->bases.v);
	free(atlas->others.v);
}

/* Index of the first with @watch or more. */
static size_t by_watch(const struct atlases *set, uint32_t watch)
{
	return array_place(set->v, set->n, sizeof(*set->v), offsetof(struct atlas, watch), watch);
}

struct atlas *atlases_get(struct atlases *set, uint32_t watch)
{
	size_t at = by_watch(set, watch);
	struct atlas *v;

	if (at < set->n && set->v[at].watch == watch)
		return &set->v[at];
	v = array_insert(set->v, &set->n, &set->cap, sizeof(*v), CAP_MIN, at);
	if (!v)
		return NULL;
	set->v = v;
	set->v[at].watch = watch;
	return &set->v[at];
}

static int copy(struct atlas *to, const struct atlas *from)
{
	int err = live_bases(from, &to->bases);
	size_t i;

	for (i = 0; i < from->maps.n && !err; i++) {
		const struct range *map = &from->maps.v[i];

		err = ranges_set(&to->maps, map->start, map->end, map->tag);
	}
	for (i = 0; i < from->others.n && !err; i++)
		err = landmarks_insert(&to->others, i, from->others.v[i].addr,
				       from->others.v[i].number);
	to->last = from->last;
	return err;
}

int atlases_copy(struct atlases *set, uint32_t from, uint32_t to)
{
	atlases_drop(set, to);
	/* Both must be there before either is held: a new one moves the others. */
	if (!atlases_get(set, from) || !atlases_get(set, to))
		return -ENOMEM;
	return copy(atlases_get(set, to), atlases_get(set, from));
}

void atlases_drop(struct atlases *set, uint32_t watch)
{
	size_t at = by_watch(set, watch);

	if (at == set->n || set->v[at].watch != watch)
		return;
	atlas_free(&set->v[at]);
	set->n--;
	memmove(&set->v[at], &set->v[at + 1], (set->n - at) * sizeof(*set->v));
}

void atlases_free(struct atlases *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		atlas_free(&set->v[i]);
	free(set->v);
	memset(set, 0, sizeof(*set));
}
