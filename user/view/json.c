// SPDX-License-Identifier: GPL-2.0
/* JSON lines, one object an event; the man page lists the fields. */
#include <errno.h>
#include <sys/wait.h>
#include <linux/mman.h>

#include "lib/format.h"
#include "view/json_head.h"
#include "view/json_line.h"
#include "lib/names.h"
#include "view/reasons.h"
#include "view/view.h"
#include "stack/stacks.h"
#include "view/trace.h"

/* An address is null if the event has none of this name. */
static void add_place(struct line *line, const char *key, const char *place)
{
	if (*place)
		line_plain(line, key, place);
	else
		line_null(line, key);
}

/* With --normalize a value that differs from run to run is null, so that runs compare equal. */
static void add_varying(struct line *line, const struct view *view, const char *key, uint64_t value)
{
	if (view->normalize)
		line_null(line, key);
	else
		line_u64(line, key, value);
}

static void add_head(struct line *line, const struct view *view, const struct event *ev)
{
	char buf[NAMES_MAX];

	line_plain(line, "event", names_event(ev->kind));
	add_varying(line, view, "time_ns", ev->time);
	add_varying(line, view, "duration_ns", ev->duration);
	add_varying(line, view, "pid", ev->pid);
	add_varying(line, view, "tid", ev->tid);
	/* The watch distinguishes processes, because normalizing hides their PIDs. */
	if (view->normalize && view->many)
		line_u64(line, "watch", ev->watch);
	line_string(line, "comm", format_comm(buf, ev->comm));
	if (ev->error)
		line_plain(line, "error", names_errno(buf, ev->error));
	else
		line_null(line, "error");
	line_bool(line, "compat", ev->traits & BRKWATCH_TRAIT_COMPAT);
}

/* The name of a guess stands under a key of its own, so that nobody takes it for more. */
static void add_asked(struct line *line, const struct view *view, const struct step *step)
{
	struct asked asked = step->asked;
	bool known = asked.origin != ORIGIN_UNKNOWN && step_gets_memory(step, view->page);
	char buf[ASKED_MAX];

	if (known && !asked.guess)
		line_string(line, "origin", asked_text(buf, &asked));
	else
		line_null(line, "origin");
	if (known && asked.guess) {
		asked.guess = false;
		line_string(line, "origin_guess", asked_place(buf, &asked));
	} else {
		line_null(line, "origin_guess");
	}
}

static void add_brk(struct line *line, const struct step *step)
{
	static const char *const kinds[] = {
		[BRKWATCH_BRK_KIND_QUERY] = "query",
		[BRKWATCH_BRK_KIND_GROW] = "grow",
		[BRKWATCH_BRK_KIND_SHRINK] = "shrink",
		[BRKWATCH_BRK_KIND_REFUSED] = "refused",
	};
	const struct event *ev = step->ev;

	line_plain(line, "kind", kinds[ev->move.kind]);
	add_place(line, "requested", step->places->requested);
	add_place(line, "before", step->places->before);
	add_place(line, "after", step->places->after);
	line_i64(line, "delta", ev->move.after - ev->move.before);
}

static void add_mmap(struct line *line, const struct step *step)
{
	const struct event *ev = step->ev;
	char buf[NAMES_MAX];

	add_place(line, "addr", step->places->addr);
	line_u64(line, "length", ev->map.length);
	line_plain(line, "prot", names_prot(buf, ev->map.prot));
	line_plain(line, "flags", names_flags(buf, ev->map.flags));
	line_i64(line, "fd", ev->map.fd);
	line_u64(line, "offset", ev->map.offset);
	line_bool(line, "anonymous", ev->map.flags & MAP_ANONYMOUS);
	add_place(line, "result", step->places->result);
}

static void add_mremap(struct line *line, const struct step *step)
{
	char buf[NAMES_MAX];

	add_place(line, "addr", step->places->addr);
	line_u64(line, "length", step->ev->map.length);
	line_u64(line, "new_length", step->ev->map.new_length);
	line_plain(line, "flags", names_mremap(buf, step->ev->map.flags));
	add_place(line, "new_addr", step->places->new_addr);
	add_place(line, "result", step->places->result);
}

/* Add the result of a call that returns no address. */
static void add_done(struct line *line, const struct event *ev)
{
	if (ev->error)
		line_null(line, "result");
	else
		line_u64(line, "result", ev->map.result);
}

/* munmap, mprotect, pkey_mprotect and madvise act on a range. */
static void add_range(struct line *line, const struct step *step)
{
	const struct event *ev = step->ev;
	char buf[NAMES_MAX];

	add_place(line, "addr", step->places->addr);
	line_u64(line, "length", ev->map.length);
	if (ev->kind == BRKWATCH_EVENT_KIND_MADVISE)
		line_plain(line, "advice", names_advice(buf, ev->map.advice));
	else if (ev->kind != BRKWATCH_EVENT_KIND_MUNMAP)
		line_plain(line, "prot", names_prot(buf, ev->map.prot));
	if (ev->kind == BRKWATCH_EVENT_KIND_PKEY_MPROTECT)
		line_i64(line, "pkey", ev->map.pkey);
	add_done(line, ev);
}

static void add_shmat(struct line *line, const struct view *view, const struct step *step)
{
	char buf[NAMES_MAX];

	/* The id differs from run to run, because the kernel counts all segments it ever made. */
	if (view->normalize)
		line_null(line, "shmid");
	else
		line_i64(line, "shmid", step->ev->map.shmid);
	add_place(line, "addr", step->places->addr);
	line_plain(line, "flags", names_shmat(buf, step->ev->map.flags));
	add_place(line, "result", step->places->result);
}

