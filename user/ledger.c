// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <linux/mman.h>

#include "ledger.h"

struct process *ledger_process(struct ledger *ledger, uint32_t watch)
{
	struct process **processes;
	struct process *p;
	size_t i;

	for (i = 0; i < ledger->n; i++)
		if (ledger->processes[i]->watch == watch)
			return ledger->processes[i];
	processes = reallocarray(ledger->processes, ledger->n + 1, sizeof(*processes));
	if (!processes)
		return NULL;
	ledger->processes = processes;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->watch = watch;
	p->unknown = ledger->lossy;
	ledger->processes[ledger->n++] = p;
	return p;
}

static uint64_t huge_page(const struct geometry *geometry, uint64_t flags)
{
	unsigned int shift = flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;

	if (shift)
		return 1ULL << shift;
	return geometry->huge ?: geometry->page;
}

bool event_span(const struct event *ev, const struct geometry *geometry, uint64_t *start,
		uint64_t *end)
{
	bool mmap = ev->kind == BRKWATCH_EVENT_KIND_MMAP;
	uint64_t unit = geometry->page;
	uint64_t length = ev->map.length;

	if (ev->error)
		return false;
	/* munmap of huge pages takes whole ones only, so its length is right as it is. */
	if (mmap && ev->map.flags & MAP_ANONYMOUS && ev->map.flags & MAP_HUGETLB)
		unit = huge_page(geometry, ev->map.flags);
	if (length > UINT64_MAX - (unit - 1))
		return false;
	length = (length + unit - 1) / unit * unit;
	*start = mmap ? ev->map.result : ev->map.addr;
	*end = *start + length;
	return *end > *start;
}

static int apply_span(struct process *p, const struct event *ev, const struct geometry *geometry,
		      struct change *change)
{
	uint64_t start, end;
	int err;

	if (!event_span(ev, geometry, &start, &end))
		return 0;
	change->removed = ranges_bytes(&p->mapped, start, end, MAPPED_ANONYMOUS);
	change->removed_file = ranges_bytes(&p->mapped, start, end, MAPPED_FILE);
	if (ev->kind == BRKWATCH_EVENT_KIND_MUNMAP) {
		err = ranges_clear(&p->mapped, start, end);
	} else if (ev->map.flags & MAP_ANONYMOUS) {
		change->added = end - start;
		err = ranges_set(&p->mapped, start, end, MAPPED_ANONYMOUS);
	} else {
		err = ranges_set(&p->mapped, start, end, MAPPED_FILE);
	}
	p->unmapped += change->removed;
	p->anonymous += change->added - change->removed;
	return err;
}

/* The address space is a new one: all that was anonymous has gone with the old. */
static void apply_exec(struct ledger *ledger, struct process *p, struct change *change)
{
	change->removed = p->anonymous;
	p->unmapped += p->anonymous;
	p->anonymous = 0;
	p->from_exec = true;
	p->unknown = ledger->lossy;
	ranges_free(&p->mapped);
}

struct process *ledger_apply(struct ledger *ledger, const struct event *ev, struct change *change)
{
	struct process *p = ledger_process(ledger, ev->watch);

	memset(change, 0, sizeof(*change));
	if (!p)
		return NULL;
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_MMAP:
	case BRKWATCH_EVENT_KIND_MUNMAP:
		if (apply_span(p, ev, &ledger->geometry, change))
			return NULL;
		break;
	case BRKWATCH_EVENT_KIND_EXEC:
		apply_exec(ledger, p, change);
		break;
	default:
		break;
	}
	return p;
}

void ledger_lossy(struct ledger *ledger, bool lossy)
{
	size_t i;

	ledger->lossy = lossy;
	for (i = 0; lossy && i < ledger->n; i++)
		ledger->processes[i]->unknown = true;
}

void ledger_free(struct ledger *ledger)
{
	size_t i;

	for (i = 0; i < ledger->n; i++) {
		ranges_free(&ledger->processes[i]->mapped);
		free(ledger->processes[i]);
	}
	free(ledger->processes);
	ledger->processes = NULL;
	ledger->n = 0;
}
