// SPDX-License-Identifier: GPL-2.0
/*
 * Totals by process and call. They are the kernel's own, exact whatever was
 * lost; only what is still mapped is worked out from events, where there are any.
 */
#include <inttypes.h>

#include "format.h"
#include "sink.h"
#include "summary.h"
#include "text.h"
#include "verdict.h"

static void put_row(FILE *out, const char *call, uint64_t calls, uint64_t failed, uint64_t bytes,
		    uint64_t largest)
{
	fprintf(out, "%-12s %10" PRIu64 " %10" PRIu64 " %16" PRIu64 " %16" PRIu64 "\n", call, calls,
		failed, bytes, largest);
}

/* Calls that many programs never make, and whose bytes are not counted. */
static void put_rare(FILE *out, const char *call, uint64_t calls, uint64_t failed)
{
	if (calls)
		fprintf(out, "%-12s %10" PRIu64 " %10" PRIu64 " %16s %16s\n", call, calls, failed,
			"-", "-");
}

static void put_calls(FILE *out, const struct counters *c)
{
	uint64_t files = c->mmap_calls - c->mmap_failed - c->mmap_anonymous;

	fprintf(out, "%-12s %10s %10s %16s %16s\n", "call", "calls", "failures", "bytes",
		"largest");
	put_row(out, "brk", c->brk_calls, c->brk_refused, c->grown_bytes, c->grown_largest);
	fprintf(out, "%-12s %10" PRIu64 " %10" PRIu64 " %16" PRIu64 " %16s\n", "mmap",
		c->mmap_calls, c->mmap_failed, c->mapped_bytes + c->mapped_file_bytes, "-");
	fprintf(out, "%-12s %10" PRIu64 " %10s %16" PRIu64 " %16" PRIu64 "\n", "  anonymous",
		c->mmap_anonymous, "-", c->mapped_bytes, c->mapped_largest);
	fprintf(out, "%-12s %10" PRIu64 " %10s %16" PRIu64 " %16s\n", "  file", files, "-",
		c->mapped_file_bytes, "-");
	put_row(out, "munmap", c->munmap_calls, c->munmap_failed, c->unmapped_bytes,
		c->unmapped_largest);
	put_rare(out, "mremap", c->mremap_calls, c->mremap_failed);
	put_rare(out, "mprotect", c->mprotect_calls, c->mprotect_failed);
	if (c->madvise_calls)
		fprintf(out, "%-12s %10" PRIu64 " %10" PRIu64 " %16" PRIu64 " %16s\n", "madvise",
			c->madvise_calls, c->madvise_failed, c->given_back_bytes, "-");
	put_rare(out, "shmat", c->shmat_calls, c->shmat_failed);
	put_rare(out, "shmdt", c->shmdt_calls, c->shmdt_failed);
}

static void put_steps(FILE *out, const struct counters *c)
{
	if (c->clones || c->faults)
		fprintf(out, "life:      clones %" PRIu64 ", faults %" PRIu64 "\n", c->clones,
			c->faults);
}

static void put_heap(const struct sink *sink, const struct counters *c)
{
	fprintf(sink->out,
		"brk:       queries %" PRIu64 ", grows %" PRIu64 ", shrinks %" PRIu64
		", refused %" PRIu64 "; grown %" PRIu64 " bytes, shrunk %" PRIu64 " bytes\n",
		c->brk_queries, c->brk_grows, c->brk_shrinks, c->brk_refused, c->grown_bytes,
		c->shrunk_bytes);
	fprintf(sink->out,
		"heap:      start %" PRIu64 " pages, peak %" PRIu64 " pages, end %" PRIu64
		" pages\n",
		pages_of(c->brk_first - c->heap_start, sink->page),
		pages_of(c->brk_peak - c->heap_start, sink->page),
		pages_of(c->brk - c->heap_start, sink->page));
}

static void put_anonymous(const struct sink *sink, const struct counters *c, bool lossy)
{
	const struct process *p = ledger_find(sink->ledger, c->id);

	fprintf(sink->out, "anonymous: mapped %" PRIu64 " bytes", c->mapped_bytes);
	if (sink->uncounted)
		fprintf(sink->out, "\n");
	else if (lossy)
		fprintf(sink->out, ", unmapped and still mapped unknown (events lost)\n");
	else if (sink->filtered)
		fprintf(sink->out, ", unmapped and still mapped unknown (events filtered)\n");
	else
		fprintf(sink->out, ", unmapped %" PRIu64 " bytes, still mapped %" PRIu64 " bytes\n",
			p ? p->unmapped : 0, p ? process_anonymous(p) : 0);
}

