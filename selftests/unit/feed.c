// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "feed.h"

void feed_begin(struct feed *feed, const struct sink_ops *ops)
{
	const struct geometry geometry = { PAGE, 512 * PAGE };

	memset(feed, 0, sizeof(*feed));
	feed->ledger.geometry = geometry;
	feed->normalizer.geometry = geometry;
	feed->sink.ops = ops;
	feed->sink.ledger = &feed->ledger;
	feed->sink.page = PAGE;
	feed->sink.out = open_memstream(&feed->text, &feed->size);
	if (!feed->sink.out)
		abort();
}

void feed_event(struct feed *feed, struct event ev)
{
	struct step step = { .ev = &ev };

	step.process = ledger_apply(&feed->ledger, &ev, &step.change);
	feed->normalizer.on = feed->sink.normalize;
	if (!step.process || normalize(&feed->normalizer, &ev, &step.places) ||
	    feed->sink.ops->event(&feed->sink, &step))
		abort();
}

void feed_end(struct feed *feed, const struct report *report)
{
	if (feed->sink.ops->end(&feed->sink, report))
		abort();
}

const char *feed_text(struct feed *feed)
{
	/* Terminated here: what an earlier, longer text left behind lies after it. */
	if (fputc('\0', feed->sink.out) || fflush(feed->sink.out))
		abort();
	rewind(feed->sink.out);
	return feed->text;
}

void feed_free(struct feed *feed)
{
	fclose(feed->sink.out);
	free(feed->text);
	ledger_free(&feed->ledger);
	normalizer_free(&feed->normalizer);
}

static struct event call(uint32_t kind)
{
	return (struct event){
		.kind = kind,
		.watch = 1,
		.pid = 42,
		.tid = 43,
		.time = SECOND + 1234567,
		.duration = 500,
		.heap_start = HEAP,
		.brk = HEAP + 33 * PAGE,
		.has_heap = true,
		.rss = 7,
		.has_rss = true,
		.comm = "lab",
	};
}

struct event brk_event(uint32_t kind, uint64_t requested, uint64_t before, uint64_t after)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_BRK);

	ev.move.kind = kind;
	ev.move.requested = requested;
	ev.move.before = before;
	ev.move.after = after;
	ev.brk = after;
	return ev;
}

struct event mmap_event(uint64_t addr, uint64_t length, uint64_t flags, uint64_t result)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_MMAP);

	ev.map.addr = addr;
	ev.map.length = length;
	ev.map.prot = PROT_READ | PROT_WRITE;
	ev.map.flags = flags;
	ev.map.fd = flags & MAP_ANONYMOUS ? -1 : 3;
	ev.map.result = result;
	return ev;
}

struct event munmap_event(uint64_t addr, uint64_t length)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_MUNMAP);

	ev.map.addr = addr;
	ev.map.length = length;
	return ev;
}

struct event exec_event(const char *comm)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_EXEC);

	ev.brk = HEAP;
	snprintf(ev.comm, sizeof(ev.comm), "%s", comm);
	return ev;
}

struct event exit_event(uint32_t status)
{
	struct event ev = call(BRKWATCH_EVENT_KIND_EXIT);

	ev.has_heap = false;
	ev.has_rss = false;
	ev.exit_code = status;
	return ev;
}

struct event failed(struct event ev, uint32_t error)
{
	ev.error = error;
	ev.map.result = -(uint64_t)error;
	return ev;
}
