// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "plot.h"
#include "sink.h"
#include "space.h"
#include "text.h"

#define PLOTTED_MIN 8

/* Begun if it is new; NULL without memory. */
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
		one->of[figure].last = TRACK_UNKNOWN;
}

static struct sample sample_of(const struct step *step, uint64_t page)
{
	const struct process *process = step->process;
	const struct space *space = process->space;
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

/* Of what tells nothing of memory: a process has what it had, up to then. */
static int add_still(struct track *track, uint64_t time)
{
	struct sample still;

	if (!track->n)
		return 0;
	still = sample_after(&track->v[track->n - 1]);
	still.from = still.to = time;
	return track_add(track, &still);
}

static int plot_event(struct sink *sink, const struct step *step)
{
	struct plotted *p = plotted_of(sink->plot, step->ev->watch);
	struct sample one;

	if (!p)
		return -ENOMEM;
	p->pid = step->ev->pid;
	memcpy(p->comm, step->ev->comm, sizeof(p->comm));
	if (step->ev->kind == BRKWATCH_EVENT_KIND_MARK)
		track_mark(&p->track, step->ev->time, step->ev->mark);
	if (!step->ev->has_heap)
		return add_still(&p->track, step->ev->time);
	one = sample_of(step, sink->page);
	return track_add(&p->track, &one);
}

static int plot_end(struct sink *sink, const struct report *report)
{
	const struct plot *plot = sink->plot;
	size_t i;

	if (strcmp(plot->file, "-")) {
		put_losses(sink->out, report);
		return plot_gnuplot(plot, sink->stamp.began);
	}
	screen_measure(&sink->screen, sink->out);
	for (i = 0; i < plot->n; i++)
		if (plot->v[i].track.n)
			plot_text(sink->out, &plot->v[i], sink->stamp.began, &sink->screen);
	put_losses(sink->out, report);
	return 0;
}

void plot_free(struct plot *plot)
{
	size_t i;

	for (i = 0; i < plot->n; i++)
		free(plot->v[i].track.v);
	free(plot->v);
	plot->v = NULL;
	plot->n = 0;
}

const struct sink_ops plot_sink = {
	.events = LEDGER_EVENTS,
	.late = true,
	.event = plot_event,
	.end = plot_end,
};
