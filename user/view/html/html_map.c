// SPDX-License-Identifier: GPL-2.0
/* Address spaces for a page, which gets only the changes of each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "view/html/html.h"
#include "view/json_line.h"
#include "ledger/address_space.h"
#include "ledger/likeness.h"

#define BOXES_MIN 64

/* These labels follow the ones of enum origin; the names of files that asked come after them. */
enum label {
	LABEL_NONE = ORIGINS,
	LABEL_TEXT,
	LABEL_DATA,
	LABEL_FILE,
	LABEL_PROCESS_STACK,
	LABEL_SPECIAL,
	LABEL_SHARED,
	LABEL_HUGE,
	LABEL_SHARED_HUGE,
	LABEL_GROWS_DOWN,
	LABELS,
};

static const char *label_name(uint32_t label)
{
	static const char *const names[] = {
		[LABEL_NONE] = "not mapped",
		[LABEL_TEXT] = "program text",
		[LABEL_DATA] = "program data",
		[LABEL_FILE] = "files and libraries",
		[LABEL_PROCESS_STACK] = "stack",
		[LABEL_SPECIAL] = "of the kernel",
		[LABEL_SHARED] = "shared",
		[LABEL_HUGE] = "huge pages",
		[LABEL_SHARED_HUGE] = "shared huge pages",
		[LABEL_GROWS_DOWN] = "growing down",
	};

	return label < LABEL_NONE ? origin_name((enum origin)label) : names[label];
}

void html_labels(struct line *line, const struct ledger *ledger)
{
	char buf[ASKED_MAX];
	uint32_t label;
	size_t i;

	line_begin_array(line, NULL);
	for (label = 0; label < LABELS; label++)
		line_string(line, NULL, label_name(label));
	for (i = 0; i < ledger->files_n; i++) {
		const struct asked asked = { .origin = ORIGIN_LIBRARY, .file = ledger->files[i] };

		line_string(line, NULL, asked_place(buf, &asked));
	}
	line_end_array(line);
}

/* A library has no other name than its file's. */
static uint32_t label_of_origin(uint64_t tag)
{
	if (tag_origin(tag) == ORIGIN_LIBRARY && tag_file(tag))
		return LABELS + tag_file(tag) - 1;
	return tag_origin(tag);
}

/* Label memory that the program mapped as anonymous and that --map lists apart. */
static uint32_t label_of_apart(uint64_t tag)
{
	if (tag_class(tag) == CLASS_GROWS_DOWN)
		return LABEL_GROWS_DOWN;
	if (tag & TAG_HUGE)
		return tag & TAG_SHARED ? LABEL_SHARED_HUGE : LABEL_HUGE;
	return LABEL_SHARED;
}

/* The kernel puts the heap above the program, and the rest above both. */
static uint32_t label_of(const struct range *range, uint64_t heap_start)
{
	bool program = range->end <= heap_start;

	if (tag_is_apart(range->tag))
		return label_of_apart(range->tag);
	switch (tag_class(range->tag)) {
	case CLASS_ANONYMOUS:
		/* Other memory can lie as low, if somebody asked for it there. */
		return program && tag_origin(range->tag) == ORIGIN_EXEC ?
			       LABEL_DATA :
			       label_of_origin(range->tag);
	case CLASS_FILE:
		if (!program)
			return LABEL_FILE;
		return tag_prot(range->tag) & PROT_BIT_EXEC ? LABEL_TEXT : LABEL_DATA;
	case CLASS_GROWS_DOWN:
		return LABEL_PROCESS_STACK;
	case CLASS_SPECIAL:
		return LABEL_SPECIAL;
	default:
		return LABEL_NONE;
	}
}

static struct box box_of(const struct range *range, uint64_t heap_start,
			 const struct holdings *holdings)
{
	uint64_t tag = range->tag;
	const struct site *site = holdings_site(holdings, tag_call(tag));

	return (struct box){
		.start = range->start,
		.end = range->end,
		.label = label_of(range, heap_start),
		.look = tag_prot(tag) | (tag_is_guess(tag) && !tag_is_apart(tag)) << 3 |
			tag_is_given_back(tag) << 4 | tag_is_uncertain(tag) << 5 |
			(site ? site->number : 0) << 6,
		.since = site ? holdings_time(holdings, tag_call(tag)) : 0,
	};
}

static bool looks_alike(const struct box *a, const struct box *b)
{
	return a->label == b->label && a->look == b->look && a->since == b->since;
}

static int make_boxes(struct boxes *boxes, const struct address_space *space,
		      const struct ledger *ledger)
{
	size_t i;

	for (i = 0; i < space->ranges.n; i++) {
		struct range range = space->ranges.v[i];
		struct box box, *v;

		range.tag = likeness_tag(&space->ranges, i, ledger->geometry.page);
		box = box_of(&range, space->heap_start, &ledger->holdings);
		if (boxes->n && boxes->v[boxes->n - 1].end == box.start &&
		    looks_alike(&boxes->v[boxes->n - 1], &box)) {
			boxes->v[boxes->n - 1].end = box.end;
			continue;
		}
		v = array_room(boxes->v, boxes->n, &boxes->cap, sizeof(*v), BOXES_MIN);
		if (!v)
			return -ENOMEM;
		boxes->v = v;
		boxes->v[boxes->n++] = box;
	}
	return 0;
}

static bool is_same(const struct box *a, const struct box *b)
{
	return a->start == b->start && a->end == b->end && looks_alike(a, b);
}

static void add_box(struct line *line, const struct box *box, uint64_t began)
{
	line_u64(line, NULL, box->start);
	line_u64(line, NULL, box->end);
	line_u64(line, NULL, box->label);
	line_u64(line, NULL, box->look);
	line_i64(line, NULL, box->since ? (int64_t)(box->since - began) : -1);
}

/* Leave out the boxes that both have in common at the beginning and at the end. */
static bool add_change(struct line *line, const struct boxes *was, const struct boxes *is,
		       uint64_t began)
{
	size_t least = was->n < is->n ? was->n : is->n, begin = 0, end = 0, i;

	while (begin < least && is_same(&was->v[begin], &is->v[begin]))
		begin++;
	while (end < least - begin && is_same(&was->v[was->n - 1 - end], &is->v[is->n - 1 - end]))
		end++;
	if (begin + end == was->n && was->n == is->n)
		return false;
	line_begin_array(line, NULL);
	line_u64(line, NULL, begin);
	line_u64(line, NULL, was->n - begin - end);
	for (i = begin; i < is->n - end; i++)
		add_box(line, &is->v[i], began);
	line_end_array(line);
	return true;
}

bool html_splice(struct line *line, struct boxes *boxes, const struct address_space *space,
		 const struct ledger *ledger, uint64_t began)
{
	struct boxes now = { 0 };
	bool changed;

	if (make_boxes(&now, space, ledger)) {
		free(now.v);
		line->err = -ENOMEM;
		return false;
	}
	changed = add_change(line, boxes, &now, began);
	free(boxes->v);
	*boxes = now;
	return changed;
}
