// SPDX-License-Identifier: GPL-2.0
/* --map: the address space of a process as a table. */
#include <inttypes.h>
#include <stdlib.h>

#include "lib/format.h"
#include "view/map.h"
#include "view/mapped.h"
#include "view/text.h"

/* Two rows of the table differ in one of these bits; the table ignores the rest of a tag. */
#define TAG_SHOWN \
	(TAG_CLASS | TAG_PROT | TAG_ORIGIN | TAG_GUESS | TAG_FILE | TAG_UNCERTAIN | TAG_GIVEN_BACK)
/* Rows outside the set differ in one of these bits, because such memory has no origin. */
#define TAG_SHOWN_APART \
	(TAG_CLASS | TAG_PROT | TAG_COUNTED | TAG_SHARED | TAG_HUGE | TAG_GREW | TAG_UNCERTAIN)

static bool is_of_set(uint64_t tag)
{
	return tag_class(tag) == CLASS_ANONYMOUS || (tag_is_uncertain(tag) && !tag_is_apart(tag));
}

static const char *origin_of(char buf[ASKED_MAX], const struct view *view, uint64_t tag)
{
	struct asked asked;

	if (tag_is_apart(tag))
		return apart_name(tag);
	switch (tag_class(tag)) {
	case CLASS_NONE:
		return "not mapped";
	case CLASS_ANONYMOUS:
		asked = asked_of_tag(view->ledger, tag);
		return asked_place(buf, &asked);
	case CLASS_FILE:
		return "file";
	default:
		return "not ours";
	}
}

static void put_in_memory(struct view *view, const struct range *range)
{
	char in_memory[FORMAT_MAX] = "-", written[FORMAT_MAX] = "-";
	uint64_t resident, dirty;

	if (mapped_resident(view->mapped, range, &resident, &dirty)) {
		format_size(in_memory, resident);
		format_size(written, dirty);
	}
	fprintf(view->out, " %11s %11s", in_memory, written);
}

void map_put_range(struct view *view, const struct range *range)
{
	bool is_shared = mapped_is_shared(view->mapped, range);
	uint64_t bytes = range->end - range->start;
	char size[FORMAT_MAX], prot[PROT_NAME_MAX];

	fprintf(view->out, "%#14" PRIx64 "-%#-14" PRIx64 " %s%c %11s %9" PRIu64, range->start,
		range->end, map_prot(prot, range->tag), is_shared ? 's' : ' ',
		format_size(size, bytes), bytes / view->page);
	if (view->mapped)
		put_in_memory(view, range);
	fputs("  ", view->out);
}

/* A name that the process gave ends with a bracket, which is in none, so it hides nothing. */
static int put_row(const struct range *range, const char *name, void *arg)
{
	char *safe = name ? format_safe(name) : NULL;
	char origin[ASKED_MAX];
	struct view *view = arg;

	map_put_range(view, range);
	fprintf(view->out, "%s%s%s%s%s%s\n", origin_of(origin, view, range->tag), safe ? " " : "",
		safe ?: "", range->tag & TAG_GREW ? ", by page faults" : "",
		tag_is_given_back(range->tag) ? ", given back" : "",
		tag_is_uncertain(range->tag) ? ", uncertain" : "");
	free(safe);
	return 0;
}

/* Neighbours share a row if they have one name and do not differ in the bits of @shown. */
static void put_rows(struct view *view, const struct address_space *space,
		     bool (*is_shown)(uint64_t tag), uint64_t shown)
{
	const struct mapped_parts parts = {
		.is_seen = is_shown,
		.differ = shown,
		.page = view->page,
		.put = put_row,
	};

	mapped_walk(space, view->mapped, &parts, view);
}

static void put_table(struct view *view, const struct address_space *space)
{
	fprintf(view->out, "%14s-%-14s %-4s %11s %9s", "start", "end", "prot", "size", "pages");
	if (view->mapped)
		fprintf(view->out, " %11s %11s", "resident", "dirty");
	fputs("  origin\n", view->out);
	put_rows(view, space, is_of_set, TAG_SHOWN);
}

uint64_t map_apart(const struct address_space *space)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < space->ranges.n; i++)
		if (tag_is_apart(space->ranges.v[i].tag))
			bytes += space->ranges.v[i].end - space->ranges.v[i].start;
	return bytes;
}

/* -c and lines of text count this memory as anonymous, but the totals of the set do not. */
static void put_apart(struct view *view, const struct address_space *space)
{
	uint64_t bytes = map_apart(space);
	char size[FORMAT_MAX];

	if (!bytes)
		return;
	fprintf(view->out, "apart:      %s, in none of these totals\n",
		format_whole(size, bytes, view->page));
	put_rows(view, space, tag_is_apart, TAG_SHOWN_APART);
}

static void put_total(const struct view *view, const char *name, const struct total *total)
{
	const uint64_t page = view->page;
	char now[FORMAT_MAX], peak[FORMAT_MAX];

	fprintf(view->out, "%-11s %s, peak %s\n", name, format_whole(now, total->now, page),
		format_whole(peak, total->peak, page));
}

static void put_doubts(FILE *out, const struct address_space *space)
{
	char size[FORMAT_MAX];

	if (space->exact)
		return;
	if (space->whole)
		fprintf(out, "uncertain: %s, where calls of threads overlapped or failed\n",
			format_size(size, space->uncertain));
	else if (space->heap_moved)
		fprintf(out, "not exact: something else than brk moved the heap\n");
	else
		fprintf(out, "not exact: events were lost\n");
}

void map_show(struct view *view, uint32_t pid, const char *comm, const struct address_space *space)
{
	char name[FORMAT_MAX];

	fprintf(view->out, "pid %" PRIu32 " (%s)\n", pid, format_comm(name, comm));
	put_table(view, space);
	put_total(view, "reserved:", &space->reserved);
	put_total(view, "committed:", &space->committed);
	put_total(view, "given back:", &space->given_back);
	put_apart(view, space);
	if (view->mapped || view->all)
		map_put_rest(view, space);
	put_doubts(view->out, space);
	fprintf(view->out, "\n");
	map_draw(view, space);
	fprintf(view->out, "\n");
}

static int map_event(struct view *view, const struct step *step)
{
	if (step->ev->kind == BRKWATCH_EVENT_KIND_MARK)
		return put_line(view, step);
	if (step->ev->kind == BRKWATCH_EVENT_KIND_EXIT && step->process->space)
		map_show(view, step->ev->pid, step->ev->comm, step->process->space);
	return 0;
}

static int map_end(struct view *view, const struct report *report)
{
	put_losses(view, report);
	return 0;
}

static int map_look(struct view *view, const struct counters *watch)
{
	const struct process *process = ledger_find(view->ledger, watch->id);

	if (process && process->space)
		map_show(view, watch->pid, watch->comm, process->space);
	return 0;
}

const struct view_type map_view = {
	.option = "map",
	.traits = VIEW_WHOLE | VIEW_LOOKS | VIEW_ONCE | VIEW_FILES,
	.look = map_look,
	.events = LEDGER_EVENTS,
	.origins = true,
	.late = true,
	.mapped = true,
	.event = map_event,
	.end = map_end,
};
