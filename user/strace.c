// SPDX-License-Identifier: GPL-2.0
/*
 * Lines as strace -f -ttt -T -o FILE writes them, for what reads those: the calls,
 * and of a process's life what is told by such a line and known here.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "names.h"
#include "text.h"

/* Where results begin. */
#define RESULT_COLUMN 39

#define LAST_CALL BRKWATCH_EVENT_KIND_SHMDT

static void put_leader(struct sink *sink, const struct event *ev, uint64_t time)
{
	fprintf(sink->out, "%-5" PRIu32 " ", ev->tid ?: ev->pid);
	stamp_put(&sink->stamp, sink->out, time);
}

/* Its time is that of its entry. */
static int put_padded_call(struct sink *sink, const struct step *step)
{
	FILE *out = sink->out;
	char *call = NULL;
	size_t size;
	int err;

	sink->out = open_memstream(&call, &size);
	if (!sink->out) {
		sink->out = out;
		return -ENOMEM;
	}
	put_leader(sink, step->ev, step->ev->time - step->ev->duration);
	put_call(sink, step);
	err = fclose(sink->out) ? -ENOMEM : 0;
	sink->out = out;
	if (!err)
		fprintf(out, "%-*s", RESULT_COLUMN, call);
	free(call);
	return err;
}

static void put_exit(struct sink *sink, const struct event *ev)
{
	int status = ev->exit.code;
	char name[NAMES_MAX];

	put_leader(sink, ev, ev->time);
	if (WIFSIGNALED(status))
		fprintf(sink->out, "+++ killed by %s%s +++\n", names_signal(name, WTERMSIG(status)),
			WCOREDUMP(status) ? " (core dumped)" : "");
	else
		fprintf(sink->out, "+++ exited with %d +++\n", WEXITSTATUS(status));
}

static void put_fault(struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;
	char name[NAMES_MAX], code[NAMES_MAX];

	put_leader(sink, ev, ev->time);
	names_signal(name, ev->fault.signal);
	fprintf(sink->out, "--- %s {si_signo=%s, si_code=%s, si_addr=%s} ---\n", name, name,
		names_code(code, ev->fault.signal, ev->fault.code),
		pointer(ev->fault.addr, step->places.addr));
}

static int strace_event(struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;
	int err = 0;

	if (!(strace_sink.events & 1U << ev->kind))
		return 0;
	sink->shown++;
	if (ev->kind == BRKWATCH_EVENT_KIND_EXIT) {
		put_exit(sink, ev);
	} else if (ev->kind == BRKWATCH_EVENT_KIND_FAULT) {
		put_fault(sink, step);
	} else {
		err = put_padded_call(sink, step);
		put_result(sink, step);
		fputc('\n', sink->out);
	}
	put_stack(sink, step);
	return err;
}

/* No line of its own: nobody who reads strace's knows it. */
static int strace_end(struct sink *sink, const struct report *report)
{
	(void)sink;
	say_losses(report);
	return 0;
}

const struct sink_ops strace_sink = {
	.events = ((2U << LAST_CALL) - 1) | 1U << BRKWATCH_EVENT_KIND_EXIT |
		  1U << BRKWATCH_EVENT_KIND_FAULT,
	.event = strace_event,
	.end = strace_end,
};
