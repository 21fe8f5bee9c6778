// SPDX-License-Identifier: GPL-2.0
/* One line an event: what it is, then what it means. */
#include <inttypes.h>
#include <linux/mman.h>

#include "format.h"
#include "sink.h"
#include "space.h"
#include "text.h"

#define NSEC_PER_USEC 1000
#define USEC_PER_SEC 1000000

static void put_leader(struct sink *sink, const struct event *ev)
{
	uint64_t us = ev->time > sink->began ? (ev->time - sink->began) / NSEC_PER_USEC : 0;

	if (!sink->normalize)
		fprintf(sink->out, "%4" PRIu64 ".%06" PRIu64 " ", us / USEC_PER_SEC,
			us % USEC_PER_SEC);
	if (sink->many && sink->normalize)
		fprintf(sink->out, "[watch %" PRIu32 "] ", ev->watch);
	else if (sink->many)
		fprintf(sink->out, "[pid %" PRIu32 "] ", ev->pid);
}

bool is_blind(const struct step *step)
{
	const struct process *process = step->process;

	return process->unknown && !(process->space && process->space->whole);
}

bool is_of_files(const struct sink *sink, const struct step *step)
{
	const struct space *space = step->process->space;
	const struct event *ev = step->ev;
	bool moved = ev->kind == BRKWATCH_EVENT_KIND_MREMAP && !ev->error;
	uint64_t length = moved ? ev->map.new_length : ev->map.length;
	uint64_t start = moved ? ev->map.result : ev->map.addr;
	uint64_t end = start + pages_of(length, sink->page) * sink->page;
	bool files = false;
	size_t i;

	if (!space || is_blind(step))
		return false;
	for (i = ranges_after(&space->ranges, start);
	     i < space->ranges.n && space->ranges.v[i].start < end; i++) {
		uint32_t tag = space->ranges.v[i].tag;

		if (tag & TAG_COUNTED ||
		    (tag_class(tag) != CLASS_FILE && tag_class(tag) != CLASS_SPECIAL))
			return false;
		files = true;
	}
	return files;
}

/* Calls that have nothing to do with anonymous memory, as far as is known. */
static bool is_hidden(const struct sink *sink, const struct step *step)
{
	const struct change *change = &step->change;
	const struct event *ev = step->ev;

	if (ev->kind == BRKWATCH_EVENT_KIND_SNAPSHOT)
		return true;
	if (sink->all || change->removed || change->removed_other)
		return false;
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_MMAP:
		return !(ev->map.flags & MAP_ANONYMOUS);
	case BRKWATCH_EVENT_KIND_MUNMAP:
		return change->removed_file && !is_blind(step);
	case BRKWATCH_EVENT_KIND_MREMAP:
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
	case BRKWATCH_EVENT_KIND_MADVISE:
		return is_of_files(sink, step);
	default:
		return false;
	}
}

static int text_event(struct sink *sink, const struct step *step)
{
	if (is_hidden(sink, step))
		return 0;
	put_leader(sink, step->ev);
	switch (step->ev->kind) {
	case BRKWATCH_EVENT_KIND_CLONE:
	case BRKWATCH_EVENT_KIND_EXEC:
	case BRKWATCH_EVENT_KIND_EXIT:
	case BRKWATCH_EVENT_KIND_FAULT:
	case BRKWATCH_EVENT_KIND_LEAVE:
		put_life(sink, step);
		break;
	default:
		put_call(sink, step);
		break;
	}
	fprintf(sink->out, "\n");
	return 0;
}

void put_losses(FILE *out, const struct report *report)
{
	const struct losses *l = &report->losses;

	fprintf(out,
		"events %" PRIu64 ", lost %" PRIu64 " (ring %" PRIu64 ", probe %" PRIu64
		", watch %" PRIu64 ", socket %" PRIu64 ")\n",
		report->events, l->ring + l->probe + l->watch + l->socket, l->ring, l->probe,
		l->watch, l->socket);
}

static int text_end(struct sink *sink, const struct report *report)
{
	put_losses(sink->out, report);
	return 0;
}

const struct sink_ops text_sink = {
	.events = ALL_EVENTS,
	.event = text_event,
	.end = text_end,
};
