// SPDX-License-Identifier: GPL-2.0
/* Events that go into a capture and are not shown. */
#include "sink.h"

static int no_event(struct sink *sink, const struct step *step)
{
	(void)sink;
	(void)step;
	return 0;
}

static int no_end(struct sink *sink, const struct report *report)
{
	put_losses(sink->out, report);
	return 0;
}

const struct sink_ops no_sink = {
	.events = ALL_EVENTS,
	.late = true,
	.blind = true,
	.event = no_event,
	.end = no_end,
};