static void add_clone(struct line *line, const struct view *view, const struct event *ev)
{
	static const char *const kinds[] = {
		[BRKWATCH_CLONE_KIND_COPY] = "copy",
		[BRKWATCH_CLONE_KIND_SHARED] = "shared",
		[BRKWATCH_CLONE_KIND_THREAD] = "thread",
	};

	line_plain(line, "kind", kinds[ev->clone.kind]);
	add_varying(line, view, "child", ev->clone.child);
	line_bool(line, "child_followed", ev->clone.watch);
	if (view->normalize && view->many)
		line_u64(line, "child_watch", ev->clone.watch);
}

static void add_exit(struct line *line, const struct view *view, const struct event *ev)
{
	int status = ev->exit.code;
	char buf[NAMES_MAX];

	if (WIFSIGNALED(status)) {
		line_null(line, "code");
		line_plain(line, "signal", names_signal(buf, WTERMSIG(status)));
	} else {
		line_i64(line, "code", WEXITSTATUS(status));
		line_null(line, "signal");
	}
	line_bool(line, "core_dumped", WIFSIGNALED(status) && WCOREDUMP(status));
	add_varying(line, view, "peak_rss_pages", ev->exit.peak_rss);
}

static void add_fault(struct line *line, const struct step *step)
{
	const struct event *ev = step->ev;
	char buf[NAMES_MAX];

	line_plain(line, "signal", names_signal(buf, ev->fault.signal));
	line_plain(line, "code", names_code(buf, ev->fault.signal, ev->fault.code));
	add_place(line, "addr", step->places->addr);
	if (is_near_heap(ev))
		line_i64(line, "brk_distance", ev->fault.addr - ev->brk);
	else
		line_null(line, "brk_distance");
}

static void add_mark(struct line *line, const struct event *ev)
{
	char buf[FORMAT_MARK_MAX];

	line_string(line, "text", format_mark(buf, ev->mark));
}

static void add_state(struct line *line, const struct view *view, const struct step *step)
{
	add_place(line, "heap_start", step->places->heap_start);
	add_place(line, "brk", step->places->brk);
	if (step->ev->has_rss)
		add_varying(line, view, "rss_pages", step->ev->rss);
	else
		line_null(line, "rss_pages");
}

static void add_stack(struct line *line, const struct view *view, const struct event *ev)
{
	const struct trace *trace = stacks_trace(view->stacks, ev);

	if (!trace) {
		line_null(line, "stack");
		line_null(line, "stack_end");
		return;
	}
	line_trace(line, "stack", trace, view->normalize);
	line_plain(line, "stack_end", trace_end_name(trace->end));
}

static void add_kind(struct line *line, const struct view *view, const struct step *step)
{
	switch (step->ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		add_brk(line, step);
		add_asked(line, view, step);
		break;
	case BRKWATCH_EVENT_KIND_MMAP:
		add_mmap(line, step);
		add_asked(line, view, step);
		break;
	case BRKWATCH_EVENT_KIND_MREMAP:
		add_mremap(line, step);
		add_asked(line, view, step);
		break;
	case BRKWATCH_EVENT_KIND_MUNMAP:
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
	case BRKWATCH_EVENT_KIND_MADVISE:
		add_range(line, step);
		break;
	case BRKWATCH_EVENT_KIND_SHMAT:
		add_shmat(line, view, step);
		break;
	case BRKWATCH_EVENT_KIND_SHMDT:
		add_place(line, "addr", step->places->addr);
		add_done(line, step->ev);
		break;
	case BRKWATCH_EVENT_KIND_CLONE:
		add_clone(line, view, step->ev);
		break;
	case BRKWATCH_EVENT_KIND_EXEC:
		line_seccomp(line, step->ev->seccomp);
		break;
	case BRKWATCH_EVENT_KIND_EXIT:
		add_exit(line, view, step->ev);
		break;
	case BRKWATCH_EVENT_KIND_FAULT:
		add_fault(line, step);
		break;
	case BRKWATCH_EVENT_KIND_LEAVE:
		line_plain(line, "reason", "credentials");
		break;
	case BRKWATCH_EVENT_KIND_MARK:
		add_mark(line, step->ev);
		break;
	default:
		break;
	}
}

static int json_event(struct view *view, const struct step *step)
{
	struct line line;

	if (line_begin(&line))
		return -ENOMEM;
	view->shown++;
	add_head(&line, view, step->ev);
	add_kind(&line, view, step);
	if (event_is_call(step->ev->kind))
		line_reasons(&line, view, step);
	add_state(&line, view, step);
	if (view->stacks)
		add_stack(&line, view, step->ev);
	return line_put(&line, view->out);
}

static int json_end(struct view *view, const struct report *report)
{
	struct line line;

	if (line_begin(&line))
		return -ENOMEM;
	line_plain(&line, "event", "lost");
	line_losses(&line, &report->losses);
	return line_put(&line, view->out);
}

const struct view_type json_view = {
	.option = "json",
	.traits = VIEW_CALLS | VIEW_NAMES | VIEW_COUNT | VIEW_STREAM,
	.events = CALL_EVENTS | LIFECYCLE_EVENTS,
	.begin = json_begin,
	.process = json_process,
	.origins = true,
	.event = json_event,
	.end = json_end,
};
