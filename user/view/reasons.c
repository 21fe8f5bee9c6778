// SPDX-License-Identifier: GPL-2.0
/* Why the kernel refused a call, as text and as JSON. */
#include <inttypes.h>

#include "ledger/address_space.h"
#include "ledger/reason.h"
#include "ledger/tag.h"
#include "lib/format.h"
#include "stack/stacks.h"
#include "view/json_line.h"
#include "view/normalize.h"
#include "view/reasons.h"

/* Sizes of a process, distances and what other processes were promised differ from run to run. */
static void leave_out_what_varies(struct reason *reason)
{
	reason->would_be = REASON_NO_FIGURE;
	if (reason->what == REASON_OVERCOMMIT || reason->what == REASON_OCCUPIED)
		reason->limit = REASON_NO_FIGURE;
}

static size_t find(const struct view *view, const struct step *step,
		   struct reason list[REASONS_MAX])
{
	size_t n = reasons_find(step, view->machine, &view->ledger->geometry, list);
	size_t i;

	for (i = 0; i < n && view->normalize; i++)
		leave_out_what_varies(&list[i]);
	return n;
}

static void put_limit(FILE *out, const char *name, const struct reason *reason)
{
	char size[FORMAT_MAX];

	fputs(name, out);
	if (reason->limit != REASON_NO_FIGURE)
		fprintf(out, " is %s", format_exact(size, reason->limit));
	if (reason->would_be != REASON_NO_FIGURE)
		fprintf(out, ", this would make %s", format_exact(size, reason->would_be));
}

static void put_mappings(const struct view *view, const struct event *ev)
{
	if (view->normalize)
		fprintf(view->out, "too many mappings (vm.max_map_count)");
	else
		fprintf(view->out, "%" PRIu64 " mappings (vm.max_map_count)", ev->limits.mappings);
}

/*
 * The module notes a file when a call maps its code. So it is certain that the file is still there
 * only if the tool has seen all that was mapped since, by this process alone, in calls that have
 * returned: what a call of another thread has mapped shows when that call returns.
 */
static const char *file_of(char buf[ASKED_MAX], const struct view *view, const struct step *step,
			   const struct reason *reason)
{
	const struct process *process = step->process;
	const char *file;

	if (tag_is_apart(reason->tag) || process->unknown || process_is_shared(process) ||
	    process->space->by_guest || !view->code)
		return NULL;
	file = stacks_file(view->code, step->ev, reason->at);
	if (!file || file_is_plain(file))
		return file;
	snprintf(buf, ASKED_MAX, "file %s", file);
	return buf;
}

/* Whose mapping is in the way, NULL if that is not certain. The text may lie in @buf. */
static const char *occupant(char buf[ASKED_MAX], const struct view *view, const struct step *step,
			    const struct reason *reason)
{
	struct asked asked = asked_of_tag(view->ledger, reason->tag);

	if (tag_class(reason->tag) == CLASS_FILE)
		return file_of(buf, view, step, reason);
	/* What the kernel made at exec is nobody's call, such as .bss. */
	if (tag_class(reason->tag) != CLASS_ANONYMOUS || asked.guess ||
	    asked.origin == ORIGIN_UNKNOWN || asked.origin == ORIGIN_EXEC)
		return NULL;
	return asked_text(buf, &asked);
}

static void put_occupied(struct view *view, const struct step *step, const struct reason *reason)
{
	const struct event *ev = step->ev;
	bool brk = ev->kind == BRKWATCH_EVENT_KIND_BRK;
	uint64_t distance = brk ? reason->at - ev->move.after : reason->limit;
	char size[FORMAT_MAX], buf[ASKED_MAX];
	const char *who = occupant(buf, view, step, reason);
	FILE *out = view->out;

	if (reason->limit == REASON_NO_FIGURE)
		fprintf(out, "a mapping is in the way");
	else if (!distance)
		fprintf(out, "a mapping begins at the %s", brk ? "break" : "end of the range");
	else
		fprintf(out, "a mapping begins %s %s", format_exact(size, distance),
			brk ? "above the break" : "behind the range");
	if (who)
		fprintf(out, " (%s)", who);
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

static void put_reason(struct view *view, const struct step *step, const struct reason *reason)
{
	const struct event *ev = step->ev;
	FILE *out = view->out;

	if (reason->guess) {
		fprintf(out, "%s?", reason_name(reason->what));
		return;
	}
	switch (reason->what) {
	case REASON_MAX_MAP_COUNT:
		put_mappings(view, ev);
		break;
	case REASON_MEMLOCK:
		put_limit(out,
			  ev->limits.lock_future ? "RLIMIT_MEMLOCK with mlockall(MCL_FUTURE)" :
						   "RLIMIT_MEMLOCK",
			  reason);
		break;
	case REASON_OVERCOMMIT:
		put_limit(out, "the overcommit limit", reason);
		break;
	case REASON_OCCUPIED:
		put_occupied(view, step, reason);
		break;
	case REASON_OUT_OF_REACH:
		put_out_of_reach(out, ev);
		break;
	case REASON_SEALED:
		fprintf(out, "the memory is sealed");
		break;
	case REASON_LOCKED:
		fprintf(out, "the memory is locked%s",
			ev->limits.lock_future ? "; mlockall(MCL_FUTURE) is in force" : "");
		break;
	default:
		put_limit(out, reason_name(reason->what), reason);
		break;
	}
}

bool put_reasons(struct view *view, const struct step *step, const char *before)
{
	struct reason list[REASONS_MAX];
	size_t n = find(view, step, list);
	size_t i;

	if (!n || list[0].what == REASON_UNKNOWN)
		return false;
	for (i = 0; i < n; i++) {
		fputs(i ? "; " : before, view->out);
		put_reason(view, step, &list[i]);
	}
	return true;
}

static void add_figure(struct line *line, const char *key, uint64_t figure)
{
	if (figure == REASON_NO_FIGURE)
		line_null(line, key);
	else
		line_u64(line, key, figure);
}

static void add_occupant(struct line *line, const struct view *view, const struct step *step,
			 const struct reason *reason)
{
	char buf[ASKED_MAX];
	const char *who = occupant(buf, view, step, reason);

	if (who)
		line_string(line, "by", who);
	else
		line_null(line, "by");
}

static void add_reason(struct line *line, const struct view *view, const struct step *step,
		       const struct reason *reason)
{
	line_begin_object(line, NULL);
	line_string(line, "what", reason_name(reason->what));
	add_figure(line, "limit", reason->limit);
	add_figure(line, "would_be", reason->would_be);
	if (reason->what == REASON_OCCUPIED)
		add_occupant(line, view, step, reason);
	if (reason->guess)
		line_bool(line, "guess", true);
	line_end_object(line);
}

void line_reasons(struct line *line, const struct view *view, const struct step *step)
{
	struct reason list[REASONS_MAX];
	size_t n = find(view, step, list);
	size_t i;

	if (!n) {
		line_null(line, "refusal");
		return;
	}
	line_begin_array(line, "refusal");
	for (i = 0; i < n; i++)
		add_reason(line, view, step, &list[i]);
	line_end_array(line);
}
