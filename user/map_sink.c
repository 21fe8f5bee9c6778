// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>

#include "format.h"
#include "map_sink.h"
#include "text.h"

/* What tells two rows of the table apart; the rest of a tag is of no interest here. */
#define TAG_SHOWN (TAG_CLASS | TAG_PROT | TAG_ORIGIN | TAG_GUESS | TAG_UNCERTAIN | TAG_GIVEN_BACK)

static bool is_shown(uint32_t tag)
{
	return tag_class(tag) == CLASS_ANONYMOUS || tag_is_uncertain(tag);
}

static const char *origin_of(uint32_t tag)
{
	switch (tag_class(tag)) {
	case CLASS_NONE:
		return "not mapped";
	case CLASS_ANONYMOUS:
		return origin_name(tag_origin(tag));
	case CLASS_FILE:
		return "file";
	default:
		return "not ours";
	}
}

static void put_row(struct sink *sink, const struct range *range)
{
	int prot = tag_prot(range->tag);
	uint64_t bytes = range->end - range->start;
	char size[FORMAT_MAX];

	fprintf(sink->out, "%#14" PRIx64 "-%#-14" PRIx64 " %c%c%c  %11s %9" PRIu64 "  %s%s%s%s\n",
		range->start, range->end, prot & PROT_BIT_READ ? 'r' : '-',
		prot & PROT_BIT_WRITE ? 'w' : '-', prot & PROT_BIT_EXEC ? 'x' : '-',
		format_size(size, bytes), bytes / sink->page, origin_of(range->tag),
		tag_is_guess(range->tag) ? "?" : "",
		tag_is_given_back(range->tag) ? ", given back" : "",
		tag_is_uncertain(range->tag) ? ", uncertain" : "");
}

static void put_table(struct sink *sink, const struct space *space)
{
	struct range row = { 0 };
	size_t i;

	fprintf(sink->out, "%14s-%-14s %-4s %11s %9s  %s\n", "start", "end", "prot", "size",
		"pages", "origin");
	for (i = 0; i < space->ranges.n; i++) {
		const struct range *range = &space->ranges.v[i];

		if (!is_shown(range->tag))
			continue;
		if (row.end == range->start && !((row.tag ^ range->tag) & TAG_SHOWN)) {
			row.end = range->end;
			continue;
		}
		if (row.end)
			put_row(sink, &row);
		row = *range;
	}
	if (row.end)
		put_row(sink, &row);
}

static void put_total(const struct sink *sink, const char *name, const struct total *total)
{
	fprintf(sink->out,
		"%-11s %" PRIu64 " bytes (%" PRIu64 " pages), peak %" PRIu64 " bytes (%" PRIu64
		" pages)\n",
		name, total->now, total->now / sink->page, total->peak, total->peak / sink->page);
}

static void put_doubts(FILE *out, const struct space *space)
{
	char size[FORMAT_MAX];

	if (space->exact)
		return;
	if (space->whole)
		fprintf(out, "uncertain: %s, where calls of threads overlapped or failed\n",
			format_size(size, space->uncertain));
	else
		fprintf(out, "not exact: events were lost\n");
}

void map_show(struct sink *sink, uint32_t pid, const char *comm, const struct space *space)
{
	char name[FORMAT_MAX];

	fprintf(sink->out, "pid %" PRIu32 " (%s)\n", pid, format_comm(name, comm));
	put_table(sink, space);
	put_total(sink, "reserved:", &space->reserved);
	put_total(sink, "committed:", &space->committed);
	put_total(sink, "given back:", &space->given_back);
	put_doubts(sink->out, space);
	fprintf(sink->out, "\n");
	map_draw(sink->out, space, sink->page);
	fprintf(sink->out, "\n");
}

static int map_event(struct sink *sink, const struct step *step)
{
	if (step->ev->kind == BRKWATCH_EVENT_KIND_MARK)
		return put_line(sink, step);
	if (step->ev->kind == BRKWATCH_EVENT_KIND_EXIT && step->process->space)
		map_show(sink, step->ev->pid, step->ev->comm, step->process->space);
	return 0;
}

static int map_end(struct sink *sink, const struct report *report)
{
	put_losses(sink->out, report);
	return 0;
}

const struct sink_ops map_sink = {
	.events = LEDGER_EVENTS,
	.late = true,
	.event = map_event,
	.end = map_end,
};
