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

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Make the boxes of what lies in a span; what lies in it in part has a box of that part. */
static int make_boxes(struct boxes *boxes, const struct address_space *space,
		      const struct ledger *ledger, struct span span)
{
	const struct ranges *set = &space->ranges;
	size_t i;

	for (i = ranges_after(set, span.start); i < set->n && set->v[i].start < span.end; i++) {
		struct range range = set->v[i];
		struct box box, *v;

		range.tag = likeness_tag(set, i, ledger->geometry.page);
		box = box_of(&range, space->heap_start, &ledger->holdings);
		box.start = max(box.start, span.start);
		box.end = min(box.end, span.end);
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

/**
 * struct part - a change of neighbouring boxes
 * @at: index of the first one
 * @gone: how many went
 * @fresh: what has been made; only some of it differs from what was there
 * @from: index of the first that differs
 * @n: how many differ
 */
struct part {
	size_t at;
	size_t gone;
	struct boxes fresh;
	size_t from;
	size_t n;
};

static bool is_same(const struct box *a, const struct box *b)
{
	return a->start == b->start && a->end == b->end && looks_alike(a, b);
}

/* Leave out the boxes that both have in common at the beginning and at the end. */
static void trim(struct part *part, const struct boxes *was)
{
	const struct boxes *is = &part->fresh;
	size_t least = min(part->gone, is->n), begin = 0, end = 0;

	while (begin < least && is_same(&was->v[part->at + begin], &is->v[begin]))
		begin++;
	while (end < least - begin &&
	       is_same(&was->v[part->at + part->gone - 1 - end], &is->v[is->n - 1 - end]))
		end++;
	part->at += begin;
	part->gone -= begin + end;
	part->from = begin;
	part->n = is->n - begin - end;
}

/* likeness_tag() looks at neighbours, so a change concerns two ranges below it and one above. */
static struct span concerned(const struct ranges *set, struct span changed)
{
	size_t first = ranges_after(set, changed.start ? changed.start - 1 : 0), last = first;

	while (last < set->n && set->v[last].start <= changed.end)
		last++;
	last += last < set->n;
	first -= min(first, 2);
	if (first == last)
		return changed;
	return (struct span){ min(changed.start, set->v[first].start),
			      max(changed.end, set->v[last - 1].end) };
}

/* Index of the first box that ends at an address, or above it. */
static size_t box_to(const struct boxes *boxes, uint64_t addr)
{
	return array_place_u64(boxes->v, boxes->n, sizeof(*boxes->v), offsetof(struct box, end),
			       addr);
}

/* Make the boxes around a change anew, as far as they touch it, because neighbours may be joined. */
static int renew(struct part *part, const struct boxes *boxes, const struct address_space *space,
		 const struct ledger *ledger, struct span changed)
{
	struct span span = concerned(&space->ranges, changed);
	size_t end = box_to(boxes, span.start);

	part->at = end;
	while (end < boxes->n && boxes->v[end].start <= span.end)
		end++;
	part->gone = end - part->at;
	if (part->gone) {
		span.start = min(span.start, boxes->v[part->at].start);
		span.end = max(span.end, boxes->v[end - 1].end);
	}
	if (make_boxes(&part->fresh, space, ledger, span))
		return -ENOMEM;
	trim(part, boxes);
	return 0;
}

static int apply(struct boxes *boxes, const struct part *part)
{
	size_t behind = part->at + part->gone, n = boxes->n - part->gone + part->n;

	if (n > boxes->cap) {
		struct box *v = reallocarray(boxes->v, 2 * n, sizeof(*v));

		if (!v)
			return -ENOMEM;
		boxes->v = v;
		boxes->cap = 2 * n;
	}
	if (part->n != part->gone && behind < boxes->n)
		memmove(&boxes->v[part->at + part->n], &boxes->v[behind],
			(boxes->n - behind) * sizeof(*boxes->v));
	if (part->n)
		memcpy(&boxes->v[part->at], &part->fresh.v[part->from],
		       part->n * sizeof(*boxes->v));
	boxes->n = n;
	return 0;
}

static void add_box(struct line *line, const struct box *box, uint64_t began)
{
	line_u64(line, NULL, box->start);
	line_u64(line, NULL, box->end);
	line_u64(line, NULL, box->label);
	line_u64(line, NULL, box->look);
	line_i64(line, NULL, box->since ? (int64_t)(box->since - began) : -1);
}

static void add_part(struct line *line, const struct part *part, uint64_t began)
{
	size_t i;

	line_begin_array(line, NULL);
	line_u64(line, NULL, part->at);
	line_u64(line, NULL, part->gone);
	for (i = 0; i < part->n; i++)
		add_box(line, &part->fresh.v[part->from + i], began);
	line_end_array(line);
}

void html_boxes_free(struct boxes *boxes)
{
	if (boxes->space)
		address_space_release(boxes->space);
	free(boxes->v);
	*boxes = (struct boxes){ 0 };
}

static void remember(struct boxes *boxes, struct address_space *space)
{
	if (boxes->space != space) {
		if (boxes->space)
			address_space_release(boxes->space);
		boxes->space = address_space_hold(space);
	}
	boxes->heap_start = space->heap_start;
	boxes->changes = space->changes;
}

/*
 * Returns how many parts changed. Boxes are made of what is mapped now, so that the order of the
 * changes does not matter.
 */
static size_t find_parts(struct part parts[CHANGES_KEPT], struct line *line, struct boxes *boxes,
			 struct address_space *space, const struct ledger *ledger)
{
	struct span spans[CHANGES_KEPT] = { { 0, UINT64_MAX } };
	size_t n = 1, found = 0, i;

	if (boxes->space == space && boxes->heap_start == space->heap_start)
		n = address_space_changed(space, boxes->changes, spans);
	for (i = 0; i < n && !line->err; i++) {
		struct part *part = &parts[found];

		*part = (struct part){ 0 };
		line->err = renew(part, boxes, space, ledger, spans[i]) ?: apply(boxes, part);
		if (part->gone || part->n)
			found++;
		else
			free(part->fresh.v);
	}
	remember(boxes, space);
	return found;
}

bool html_splice(struct line *line, struct boxes *boxes, struct address_space *space,
		 const struct ledger *ledger, uint64_t began)
{
	struct part parts[CHANGES_KEPT];
	size_t n = find_parts(parts, line, boxes, space, ledger), i;

	if (n > 1)
		line_begin_array(line, NULL);
	for (i = 0; i < n; i++) {
		add_part(line, &parts[i], began);
		free(parts[i].fresh.v);
	}
	if (n > 1)
		line_end_array(line);
	return n;
}
