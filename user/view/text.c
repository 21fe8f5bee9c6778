// SPDX-License-Identifier: GPL-2.0
/* One line an event: what it is, then what it means. */
#include <errno.h>
#include <stdlib.h>
#include <linux/mman.h>

#include "lib/format.h"
#include "view/view.h"
#include "stack/stacks.h"
#include "view/text.h"
#include "view/trace.h"

static void add_process(struct text_buffer *text, const struct event *ev, bool thread)
{
	text_add(text, "[pid ");
	text_add_u64(text, ev->pid);
	if (thread) {
		text_add(text, " tid ");
		text_add_u64(text, ev->tid);
	}
	text_add(text, "] ");
}

static void add_leader(struct text_buffer *text, struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	bool threads = step->process->threads;

	if (view->normalize && view->many) {
		text_add(text, "[watch ");
		text_add_u64(text, ev->watch);
		text_add(text, "] ");
	}
	if (view->normalize)
		return;
	timestamp_add(&view->timestamp, text, ev->time);
	if (threads || view->many)
		add_process(text, ev, threads && ev->tid && event_is_of_thread(ev->kind));
}

/* Hide calls that, as far as the tool knows, have nothing to do with anonymous memory. */
static bool is_hidden(const struct view *view, const struct step *step)
{
	const struct change *change = &step->change;
	const struct event *ev = step->ev;

	if (ev->kind == BRKWATCH_EVENT_KIND_SNAPSHOT)
		return true;
	if (view->all || change->removed || change->removed_other || change->heap_moved)
		return false;
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_MMAP:
		return !(ev->map.flags & MAP_ANONYMOUS);
	case BRKWATCH_EVENT_KIND_MUNMAP:
		return change->removed_file && !step_is_blind(step);
	case BRKWATCH_EVENT_KIND_MREMAP:
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
	case BRKWATCH_EVENT_KIND_MADVISE:
		return step_is_of_files(step, view->page);
	default:
		return false;
	}
}

static enum paint paint_of_call(const struct step *step)
{
	const struct change *change = &step->change;
	const struct event *ev = step->ev;

	if (ev->error)
		return PAINT_BAD;
	if (ev->kind == BRKWATCH_EVENT_KIND_BRK) {
		static const enum paint paints[] = {
			[BRKWATCH_BRK_KIND_QUERY] = PAINT_PLAIN,
			[BRKWATCH_BRK_KIND_GROW] = PAINT_MORE,
			[BRKWATCH_BRK_KIND_SHRINK] = PAINT_LESS,
			[BRKWATCH_BRK_KIND_REFUSED] = PAINT_BAD,
		};

		return paints[ev->move.kind];
	}
	if (change->added > change->removed || change->committed)
		return PAINT_MORE;
	if (change->removed || change->removed_other || change->decommitted || change->given_back)
		return PAINT_LESS;
	return PAINT_PLAIN;
}

static enum paint paint_of(const struct step *step)
{
	if (event_is_call(step->ev->kind))
		return paint_of_call(step);
	return step->ev->kind == BRKWATCH_EVENT_KIND_FAULT ? PAINT_BAD : PAINT_STEP;
}

void put_what(struct view *view, const struct step *step)
{
	if (step->ev->kind == BRKWATCH_EVENT_KIND_SNAPSHOT)
		fprintf(view->out, "the kernel's own map");
	else if (event_is_call(step->ev->kind))
		put_call(view, step);
	else
		put_lifecycle(view, step);
}

char *text_of(struct view *view, const struct step *step,
	      void (*put)(struct view *view, const struct step *step))
{
	FILE *out = view->out;
	char *text = NULL;
	size_t size;

	view->out = open_memstream(&text, &size);
	if (view->out) {
		put(view, step);
		if (fclose(view->out)) {
			free(text);
			text = NULL;
		}
	}
	view->out = out;
	return text;
}

/* Returns the position in the line where the meaning of the event begins. */
static size_t put_event(struct view *view, const struct step *step)
{
	char buf[TEXT_LINE_MAX];
	struct text_buffer text = text_in(buf, sizeof(buf));
	size_t at;

	add_leader(&text, view, step);
	if (!event_is_call(step->ev->kind)) {
		at = text.len;
		text_put(&text, view->out);
		put_lifecycle(view, step);
		return at;
	}
	add_call(&text, view, step);
	add_result(&text, view, step);
	text_add(&text, "  ");
	at = text.len;
	text_add(&text, "# ");
	add_meaning(&text, view, step);
	/* A filter may have withheld the exec that moved the heap. */
	if (step->change.heap_moved && !view->filtered)
		text_add(&text, ", the heap moved by something else than brk");
	text_put(&text, view->out);
	return at;
}

/* Format the line in memory first, because the terminal needs its length. */
static int put_on_screen(struct view *view, const struct step *step)
{
	FILE *out = view->out;
	char *line = NULL;
	size_t size, at;
	int err;

	view->out = open_memstream(&line, &size);
	if (!view->out) {
		view->out = out;
		return -ENOMEM;
	}
	at = put_event(view, step);
	err = fclose(view->out) ? -ENOMEM : 0;
	view->out = out;
	if (view->terminal.columns)
		terminal_measure(&view->terminal, out);
	if (!err)
		terminal_line(&view->terminal, out, line, at, paint_of(step));
	free(line);
	return err;
}

void put_stack(struct view *view, const struct step *step)
{
	const struct trace *trace = view->stacks ? stacks_trace(view->stacks, step->ev) : NULL;

	if (trace)
		put_trace(view->out, trace, view->normalize);
}

int put_line(struct view *view, const struct step *step)
{
	int err = 0;

	if (!terminal_is_plain(&view->terminal)) {
		err = put_on_screen(view, step);
	} else {
		put_event(view, step);
		putc_unlocked('\n', view->out);
	}
	put_stack(view, step);
	return err;
}

static int text_event(struct view *view, const struct step *step)
{
	if (is_hidden(view, step))
		return 0;
	view->shown++;
	return put_line(view, step);
}

static int text_end(struct view *view, const struct report *report)
{
	put_losses(view, report);
	return 0;
}

const struct view_type text_view = {
	.events = CALL_EVENTS | LIFECYCLE_EVENTS,
	.traits = VIEW_TIMES | VIEW_RELATIVE | VIEW_CALLS | VIEW_NAMES | VIEW_COUNT,
	.origins = true,
	.terse = true,
	.event = text_event,
	.end = text_end,
};
