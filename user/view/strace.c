// SPDX-License-Identifier: GPL-2.0
/*
 * Lines as strace -f -ttt -T -o FILE writes them, for programs that read them: calls,
 * and the lifecycle events that both strace and the module report.
 */
#include <sys/wait.h>

#include "lib/names.h"
#include "view/text.h"

#define PID_COLUMNS 5
/* Results begin in this column. */
#define RESULT_COLUMN 39

static void fill_up(struct text_buffer *text, size_t column)
{
	while (text->len < column)
		text_add_char(text, ' ');
}

static void add_leader(struct text_buffer *text, struct view *view, const struct event *ev,
		       uint64_t time)
{
	text_add_u64(text, ev->tid ?: ev->pid);
	fill_up(text, PID_COLUMNS);
	text_add_char(text, ' ');
	timestamp_add(&view->timestamp, text, time);
}

static void put_leader(struct view *view, const struct event *ev)
{
	char buf[TEXT_LINE_MAX];
	struct text_buffer text = text_in(buf, sizeof(buf));

	add_leader(&text, view, ev, ev->time);
	text_put(&text, view->out);
}

/* The line shows the time when the call began. */
static void put_call_line(struct view *view, const struct step *step)
{
	char buf[TEXT_LINE_MAX];
	struct text_buffer text = text_in(buf, sizeof(buf));

	add_leader(&text, view, step->ev, step->ev->time - step->ev->duration);
	add_call(&text, view, step);
	fill_up(&text, RESULT_COLUMN);
	add_result(&text, view, step);
	text_add_char(&text, '\n');
	text_put(&text, view->out);
}

static void put_exit(struct view *view, const struct event *ev)
{
	int status = ev->exit.code;
	char name[NAMES_MAX];

	put_leader(view, ev);
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

	put_leader(view, ev);
	names_signal(name, ev->fault.signal);
	fprintf(view->out, "--- %s {si_signo=%s, si_code=%s, si_addr=%s} ---\n", name, name,
		names_code(code, ev->fault.signal, ev->fault.code),
		pointer(ev->fault.addr, step->places->addr));
}

static int strace_event(struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;

	if (!(strace_view.events & 1U << ev->kind))
		return 0;
	view->shown++;
	if (ev->kind == BRKWATCH_EVENT_KIND_EXIT)
		put_exit(view, ev);
	else if (ev->kind == BRKWATCH_EVENT_KIND_FAULT)
		put_fault(view, step);
	else
		put_call_line(view, step);
	put_stack(view, step);
	return 0;
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
	.terse = true,
	.event = strace_event,
	.end = strace_end,
};
