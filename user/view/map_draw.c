// SPDX-License-Identifier: GPL-2.0
/* Neighbours with one label share a box; addresses without a box hold no memory. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/likeness.h"
#include "view/map.h"

struct box {
	uint64_t start;
	uint64_t end;
	char label[ASKED_MAX];
};

/* A box has no room for a file beside an allocator, but a library has no other name. */
static const char *origin_of(char buf[ASKED_MAX], const struct view *view, uint64_t tag)
{
	struct asked asked = asked_of_tag(view->ledger, tag);

	if (asked.origin != ORIGIN_LIBRARY)
		asked.file = NULL;
	return asked_place(buf, &asked);
}

static void set_label(const struct view *view, struct box *box, uint64_t tag)
{
	const char *name = "not mapped";
	char buf[ASKED_MAX];

	switch (tag_class(tag)) {
	case CLASS_NONE:
		break;
	case CLASS_ANONYMOUS:
		name = origin_of(buf, view, tag);
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
	if (tag_is_apart(tag))
		name = apart_name(tag);
	snprintf(box->label, sizeof(box->label), "%s", name);
}

/* Make the box that ends with range @top. Returns the number of ranges below the box. */
static size_t make_box(const struct view *view, struct box *box, const struct ranges *ranges,
		       size_t top)
{
	struct box below;

	box->start = ranges->v[top].start;
	box->end = ranges->v[top].end;
	set_label(view, box, likeness_tag(ranges, top, view->page));
	for (; top && ranges->v[top - 1].end == box->start; top--) {
		set_label(view, &below, likeness_tag(ranges, top - 1, view->page));
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

void map_draw(const struct view *view, const struct address_space *space)
{
	const uint64_t page = view->page;
	uint64_t brk = (space->brk + page - 1) / page * page;
	FILE *out = view->out;
	struct box box, above = { 0 };
	size_t at = space->ranges.n;

	while (at) {
		at = make_box(view, &box, &space->ranges, at - 1);
		if (above.end && box.end != above.start)
			fprintf(out, "%30s\n", ":");
		if (box.end != above.start)
			put_edge(out, box.end, brk);
		fprintf(out, "%18s | %-20.20s |\n", "", box.label);
		put_edge(out, box.start, brk);
		above = box;
	}
}
