// SPDX-License-Identifier: GPL-2.0
/* The summary as one object; the man page lists the fields. */
#include <errno.h>

#include "event/distribution.h"
#include "lib/format.h"
#include "view/json_line.h"
#include "view/view.h"
#include "view/summary.h"
#include "view/verdict.h"

/* Begin an object within another; an error in it is an error of the outer one. */
static bool begin_part(struct line *line, struct line *part)
{
	if (!line_begin(part))
		return true;
	line->err = -ENOMEM;
	return false;
}

static void add_part(struct line *line, const char *key, struct line *part)
{
	line->err = line->err ?: part->err;
	line_add(line, key, part->object);
}

/**
 * struct row - figures of one call
 * @name: name of the call
 * @calls: number of calls, including failed ones
 * @failed: calls that failed or were refused
 * @bytes: bytes of all other calls, or UNCOUNTED
 * @largest: bytes of the largest of them, or UNCOUNTED
 */
struct row {
	const char *name;
	uint64_t calls;
	uint64_t failed;
	uint64_t bytes;
	uint64_t largest;
};

static void add_figure(struct line *line, const char *key, uint64_t figure)
{
	if (figure == UNCOUNTED)
		line_null(line, key);
	else
		line_u64(line, key, figure);
}

static void add_row(struct line *line, const struct row *row)
{
	struct line part;

	if (!begin_part(line, &part))
		return;
	line_u64(&part, "calls", row->calls);
	line_u64(&part, "failures", row->failed);
	add_figure(&part, "bytes", row->bytes);
	add_figure(&part, "largest", row->largest);
	add_part(line, row->name, &part);
}

/* Unknown as a whole where a part of it is. */
static uint64_t remapped_of(const struct counters *c, const struct process *p)
{
	return process_remaps_unknown(p, c) ? UNCOUNTED : process_remapped(p, c);
}

static void add_calls(struct line *line, const struct counters *c, const struct process *p)
{
	const struct row rows[] = {
		{ "brk", c->brk_calls, c->brk_refused, c->grown_bytes, c->grown_largest },
		{ "mmap", c->mmap_calls, c->mmap_failed, c->mapped_bytes + c->mapped_file_bytes,
		  UNCOUNTED },
		{ "mmap_anonymous", c->mmap_anonymous, 0, c->mapped_bytes, c->mapped_largest },
		{ "mmap_file", c->mmap_calls - c->mmap_failed - c->mmap_anonymous, 0,
		  c->mapped_file_bytes, UNCOUNTED },
		{ "munmap", c->munmap_calls, c->munmap_failed, c->unmapped_bytes,
		  c->unmapped_largest },
		{ "mremap", c->mremap_calls, c->mremap_failed, remapped_of(c, p), UNCOUNTED },
		{ "mprotect", c->mprotect_calls, c->mprotect_failed, UNCOUNTED, UNCOUNTED },
		{ "madvise", c->madvise_calls, c->madvise_failed, c->given_back_bytes, UNCOUNTED },
		{ "shmat", c->shmat_calls, c->shmat_failed, UNCOUNTED, UNCOUNTED },
		{ "shmdt", c->shmdt_calls, c->shmdt_failed, UNCOUNTED, UNCOUNTED },
	};
	struct line part;
	size_t i;

	if (!begin_part(line, &part))
		return;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		add_row(&part, &rows[i]);
	add_part(line, "calls", &part);
}

/* @one: the figures are of one process, so that its heap has a size. */
static void add_heap(struct line *line, const struct counters *c, bool one)
{
	struct line part;

	if (!begin_part(line, &part))
		return;
	line_u64(&part, "queries", c->brk_queries);
	line_u64(&part, "grows", c->brk_grows);
	line_u64(&part, "shrinks", c->brk_shrinks);
	line_u64(&part, "refused", c->brk_refused);
	line_u64(&part, "grown_bytes", c->grown_bytes);
	line_u64(&part, "shrunk_bytes", c->shrunk_bytes);
	if (one) {
		line_u64(&part, "start_bytes", c->brk_first - c->heap_start);
		line_u64(&part, "peak_bytes", c->brk_peak - c->heap_start);
		line_u64(&part, "end_bytes", c->brk - c->heap_start);
	}
	add_part(line, "heap", &part);
}

/* Figures that rest on events are null if some events are missing. */
static void add_anonymous(struct line *line, const struct counters *c, const struct process *p)
{
	struct line part;

	if (!begin_part(line, &part))
		return;
	line_u64(&part, "mapped_bytes", c->mapped_bytes);
	add_figure(&part, "mremap_bytes", remapped_of(c, p));
	add_figure(&part, "unmapped_bytes", p ? p->unmapped : UNCOUNTED);
	add_figure(&part, "still_mapped_bytes",
		   p ? process_anonymous(p) - process_inherited(p) : UNCOUNTED);
	add_figure(&part, "inherited_bytes", p ? process_inherited(p) : UNCOUNTED);
	add_figure(&part, "grown_down_bytes", p ? process_grown(p) : UNCOUNTED);
	line_bool(&part, "shared", p && process_is_shared(p));
	add_part(line, "anonymous", &part);
}

