// SPDX-License-Identifier: GPL-2.0
/* What all views have in common: how they are made, and the losses at their end. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/say.h"
#include "view/view.h"

void *view_alloc(size_t size)
{
	void *view = calloc(1, size);

	if (!view)
		say("no memory left; end some other programs");
	return view;
}

void view_init(struct view *view, const struct view_type *type, const struct view_context *context)
{
	*view = context->settings;
	view->type = type;
}

int view_open(struct view **view, const struct view_type *type, const struct view_context *context)
{
	*view = view_alloc(sizeof(**view));
	if (!*view)
		return -ENOMEM;
	view_init(*view, type, context);
	return 0;
}

void view_close(struct view *view)
{
	free(view);
}

void put_losses(const struct view *view, const struct report *report)
{
	const struct losses *l = &report->losses;

	fprintf(view->out,
		"events %" PRIu64 "%s, lost %" PRIu64 " (ring %" PRIu64 ", probe %" PRIu64
		", watch %" PRIu64 ", socket %" PRIu64 ")\n",
		report->events, view->uncounted ? " besides calls" : "", losses_sum(l), l->ring,
		l->probe, l->watch, l->socket);
}

void say_losses(const struct report *report)
{
	uint64_t lost = losses_sum(&report->losses);

	if (lost)
		say("%" PRIu64 " events were lost; try a larger --buffer", lost);
}
