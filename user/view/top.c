// SPDX-License-Identifier: GPL-2.0
/* Pure: no input, no output, no clock. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "view/map.h"
#include "ledger/address_space.h"
#include "view/top.h"

#define ROWS_MIN 16
/* Keep so many ended processes, so that the user can look at them. */
#define ENDED_MAX 128

static size_t place_of(const struct top *top, uint32_t watch)
{
	return array_place(top->v, top->n, sizeof(*top->v), offsetof(struct top_row, watch), watch);
}

const struct top_row *top_find(const struct top *top, uint32_t watch)
{
	size_t at = place_of(top, watch);

	return at < top->n && top->v[at].watch == watch ? &top->v[at] : NULL;
}

/* Find or add a process. Returns NULL if memory runs out. */
static struct top_row *row_of(struct top *top, uint32_t watch)
{
	size_t at = place_of(top, watch);
	struct top_row *v;

	if (at < top->n && top->v[at].watch == watch)
		return &top->v[at];
	v = array_insert(top->v, &top->n, &top->cap, sizeof(*v), ROWS_MIN, at);
	if (!v)
		return NULL;
	top->v = v;
	top->v[at] = (struct top_row){
		.watch = watch,
		.anonymous = TOP_UNKNOWN,
		.resident = TOP_UNKNOWN,
	};
	return &top->v[at];
}

static char *map_of(const struct view *view, const struct top_row *row,
		    const struct address_space *space)
{
	struct view in_memory = *view;
	char *text = NULL;
	size_t size;

	in_memory.out = open_memstream(&text, &size);
	if (!in_memory.out)
		return NULL;
	map_show(&in_memory, row->pid, row->comm, space);
	if (!fclose(in_memory.out))
		return text;
	free(text);
	return NULL;
}

char *top_map(const struct view *view, const struct top_row *row)
{
	const struct process *process = ledger_find(view->ledger, row->watch);
	const struct address_space *space = row->space ?: process ? process->space : NULL;

	if (row->map || !space)
		return strdup(row->map ?: "it is not known");
	return map_of(view, row, space);
}

/*
 * The ledger drops the account after the event. Write the map at once only if others live in the
 * address space, because they will change it.
 */
static int keep_map(struct top_row *row, const struct view *view, const struct step *step)
{
	bool end = step->ev->kind == BRKWATCH_EVENT_KIND_EXIT ||
		   step->ev->kind == BRKWATCH_EVENT_KIND_LEAVE;
	struct address_space *space = step->process->space;

	if (!end || !space || row->map || row->space)
		return 0;
	if (!space->users)
		row->space = address_space_hold(space);
	else
		row->map = map_of(view, row, space);
	return row->space || row->map ? 0 : -ENOMEM;
}

int top_event(struct top *top, const struct view *view, const struct step *step)
{
	const struct process *process = step->process;
	const struct event *ev = step->ev;
	struct top_row *row = row_of(top, ev->watch);

	if (!row)
		return -ENOMEM;
	row->pid = ev->pid;
	row->anonymous = process->unknown ? TOP_UNKNOWN : process_anonymous(process);
	if (!row->comm[0])
		memcpy(row->comm, ev->comm, sizeof(row->comm));
	if (ev->has_heap)
		row->heap = ev->brk - ev->heap_start;
	if (ev->has_rss)
		row->resident = ev->rss * view->page;
	return last_events_add(&row->last, ev) ?: keep_map(row, view, step);
}

int top_count(struct top *top, const struct counters *c, uint64_t time)
{
	struct top_row *row = row_of(top, c->id);

	if (!row)
		return -ENOMEM;
	row->pid = c->pid;
	memcpy(row->comm, c->comm, sizeof(row->comm));
	row->refused = c->brk_refused + c->mmap_failed + c->mremap_failed;
	row->lost = c->lost;
	row->heap = c->brk - c->heap_start;
	if (!row->counted && c->growth.duration)
		row->growth = growth_rate(&c->growth);
	else if (row->counted && time > row->time)
		row->growth = growth_between(row->data, c->growth.now, time - row->time);
	row->counted = true;
	if (c->exited && c->growth.duration)
		row->growth = growth_rate(&c->growth);
	row->data = c->growth.now;
	if (time)
		row->time = time;
	top->ended -= row->ended;
	top->ended += c->exited;
	row->ended = c->exited;
	return 0;
}

static void free_row(struct top_row *row)
{
	last_events_free(&row->last);
	if (row->space)
		address_space_release(row->space);
	free(row->map);
}

void top_forget(struct top *top)
{
	size_t n = 0, i;

	if (top->ended <= ENDED_MAX)
		return;
	for (i = 0; i < top->n; i++) {
		if (top->v[i].ended && top->ended > ENDED_MAX) {
			free_row(&top->v[i]);
			top->ended--;
		} else {
			if (n < i)
				top->v[n] = top->v[i];
			n++;
		}
	}
	top->n = n;
}

/* An unknown figure is less than any other. */
static int most_first(uint64_t a, uint64_t b)
{
	a = a == TOP_UNKNOWN ? 0 : a + 1;
	b = b == TOP_UNKNOWN ? 0 : b + 1;
	return a < b ? 1 : a > b ? -1 : 0;
}

static int compare_by(enum top_key key, const struct top_row *a, const struct top_row *b)
{
	switch (key) {
	case TOP_GROWTH:
		return a->growth < b->growth ? 1 : a->growth > b->growth ? -1 : 0;
	case TOP_HEAP:
		return most_first(a->heap, b->heap);
	case TOP_ANONYMOUS:
		return most_first(a->anonymous, b->anonymous);
	case TOP_RESIDENT:
		return most_first(a->resident, b->resident);
	case TOP_REFUSED:
		return most_first(a->refused, b->refused);
	case TOP_LOST:
		return most_first(a->lost, b->lost);
	default:
		return 0;
	}
}

/* Sort equal processes by rising number, so that no line jumps. */
static int compare(const void *va, const void *vb, void *key)
{
	const struct top_row *a = *(const struct top_row *const *)va;
	const struct top_row *b = *(const struct top_row *const *)vb;
	int order = compare_by(*(const enum top_key *)key, a, b);

	if (order)
		return order;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return a->watch < b->watch ? -1 : 1;
}

const struct top_row **top_order(const struct top *top, size_t *n)
{
	const struct top_row **rows = calloc(top->n + 1, sizeof(*rows));
	enum top_key key = top->key;
	size_t i;

	*n = 0;
	for (i = 0; rows && i < top->n; i++)
		if (strstr(top->v[i].comm, top->filter))
			rows[(*n)++] = &top->v[i];
	if (rows)
		qsort_r(rows, *n, sizeof(*rows), compare, &key);
	return rows;
}

void top_free(struct top *top)
{
	size_t i;

	for (i = 0; i < top->n; i++)
		free_row(&top->v[i]);
	free(top->v);
	top->v = NULL;
	top->n = 0;
	top->cap = 0;
	top->ended = 0;
}