/* In floating point, as the product may not fit 64 bits. */
static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * part / whole : 0.0;
}

static void put_served(FILE *out, const struct counters *c)
{
	uint64_t sum = c->grown_bytes + c->mapped_bytes;
	uint64_t mapped = c->mapped_bytes - c->reserved_bytes;

	fprintf(out,
		"served:    heap %" PRIu64 " bytes (%.1f %%), arenas %" PRIu64
		" bytes (%.1f %%), mmap %" PRIu64 " bytes (%.1f %%)\n",
		c->grown_bytes, percent(c->grown_bytes, sum), c->reserved_bytes,
		percent(c->reserved_bytes, sum), mapped, percent(mapped, sum));
}

static void put_data(const struct sink *sink, const struct growth *growth)
{
	if (growth_is_known(growth))
		fprintf(sink->out,
			"data:      start %" PRIu64 " pages, peak %" PRIu64 " pages, end %" PRIu64
			" pages\n",
			pages_of(growth->first, sink->page), pages_of(growth->peak, sink->page),
			pages_of(growth->now, sink->page));
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
	stamp_seconds(out, 0, growth->duration);
	fprintf(out, " s, %c%s/s\n", sign, speed);
}

static void put_verdicts(const struct sink *sink, const struct counters *c)
{
	char text[VERDICT_MAX];
	enum verdict i;

	for (i = 0; i < VERDICTS; i++)
		if (verdict_is_told(i, c, sink->normalize, text))
			fprintf(sink->out, "verdict:   %s: %s\n", verdict_name(i), text);
}

static void put_watch(struct sink *sink, const struct counters *c, const struct losses *losses)
{
	char comm[FORMAT_MAX];

	if (sink->normalize)
		fprintf(sink->out, "watch %" PRIu32 " (%s)\n", c->id, format_comm(comm, c->comm));
	else
		fprintf(sink->out, "pid %" PRIu32 " (%s)\n", c->pid, format_comm(comm, c->comm));
	put_calls(sink->out, c);
	put_steps(sink->out, c);
	put_sizes(sink->out, c);
	/* No two runs take equally long. */
	if (!sink->normalize)
		put_durations(sink->out, c);
	put_heap(sink, c);
	put_data(sink, &c->growth);
	put_anonymous(sink, c, c->lost || losses->probe || losses->socket);
	put_served(sink->out, c);
	if (!sink->normalize)
		put_growth(sink->out, &c->growth);
	put_verdicts(sink, c);
	put_sites(sink, c->id);
	fputc('\n', sink->out);
}

static int summary_event(struct sink *sink, const struct step *step)
{
	/* The ledger has booked it; all others are shown in sums at the end. */
	if (step->ev->kind == BRKWATCH_EVENT_KIND_MARK)
		return put_line(sink, step);
	return summary_site(sink, step);
}

static int summary_end(struct sink *sink, const struct report *report)
{
	size_t i;

	if (report->time) {
		fprintf(sink->out, "after ");
		stamp_seconds(sink->out, 0, report->time - sink->stamp.began);
		fprintf(sink->out, " s\n\n");
	}
	if (report->counted_here)
		fprintf(sink->out, "counted from the events: the capture ends before the kernel's "
				   "own figures\n\n");
	sites_sort(&sink->sites);
	for (i = 0; i < report->n; i++)
		put_watch(sink, &report->counters[i], &report->losses);
	put_losses(sink->out, report);
	return 0;
}

const struct sink_ops summary_sink = {
	.events = SUMMARY_EVENTS,
	.late = true,
	.event = summary_event,
	.end = summary_end,
};

static int both_event(struct sink *sink, const struct step *step)
{
	int err = summary_site(sink, step);

	return err ?: text_sink.event(sink, step);
}

static int both_end(struct sink *sink, const struct report *report)
{
	if (sink->shown)
		fputc('\n', sink->out);
	return summary_end(sink, report);
}

const struct sink_ops both_sink = {
	.events = ALL_EVENTS,
	.event = both_event,
	.end = both_end,
};
