// SPDX-License-Identifier: GPL-2.0
/* The summary as one object; the man page lists the fields. */
#include <errno.h>

#include "event/distribution.h"
#include "lib/format.h"
#include "view/json_line.h"
#include "view/view.h"
#include "view/summary.h"
#include "view/verdict.h"

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
	line_begin_object(line, row->name);
	line_u64(line, "calls", row->calls);
	line_u64(line, "failures", row->failed);
	add_figure(line, "bytes", row->bytes);
	add_figure(line, "largest", row->largest);
	line_end_object(line);
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
	size_t i;

	line_begin_object(line, "calls");
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		add_row(line, &rows[i]);
	line_end_object(line);
}

/* @one: the figures are of one process, so that its heap has a size. */
static void add_heap(struct line *line, const struct counters *c, bool one)
{
	line_begin_object(line, "heap");
	line_u64(line, "queries", c->brk_queries);
	line_u64(line, "grows", c->brk_grows);
	line_u64(line, "shrinks", c->brk_shrinks);
	line_u64(line, "refused", c->brk_refused);
	line_u64(line, "grown_bytes", c->grown_bytes);
	line_u64(line, "shrunk_bytes", c->shrunk_bytes);
	if (one) {
		line_u64(line, "start_bytes", c->brk_first - c->heap_start);
		line_u64(line, "peak_bytes", c->brk_peak - c->heap_start);
		line_u64(line, "end_bytes", c->brk - c->heap_start);
	}
	line_end_object(line);
}

/* Figures that rest on events are null if some events are missing. */
static void add_anonymous(struct line *line, const struct counters *c, const struct process *p)
{
	line_begin_object(line, "anonymous");
	line_u64(line, "mapped_bytes", c->mapped_bytes);
	add_figure(line, "mremap_bytes", remapped_of(c, p));
	add_figure(line, "unmapped_bytes", p ? p->unmapped : UNCOUNTED);
	add_figure(line, "still_mapped_bytes",
		   p ? process_anonymous(p) - process_inherited(p) : UNCOUNTED);
	add_figure(line, "inherited_bytes", p ? process_inherited(p) : UNCOUNTED);
	add_figure(line, "grown_down_bytes", p ? process_grown(p) : UNCOUNTED);
	line_bool(line, "shared", p && process_is_shared(p));
	line_end_object(line);
}

/* Figures are null if the module did not report them, or if they would spoil --normalize. */
static void add_data(struct line *line, const struct view *view, const struct growth *growth)
{
	if (!growth_is_known(growth)) {
		line_null(line, "data");
		return;
	}
	line_begin_object(line, "data");
	line_u64(line, "start_bytes", growth->first);
	line_u64(line, "peak_bytes", growth->peak);
	line_u64(line, "end_bytes", growth->now);
	if (view->normalize) {
		line_null(line, "duration_ns");
		line_null(line, "bytes_per_second");
	} else {
		line_u64(line, "duration_ns", growth->duration);
		line_i64(line, "bytes_per_second", growth_rate(growth));
	}
	line_end_object(line);
}

static uint64_t mapped_of(const struct counters *c, const struct process *p)
{
	return process_remaps_unknown(p, c) ?
		       UNCOUNTED :
		       c->mapped_bytes + process_remapped(p, c) - c->reserved_bytes;
}

static void add_got(struct line *line, const struct counters *c, const struct process *p)
{
	line_begin_object(line, "got");
	line_u64(line, "brk_bytes", c->grown_bytes);
	add_figure(line, "mmap_bytes", mapped_of(c, p));
	line_u64(line, "reserved_bytes", c->reserved_bytes);
	line_end_object(line);
}

