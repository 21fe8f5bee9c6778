// SPDX-License-Identifier: GPL-2.0
/* How much each caller got and holds, below the totals of a process. */
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
	struct line line;

	if (!trace)
		return;
	line_begin_value(&line);
	line_trace(&line, NULL, trace, view->normalize);
	/* After an error the text is empty, and line_json() reports that. */
	line_put_text(&line, view->out);
}

int summary_caller_json(struct view *view, const struct step *step)
{
	return callers_take(&summary_of(view)->callers, view, step, step->ev->watch, put_json);
}

/**
 * struct caller_sums - bytes of the callers of a watch
 * @got: what they got
 * @held: what they hold
 * @idle: what those got that hold nothing
 */
struct caller_sums {
	uint64_t got;
	uint64_t held;
	uint64_t idle;
};

static bool is_holder(const struct caller *caller, bool known)
{
	return known && caller_holds(caller);
}

/**
 * struct list - callers, of which only the first have lines of their own
 * @n: how many
 * @rest: bytes of the others
 */
struct list {
	size_t n;
	uint64_t rest;
};

static bool is_shown(struct list *list, uint64_t bytes)
{
	if (list->n++ < CALLERS_SHOWN)
		return true;
	list->rest += bytes;
	return false;
}

static void end_list(const struct view *view, const struct list *list, const char *how)
{
	char size[FORMAT_MAX];

	if (list->n > CALLERS_SHOWN)
		fprintf(view->out, "%s %sby %zu others\n", format_size(size, list->rest), how,
			list->n - CALLERS_SHOWN);
}

/* Says for how long memory must have been held, if the user asks for that. */
static void put_min_age(const struct view *view)
{
	if (view->min_age)
		fprintf(view->out, " for %.9g s or longer", view->min_age / 1e9);
}

static void put_calls(const struct view *view, const struct caller *caller)
{
	fprintf(view->out, " in %" PRIu64 " call%s", caller->calls, caller->calls == 1 ? "" : "s");
}

static void put_peak(const struct view *view, const struct caller *caller)
{
	char size[FORMAT_MAX];

	fprintf(view->out, ", at most %s", format_size(size, caller_peak(caller)));
}

static void put_holder(const struct view *view, const struct caller *caller, uint64_t sum)
{
	char size[FORMAT_MAX];

	fprintf(view->out, "%s held (%.1f %%)", format_size(size, caller_holds(caller)),
		100.0 * caller_holds(caller) / sum);
	if (caller->calls) {
		fprintf(view->out, ", got %s", format_size(size, caller_got(caller)));
		put_calls(view, caller);
	}
	put_peak(view, caller);
	/* The calls that share a number share the time of the last one. */
	if (!view->normalize && !caller->other) {
		fprintf(view->out, ", oldest ");
		timestamp_seconds(view->out, 0, caller->site.age);
		fprintf(view->out, " s");
	}
	fprintf(view->out, "\n%s", caller->text);
}

static void put_holders(const struct view *view, uint32_t watch, const struct caller_sums *sums)
{
	const struct callers *callers = &summary_of(view)->callers;
	char held[FORMAT_MAX], got[FORMAT_MAX];
	struct list list = { 0 };
	size_t i;

	if (!sums->held)
		return;
	fprintf(view->out, "\nwho %s %s", view->min_age ? "has held" : "holds",
		format_size(held, sums->held));
	put_min_age(view);
	fprintf(view->out, " (got %s):\n", format_size(got, sums->got));
	for (i = 0; i < callers->n; i++) {
		const struct caller *caller = callers->v[i];

		if (caller->watch == watch && is_holder(caller, true) &&
		    is_shown(&list, caller_holds(caller)))
			put_holder(view, caller, sums->held);
	}
	end_list(view, &list, "held ");
}

static void put_asker(const struct view *view, const struct caller *caller, uint64_t sum,
		      bool known)
{
	char size[FORMAT_MAX];

	fprintf(view->out, "%s (%.1f %%)", format_size(size, caller_got(caller)),
		100.0 * caller_got(caller) / sum);
	put_calls(view, caller);
	if (known)
		put_peak(view, caller);
	fprintf(view->out, "\n%s", caller->text);
}

static void put_askers_head(const struct view *view, uint64_t got, bool known)
{
	char size[FORMAT_MAX];

	fprintf(view->out, "\nwho asked for %s", format_size(size, got));
	if (!known) {
		fprintf(view->out, " (what they hold is unknown: events %s):\n",
			view->filtered ? "filtered" : "lost");
		return;
	}
	fprintf(view->out, " and %s nothing", view->min_age ? "has held" : "holds");
	put_min_age(view);
	fprintf(view->out, ":\n");
}

/* Write the callers that hold nothing; or all, if it is not @known what they hold. */
static void put_askers(const struct view *view, uint32_t watch, const struct caller_sums *sums,
		       bool known)
{
	const struct callers *callers = &summary_of(view)->callers;
	struct list list = { 0 };
	size_t i;

	if (!sums->idle)
		return;
	put_askers_head(view, sums->idle, known);
	for (i = 0; i < callers->n; i++) {
		const struct caller *caller = callers->v[i];

		if (caller->watch == watch && caller_got(caller) && !is_holder(caller, known) &&
		    is_shown(&list, caller_got(caller)))
			put_asker(view, caller, sums->got, known);
	}
	end_list(view, &list, "");
}

void put_callers(const struct view *view, uint32_t watch, bool known)
{
	struct callers *callers = &summary_of(view)->callers;
	struct caller_sums sums = { 0 };
	size_t i;

	callers_sort(callers, known ? caller_holds : caller_got);
	for (i = 0; i < callers->n; i++) {
		const struct caller *caller = callers->v[i];

		if (caller->watch != watch)
			continue;
		sums.got += caller_got(caller);
		if (is_holder(caller, known))
			sums.held += caller_holds(caller);
		else
			sums.idle += caller_got(caller);
	}
	put_holders(view, watch, &sums);
	put_askers(view, watch, &sums, known);
}

static void add_known(struct line *line, const char *key, bool known, uint64_t value)
{
	if (known)
		line_u64(line, key, value);
	else
		line_null(line, key);
}

static void add_caller(struct line *line, const struct view *view, const struct caller *caller,
		       bool known)
{
	bool has_age = known && caller_holds(caller) && !caller->other && !view->normalize;

	line_begin_object(line, NULL);
	line_u64(line, "bytes", caller_got(caller));
	line_u64(line, "calls", caller->calls);
	add_known(line, "held_bytes", known, caller_holds(caller));
	add_known(line, "peak_bytes", known, caller_peak(caller));
	add_known(line, "age_ns", has_age, caller->site.age);
	if (caller->other)
		line_null(line, "stack");
	else
		line_json(line, "stack", caller->text);
	line_end_object(line);
}

void line_callers(struct line *line, const struct view *view, uint32_t watch, bool known)
{
	struct callers *callers = &summary_of(view)->callers;
	size_t i;

	callers_sort(callers, known ? caller_holds : caller_got);
	line_begin_array(line, "sites");
	for (i = 0; i < callers->n; i++)
		if (callers->v[i]->watch == watch)
			add_caller(line, view, callers->v[i], known);
	line_end_array(line);
}
