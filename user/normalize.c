// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "normalize.h"

/* Nothing is mapped below vm.mmap_min_addr, which is 64 KiB wherever it is set. */
#define LITERAL_BELOW (1ULL << 16)
/* User addresses have 48 bits on what we run on, 57 on request only. */
#define LITERAL_FROM (1ULL << 57)
/* No heap reaches as far up; what is as far down has a distance that is random. */
#define HEAP_ABOVE (16ULL << 40)
#define HEAP_BELOW (1ULL << 20)

/* Addresses that grow a list as they are met; the index is the name's number. */
struct list {
	uint64_t *v;
	uint32_t n;
};

/**
 * struct space - the names of one watch
 * @watch: id of the watch
 * @maps: mappings by number, from 1
 * @bases: where each of them began
 * @others: addresses in no known mapping
 */
struct space {
	uint32_t watch;
	struct ranges maps;
	struct list bases;
	struct list others;
};

bool is_literal(uint64_t addr)
{
	return addr < LITERAL_BELOW || addr >= LITERAL_FROM;
}

static int list_add(struct list *list, uint64_t addr)
{
	uint64_t *v = reallocarray(list->v, list->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	list->v = v;
	list->v[list->n++] = addr;
	return 0;
}

/* The number of @addr, from 1; a new one when it was not met before. 0: no memory. */
static uint32_t list_number(struct list *list, uint64_t addr)
{
	uint32_t i;

	for (i = 0; i < list->n; i++)
		if (list->v[i] == addr)
			return i + 1;
	return list_add(list, addr) ? 0 : list->n;
}

static struct space *find_space(struct normalizer *normalizer, uint32_t watch)
{
	struct space *spaces;
	size_t i;

	for (i = 0; i < normalizer->n; i++)
		if (normalizer->spaces[i].watch == watch)
			return &normalizer->spaces[i];
	spaces = reallocarray(normalizer->spaces, normalizer->n + 1, sizeof(*spaces));
	if (!spaces)
		return NULL;
	normalizer->spaces = spaces;
	spaces += normalizer->n++;
	memset(spaces, 0, sizeof(*spaces));
	spaces->watch = watch;
	return spaces;
}

static void raw(char to[PLACE_MAX], uint64_t addr)
{
	snprintf(to, PLACE_MAX, "0x%" PRIx64, addr);
}

static void relative(char to[PLACE_MAX], const char *base, uint64_t from, uint64_t addr)
{
	if (addr == from)
		snprintf(to, PLACE_MAX, "%s", base);
	else if (addr > from)
		snprintf(to, PLACE_MAX, "%s+0x%" PRIx64, base, addr - from);
	else
		snprintf(to, PLACE_MAX, "%s-0x%" PRIx64, base, from - addr);
}

bool is_out_of_reach(const struct event *ev, uint64_t addr)
{
	return is_literal(addr) || addr + HEAP_BELOW < ev->heap_start ||
	       addr > ev->heap_start + HEAP_ABOVE;
}

static int other_place(struct space *space, char to[PLACE_MAX], uint64_t addr)
{
	uint32_t number = list_number(&space->others, addr);

	if (!number)
		return -ENOMEM;
	snprintf(to, PLACE_MAX, "<addr%" PRIu32 ">", number);
	return 0;
}

static void heap_place(char to[PLACE_MAX], const struct event *ev, uint64_t addr)
{
	if (is_literal(addr))
		raw(to, addr);
	else
		relative(to, "heap", ev->heap_start, addr);
}

/* What mmap(2) and munmap(2) are about. */
static int map_place(struct space *space, char to[PLACE_MAX], const struct event *ev, uint64_t addr)
{
	const struct range *map = ranges_find(&space->maps, addr);
	char base[PLACE_MAX];

	if (is_literal(addr)) {
		raw(to, addr);
	} else if (map) {
		snprintf(base, sizeof(base), "<map%" PRIu32 ">", map->tag);
		relative(to, base, space->bases.v[map->tag - 1], addr);
	} else if (addr >= ev->heap_start && addr < ev->brk) {
		relative(to, "heap", ev->heap_start, addr);
	} else {
		return other_place(space, to, addr);
	}
	return 0;
}

/* A new mapping in a known one keeps its name: a loader's segments, for one. */
static int learn_map(struct space *space, uint64_t start, uint64_t end)
{
	const struct range *map = ranges_find(&space->maps, start);

	if (!map && list_add(&space->bases, start))
		return -ENOMEM;
	return ranges_set(&space->maps, start, end, map ? map->tag : space->bases.n);
}

static int normalize_map(struct normalizer *normalizer, const struct event *ev,
			 struct places *places)
{
	struct space *space = find_space(normalizer, ev->watch);
	uint64_t start, end;
	int err;

	if (!space)
		return -ENOMEM;
	err = map_place(space, places->addr, ev, ev->map.addr);
	if (err || !event_span(ev, &normalizer->geometry, &start, &end))
		return err;
	if (ev->kind == BRKWATCH_EVENT_KIND_MUNMAP)
		return ranges_clear(&space->maps, start, end);
	err = learn_map(space, start, end);
	return err ?: map_place(space, places->result, ev, ev->map.result);
}

static int normalize_brk(struct normalizer *normalizer, const struct event *ev,
			 struct places *places)
{
	struct space *space = find_space(normalizer, ev->watch);

	if (!space)
		return -ENOMEM;
	heap_place(places->before, ev, ev->move.before);
	heap_place(places->after, ev, ev->move.after);
	if (!is_literal(ev->move.requested) && is_out_of_reach(ev, ev->move.requested))
		return other_place(space, places->requested, ev->move.requested);
	heap_place(places->requested, ev, ev->move.requested);
	return 0;
}

static int write_names(struct normalizer *normalizer, const struct event *ev, struct places *places)
{
	struct space *space;

	if (ev->has_heap) {
		heap_place(places->heap_start, ev, ev->heap_start);
		heap_place(places->brk, ev, ev->brk);
	}
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		return normalize_brk(normalizer, ev, places);
	case BRKWATCH_EVENT_KIND_MMAP:
	case BRKWATCH_EVENT_KIND_MUNMAP:
		return normalize_map(normalizer, ev, places);
	case BRKWATCH_EVENT_KIND_EXEC:
		space = find_space(normalizer, ev->watch);
		if (!space)
			return -ENOMEM;
		/* Numbers go on: one name never means two places. */
		ranges_free(&space->maps);
		return 0;
	default:
		return 0;
	}
}

