// SPDX-License-Identifier: GPL-2.0
/*
 * Lines as strace -f -ttt -T -o FILE writes them, for programs that read them: calls,
 * and the lifecycle events that both strace and the module report.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "lib/names.h"
#include "view/text.h"

/* Results begin in this column. */
#define RESULT_COLUMN 39

static void put_leader(struct view *view, const struct event *ev, uint64_t time)
{
	fprintf(view->out, "%-5" PRIu32 " ", ev->tid ?: ev->pid);
	timestamp_put(&view->timestamp, view->out, time);
}

/* The line shows the time when the call began. */
static int put_padded_call(struct view *view, const struct step *step)
{
	FILE *out = view->out;
	char *call = NULL;
	size_t size;
	int err;

	view->out = open_memstream(&call, &size);
	if (!view->out) {
		view->out = out;
		return -ENOMEM;
	}
	put_leader(view, step->ev, step->ev->time - step->ev->duration);
	put_call(view, step);
	err = fclose(view->out) ? -ENOMEM : 0;
	view->out = out;
	if (!err)
		fprintf(out, "%-*s", RESULT_COLUMN, call);
	free(call);
	return err;
}

static void put_exit(struct view *view, const struct event *ev)
{
	int status = ev->exit.code;
	char name[NAMES_MAX];

	put_leader(view, ev, ev->time);
	if (WIFSIGNALED(status))
		fprintf(view->out, "+++ killed by %s%s +++\n", names_signal(name, WTERMSIG(status)),
			WCOREDUMP(status) ? " (core dumped)" : "");
	else
		fprintf(view->out, "+++ exited with %d +++\n", WEXITSTATUS(status));
}

static void put_fault(struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	char name[NAMES_MAX], code[NAMES_MAX];

	put_leader(view, ev, ev->time);
	names_signal(name, ev->fault.signal);
	fprintf(view->out, "--- %s {si_signo=%s, si_code=%s, si_addr=%s} ---\n", name, name,
		names_code(code, ev->fault.signal, ev->fault.code),
		pointer(ev->fault.addr, step->places->addr));
}

static int strace_event(struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	int err = 0;

	if (!(strace_view.events & 1U << ev->kind))
		return 0;
	view->shown++;
	if (ev->kind == BRKWATCH_EVENT_KIND_EXIT) {
		put_exit(view, ev);
	} else if (ev->kind == BRKWATCH_EVENT_KIND_FAULT) {
		put_fault(view, step);
	} else {
		err = put_padded_call(view, step);
		put_result(view, step);
		fputc('\n', view->out);
	}
	put_stack(view, step);
	return err;
}

/* Report losses on standard error, because readers of strace's lines expect no such line. */
static int strace_end(struct view *view, const struct report *report)
{
	(void)view;
	say_losses(view, report);
	return 0;
}

/* The view has the times of strace -ttt -T. */
static int strace_open(struct view *view, const struct view_context *context)
{
	(void)context;
	view->timestamp.clock = CLOCK_OF_EPOCH;
	view->durations = true;
	return 0;
}

const struct view_type strace_view = {
	.option = "strace",
	.events = CALL_EVENTS | EVENT_BIT(EXIT) | EVENT_BIT(FAULT),
	.traits = VIEW_TIMES | VIEW_CALLS | VIEW_COUNT,
	.open = strace_open,
	.event = strace_event,
	.end = strace_end,
};
