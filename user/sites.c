// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "array.h"
#include "format.h"
#include "ledger.h"
#include "sink.h"
#include "sites.h"
#include "text.h"

#define SITES_MIN 64

static uint64_t grown_bytes(const struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;
	uint64_t before = pages_of(ev->map.length, sink->page);
	uint64_t after = pages_of(ev->map.new_length, sink->page);

	if (ev->error || after <= before || is_of_files(sink, step))
		return 0;
	return (after - before) * sink->page;
}

uint64_t taken_bytes(const struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;
	uint64_t start, end;

	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		return ev->move.kind == BRKWATCH_BRK_KIND_GROW ? ev->move.after - ev->move.before :
								 0;
	case BRKWATCH_EVENT_KIND_MMAP:
		return ev->map.flags & MAP_ANONYMOUS &&
				       event_span(ev, &sink->ledger->geometry, &start, &end) ?
			       end - start :
			       0;
	case BRKWATCH_EVENT_KIND_MREMAP:
		return grown_bytes(sink, step);
	default:
		return 0;
	}
}

static int compare_stacks(const void *a, const void *b)
{
	const struct site *x = a, *y = b;

	if (x->watch != y->watch)
		return x->watch < y->watch ? -1 : 1;
	return strcmp(x->text, y->text);
}

static struct site *make(struct sites *sites, const struct site *key)
{
	struct site **v = array_room(sites->v, sites->n, &sites->cap, sizeof(*v), SITES_MIN);
	struct site *site;

	if (!v)
		return NULL;
	sites->v = v;
	site = malloc(sizeof(*site));
	if (!site)
		return NULL;
	*site = *key;
	if (!tsearch(site, &sites->tree, compare_stacks)) {
		free(site);
		return NULL;
	}
	sites->v[sites->n++] = site;
	return site;
}

int sites_add(struct sites *sites, uint32_t watch, char *text, uint64_t bytes)
{
	const struct site key = { .watch = watch, .text = text };
	struct site **node = tfind(&key, &sites->tree, compare_stacks);
	struct site *site = node ? *node : make(sites, &key);

	if (node || !site)
		free(text);
	if (!site)
		return -ENOMEM;
	site->bytes += bytes;
	site->calls++;
	return 0;
}

int sites_take(struct sink *sink, const struct step *step, uint32_t watch,
	       void (*put)(struct sink *sink, const struct step *step))
{
	bool known = sink->stacks && step->ev->stack.registers;
	uint64_t bytes = known ? taken_bytes(sink, step) : 0;
	char *text = bytes ? text_of(sink, step, put) : NULL;

	if (!bytes)
		return 0;
	return text ? sites_add(&sink->sites, watch, text, bytes) : -ENOMEM;
}

static int compare_bytes(const void *a, const void *b)
{
	const struct site *x = *(struct site *const *)a, *y = *(struct site *const *)b;

	if (x->watch != y->watch)
		return x->watch < y->watch ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return strcmp(x->text, y->text);
}

void sites_sort(struct sites *sites)
{
	if (sites->n)
		qsort(sites->v, sites->n, sizeof(*sites->v), compare_bytes);
}

static void keep(void *node)
{
	(void)node;
}

void sites_free(struct sites *sites)
{
	tdestroy(sites->tree, keep);
	while (sites->n) {
		struct site *site = sites->v[--sites->n];

		free(site->text);
		free(site);
	}
	free(sites->v);
	memset(sites, 0, sizeof(*sites));
}
