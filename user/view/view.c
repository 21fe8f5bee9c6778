// SPDX-License-Identifier: GPL-2.0
/* What all views have in common: how they are made, and the losses at their end. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/say.h"
#include "view/view.h"

#define BLIND_MAX 128

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

/* Say, in seconds of the session, when events are not exact because the probes were off. */
static const char *blind_text(char text[BLIND_MAX], const struct view *view,
			      const struct losses *losses)
{
	uint64_t began = view->timestamp.began;

	snprintf(text, BLIND_MAX,
		 "not exact between %.6f s and %.6f s: the kernel's probes were off",
		 (losses->blind_from - began) / 1e9, (losses->blind_to - began) / 1e9);
	return text;
}

void put_losses(const struct view *view, const struct report *report)
{
	const struct losses *l = &report->losses;
	const char *least = losses_least(l);
	char blind[BLIND_MAX];

	if (l->blind_to)
		fprintf(view->out, "%s\n", blind_text(blind, view, l));
	fprintf(view->out,
		"events %" PRIu64 "%s, lost %s%" PRIu64 " (ring %" PRIu64 ", probe %s%" PRIu64
		", watch %" PRIu64 ", socket %" PRIu64 ")\n",
		report->events, view->uncounted ? " besides calls" : "", least, losses_sum(l),
		l->ring, least, l->probe, l->watch, l->socket);
}

void say_losses(const struct view *view, const struct report *report)
{
	const struct losses *l = &report->losses;
	char blind[BLIND_MAX];

	if (l->blind_to)
		say("%s; see: brkwatch --status", blind_text(blind, view, l));
	if (losses_sum(l))
		say("%s%" PRIu64 " events were lost; try a larger --buffer", losses_least(l),
		    losses_sum(l));
}
