// SPDX-License-Identifier: GPL-2.0
/* Who got how much, below the totals of a process. */
#include <inttypes.h>

#include "format.h"
#include "json_line.h"
#include "stacks.h"
#include "summary.h"
#include "text.h"
#include "trace.h"

/* As many are read; JSON has all. */
#define SITES_SHOWN 10

int summary_site(struct sink *sink, const struct step *step)
{
	return sites_take(sink, step, step->ev->watch, put_stack);
}

static void put_json(struct sink *sink, const struct step *step)
{
	const struct trace *trace = stacks_trace(sink->stacks, step->ev);
	json_object *stack = trace ? trace_json(trace, sink->normalize) : NULL;

	if (stack)
		fputs(json_object_to_json_string_ext(stack, JSON_C_TO_STRING_PLAIN), sink->out);
	json_object_put(stack);
}

int summary_site_json(struct sink *sink, const struct step *step)
{
	return sites_take(sink, step, step->ev->watch, put_json);
}

static uint64_t sum_of(const struct sites *sites, uint32_t watch)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < sites->n; i++)
		if (sites->v[i]->watch == watch)
			sum += sites->v[i]->bytes;
	return sum;
}

void put_sites(const struct sink *sink, uint32_t watch)
{
	uint64_t sum = sum_of(&sink->sites, watch), rest = sum;
	char size[FORMAT_MAX];
	size_t i, n = 0;

	if (!sum)
		return;
	fprintf(sink->out, "\nwho asked for %s:\n", format_size(size, sum));
	for (i = 0; i < sink->sites.n; i++) {
		const struct site *site = sink->sites.v[i];

		if (site->watch != watch)
			continue;
		if (++n > SITES_SHOWN)
			continue;
		rest -= site->bytes;
		fprintf(sink->out, "%s (%.1f %%) in %" PRIu64 " call%s\n%s",
			format_size(size, site->bytes), 100.0 * site->bytes / sum, site->calls,
			site->calls == 1 ? "" : "s", site->text);
	}
	if (rest)
		fprintf(sink->out, "%s by %zu others\n", format_size(size, rest), n - SITES_SHOWN);
}

static json_object *site_json(const struct site *site)
{
	struct line line;

	if (line_begin(&line))
		return NULL;
	line_u64(&line, "bytes", site->bytes);
	line_u64(&line, "calls", site->calls);
	line_add(&line, "stack", json_tokener_parse(site->text));
	return line_take(&line);
}

json_object *sites_json(const struct sites *sites, uint32_t watch)
{
	json_object *all = json_object_new_array();
	size_t i;

	for (i = 0; i < sites->n && all; i++) {
		if (sites->v[i]->watch == watch)
			line_array_add(&all, site_json(sites->v[i]));
	}
	return all;
}
