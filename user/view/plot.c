// SPDX-License-Identifier: GPL-2.0
/* --plot: collects the samples of each process and has them drawn. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "view/plot.h"
#include "view/view.h"
#include "ledger/address_space.h"
#include "view/text.h"

#define PLOTTED_MIN 8

static struct plot *plot_of(struct view *view)
{
	return container_of(view, struct plot, view);
}

/* Find or add a process. Returns NULL if memory runs out. */
static struct plotted *plotted_of(struct plot *plot, uint32_t watch)
{
	size_t at = array_place(plot->v, plot->n, sizeof(*plot->v), offsetof(struct plotted, watch),
				watch);
	struct plotted *v;

	if (at < plot->n && plot->v[at].watch == watch)
		return &plot->v[at];
	v = array_insert(plot->v, &plot->n, &plot->cap, sizeof(*v), PLOTTED_MIN, at);
	if (!v)
		return NULL;
	plot->v = v;
	plot->v[at].watch = watch;
	return &plot->v[at];
}

static void set(struct sample *one, enum figure figure, bool known, uint64_t value)
{
	if (known)
		one->of[figure] = (struct spread){ value, value, value };
	else
		one->of[figure].last = TIMELINE_UNKNOWN;
}

static struct sample sample_of(const struct step *step, uint64_t page)
{
	const struct process *process = step->process;
	const struct address_space *space = process->space;
	const struct event *ev = step->ev;
	struct sample one = { .from = ev->time, .to = ev->time };
	bool brk = ev->kind == BRKWATCH_EVENT_KIND_BRK;

	set(&one, FIGURE_HEAP, true, ev->brk - ev->heap_start);
	set(&one, FIGURE_MAPPED, !process->unknown, process_anonymous(process));
	set(&one, FIGURE_COMMITTED, space && (space->exact || space->whole),
	    space ? space->committed.now : 0);
	set(&one, FIGURE_RESIDENT, ev->has_rss, ev->rss * page);
	one.grows = brk && ev->move.kind == BRKWATCH_BRK_KIND_GROW;
	one.shrinks = brk && ev->move.kind == BRKWATCH_BRK_KIND_SHRINK;
	one.refused = brk && ev->move.kind == BRKWATCH_BRK_KIND_REFUSED;
	return one;
}

/* If an event says nothing about memory, the process keeps its last figures until @time. */
static int add_still(struct timeline *timeline, uint64_t time)
{
	struct sample still;

	if (!timeline->n)
		return 0;
	still = sample_after(&timeline->v[timeline->n - 1]);
	still.from = still.to = time;
	return timeline_add(timeline, &still);
}

static int plot_event(struct view *view, const struct step *step)
{
	struct plotted *p = plotted_of(plot_of(view), step->ev->watch);
	struct sample one;

	if (!p)
		return -ENOMEM;
	p->pid = step->ev->pid;
	memcpy(p->comm, step->ev->comm, sizeof(p->comm));
	if (step->ev->kind == BRKWATCH_EVENT_KIND_MARK)
		timeline_mark(&p->timeline, step->ev->time, step->ev->mark);
	if (!step->ev->has_heap)
		return add_still(&p->timeline, step->ev->time);
	one = sample_of(step, view->page);
	return timeline_add(&p->timeline, &one);
}

static int plot_end(struct view *view, const struct report *report)
{
	const struct plot *plot = plot_of(view);
	size_t i;

	if (strcmp(plot->file, "-")) {
		put_losses(view, report);
		return plot_gnuplot(plot, view->timestamp.began);
	}
	terminal_measure(&view->terminal, view->out);
	for (i = 0; i < plot->n; i++)
		if (plot->v[i].timeline.n)
			plot_text(view->out, &plot->v[i], view->timestamp.began, &view->terminal);
	put_losses(view, report);
	return 0;
}

static int plot_open(struct view *view, const struct view_context *context)
{
	plot_of(view)->file = context->file;
	return plot_check(context->file);
}

static void plot_close(struct view *view)
{
	struct plot *plot = plot_of(view);
	size_t i;

	for (i = 0; i < plot->n; i++)
		free(plot->v[i].timeline.v);
	free(plot->v);
}

const struct view_type plot_view = {
	.option = "plot",
	.traits = VIEW_WHOLE | VIEW_LETTERS,
	.size = VIEW_SIZE(struct plot),
	.open = plot_open,
	.close = plot_close,
	.events = LEDGER_EVENTS,
	.late = true,
	.event = plot_event,
	.end = plot_end,
};
