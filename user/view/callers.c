// SPDX-License-Identifier: GPL-2.0
/* How many bytes the calls with the same stack got. */
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
	uint64_t before = pages_of(ev->map.length, view->page);
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

static struct caller *make(struct callers *callers, const struct caller *key)
{
	struct caller **v =
		array_room(callers->v, callers->n, &callers->cap, sizeof(*v), CALLERS_MIN);
	struct caller *caller;

	if (!v)
		return NULL;
	callers->v = v;
	caller = malloc(sizeof(*caller));
	if (!caller)
		return NULL;
	*caller = *key;
	if (!tsearch(caller, &callers->tree, compare_stacks)) {
		free(caller);
		return NULL;
	}
	callers->v[callers->n++] = caller;
	return caller;
}

int callers_add(struct callers *callers, uint32_t watch, char *text, uint64_t bytes)
{
	const struct caller key = { .watch = watch, .text = text };
	struct caller **node = tfind(&key, &callers->tree, compare_stacks);
	struct caller *caller = node ? *node : make(callers, &key);

	if (node || !caller)
		free(text);
	if (!caller)
		return -ENOMEM;
	caller->bytes += bytes;
	caller->calls++;
	return 0;
}

int callers_take(struct callers *callers, struct view *view, const struct step *step,
		 uint32_t watch, void (*put)(struct view *view, const struct step *step))
{
	bool known = view->stacks && step->ev->stack.registers;
	uint64_t bytes = known ? taken_bytes(view, step) : 0;
	char *text = bytes ? text_of(view, step, put) : NULL;

	if (!bytes)
		return 0;
	return text ? callers_add(callers, watch, text, bytes) : -ENOMEM;
}

static int compare_bytes(const void *a, const void *b)
{
	const struct caller *x = *(struct caller *const *)a, *y = *(struct caller *const *)b;

	if (x->watch != y->watch)
		return x->watch < y->watch ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return strcmp(x->text, y->text);
}

void callers_sort(struct callers *callers)
{
	if (callers->n)
		qsort(callers->v, callers->n, sizeof(*callers->v), compare_bytes);
}

void callers_drop(struct callers *callers, uint32_t watch)
{
	size_t i, kept = 0;

	for (i = 0; i < callers->n; i++) {
		struct caller *caller = callers->v[i];

		if (caller->watch != watch) {
			callers->v[kept++] = caller;
			continue;
		}
		tdelete(caller, &callers->tree, compare_stacks);
		free(caller->text);
		free(caller);
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
	while (callers->n) {
		struct caller *caller = callers->v[--callers->n];

		free(caller->text);
		free(caller);
	}
	free(callers->v);
	memset(callers, 0, sizeof(*callers));
}
