// SPDX-License-Identifier: GPL-2.0
/* Neighbours with one label share a box; addresses without a box hold no memory. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view/map.h"

struct box {
	uint64_t start;
	uint64_t end;
	char label[32];
};

static void set_label(struct box *box, uint64_t tag)
{
	const char *name = "not mapped";

	switch (tag_class(tag)) {
	case CLASS_NONE:
		break;
	case CLASS_ANONYMOUS:
		name = origin_name(tag_origin(tag));
		break;
	case CLASS_FILE:
		name = "files";
		break;
	case CLASS_GROWS_DOWN:
		name = "stack";
		break;
	case CLASS_SPECIAL:
		name = "kernel's own";
		break;
	}
	if (tag_is_apart(tag)) {
		name = apart_name(tag);
		tag &= ~TAG_GUESS;
	}
	snprintf(box->label, sizeof(box->label), "%s%s", name, tag_is_guess(tag) ? "?" : "");
}

/* Make the box that ends with range @top. Returns the number of ranges below the box. */
static size_t make_box(struct box *box, const struct ranges *ranges, size_t top)
{
	struct box below;

	box->start = ranges->v[top].start;
	box->end = ranges->v[top].end;
	set_label(box, ranges->v[top].tag);
	for (; top && ranges->v[top - 1].end == box->start; top--) {
		set_label(&below, ranges->v[top - 1].tag);
		if (strcmp(below.label, box->label))
			break;
		box->start = ranges->v[top - 1].start;
	}
	return top;
}

static void put_edge(FILE *out, uint64_t at, uint64_t brk)
{
	fprintf(out, "%#18" PRIx64 " +----------------------+%s\n", at,
		at == brk ? "  <- program break" : "");
}

void map_draw(FILE *out, const struct address_space *space, uint64_t page)
{
	uint64_t brk = (space->brk + page - 1) / page * page;
	struct box box, above = { 0 };
	size_t at = space->ranges.n;

	while (at) {
		at = make_box(&box, &space->ranges, at - 1);
		if (above.end && box.end != above.start)
			fprintf(out, "%30s\n", ":");
		if (box.end != above.start)
			put_edge(out, box.end, brk);
		fprintf(out, "%18s | %-20.20s |\n", "", box.label);
		put_edge(out, box.start, brk);
		above = box;
	}
}
