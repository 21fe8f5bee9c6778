// SPDX-License-Identifier: GPL-2.0
/* Stacks with the bytes they got or hold, as flamegraph.pl and speedscope read them. */
#include <inttypes.h>

#include "view/summary.h"
#include "stack/stacks.h"
#include "view/trace.h"

static uint64_t (*const figures[])(const struct caller *caller) = {
	[FOLDED_GOT] = caller_got,
	[FOLDED_HELD] = caller_holds,
	[FOLDED_PEAK] = caller_peak,
};

static void put_one(struct view *view, const struct step *step)
{
	const struct trace *trace = stacks_trace(view->stacks, step->ev);

	if (trace)
		put_folded(view->out, step->ev->comm, trace);
}

static int folded_open(struct view *view, const struct view_context *context)
{
	(void)context;
	callers_open(&summary_of(view)->callers, view, "other");
	return 0;
}

static int folded_event(struct view *view, const struct step *step)
{
	return callers_take(&summary_of(view)->callers, view, step, 0, put_one);
}

/* Nothing else may stand in the output, because programs read it. */
static int folded_end(struct view *view, const struct report *report)
{
	uint64_t (*figure)(const struct caller *caller) = figures[view->folded];
	struct callers *callers = &summary_of(view)->callers;
	size_t i;

	callers_weigh(callers, &view->ledger->holdings, report->now);
	callers_sort(callers, figure);
	for (i = 0; i < callers->n && figure(callers->v[i]); i++)
		fprintf(view->out, "%s %" PRIu64 "\n", callers->v[i]->text, figure(callers->v[i]));
	say_losses(view, report);
	return 0;
}

const struct view_type folded_view = {
	.option = "stacks",
	.traits = VIEW_STACKS,
	.size = VIEW_SIZE(struct summary),
	.open = folded_open,
	.close = summary_close,
	.events = LEDGER_EVENTS,
	.late = true,
	.event = folded_event,
	.end = folded_end,
};
