// SPDX-License-Identifier: GPL-2.0
/* Stacks with the bytes they got, as flamegraph.pl and speedscope read them. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "view/callers.h"
#include "view/view.h"
#include "stack/stacks.h"
#include "view/trace.h"

struct folded {
	struct view view;
	struct callers callers;
};

static int folded_open(struct view **view, const struct view_type *type,
		       const struct view_context *context)
{
	struct folded *folded = view_alloc(sizeof(*folded));

	if (!folded)
		return -ENOMEM;
	view_init(&folded->view, type, context);
	*view = &folded->view;
	return 0;
}

static void folded_close(struct view *view)
{
	struct folded *folded = container_of(view, struct folded, view);

	callers_free(&folded->callers);
	free(folded);
}

static void put_one(struct view *view, const struct step *step)
{
	const struct trace *trace = stacks_trace(view->stacks, step->ev);

	if (trace)
		put_folded(view->out, step->ev->comm, trace);
}

static int folded_event(struct view *view, const struct step *step)
{
	struct folded *folded = container_of(view, struct folded, view);

	return callers_take(&folded->callers, view, step, 0, put_one);
}

/* Nothing else belongs into what others read. */
static int folded_end(struct view *view, const struct report *report)
{
	struct callers *callers = &container_of(view, struct folded, view)->callers;
	size_t i;

	callers_sort(callers);
	for (i = 0; i < callers->n; i++)
		fprintf(view->out, "%s %" PRIu64 "\n", callers->v[i]->text, callers->v[i]->bytes);
	say_losses(report);
	return 0;
}

const struct view_type folded_view = {
	.option = "stacks",
	.traits = VIEW_STACKS,
	.open = folded_open,
	.close = folded_close,
	.events = LEDGER_EVENTS,
	.late = true,
	.event = folded_event,
	.end = folded_end,
};
