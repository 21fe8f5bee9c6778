// SPDX-License-Identifier: GPL-2.0
/* Stacks with the bytes they got, as flamegraph.pl and speedscope read them. */
#include <inttypes.h>

#include "sink.h"
#include "stacks.h"
#include "trace.h"

static void put_one(struct sink *sink, const struct step *step)
{
	const struct trace *trace = stacks_trace(sink->stacks, step->ev);

	if (trace)
		put_folded(sink->out, step->ev->comm, trace);
}

static int folded_event(struct sink *sink, const struct step *step)
{
	return sites_take(sink, step, 0, put_one);
}

/* Nothing else belongs into what others read. */
static int folded_end(struct sink *sink, const struct report *report)
{
	size_t i;

	sites_sort(&sink->sites);
	for (i = 0; i < sink->sites.n; i++)
		fprintf(sink->out, "%s %" PRIu64 "\n", sink->sites.v[i]->text,
			sink->sites.v[i]->bytes);
	say_losses(report);
	return 0;
}

const struct sink_ops folded_sink = {
	.events = LEDGER_EVENTS,
	.late = true,
	.event = folded_event,
	.end = folded_end,
};
