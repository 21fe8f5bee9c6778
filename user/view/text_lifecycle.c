// SPDX-License-Identifier: GPL-2.0
/* Lifecycle events: how a process begins, goes wrong and ends. */
#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>

#include "lib/format.h"
#include "lib/names.h"
#include "view/text.h"

static void put_clone(struct view *view, const struct event *ev)
{
	static const char *const kinds[] = {
		[BRKWATCH_CLONE_KIND_COPY] = " (copy)",
		[BRKWATCH_CLONE_KIND_SHARED] = " (shares the address space)",
		[BRKWATCH_CLONE_KIND_THREAD] = "",
	};
	bool thread = ev->clone.kind == BRKWATCH_CLONE_KIND_THREAD;

	if (view->normalize && ev->clone.watch && !thread)
		fprintf(view->out, "+++ clone: watch %" PRIu32, ev->clone.watch);
	else
		fprintf(view->out, "+++ clone: %s", thread ? "thread" : "process");
	if (!view->normalize && ev->clone.child)
		fprintf(view->out, " %" PRIu32, ev->clone.child);
	fprintf(view->out, "%s +++", kinds[ev->clone.kind]);
}

/* A filter can deny calls of which the view then shows nothing. */
static void put_exec(struct view *view, const struct event *ev)
{
	const char *seccomp = ev->seccomp ? names_seccomp(ev->seccomp) : NULL;
	char comm[FORMAT_MAX];

	fprintf(view->out, "+++ exec \"%s\", heap starts anew%s%s +++", format_comm(comm, ev->comm),
		seccomp ? ", seccomp " : "", seccomp ?: "");
}

static void put_exit(struct view *view, const struct event *ev)
{
	char name[NAMES_MAX], size[FORMAT_MAX];
	int status = ev->exit.code;

	if (WIFSIGNALED(status))
		fprintf(view->out, "+++ killed by %s%s", names_signal(name, WTERMSIG(status)),
			WCOREDUMP(status) ? " (core dumped)" : "");
	else
		fprintf(view->out, "+++ exited with %d", WEXITSTATUS(status));
	if (!view->normalize && ev->exit.peak_rss)
		fprintf(view->out, ", peak resident %s",
			format_size(size, ev->exit.peak_rss * view->page));
	fprintf(view->out, " +++");
}

/* Show how far from the heap a fault happened. */
static void put_distance(struct view *view, const struct event *ev)
{
	uint64_t addr = ev->fault.addr;
	char size[FORMAT_MAX];

	if (!is_near_heap(ev))
		return;
	if (addr < ev->heap_start)
		fprintf(view->out, "%s below the heap, ", format_size(size, ev->heap_start - addr));
	else if (addr < ev->brk)
		fprintf(view->out, "in the heap, ");
	else if (addr == ev->brk)
		fprintf(view->out, "at the break, ");
	else
		fprintf(view->out, "%s above the break, ", format_size(size, addr - ev->brk));
}

/* The headers of Debian 12 do not have this code. */
#ifndef SEGV_CPERR
#define SEGV_CPERR 10
#endif

/* Say in words what the kernel's code means. */
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
		return "general protection, address not known";
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

static void put_fault(struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	char name[NAMES_MAX], code[NAMES_MAX];

	fprintf(view->out, "--- %s {%s, %s} ", names_signal(name, ev->fault.signal),
		names_code(code, ev->fault.signal, ev->fault.code),
		pointer(ev->fault.addr, step->places->addr));
	put_distance(view, ev);
	fprintf(view->out, "%s ---",
		ev->fault.signal == SIGBUS ? bus_reason(ev->fault.code) :
					     segv_reason(ev->fault.code));
}

void put_lifecycle(struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	char mark[FORMAT_MARK_MAX];

	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_CLONE:
		put_clone(view, ev);
		break;
	case BRKWATCH_EVENT_KIND_EXEC:
		put_exec(view, ev);
		break;
	case BRKWATCH_EVENT_KIND_EXIT:
		put_exit(view, ev);
		break;
	case BRKWATCH_EVENT_KIND_FAULT:
		put_fault(view, step);
		break;
	case BRKWATCH_EVENT_KIND_MARK:
		fprintf(view->out, "+++ mark \"%s\" +++", format_mark(mark, ev->mark));
		break;
	default:
		fprintf(view->out, "+++ left the session: it runs a program with rights that "
				   "the reader does not have +++");
		break;
	}
}
