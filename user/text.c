// SPDX-License-Identifier: GPL-2.0
/* One line an event: the call as strace writes it, then what it means. */
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>
#include <linux/mman.h>

#include "format.h"
#include "names.h"
#include "sink.h"

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

static const char *pointer(uint64_t addr, const char *place)
{
	return addr ? place : "NULL";
}

static void put_result(struct sink *sink, const struct event *ev, const char *place)
{
	char name[NAMES_MAX];
	const char *meaning = strerrordesc_np(ev->error);

	if (!ev->error)
		fprintf(sink->out, " = %s", ev->map.result ? place : "0");
	else if (meaning)
		fprintf(sink->out, " = -1 %s (%s)", names_errno(name, ev->error), meaning);
	else
		fprintf(sink->out, " = -1 (errno %" PRIu32 ")", ev->error);
}

static void put_anonymous(struct sink *sink, const struct step *step)
{
	if (step->process->unknown)
		fprintf(sink->out, ", anonymous unknown (events lost)");
	else
		fprintf(sink->out, ", anonymous %" PRIu64 " bytes%s", step->process->anonymous,
			step->process->from_exec ? "" : " since attach");
}

static void put_span(struct sink *sink, char sign, uint64_t bytes, const char *what)
{
	char buf[FORMAT_MAX];

	fprintf(sink->out, "%s%s",
		format_pages(buf, sign, bytes, pages_of(bytes, sink->page), sink->page), what);
}

static void put_refusal(struct sink *sink, const struct event *ev)
{
	uint64_t asked = ev->move.requested, kept = ev->move.after;
	uint64_t bytes = asked > kept ? asked - kept : kept - asked;

	if (is_out_of_reach(ev, asked)) {
		fprintf(sink->out, "refused: asked for an address out of reach");
	} else {
		fprintf(sink->out, "refused: asked ");
		put_span(sink, asked > kept ? '+' : '-', bytes, "");
	}
	fprintf(sink->out, ", kept: ");
}

static void put_move(struct sink *sink, const struct event *ev)
{
	uint64_t before = pages_of(ev->move.before - ev->heap_start, sink->page);
	uint64_t after = pages_of(ev->move.after - ev->heap_start, sink->page);
	bool up = ev->move.kind == BRKWATCH_BRK_KIND_GROW;
	uint64_t bytes = up ? ev->move.after - ev->move.before : ev->move.before - ev->move.after;
	char buf[FORMAT_MAX];

	fprintf(sink->out, "%s, ",
		format_pages(buf, up ? '+' : '-', bytes, up ? after - before : before - after,
			     sink->page));
}

static void put_brk(struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;
	char buf[FORMAT_MAX];

	fprintf(sink->out, "brk(%s) = %s  # ", pointer(ev->move.requested, step->places.requested),
		step->places.after);
	if (ev->move.kind == BRKWATCH_BRK_KIND_REFUSED)
		put_refusal(sink, ev);
	else if (ev->move.kind != BRKWATCH_BRK_KIND_QUERY)
		put_move(sink, ev);
	/* The break that this call returned: another thread may have moved it since. */
	fprintf(sink->out, "%s\n", format_heap(buf, ev->heap_start, ev->move.after, sink->page));
}

static void put_mmap_meaning(struct sink *sink, const struct step *step)
{
	const struct change *change = &step->change;

	if (step->ev->error) {
		fprintf(sink->out, "failed");
	} else if (step->ev->map.flags & MAP_ANONYMOUS) {
		put_span(sink, '+', change->added, "");
		if (change->removed && !step->process->unknown) {
			fprintf(sink->out, ", ");
			put_span(sink, '-', change->removed, " replaced");
		}
		put_anonymous(sink, step);
	} else if (change->removed) {
		fprintf(sink->out, "file mapping over ");
		put_span(sink, '-', change->removed, " anonymous");
		put_anonymous(sink, step);
	} else {
		fprintf(sink->out, "file mapping");
	}
}

static void put_mmap(struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;
	char prot[NAMES_MAX], flags[NAMES_MAX];

	fprintf(sink->out, "mmap(%s, %" PRIu64 ", %s, %s, %" PRId32 ", %#" PRIx64 ")",
		pointer(ev->map.addr, step->places.addr), ev->map.length,
		names_prot(prot, ev->map.prot), names_flags(flags, ev->map.flags), ev->map.fd,
		ev->map.offset);
	put_result(sink, ev, step->places.result);
	fprintf(sink->out, "  # ");
	put_mmap_meaning(sink, step);
	fprintf(sink->out, "\n");
}

static void put_munmap(struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;

	fprintf(sink->out, "munmap(%s, %" PRIu64 ")", pointer(ev->map.addr, step->places.addr),
		ev->map.length);
	put_result(sink, ev, "0");
	fprintf(sink->out, "  # ");
	if (ev->error) {
		fprintf(sink->out, "failed");
	} else if (step->process->unknown) {
		fprintf(sink->out, "anonymous unknown (events lost)");
	} else if (step->change.removed) {
		put_span(sink, '-', step->change.removed, " anonymous");
		put_anonymous(sink, step);
	} else if (step->change.removed_file) {
		fprintf(sink->out, "file mapping");
	} else {
		fprintf(sink->out, "nothing that was seen mapped");
	}
	fprintf(sink->out, "\n");
}

static void put_life(struct sink *sink, const struct event *ev)
{
	int status = ev->exit_code;
	char name[NAMES_MAX], comm[FORMAT_MAX];

	if (ev->kind == BRKWATCH_EVENT_KIND_EXEC)
		fprintf(sink->out, "+++ exec \"%s\", heap starts anew +++\n",
			format_comm(comm, ev->comm));
	else if (WIFSIGNALED(status))
		fprintf(sink->out, "+++ killed by %s%s +++\n", names_signal(name, WTERMSIG(status)),
			WCOREDUMP(status) ? " (core dumped)" : "");
	else
		fprintf(sink->out, "+++ exited with %d +++\n", WEXITSTATUS(status));
}

/* Calls that have nothing to do with anonymous memory, as far as is known. */
static bool is_hidden(const struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;

	if (sink->all || step->change.removed)
		return false;
	if (ev->kind == BRKWATCH_EVENT_KIND_MMAP)
		return !(ev->map.flags & MAP_ANONYMOUS);
	return ev->kind == BRKWATCH_EVENT_KIND_MUNMAP && step->change.removed_file &&
	       !step->process->unknown;
}

static int text_event(struct sink *sink, const struct step *step)
{
	if (is_hidden(sink, step))
		return 0;
	put_leader(sink, step->ev);
	switch (step->ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		put_brk(sink, step);
		break;
	case BRKWATCH_EVENT_KIND_MMAP:
		put_mmap(sink, step);
		break;
	case BRKWATCH_EVENT_KIND_MUNMAP:
		put_munmap(sink, step);
		break;
	default:
		put_life(sink, step->ev);
		break;
	}
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
