// SPDX-License-Identifier: GPL-2.0
/* --map --json: the address space of a process as one object; the man page lists the fields. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/format.h"
#include "view/json_head.h"
#include "view/json_line.h"
#include "view/map.h"
#include "view/mapped.h"

/* Two ranges of the list differ in one of these bits; the list ignores the rest of a tag. */
#define TAG_SHOWN                                                                   \
	(TAG_CLASS | TAG_PROT | TAG_ORIGIN | TAG_GUESS | TAG_FILE | TAG_UNCERTAIN | \
	 TAG_GIVEN_BACK | TAG_COUNTED | TAG_SHARED | TAG_HUGE | TAG_GREW)

/* "0x", 16 digits and a terminating zero. */
#define ADDRESS_MAX 19

/**
 * struct list - the ranges of a process in the making
 * @view: the view
 * @line: the line, with the array open
 */
struct list {
	const struct view *view;
	struct line *line;
};

static const char *kind_apart(uint64_t tag)
{
	if (tag_class(tag) == CLASS_GROWS_DOWN)
		return "grows-down";
	if (tag & TAG_HUGE)
		return tag & TAG_SHARED ? "shared-huge" : "huge";
	return "shared";
}

static const char *kind_of(uint64_t tag)
{
	if (tag_is_apart(tag))
		return kind_apart(tag);
	switch (tag_class(tag)) {
	case CLASS_NONE:
		return "none";
	case CLASS_ANONYMOUS:
		return "private";
	case CLASS_FILE:
		return "file";
	case CLASS_GROWS_DOWN:
		return "grows-down";
	default:
		return "special";
	}
}

/* Only memory of the set has an origin, and the stack that the kernel made at exec. */
static bool has_origin(uint64_t tag)
{
	if (tag_class(tag) == CLASS_GROWS_DOWN)
		return !tag_is_apart(tag) && tag_origin(tag) == ORIGIN_EXEC;
	return tag_class(tag) == CLASS_ANONYMOUS && tag_origin(tag) != ORIGIN_UNKNOWN;
}

static void add_origin(struct line *line, const struct view *view, uint64_t tag)
{
	bool known = has_origin(tag);
	struct asked asked = asked_of_tag(view->ledger, tag & ~TAG_GUESS);
	bool guess = tag_is_guess(tag);
	char name[ASKED_MAX];

	asked_place(name, &asked);
	if (known && !guess)
		line_string(line, "origin", name);
	else
		line_null(line, "origin");
	if (known && guess)
		line_string(line, "origin_guess", name);
	else
		line_null(line, "origin_guess");
}

static void add_address(struct line *line, const char *key, uint64_t addr, bool varies)
{
	char text[ADDRESS_MAX];

	snprintf(text, sizeof(text), "0x%" PRIx64, addr);
	line_safe(line, key, varies ? NULL : text);
}

/* With --normalize only the last part of a file's, because libraries may lie elsewhere. */
static const char *path_of(const char *name, bool normalize)
{
	bool cut = name && normalize && !mapped_is_claim(name);
	const char *slash = cut ? strrchr(name, '/') : NULL;

	return slash ? slash + 1 : name;
}

/* Resident pages differ from run to run. */
static void add_resident(struct line *line, const struct view *view, const struct range *range)
{
	uint64_t resident, dirty;
	bool known = mapped_resident(view->mapped, range, &resident, &dirty) && !view->normalize;

	line_known(line, "resident", resident, known);
	line_known(line, "dirty", dirty, known);
}

static int add_range(const struct range *range, const char *name, void *arg)
{
	const struct list *list = arg;
	const struct view *view = list->view;
	struct line *line = list->line;
	bool normalize = view->normalize;
	uint64_t tag = range->tag, bytes = range->end - range->start;
	bool usable = tag_class(tag) == CLASS_ANONYMOUS && tag_prot(tag);
	char prot[PROT_NAME_MAX];

	line_begin_object(line, NULL);
	add_address(line, "start", range->start, normalize);
	add_address(line, "end", range->end, normalize);
	line_u64(line, "bytes", bytes);
	line_string(line, "prot", map_prot(prot, tag));
	line_string(line, "kind", kind_of(tag));
	add_origin(line, view, tag);
	line_safe(line, "path", path_of(name, normalize));
	line_u64(line, "committed", usable ? bytes : 0);
	add_resident(line, view, range);
	line_bool(line, "given_back", tag_is_given_back(tag));
	line_bool(line, "uncertain", tag_is_uncertain(tag));
	line_end_object(line);
	return line->err;
}

static void add_ranges(struct line *line, const struct view *view,
		       const struct address_space *space)
{
	const struct mapped_parts parts = {
		.differ = TAG_SHOWN,
		.page = view->page,
		.put = add_range,
	};
	struct list list = { view, line };

	line_begin_array(line, "ranges");
	mapped_walk(space, view->mapped, &parts, &list);
	line_end_array(line);
}

static void add_total(struct line *line, const char *key, const struct total *total)
{
	line_begin_object(line, key);
	line_u64(line, "now", total->now);
	line_u64(line, "peak", total->peak);
	line_end_object(line);
}

static void add_totals(struct line *line, const struct address_space *space)
{
	line_begin_object(line, "totals");
	add_total(line, "reserved", &space->reserved);
	add_total(line, "committed", &space->committed);
	add_total(line, "given_back", &space->given_back);
	line_u64(line, "apart", map_apart(space));
	line_end_object(line);
}

/**
 * struct owner - the process that an address space is shown for
 * @watch: id of its watch
 * @pid: its number
 * @comm: its name
 */
struct owner {
	uint32_t watch;
	uint32_t pid;
	const char *comm;
};

static int put_map(struct view *view, const struct owner *owner, const struct address_space *space)
{
	char comm[FORMAT_MAX];
	struct line line;

	if (line_begin(&line))
		return -ENOMEM;
	line_string(&line, "event", "map");
	line_known(&line, "pid", owner->pid, !view->normalize);
	if (view->normalize && view->many)
		line_u64(&line, "watch", owner->watch);
	line_string(&line, "comm", format_comm(comm, owner->comm));
	line_bool(&line, "exact", space->exact);
	add_ranges(&line, view, space);
	add_totals(&line, space);
	return line_put(&line, view->out);
}

static int map_json_event(struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	const struct owner owner = { ev->watch, ev->pid, ev->comm };

	if (ev->kind == BRKWATCH_EVENT_KIND_MARK)
		return json_view.event(view, step);
	if (ev->kind == BRKWATCH_EVENT_KIND_EXIT && step->process->space)
		return put_map(view, &owner, step->process->space);
	return 0;
}

static int map_json_look(struct view *view, const struct counters *watch)
{
	const struct process *process = ledger_find(view->ledger, watch->id);
	const struct owner owner = { watch->id, watch->pid, watch->comm };

	return process && process->space ? put_map(view, &owner, process->space) : 0;
}

static int map_json_end(struct view *view, const struct report *report)
{
	return json_view.end(view, report);
}

const struct view_type map_json_view = {
	.option = "map",
	.with = "json",
	.traits = VIEW_NAMES | VIEW_WHOLE | VIEW_LOOKS | VIEW_ONCE | VIEW_STREAM,
	.look = map_json_look,
	.events = LEDGER_EVENTS,
	.origins = true,
	.late = true,
	.mapped = true,
	.begin = json_begin,
	.event = map_json_event,
	.end = map_json_end,
};
