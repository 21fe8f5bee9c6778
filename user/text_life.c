// SPDX-License-Identifier: GPL-2.0
/* Steps of life: how a process begins, goes wrong and ends. */
#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>

#include "format.h"
#include "names.h"
#include "text.h"

static void put_clone(struct sink *sink, const struct event *ev)
{
	static const char *const kinds[] = {
		[BRKWATCH_CLONE_KIND_COPY] = " (copy)",
		[BRKWATCH_CLONE_KIND_SHARED] = " (shares the address space)",
		[BRKWATCH_CLONE_KIND_THREAD] = "",
	};
	bool thread = ev->clone.kind == BRKWATCH_CLONE_KIND_THREAD;

	if (sink->normalize && ev->clone.watch && !thread)
		fprintf(sink->out, "+++ clone: watch %" PRIu32, ev->clone.watch);
	else
		fprintf(sink->out, "+++ clone: %s", thread ? "thread" : "process");
	if (!sink->normalize && ev->clone.child)
		fprintf(sink->out, " %" PRIu32, ev->clone.child);
	fprintf(sink->out, "%s +++", kinds[ev->clone.kind]);
}

static void put_exit(struct sink *sink, const struct event *ev)
{
	char name[NAMES_MAX], size[FORMAT_MAX];
	int status = ev->exit.code;

	if (WIFSIGNALED(status))
		fprintf(sink->out, "+++ killed by %s%s", names_signal(name, WTERMSIG(status)),
			WCOREDUMP(status) ? " (core dumped)" : "");
	else
		fprintf(sink->out, "+++ exited with %d", WEXITSTATUS(status));
	if (!sink->normalize && ev->exit.peak_rss)
		fprintf(sink->out, ", peak resident %s",
			format_size(size, ev->exit.peak_rss * sink->page));
	fprintf(sink->out, " +++");
}

/* Where a fault happened, in terms of the heap. */
static void put_distance(struct sink *sink, const struct event *ev)
{
	uint64_t addr = ev->fault.addr;
	char size[FORMAT_MAX];

	if (!is_near_heap(ev))
		return;
	if (addr < ev->heap_start)
		fprintf(sink->out, "%s below the heap, ", format_size(size, ev->heap_start - addr));
	else if (addr < ev->brk)
		fprintf(sink->out, "in the heap, ");
	else if (addr == ev->brk)
		fprintf(sink->out, "at the break, ");
	else
		fprintf(sink->out, "%s above the break, ", format_size(size, addr - ev->brk));
}

/* Newer than the headers of Debian 12. */
#ifndef SEGV_CPERR
#define SEGV_CPERR 10
#endif

/* What the kernel's code says. */
static const char *segv_reason(int32_t code)
{
	switch (code) {
	case SEGV_MAPERR:
		return "no mapping";
	case SEGV_ACCERR:
		return "no permission";
	case SEGV_BNDERR:
		return "out of bounds";
	case SEGV_PKUERR:
		return "protection key";
	case SEGV_CPERR:
		return "control protection";
	case SI_KERNEL:
		return "general protection, address not told";
	default:
		return "cause unknown";
	}
}

static const char *bus_reason(int32_t code)
{
	switch (code) {
	case BUS_ADRALN:
		return "not aligned";
	case BUS_ADRERR:
		return "nothing behind the mapping";
	case BUS_OBJERR:
		return "hardware error";
	case BUS_MCEERR_AR:
	case BUS_MCEERR_AO:
		return "memory error";
	default:
		return "cause unknown";
	}
}

static void put_fault(struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;
	char name[NAMES_MAX], code[NAMES_MAX];

	fprintf(sink->out, "--- %s {%s, %s} ", names_signal(name, ev->fault.signal),
		names_code(code, ev->fault.signal, ev->fault.code),
		pointer(ev->fault.addr, step->places.addr));
	put_distance(sink, ev);
	fprintf(sink->out, "%s ---",
		ev->fault.signal == SIGBUS ? bus_reason(ev->fault.code) :
					     segv_reason(ev->fault.code));
}

void put_life(struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;
	char comm[FORMAT_MAX], mark[FORMAT_MARK_MAX];

	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_CLONE:
		put_clone(sink, ev);
		break;
	case BRKWATCH_EVENT_KIND_EXEC:
		fprintf(sink->out, "+++ exec \"%s\", heap starts anew +++",
			format_comm(comm, ev->comm));
		break;
	case BRKWATCH_EVENT_KIND_EXIT:
		put_exit(sink, ev);
		break;
	case BRKWATCH_EVENT_KIND_FAULT:
		put_fault(sink, step);
		break;
	case BRKWATCH_EVENT_KIND_MARK:
		fprintf(sink->out, "+++ mark \"%s\" +++", format_mark(mark, ev->mark));
		break;
	default:
		fprintf(sink->out, "+++ left the session: it runs a program with rights that "
				   "the reader does not have +++");
		break;
	}
}
