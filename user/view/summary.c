// SPDX-License-Identifier: GPL-2.0
/*
 * Totals by process and call. They are the kernel's own, so that they are exact whatever was
 * lost; the tool computes only what is still mapped, from events where there are any.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/format.h"
#include "view/view.h"
#include "view/summary.h"
#include "view/text.h"
#include "view/verdict.h"

static void put_size_cell(FILE *out, uint64_t bytes)
{
	char size[FORMAT_MAX];

	fprintf(out, " %16s", bytes == UNCOUNTED ? "-" : format_size(size, bytes));
}

static void put_row(FILE *out, const char *call, uint64_t calls, uint64_t failed, uint64_t bytes,
		    uint64_t largest)
{
	fprintf(out, "%-12s %10" PRIu64 " ", call, calls);
	if (failed == UNCOUNTED)
		fprintf(out, "%10s", "-");
	else
		fprintf(out, "%10" PRIu64, failed);
	put_size_cell(out, bytes);
	put_size_cell(out, largest);
	fputc('\n', out);
}

/* Leave out empty rows of these calls, because many programs never make them. */
static void put_rare(FILE *out, const char *call, uint64_t calls, uint64_t failed, uint64_t bytes)
{
	if (calls)
		put_row(out, call, calls, failed, bytes, UNCOUNTED);
}

/* @p is the account, NULL if it is unknown. */
static void put_calls(FILE *out, const struct counters *c, const struct process *p)
{
	uint64_t files = c->mmap_calls - c->mmap_failed - c->mmap_anonymous;

	fprintf(out, "%-12s %10s %10s %16s %16s\n", "call", "calls", "failures", "size",
		"largest granted");
	put_row(out, "brk", c->brk_calls, c->brk_refused, c->grown_bytes, c->grown_largest);
	put_row(out, "mmap", c->mmap_calls, c->mmap_failed, c->mapped_bytes + c->mapped_file_bytes,
		UNCOUNTED);
	put_row(out, "  anonymous", c->mmap_anonymous, UNCOUNTED, c->mapped_bytes,
		c->mapped_largest);
	put_row(out, "  file", files, UNCOUNTED, c->mapped_file_bytes, UNCOUNTED);
	put_row(out, "munmap", c->munmap_calls, c->munmap_failed, c->unmapped_bytes,
		c->unmapped_largest);
	put_rare(out, "mremap", c->mremap_calls, c->mremap_failed,
		 process_remaps_unknown(p, c) ? UNCOUNTED : process_remapped(p, c));
	put_rare(out, "mprotect", c->mprotect_calls, c->mprotect_failed, UNCOUNTED);
	put_rare(out, "madvise", c->madvise_calls, c->madvise_failed, c->given_back_bytes);
	put_rare(out, "shmat", c->shmat_calls, c->shmat_failed, UNCOUNTED);
	put_rare(out, "shmdt", c->shmdt_calls, c->shmdt_failed, UNCOUNTED);
}

static void put_steps(FILE *out, const struct counters *c)
{
	if (c->clones || c->faults)
		fprintf(out, "life:      clones %" PRIu64 ", faults %" PRIu64 "\n", c->clones,
			c->faults);
}

/* Write what something took at the first look, at most, and at the last look. */
static void put_course(const struct view *view, const char *what, uint64_t first, uint64_t peak,
		       uint64_t last)
{
	char start[FORMAT_MAX], most[FORMAT_MAX], end[FORMAT_MAX];
	const uint64_t page = view->page;

	fprintf(view->out, "%-10s start %s, peak %s, end %s\n", what,
		format_whole(start, first, page), format_whole(most, peak, page),
		format_whole(end, last, page));
}

static void put_heap(const struct view *view, const struct counters *c)
{
	char grown[FORMAT_MAX], shrunk[FORMAT_MAX];

	fprintf(view->out,
		"brk:       queries %" PRIu64 ", grows %" PRIu64 ", shrinks %" PRIu64
		", refused %" PRIu64 "; grown %s, shrunk %s\n",
		c->brk_queries, c->brk_grows, c->brk_shrinks, c->brk_refused,
		format_size(grown, c->grown_bytes), format_size(shrunk, c->shrunk_bytes));
	put_course(view, "heap:", c->brk_first - c->heap_start, c->brk_peak - c->heap_start,
		   c->brk - c->heap_start);
}