/* These keys are older than "got"; their names say more than the counters know. */
static void add_served(struct line *line, const struct counters *c, const struct process *p)
{
	line_begin_object(line, "served");
	add_figure(line, "heap_bytes", p ? c->grown_bytes : UNCOUNTED);
	add_figure(line, "arenas_bytes", p ? c->reserved_bytes : UNCOUNTED);
	add_figure(line, "mmap_bytes", p ? mapped_of(c, p) : UNCOUNTED);
	line_end_object(line);
}

static void add_verdicts(struct line *line, const struct view *view, const struct counters *c,
			 const struct process *p)
{
	const struct verdict_basis basis = { c, p, view->ledger, view->stacks };
	char text[VERDICT_MAX];
	enum verdict i;

	line_begin_object(line, "verdicts");
	for (i = 0; i < VERDICTS; i++)
		if (verdict_is_told(i, &basis, view->normalize, text))
			line_string(line, verdict_name(i), text);
	line_end_object(line);
}

/* List the buckets that have calls, each as its least value and its calls. */
static void add_buckets(struct line *line, const struct distribution *d,
			const struct distribution_type *type)
{
	int i;

	line_begin_array(line, "buckets");
	for (i = 0; i < BUCKETS; i++) {
		if (!d->buckets[i])
			continue;
		line_begin_array(line, NULL);
		line_u64(line, NULL, distribution_from(type, i));
		line_u64(line, NULL, d->buckets[i]);
		line_end_array(line);
	}
	line_end_array(line);
}

static void add_distribution(struct line *line, const struct distribution *d,
			     const struct distribution_type *type)
{
	line_begin_object(line, type->name);
	line_u64(line, "least", d->least);
	line_u64(line, "median", distribution_part(d, type, 50));
	line_u64(line, "percentile_99", distribution_part(d, type, 99));
	line_u64(line, "most", d->most);
	add_buckets(line, d, type);
	line_end_object(line);
}

static void add_distributions(struct line *line, const char *key, const struct counters *c,
			      uint32_t measure)
{
	int i;

	line_begin_object(line, key);
	for (i = 0; i < DISTRIBUTIONS; i++)
		if (distribution_types[i].measure == measure && c->distributions[i].n)
			add_distribution(line, &c->distributions[i], &distribution_types[i]);
	line_end_object(line);
}

static void add_steps(struct line *line, const struct counters *c)
{
	line_u64(line, "clones", c->clones);
	line_u64(line, "threads", c->threads);
	line_u64(line, "faults", c->faults);
}

static int put_process(struct view *view, const struct counters *c, const struct losses *losses)
{
	const struct process *p = summary_account(view, c, losses);
	char comm[FORMAT_MAX];
	struct line line;

	line_begin_value(&line);
	line_begin_object(&line, NULL);
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
	add_got(&line, c, p);
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
		line_callers(&line, view, c->id, p);
	line_end_object(&line);
	return line_put_text(&line, view->out);
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

static void add_name(struct line *line, const struct ended_name *name, bool others)
{
	const struct process *p = name->unknown ? NULL : &name->account;
	char comm[FORMAT_MAX];

	line_begin_object(line, NULL);
	if (others)
		line_null(line, "comm");
	else
		line_string(line, "comm", format_comm(comm, name->comm));
	line_u64(line, "processes", name->processes);
	add_calls(line, &name->sum, p);
	line_refusals(line, &name->sum);
	add_heap(line, &name->sum, false);
	add_anonymous(line, &name->sum, p);
	add_got(line, &name->sum, p);
	add_served(line, &name->sum, p);
	add_steps(line, &name->sum);
	line_end_object(line);
}

static void add_names(struct line *line, const struct ended *ended)
{
	size_t i;

	line_begin_array(line, "ended");
	for (i = 0; i < ended->n; i++)
		add_name(line, ended->v[i], false);
	if (ended->others.processes)
		add_name(line, &ended->others, true);
	line_end_array(line);
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
	line_begin_object(line, "lost");
	line_losses(line, losses);
	line_end_object(line);
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
	err = line_put_text(&head, view->out);
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