static void write_raw(const struct event *ev, struct places *places)
{
	if (ev->has_heap) {
		raw(places->heap_start, ev->heap_start);
		raw(places->brk, ev->brk);
	}
	if (ev->kind == BRKWATCH_EVENT_KIND_BRK) {
		raw(places->requested, ev->move.requested);
		raw(places->before, ev->move.before);
		raw(places->after, ev->move.after);
	} else if (ev->kind == BRKWATCH_EVENT_KIND_MMAP || ev->kind == BRKWATCH_EVENT_KIND_MUNMAP) {
		raw(places->addr, ev->map.addr);
		if (!ev->error)
			raw(places->result, ev->map.result);
	}
}

int normalize(struct normalizer *normalizer, const struct event *ev, struct places *places)
{
	memset(places, 0, sizeof(*places));
	if (normalizer->on)
		return write_names(normalizer, ev, places);
	write_raw(ev, places);
	return 0;
}

void normalizer_free(struct normalizer *normalizer)
{
	size_t i;

	for (i = 0; i < normalizer->n; i++) {
		ranges_free(&normalizer->spaces[i].maps);
		free(normalizer->spaces[i].bases.v);
		free(normalizer->spaces[i].others.v);
	}
	free(normalizer->spaces);
	normalizer->spaces = NULL;
	normalizer->n = 0;
}
