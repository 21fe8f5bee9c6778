// SPDX-License-Identifier: GPL-2.0
/* What /proc/PID/smaps says of mappings, and address spaces in parts that have a name or none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/likeness.h"
#include "lib/array.h"
#include "view/mapped.h"

#define AREAS_MIN 32

int mapped_add(struct mapped *mapped, const struct mapped_area *area)
{
	struct mapped_area *v;
	char *name;

	if (area->start >= area->end || (mapped->n && area->start < mapped->v[mapped->n - 1].end))
		return 0;
	v = array_room(mapped->v, mapped->n, &mapped->cap, sizeof(*v), AREAS_MIN);
	if (!v)
		return -ENOMEM;
	mapped->v = v;
	name = area->name ? strdup(area->name) : NULL;
	if (area->name && !name)
		return -ENOMEM;
	v[mapped->n] = *area;
	v[mapped->n++].name = name;
	return 0;
}

void mapped_free(struct mapped *mapped)
{
	while (mapped->n)
		free(mapped->v[--mapped->n].name);
	free(mapped->v);
	memset(mapped, 0, sizeof(*mapped));
}

/* Index of the first mapping that ends above an address. */
static size_t first_above(const struct mapped *mapped, uint64_t addr)
{
	size_t low = 0, high = mapped->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (mapped->v[middle].end > addr)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

bool mapped_resident(const struct mapped *mapped, const struct range *range, uint64_t *resident,
		     uint64_t *dirty)
{
	size_t i = mapped ? first_above(mapped, range->start) : 0;
	bool found = false;

	*resident = 0;
	*dirty = 0;
	for (; mapped && i < mapped->n && mapped->v[i].start < range->end; i++) {
		const struct mapped_area *area = &mapped->v[i];

		if (!area->sized || area->start < range->start || area->end > range->end)
			return false;
		*resident += area->resident;
		*dirty += area->dirty;
		found = true;
	}
	return found;
}

bool mapped_is_shared(const struct mapped *mapped, const struct range *range)
{
	size_t i = mapped ? first_above(mapped, range->start) : 0;

	return mapped && i < mapped->n && mapped->v[i].start < range->end && mapped->v[i].shared;
}

/**
 * struct walk - a way through an address space
 * @mapped: the names
 * @at: index of the first mapping that may lie further on
 * @parts: the parts
 * @arg: third argument of the function that gets them
 * @part: the part that is not complete yet; it is empty at the beginning
 * @name: its name
 */
struct walk {
	const struct mapped *mapped;
	size_t at;
	const struct mapped_parts *parts;
	void *arg;
	struct range part;
	const char *name;
};

static int end_part(struct walk *walk)
{
	return walk->part.end ? walk->parts->put(&walk->part, walk->name, walk->arg) : 0;
}

static int add_part(struct walk *walk, const struct range *part, const char *name)
{
	int err;

	if (part->start == part->end)
		return 0;
	if (walk->part.end == part->start && walk->name == name &&
	    !((walk->part.tag ^ part->tag) & walk->parts->differ)) {
		walk->part.end = part->end;
		return 0;
	}
	err = end_part(walk);
	walk->part = *part;
	walk->name = name;
	return err;
}

bool mapped_is_claim(const char *name)
{
	static const char private[] = "[anon:", shared[] = "[anon_shmem:";

	return name &&
	       (!strncmp(name, private, strlen(private)) || !strncmp(name, shared, strlen(shared)));
}

/* For anonymous memory the kernel may map a file of its own, whose name says nothing. */
static const char *name_of(uint64_t tag, const struct mapped_area *area)
{
	bool anonymous = tag_class(tag) == CLASS_ANONYMOUS || tag_is_apart(tag);

	return !anonymous || mapped_is_claim(area->name) ? area->name : NULL;
}

static int add_range(struct walk *walk, const struct range *range)
{
	struct range rest = *range;
	int err = 0;

	while (!err && tag_class(range->tag) != CLASS_NONE && walk->at < walk->mapped->n) {
		const struct mapped_area *area = &walk->mapped->v[walk->at];
		struct range before = rest, named = rest;

		if (area->start >= range->end)
			break;
		if (area->end > rest.start) {
			named.start = area->start > rest.start ? area->start : rest.start;
			named.end = area->end < rest.end ? area->end : rest.end;
			before.end = named.start;
			rest.start = named.end;
			err = add_part(walk, &before, NULL);
			if (!err)
				err = add_part(walk, &named, name_of(range->tag, area));
		}
		if (area->end > range->end)
			break;
		walk->at++;
	}
	return err ?: add_part(walk, &rest, NULL);
}

static bool is_seen(const struct mapped_parts *parts, uint64_t tag)
{
	return !parts->is_seen || parts->is_seen(tag);
}

static int add_above(struct walk *walk, uint64_t end)
{
	int err = 0;

	for (; walk->at < walk->mapped->n && !err; walk->at++) {
		const struct mapped_area *area = &walk->mapped->v[walk->at];
		const struct range range = { area->start, area->end,
					     tag_of(CLASS_SPECIAL, area->prot, ORIGIN_UNKNOWN) };

		if (area->name && !mapped_is_claim(area->name) && area->start >= end &&
		    is_seen(walk->parts, range.tag))
			err = add_part(walk, &range, area->name);
	}
	return err;
}

int mapped_walk(const struct address_space *space, const struct mapped *mapped,
		const struct mapped_parts *parts, void *arg)
{
	static const struct mapped none;
	struct walk walk = { .mapped = mapped ?: &none, .parts = parts, .arg = arg };
	const struct ranges *ranges = &space->ranges;
	size_t i;
	int err = 0;

	for (i = 0; i < ranges->n && !err; i++) {
		struct range range = ranges->v[i];

		if (!is_seen(parts, range.tag))
			continue;
		range.tag = likeness_tag(ranges, i, parts->page);
		err = add_range(&walk, &range);
	}
	if (!err)
		err = add_above(&walk, ranges->n ? ranges->v[ranges->n - 1].end : 0);
	return err ?: end_part(&walk);
}