/* Figures are null if the module did not report them, or if they would spoil --normalize. */
static void add_data(struct line *line, const struct view *view, const struct growth *growth)
{
	struct line part;

	if (!growth_is_known(growth)) {
		line_null(line, "data");
		return;
	}
	if (!begin_part(line, &part))
		return;
	line_u64(&part, "start_bytes", growth->first);
	line_u64(&part, "peak_bytes", growth->peak);
	line_u64(&part, "end_bytes", growth->now);
	if (view->normalize) {
		line_null(&part, "duration_ns");
		line_null(&part, "bytes_per_second");
	} else {
		line_u64(&part, "duration_ns", growth->duration);
		line_add(&part, "bytes_per_second", json_object_new_int64(growth_rate(growth)));
	}
	add_part(line, "data", &part);
}

static void add_served(struct line *line, const struct counters *c, const struct process *p)
{
	struct line part;

	if (!begin_part(line, &part))
		return;
	line_u64(&part, "heap_bytes", c->grown_bytes);
	line_u64(&part, "arenas_bytes", c->reserved_bytes);
	line_u64(&part, "mmap_bytes", c->mapped_bytes + process_remapped(p, c) - c->reserved_bytes);
	add_part(line, "served", &part);
}

static void add_verdicts(struct line *line, const struct view *view, const struct counters *c,
			 const struct process *p)
{
	const struct verdict_basis basis = { c, p, view->ledger, view->stacks };
	struct line part;
	char text[VERDICT_MAX];
	enum verdict i;

	if (!begin_part(line, &part))
		return;
	for (i = 0; i < VERDICTS; i++)
		if (verdict_is_told(i, &basis, view->normalize, text))
			line_string(&part, verdict_name(i), text);
	add_part(line, "verdicts", &part);
}

/* List the buckets that have calls, each as its least value and its calls. */
static json_object *buckets_of(const struct distribution *d, const struct distribution_type *type)
{
	json_object *all = json_object_new_array();
	int i;

	for (i = 0; i < BUCKETS && all; i++) {
		const uint64_t pair[] = { distribution_from(type, i), d->buckets[i] };
		json_object *one = d->buckets[i] ? json_object_new_array_ext(2) : NULL;

		if (!d->buckets[i])
			continue;
		if (one && !json_object_array_add(one, json_object_new_uint64(pair[0])) &&
		    !json_object_array_add(one, json_object_new_uint64(pair[1])) &&
		    !json_object_array_add(all, one))
			continue;
		json_object_put(one);
		json_object_put(all);
		all = NULL;
	}
	return all;
}

static void add_distribution(struct line *line, const struct distribution *d,
			     const struct distribution_type *type)
{
	struct line part;

	if (!begin_part(line, &part))
		return;
	line_u64(&part, "least", d->least);
	line_u64(&part, "median", distribution_part(d, type, 50));
	line_u64(&part, "percentile_99", distribution_part(d, type, 99));
	line_u64(&part, "most", d->most);
	line_add(&part, "buckets", buckets_of(d, type));
	add_part(line, type->name, &part);
}

static void add_distributions(struct line *line, const char *key, const struct counters *c,
			      uint32_t measure)
{
	struct line part;
	int i;

	if (!begin_part(line, &part))
		return;
	for (i = 0; i < DISTRIBUTIONS; i++)
		if (distribution_types[i].measure == measure && c->distributions[i].n)
			add_distribution(&part, &c->distributions[i], &distribution_types[i]);
	add_part(line, key, &part);
}

static void add_steps(struct line *line, const struct counters *c)
{
	line_u64(line, "clones", c->clones);
	line_u64(line, "threads", c->threads);
	line_u64(line, "faults", c->faults);
}

static json_object *process_of(const struct view *view, const struct counters *c,
			       const struct losses *losses)
{
	const struct process *p = summary_account(view, c, losses);
	char comm[FORMAT_MAX];
	struct line line;

	if (line_begin(&line))
		return NULL;
	line_u64(&line, "watch", c->id);
	add_figure(&line, "pid", view->normalize ? UNCOUNTED : c->pid);
	line_string(&line, "comm", format_comm(comm, c->comm));
	line_bool(&line, "exited", c->exited);
	line_seccomp(&line, c->seccomp);
	add_calls(&line, c, p);
	line_refusals(&line, c);
	add_heap(&line, c, true);
	add_data(&line, view, &c->growth);
	add_anonymous(&line, c, p);
	add_served(&line, c, p);
	line_committed(&line, view, p);
	add_distributions(&line, "sizes", c, BRKWATCH_MEASURE_SIZE);
	if (view->normalize)
		line_null(&line, "durations_ns");
	else
		add_distributions(&line, "durations_ns", c, BRKWATCH_MEASURE_DURATION);
	add_steps(&line, c);
	add_verdicts(&line, view, c, p);
	if (view->stacks)
		line_add(&line, "sites", callers_json(view, c->id, p));
	return line_take(&line);
}