const struct process *summary_account(const struct view *view, const struct counters *c,
				      const struct losses *losses)
{
	static const struct process nothing;

	if (view->filtered || c->lost || losses->probe || losses->socket || losses->blind_to)
		return NULL;
	return ledger_find(view->ledger, c->id) ?: &nothing;
}

static void put_known(FILE *out, const struct process *p)
{
	uint64_t inherited = process_inherited(p), grown = process_grown(p);
	char size[FORMAT_MAX];

	fprintf(out, ", unmapped %s", format_size(size, p->unmapped));
	fprintf(out, ", still mapped %s", format_size(size, process_anonymous(p) - inherited));
	if (process_is_shared(p))
		fprintf(out, " in an address space that others use");
	if (grown)
		fprintf(out, "; grown down at least %s", format_size(size, grown));
	if (inherited)
		fprintf(out, "; inherited %s", format_size(size, inherited));
	fputc('\n', out);
}

static void put_anonymous(const struct view *view, const struct counters *c,
			  const struct process *p)
{
	uint64_t remapped = process_remapped(p, c), unknown = process_remaps_unknown(p, c);
	char size[FORMAT_MAX];

	fprintf(view->out, "anonymous: mapped %s", format_size(size, c->mapped_bytes));
	if (remapped || unknown)
		fprintf(view->out, ", by mremap %s%s", unknown ? "at least " : "",
			format_size(size, remapped));
	if (view->uncounted)
		fprintf(view->out, "\n");
	else if (p)
		put_known(view->out, p);
	else
		fprintf(view->out, ", unmapped and still mapped unknown (events %s)\n",
			view->filtered ? "filtered" : "lost");
}

static void put_data(const struct view *view, const struct growth *growth)
{
	if (growth_is_known(growth))
		put_course(view, "data:", growth->first, growth->peak, growth->now);
}

static void put_growth(FILE *out, const struct growth *growth)
{
	bool shrank = growth->now < growth->first;
	uint64_t change = shrank ? growth->first - growth->now : growth->now - growth->first;
	int64_t rate = growth_rate(growth);
	char sign = shrank ? '-' : '+', size[FORMAT_MAX], speed[FORMAT_MAX];

	if (!growth_is_known(growth))
		return;
	format_size(size, change);
	format_size(speed, shrank ? -rate : rate);
	fprintf(out, "growth:    %c%s in ", sign, size);
	timestamp_seconds(out, 0, growth->duration);
	fprintf(out, " s, %c%s/s\n", sign, speed);
}

static void put_verdicts(const struct view *view, const struct counters *c, const struct process *p)
{
	const struct verdict_basis basis = { c, p, view->ledger, view->stacks };
	char text[VERDICT_MAX];
	enum verdict i;

	for (i = 0; i < VERDICTS; i++)
		if (verdict_is_told(i, &basis, view->normalize, text))
			fprintf(view->out, "verdict:   %s: %s\n", verdict_name(i), text);
}

static void put_totals(const struct view *view, const struct counters *c, const struct process *p)
{
	char comm[FORMAT_MAX];

	if (view->normalize)
		fprintf(view->out, "watch %" PRIu32 " (%s)\n", c->id, format_comm(comm, c->comm));
	else
		fprintf(view->out, "pid %" PRIu32 " (%s)\n", c->pid, format_comm(comm, c->comm));
	put_calls(view->out, c, p);
	put_refusals(view->out, c);
	put_steps(view->out, c);
	put_seccomp(view->out, c);
	put_sizes(view->out, c);
	/* No two runs take equally long. */
	if (!view->normalize)
		put_durations(view->out, c);
	put_heap(view, c);
	put_data(view, &c->growth);
	put_anonymous(view, c, p);
	put_served(view, c, p);
	if (!view->normalize)
		put_growth(view->out, &c->growth);
	put_verdicts(view, c, p);
}

/* Callers of different processes are separate only if their totals are. */
static uint32_t callers_of(const struct view *view, uint32_t watch)
{
	return view->per_process ? watch : 0;
}

static void end_block(struct view *view, uint32_t watch, bool known)
{
	put_callers(view, callers_of(view, watch), known);
	fputc('\n', view->out);
}

static int put_block(struct view *view, const struct counters *c, const struct losses *losses)
{
	const struct process *account = summary_account(view, c, losses);

	put_totals(view, c, account);
	end_block(view, c->id, account);
	return 0;
}

