// SPDX-License-Identifier: GPL-2.0
/* Stacks with the bytes they got, as flamegraph.pl and speedscope read them. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "say.h"
#include "sink.h"
#include "stacks.h"
#include "trace.h"

static int folded_event(struct sink *sink, const struct step *step)
{
	uint64_t bytes = taken_bytes(sink, step);
	const struct trace *trace = bytes ? stacks_trace(sink->stacks, step->ev) : NULL;
	char *text = NULL;
	size_t size;
	FILE *out;

	if (!trace)
		return 0;
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	put_folded(out, step->ev->comm, trace);
	if (fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	return sites_add(&sink->sites, 0, text, bytes);
}

/* Nothing else belongs into what others read. */
static int folded_end(struct sink *sink, const struct report *report)
{
	const struct losses *l = &report->losses;
	uint64_t lost = l->ring + l->probe + l->watch + l->socket;
	size_t i;

	sites_sort(&sink->sites);
	for (i = 0; i < sink->sites.n; i++)
		fprintf(sink->out, "%s %" PRIu64 "\n", sink->sites.v[i]->text,
			sink->sites.v[i]->bytes);
	if (lost)
		say("%" PRIu64 " events were lost; try a larger --buffer", lost);
	return 0;
}

const struct sink_ops folded_sink = {
	.events = LEDGER_EVENTS,
	.late = true,
	.event = folded_event,
	.end = folded_end,
};