static int put_process(struct view *view, const struct counters *c, const struct losses *losses)
{
	return json_put(process_of(view, c, losses), view->out);
}

static int json_ended(struct view *view, const struct counters *last, const struct losses *losses)
{
	struct summary *summary = summary_of(view);
	FILE *out = view->out;
	int err = summary_fold(summary, last, summary_account(view, last, losses));

	if (err)
		return err;
	callers_weigh(&summary->callers, &view->ledger->holdings, view->ledger->time);
	view->out = spool_begin(&summary->spool);
	err = put_process(view, last, losses);
	view->out = out;
	callers_drop(&summary->callers, &view->ledger->holdings, last->id);
	return err ?: spool_end(&summary->spool, last->id);
}

static json_object *name_of(const struct ended_name *name, bool others)
{
	const struct process *p = name->unknown ? NULL : &name->account;
	char comm[FORMAT_MAX];
	struct line line;

	if (line_begin(&line))
		return NULL;
	if (others)
		line_null(&line, "comm");
	else
		line_string(&line, "comm", format_comm(comm, name->comm));
	line_u64(&line, "processes", name->processes);
	add_calls(&line, &name->sum, p);
	line_refusals(&line, &name->sum);
	add_heap(&line, &name->sum, false);
	add_anonymous(&line, &name->sum, p);
	add_served(&line, &name->sum, p);
	add_steps(&line, &name->sum);
	return line_take(&line);
}

static void add_names(struct line *line, const struct ended *ended)
{
	json_object *all = json_object_new_array();
	size_t i;

	for (i = 0; i < ended->n && all; i++)
		line_array_add(&all, name_of(ended->v[i], false));
	if (ended->others.processes && all)
		line_array_add(&all, name_of(&ended->others, true));
	line_add(line, "ended", all);
}

/* Some processes may have ended a moment ago, so that the report has them as running. */
static void add_ended(struct line *line, const struct view *view, const struct report *report)
{
	struct ended all = { 0 };
	int err = ended_copy(&all, &summary_of(view)->ended);
	size_t i;

	for (i = 0; i < report->n && !err; i++) {
		const struct counters *c = &report->counters[i];

		if (c->exited)
			err = ended_add(&all, c, summary_account(view, c, &report->losses));
	}
	line->err = line->err ?: err;
	add_names(line, &all);
	ended_free(&all);
}

static void add_lost(struct line *line, const struct losses *losses)
{
	struct line part;

	if (!begin_part(line, &part))
		return;
	line_losses(&part, losses);
	add_part(line, "lost", &part);
}

static int summary_json_event(struct view *view, const struct step *step)
{
	if (step->ev->kind == BRKWATCH_EVENT_KIND_MARK)
		return json_view.event(view, step);
	return summary_caller_json(view, step);
}

/* Write each process on its own, because one object would need memory for all of them. */
static int summary_json_end(struct view *view, const struct report *report)
{
	struct line head, tail;
	int err;

	if (line_begin(&head))
		return -ENOMEM;
	callers_weigh(&summary_of(view)->callers, &view->ledger->holdings, report->now);
	line_string(&head, "event", "summary");
	add_figure(&head, "time_ns", report->time ?: UNCOUNTED);
	line_bool(&head, "counted_from_events", report->counted_here);
	err = line_put_head(&head, view->out);
	fputs(",\"processes\":[", view->out);
	if (!err)
		err = summary_each(view, report, put_process, ",");
	fputc(']', view->out);
	if (err || line_begin(&tail))
		return err ?: -ENOMEM;
	add_ended(&tail, view, report);
	line_u64(&tail, "events", report->events);
	add_lost(&tail, &report->losses);
	return line_put_tail(&tail, view->out);
}

static int json_open(struct view *view, const struct view_context *context)
{
	(void)context;
	callers_open(&summary_of(view)->callers, view, "null");
	return summary_open(view, true);
}

const struct view_type summary_json_view = {
	.option = "summary",
	.with = "json",
	.traits = VIEW_CALLS | VIEW_NAMES | VIEW_TOTALS | VIEW_REPEATS | VIEW_STREAM,
	.size = VIEW_SIZE(struct summary),
	.open = json_open,
	.close = summary_close,
	.ended = json_ended,
	.events = SUMMARY_EVENTS,
	.late = true,
	.origins = true,
	.event = summary_json_event,
	.end = summary_json_end,
};
