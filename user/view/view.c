// SPDX-License-Identifier: GPL-2.0
/* What all views have in common: how they are made, and the losses at their end. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/say.h"
#include "view/view.h"

int view_open(struct view **view, const struct view_type *type, const struct view_context *context)
{
	struct view *opened = calloc(1, type->size ?: sizeof(*opened));
	int err;

	if (!opened) {
		say("no memory left; end some other programs");
		return -ENOMEM;
	}
	*opened = context->settings;
	opened->type = type;
	err = type->open ? type->open(opened, context) : 0;
	if (err)
		view_close(opened);
	else
		*view = opened;
	return err;
}

void view_close(struct view *view)
{
	if (view->type->close)
		view->type->close(view);
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
