// SPDX-License-Identifier: GPL-2.0
/* How much each caller got, below the totals of a process. */
#include <inttypes.h>

#include "lib/format.h"
#include "view/json_line.h"
#include "stack/stacks.h"
#include "view/summary.h"
#include "view/text.h"
#include "view/trace.h"

/* A reader takes in so many; JSON has all. */
#define CALLERS_SHOWN 10

int summary_caller(struct view *view, const struct step *step, uint32_t watch)
{
	return callers_take(&summary_of(view)->callers, view, step, watch, put_stack);
}

static void put_json(struct view *view, const struct step *step)
{
	const struct trace *trace = stacks_trace(view->stacks, step->ev);
	json_object *stack = trace ? trace_json(trace, view->normalize) : NULL;

	if (stack)
		fputs(json_object_to_json_string_ext(stack, JSON_C_TO_STRING_PLAIN), view->out);
	json_object_put(stack);
}

int summary_caller_json(struct view *view, const struct step *step)
{
	return callers_take(&summary_of(view)->callers, view, step, step->ev->watch, put_json);
}

static uint64_t sum_of(const struct callers *callers, uint32_t watch)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < callers->n; i++)
		if (callers->v[i]->watch == watch)
			sum += callers->v[i]->bytes;
	return sum;
}

void put_callers(const struct view *view, uint32_t watch)
{
	const struct callers *callers = &summary_of(view)->callers;
	uint64_t sum = sum_of(callers, watch), rest = sum;
	char size[FORMAT_MAX];
	size_t i, n = 0;

	if (!sum)
		return;
	fprintf(view->out, "\nwho asked for %s:\n", format_size(size, sum));
	for (i = 0; i < callers->n; i++) {
		const struct caller *caller = callers->v[i];

		if (caller->watch != watch)
			continue;
		if (++n > CALLERS_SHOWN)
			continue;
		rest -= caller->bytes;
		fprintf(view->out, "%s (%.1f %%) in %" PRIu64 " call%s\n%s",
			format_size(size, caller->bytes), 100.0 * caller->bytes / sum,
			caller->calls, caller->calls == 1 ? "" : "s", caller->text);
	}
	if (rest)
		fprintf(view->out, "%s by %zu others\n", format_size(size, rest),
			n - CALLERS_SHOWN);
}

static json_object *caller_json(const struct caller *caller)
{
	struct line line;

	if (line_begin(&line))
		return NULL;
	line_u64(&line, "bytes", caller->bytes);
	line_u64(&line, "calls", caller->calls);
	line_add(&line, "stack", json_tokener_parse(caller->text));
	return line_take(&line);
}

json_object *callers_json(const struct callers *callers, uint32_t watch)
{
	json_object *all = json_object_new_array();
	size_t i;

	for (i = 0; i < callers->n && all; i++) {
		if (callers->v[i]->watch == watch)
			line_array_add(&all, caller_json(callers->v[i]));
	}
	return all;
}
