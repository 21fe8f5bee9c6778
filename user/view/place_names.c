// SPDX-License-Identifier: GPL-2.0
/* Names of the places in a process: <map1>, <addr1> and so on. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/mman.h>

#include "lib/array.h"
#include "view/place_names.h"

#define CAP_MIN 16
/* Keep the bases of at most so many mappings that are gone. */
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

/* Find the index of the first landmark at @addr or above. */
static size_t by_addr(const struct landmarks *set, uint64_t addr)
{
	return array_place_u64(set->v, set->n, sizeof(*set->v), offsetof(struct landmark, addr),
			       addr);
}

/* Find the index of the first landmark with @number or a higher one. */
static size_t by_number(const struct landmarks *set, uint32_t number)
{
	return array_place(set->v, set->n, sizeof(*set->v), offsetof(struct landmark, number),
			   number);
}

/* Find where mapping @number began; every mapping in @maps has a base. */
static struct landmark *base_of(const struct place_names *names, uint32_t number)
{
	return &names->bases.v[by_number(&names->bases, number)];
}

/* Collect the bases of existing mappings. */
static int live_bases(const struct place_names *names, struct landmarks *live)
{
	size_t i, at;
	int err = 0;

	for (i = 0; i < names->maps.n && !err; i++) {
		uint32_t number = names->maps.v[i].tag;

		at = by_number(live, number);
		if (at == live->n || live->v[at].number != number)
			err = landmarks_insert(live, at, base_of(names, number)->addr, number);
	}
	return err;
}

/* Forget unused bases, because a process that lives long has had many mappings. */
static int forget_bases(struct place_names *names)
{
	struct landmarks live = {};
	int err = live_bases(names, &live);

	if (err) {
		free(live.v);
		return err;
	}
	free(names->bases.v);
	names->bases = live;
	return 0;
}

/* Give the mapping at @start a name of its own. */
static int add_new(struct place_names *names, uint64_t start, uint64_t end)
{
	int err = 0;

	if (names->bases.n > 2 * names->maps.n + MANY)
		err = forget_bases(names);
	if (!err)
		err = landmarks_insert(&names->bases, names->bases.n, start, names->last + 1);
	if (err)
		return err;
	return ranges_set(&names->maps, start, end, ++names->last);
}

int place_names_add(struct place_names *names, uint64_t start, uint64_t end)
{
	const struct range *map = ranges_find(&names->maps, start);

	return map ? ranges_set(&names->maps, start, end, map->tag) : add_new(names, start, end);
}

int place_names_remove(struct place_names *names, uint64_t start, uint64_t end)
{
	return ranges_clear(&names->maps, start, end);
}

/* Find the mapping that consists of [start, end) alone. Returns 0 if there is none. */
static uint32_t whole(const struct place_names *names, uint64_t start, uint64_t end)
{
	const struct range *map = ranges_find(&names->maps, start);
	uint32_t number = map ? map->tag : 0;
	size_t i;

	if (!number || base_of(names, number)->addr != start)
		return 0;
	for (i = 0; i < names->maps.n; i++) {
		map = &names->maps.v[i];
		if (map->tag == number && (map->start < start || map->end > end))
			return 0;
	}
	return number;
}

static int resize(struct place_names *names, uint64_t start, uint64_t end, uint64_t new_end)
{
	const struct range *map = ranges_find(&names->maps, start);

	if (new_end < end)
		return ranges_clear(&names->maps, new_end, end);
	return map ? ranges_set(&names->maps, end, new_end, map->tag) :
		     place_names_add(names, start, new_end);
}

int place_names_remap(struct place_names *names, const struct event *ev, uint64_t page)
{
	uint64_t start = ev->map.addr, to = ev->map.result;
	uint64_t end = start + (ev->map.length + page - 1) / page * page;
	uint64_t new_end = to + (ev->map.new_length + page - 1) / page * page;
	uint32_t number;
	int err;

	if (to == start)
		return resize(names, start, end, new_end);
	/* The call duplicates a shared mapping, or its source stays. */
	if (start == end || ev->map.flags & MREMAP_DONTUNMAP)
		return place_names_add(names, to, new_end);
	number = whole(names, start, end);
	err = ranges_clear(&names->maps, start, end);
	if (err || !number)
		return err ?: place_names_add(names, to, new_end);
	base_of(names, number)->addr = to;
	return ranges_set(&names->maps, to, new_end, number);
}

void place_names_clear(struct place_names *names)
{
	ranges_free(&names->maps);
	names->bases.n = 0;
}

uint32_t place_names_map(const struct place_names *names, uint64_t addr, uint64_t *base)
{
	const struct range *map = ranges_find(&names->maps, addr);

	if (!map)
		return 0;
	*base = base_of(names, map->tag)->addr;
	return map->tag;
}

uint32_t place_names_other(struct place_names *names, uint64_t addr)
{
	size_t at = by_addr(&names->others, addr);
	uint32_t number = names->others.n + 1;

	if (at < names->others.n && names->others.v[at].addr == addr)
		return names->others.v[at].number;
	return landmarks_insert(&names->others, at, addr, number) ? 0 : number;
}

static void place_names_free(struct place_names *names)
{
	ranges_free(&names->maps);
	free(names->bases.v);
	free(names->others.v);
}

/* Find the index of the first names with @watch or a higher one. */
static size_t by_watch(const struct place_names_all *set, uint32_t watch)
{
	return array_place(set->v, set->n, sizeof(*set->v), offsetof(struct place_names, watch),
			   watch);
}

struct place_names *place_names_all_get(struct place_names_all *set, uint32_t watch)
{
	size_t at = by_watch(set, watch);
	struct place_names *v;

	if (at < set->n && set->v[at].watch == watch)
		return &set->v[at];
	v = array_insert(set->v, &set->n, &set->cap, sizeof(*v), CAP_MIN, at);
	if (!v)
		return NULL;
	set->v = v;
	set->v[at].watch = watch;
	return &set->v[at];
}

static int copy(struct place_names *to, const struct place_names *from)
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

int place_names_all_copy(struct place_names_all *set, uint32_t from, uint32_t to)
{
	place_names_all_drop(set, to);
	/* Make both before taking a pointer to either, because a new one moves the others. */
	if (!place_names_all_get(set, from) || !place_names_all_get(set, to))
		return -ENOMEM;
	return copy(place_names_all_get(set, to), place_names_all_get(set, from));
}

void place_names_all_drop(struct place_names_all *set, uint32_t watch)
{
	size_t at = by_watch(set, watch);

	if (at == set->n || set->v[at].watch != watch)
		return;
	place_names_free(&set->v[at]);
	array_remove(set->v, &set->n, sizeof(*set->v), at);
}

void place_names_all_free(struct place_names_all *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		place_names_free(&set->v[i]);
	free(set->v);
	memset(set, 0, sizeof(*set));
}
