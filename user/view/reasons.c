// SPDX-License-Identifier: GPL-2.0
/* Why the kernel refused a call, as text and as JSON. */
#include <inttypes.h>

#include "ledger/refusal.h"
#include "lib/format.h"
#include "view/json_line.h"
#include "view/normalize.h"
#include "view/reasons.h"

/* Sizes of a process, distances and what other processes were promised differ from run to run. */
static void leave_out_what_varies(struct refusal *refusal)
{
	refusal->would_be = REFUSAL_NO_FIGURE;
	refusal->at = 0;
	if (refusal->what == REFUSAL_OVERCOMMIT || refusal->what == REFUSAL_OCCUPIED)
		refusal->limit = REFUSAL_NO_FIGURE;
}

static size_t find(const struct view *view, const struct step *step,
		   struct refusal list[REFUSAL_MAX])
{
	size_t n = refusal_find(step, view->system, &view->ledger->geometry, list);
	size_t i;

	for (i = 0; i < n && view->normalize; i++)
		leave_out_what_varies(&list[i]);
	return n;
}

static void put_limit(FILE *out, const char *name, const struct refusal *refusal)
{
	char size[FORMAT_MAX];

	fputs(name, out);
	if (refusal->limit != REFUSAL_NO_FIGURE)
		fprintf(out, " is %s", format_exact(size, refusal->limit));
	if (refusal->would_be != REFUSAL_NO_FIGURE)
		fprintf(out, ", this would make %s", format_exact(size, refusal->would_be));
}

static void put_mappings(const struct view *view, const struct event *ev)
{
	if (view->normalize)
		fprintf(view->out, "too many mappings (vm.max_map_count)");
	else
		fprintf(view->out, "%" PRIu64 " mappings (vm.max_map_count)", ev->limits.mappings);
}

static void put_occupied(FILE *out, const struct event *ev, const struct refusal *refusal)
{
	bool brk = ev->kind == BRKWATCH_EVENT_KIND_BRK;
	uint64_t distance = brk ? refusal->at - ev->move.after : refusal->limit;
	char size[FORMAT_MAX];

	if (!refusal->at)
		fprintf(out, "a mapping is in the way");
	else if (!distance)
		fprintf(out, "a mapping begins at the %s", brk ? "break" : "end of the range");
	else
		fprintf(out, "a mapping begins %s %s", format_exact(size, distance),
			brk ? "above the break" : "behind the range");
}

static void put_out_of_reach(FILE *out, const struct event *ev)
{
	if (ev->kind != BRKWATCH_EVENT_KIND_BRK)
		fprintf(out, "the addresses are out of reach");
	else if (ev->move.requested < ev->heap_start && !is_out_of_reach(ev, ev->move.requested))
		fprintf(out, "the heap begins above that address");
	else
		fprintf(out, "asked for an address out of reach");
}

static void put_reason(struct view *view, const struct event *ev, const struct refusal *refusal)
{
	FILE *out = view->out;

	if (refusal->guess) {
		fprintf(out, "%s?", refusal_name(refusal->what));
		return;
	}
	switch (refusal->what) {
	case REFUSAL_MAX_MAP_COUNT:
		put_mappings(view, ev);
		break;
	case REFUSAL_MEMLOCK:
		put_limit(out,
			  ev->limits.lock_future ? "RLIMIT_MEMLOCK with mlockall(MCL_FUTURE)" :
						   "RLIMIT_MEMLOCK",
			  refusal);
		break;
	case REFUSAL_OVERCOMMIT:
		put_limit(out, "the overcommit limit", refusal);
		break;
	case REFUSAL_OCCUPIED:
		put_occupied(out, ev, refusal);
		break;
	case REFUSAL_OUT_OF_REACH:
		put_out_of_reach(out, ev);
		break;
	case REFUSAL_SEALED:
		fprintf(out, "the memory is sealed");
		break;
	case REFUSAL_LOCKED:
		fprintf(out, "the memory is locked");
		break;
	default:
		put_limit(out, refusal_name(refusal->what), refusal);
		break;
	}
}

bool put_reasons(struct view *view, const struct step *step, const char *before)
{
	struct refusal list[REFUSAL_MAX];
	size_t n = find(view, step, list);
	size_t i;

	if (!n || list[0].what == REFUSAL_UNKNOWN)
		return false;
	for (i = 0; i < n; i++) {
		fputs(i ? "; " : before, view->out);
		put_reason(view, step->ev, &list[i]);
	}
	return true;
}

static void add_figure(struct line *line, const char *key, uint64_t figure)
{
	if (figure == REFUSAL_NO_FIGURE)
		line_null(line, key);
	else
		line_u64(line, key, figure);
}

static json_object *reason_json(const struct refusal *refusal)
{
	struct line line;

	if (line_begin(&line))
		return NULL;
	line_string(&line, "what", refusal_name(refusal->what));
	add_figure(&line, "limit", refusal->limit);
	add_figure(&line, "would_be", refusal->would_be);
	if (refusal->guess)
		line_bool(&line, "guess", true);
	return line_take(&line);
}

json_object *reasons_json(const struct view *view, const struct step *step, bool *refused)
{
	struct refusal list[REFUSAL_MAX];
	size_t n = find(view, step, list);
	json_object *all = NULL;
	size_t i;

	*refused = n;
	if (n)
		all = json_object_new_array();
	for (i = 0; i < n && all; i++)
		line_array_add(&all, reason_json(&list[i]));
	return all;
}