static int spool_block(struct summary *summary, const struct counters *last,
		       const struct losses *losses)
{
	struct view *view = &summary->view;
	FILE *out = view->out;

	view->out = spool_begin(&summary->spool);
	callers_weigh(&summary->callers, &view->ledger->holdings, view->ledger->time);
	put_block(view, last, losses);
	view->out = out;
	callers_drop(&summary->callers, &view->ledger->holdings, last->id);
	return spool_end(&summary->spool, last->id);
}

/* Keep the full text, because a process that stays the only one gets more than a line. */
static int keep_only(struct summary *summary, const struct counters *last,
		     const struct process *account)
{
	struct view in_memory = summary->view;
	size_t size;

	in_memory.out = open_memstream(&summary->only, &size);
	if (!in_memory.out)
		return -ENOMEM;
	put_totals(&in_memory, last, account);
	return fclose(in_memory.out) ? -ENOMEM : 0;
}

static int text_ended(struct view *view, const struct counters *last, const struct losses *losses)
{
	struct summary *summary = summary_of(view);
	const struct process *account = summary_account(view, last, losses);
	int err = summary_fold(summary, last, account);

	if (err)
		return err;
	if (view->per_process)
		return spool_block(summary, last, losses);
	free(summary->only);
	summary->only = NULL;
	return summary->ended_n == 1 ? keep_only(summary, last, account) : 0;
}

static int text_open(struct view *view, const struct view_context *context)
{
	(void)context;
	callers_open(&summary_of(view)->callers, view, " > other\n");
	return summary_open(view, view->per_process);
}

static int book_caller(struct view *view, const struct step *step)
{
	return summary_caller(view, step, callers_of(view, step->ev->watch));
}

static int summary_event(struct view *view, const struct step *step)
{
	/* The ledger has booked the event; only marks get a line, the end has sums of the rest. */
	if (step->ev->kind == BRKWATCH_EVENT_KIND_MARK)
		return put_line(view, step);
	return book_caller(view, step);
}

/* Show a single process in full, and several with a line each unless the user wants more. */
static int put_processes(struct view *view, const struct report *report)
{
	struct summary *summary = summary_of(view);
	uint64_t processes = summary->ended_n + report->n;
	int err = processes > 1 ? put_ranking(view, report) : 0;

	callers_weigh(&summary->callers, &view->ledger->holdings, report->now);
	if (err)
		return err;
	if (view->per_process) {
		fputs(processes > 1 ? "\n" : "", view->out);
		return summary_each(view, report, put_block, "");
	}
	if (processes == 1 && report->n)
		return put_block(view, report->counters, &report->losses);
	if (processes == 1)
		fputs(summary->only, view->out);
	if (processes)
		end_block(view, 0, view_knows_all(view, &report->losses));
	return 0;
}

static int summary_end(struct view *view, const struct report *report)
{
	int err;

	if (report->time) {
		fprintf(view->out, "after ");
		timestamp_seconds(view->out, 0, report->time - view->timestamp.began);
		fprintf(view->out, " s\n\n");
	}
	if (report->counted_here)
		fprintf(view->out,
			"counted from the events%s: the capture ends before the kernel's "
			"own figures\n\n",
			summary_of(view)->ended_n ? ", but for processes that had ended" : "");
	err = put_processes(view, report);
	if (!err)
		put_losses(view, report);
	return err;
}

const struct view_type summary_view = {
	.option = "summary",
	.traits = VIEW_CALLS | VIEW_NAMES | VIEW_TOTALS | VIEW_REPEATS,
	.size = VIEW_SIZE(struct summary),
	.open = text_open,
	.close = summary_close,
	.ended = text_ended,
	.events = SUMMARY_EVENTS,
	.late = true,
	.origins = true,
	.event = summary_event,
	.end = summary_end,
};

static int both_event(struct view *view, const struct step *step)
{
	int err = book_caller(view, step);

	return err ?: text_view.event(view, step);
}

static int both_end(struct view *view, const struct report *report)
{
	if (view->shown)
		fputc('\n', view->out);
	return summary_end(view, report);
}

const struct view_type both_view = {
	.option = "summary-too",
	.traits = VIEW_TIMES | VIEW_RELATIVE | VIEW_CALLS | VIEW_NAMES | VIEW_TOTALS,
	.size = VIEW_SIZE(struct summary),
	.open = text_open,
	.close = summary_close,
	.ended = text_ended,
	.events = CALL_EVENTS | LIFECYCLE_EVENTS,
	.origins = true,
	.event = both_event,
	.end = both_end,
};
