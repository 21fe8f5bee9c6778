// SPDX-License-Identifier: GPL-2.0
/* How many bytes the calls with the same stack got, and hold. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/array.h"
#include "lib/format.h"
#include "ledger/ledger.h"
#include "view/view.h"
#include "view/callers.h"
#include "view/text.h"

#define CALLERS_MIN 64

static uint64_t grown_bytes(const struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	bool keeps = ev->map.flags & MREMAP_DONTUNMAP;
	uint64_t before = keeps ? 0 : pages_of(ev->map.length, view->page);
	uint64_t after = pages_of(ev->map.new_length, view->page);

	if (ev->error || after <= before || step_is_of_files(step, view->page))
		return 0;
	return (after - before) * view->page;
}

uint64_t taken_bytes(const struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	uint64_t start, end;

	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		return ev->move.kind == BRKWATCH_BRK_KIND_GROW ? ev->move.after - ev->move.before :
								 0;
	case BRKWATCH_EVENT_KIND_MMAP:
		return ev->map.flags & MAP_ANONYMOUS &&
				       event_span(ev, &view->ledger->geometry, &start, &end) ?
			       end - start :
			       0;
	case BRKWATCH_EVENT_KIND_MREMAP:
		return grown_bytes(view, step);
	default:
		return 0;
	}
}

static int compare_stacks(const void *a, const void *b)
{
	const struct caller *x = a, *y = b;

	if (x->watch != y->watch)
		return x->watch < y->watch ? -1 : 1;
	return strcmp(x->text, y->text);
}

static void release(struct caller *caller)
{
	if (caller)
		free(caller->text);
	free(caller);
}

static struct caller *make(struct callers *callers, const struct caller *key)
{
	struct caller **v =
		array_room(callers->v, callers->n, &callers->cap, sizeof(*v), CALLERS_MIN);
	struct caller *caller = calloc(1, sizeof(*caller));

	callers->v = v ?: callers->v;
	if (caller) {
		*caller = *key;
		caller->text = strdup(key->text);
		caller->site.number = callers->n + 1;
	}
	if (!v || !caller || !caller->text || !tsearch(caller, &callers->tree, compare_stacks)) {
		release(caller);
		return NULL;
	}
	callers->v[callers->n++] = caller;
	callers->order = NULL;
	return caller;
}

static struct caller *find(const struct callers *callers, const struct caller *key)
{
	struct caller **node = tfind(key, &callers->tree, compare_stacks);

	return node ? *node : NULL;
}

static struct caller *other_of(struct callers *callers, uint32_t watch)
{
	const struct caller key = {
		.watch = watch,
		.text = (char *)callers->other,
		.other = true,
	};

	return find(callers, &key) ?: make(callers, &key);
}

void callers_open(struct callers *callers, const struct view *view, const char *other)
{
	callers->other = other;
	view->ledger->holdings.wanted = view->stacks;
	view->ledger->holdings.min_age = view->min_age;
}

struct caller *callers_add(struct callers *callers, uint32_t watch, char *text, uint64_t bytes)
{
	const struct caller key = { .watch = watch, .text = text };
	struct caller *caller = find(callers, &key);

	if (!caller)
		caller = callers->n < CALLERS_MAX ? make(callers, &key) : other_of(callers, watch);
	free(text);
	if (!caller)
		return NULL;
	caller->bytes += bytes;
	caller->calls++;
	callers->order = NULL;
	return caller;
}

int callers_take(struct callers *callers, struct view *view, const struct step *step,
		 uint32_t watch, void (*put)(struct view *view, const struct step *step))
{
	struct holdings *holdings = &view->ledger->holdings;
	bool known = view->stacks && step->ev->stack.registers;
	uint64_t bytes = known ? taken_bytes(view, step) : 0;
	char *text = bytes ? text_of(view, step, put) : NULL;
	struct caller *caller = text ? callers_add(callers, watch, text, bytes) : NULL;

	callers->taker = caller;
	if (!bytes)
		return 0;
	if (caller && holdings_is_rest(holdings, step->change.call))
		caller = other_of(callers, watch);
	if (!caller)
		return -ENOMEM;
	holdings_attach(holdings, step->change.call, &caller->site);
	return 0;
}

uint64_t caller_got(const struct caller *caller)
{
	return caller->bytes;
}

uint64_t caller_holds(const struct caller *caller)
{
	return caller->site.old;
}

uint64_t caller_peak(const struct caller *caller)
{
	return caller->site.peak;
}

void callers_weigh(struct callers *callers, const struct holdings *holdings, uint64_t now)
{
	size_t i;

	for (i = 0; i < callers->n; i++) {
		struct site *site = &callers->v[i]->site;

		site->old = site->kept;
		site->age = site->kept_age;
	}
	holdings_weigh(holdings, now);
	callers->order = NULL;
}

static int compare_figures(const void *a, const void *b, void *arg)
{
	const struct caller *x = *(struct caller *const *)a, *y = *(struct caller *const *)b;
	const struct callers *callers = arg;

	if (x->watch != y->watch)
		return x->watch < y->watch ? -1 : 1;
	if (callers->order(x) != callers->order(y))
		return callers->order(x) < callers->order(y) ? 1 : -1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return strcmp(x->text, y->text);
}

void callers_sort(struct callers *callers, uint64_t (*figure)(const struct caller *caller))
{
	if (callers->order == figure)
		return;
	callers->order = figure;
	if (callers->n)
		qsort_r(callers->v, callers->n, sizeof(*callers->v), compare_figures, callers);
}

void callers_drop(struct callers *callers, struct holdings *holdings, uint32_t watch)
{
	size_t i, kept = 0;

	for (i = 0; i < callers->n; i++)
		callers->v[i]->site.dropped = callers->v[i]->watch == watch;
	holdings_forget(holdings);
	for (i = 0; i < callers->n; i++) {
		struct caller *caller = callers->v[i];

		if (!caller->site.dropped) {
			callers->v[kept++] = caller;
			continue;
		}
		tdelete(caller, &callers->tree, compare_stacks);
		release(caller);
	}
	callers->n = kept;
}

static void keep(void *node)
{
	(void)node;
}

void callers_free(struct callers *callers)
{
	tdestroy(callers->tree, keep);
	while (callers->n)
		release(callers->v[--callers->n]);
	free(callers->v);
	memset(callers, 0, sizeof(*callers));
}
