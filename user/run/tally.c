// SPDX-License-Identifier: GPL-2.0
/* The module's counters, counted again from the events of a capture. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/mman.h>
#include <sys/mman.h>

#include "event/refusals.h"
#include "lib/array.h"
#include "run/tally.h"

#define TALLY_MIN 8

static struct counters *find(struct tally *tally, uint32_t watch)
{
	size_t i = tally->n;

	/* The watch is mostly one of the latest. */
	while (i-- > 0)
		if (tally->v[i].id == watch)
			return &tally->v[i];
	return NULL;
}

static struct counters *begin(struct tally *tally, const struct event *ev,
			      const struct counters *known)
{
	struct counters *v = array_room(tally->v, tally->n, &tally->cap, sizeof(*v), TALLY_MIN);
	struct arenas *arenas =
		array_room(tally->arenas, tally->n, &tally->arenas_cap, sizeof(*arenas), TALLY_MIN);
	struct counters *c;

	tally->v = v ?: tally->v;
	tally->arenas = arenas ?: tally->arenas;
	if (!v || !arenas)
		return NULL;
	tally->arenas[tally->n] = (struct arenas){ 0 };
	c = &tally->v[tally->n++];
	*c = known ? *known : (struct counters){ .id = ev->watch, .pid = ev->pid };
	memcpy(c->comm, known ? known->comm : ev->comm, sizeof(c->comm));
	if (!known)
		c->seccomp = SECCOMP_UNKNOWN;
	/* No event reports the growth, so the figure of the beginning would be out of date. */
	memset(&c->growth, 0, sizeof(c->growth));
	c->arenas = 0;
	c->arenas_unknown = 0;
	c->knows_arenas = true;
	c->refusals.unknown = false;
	return c;
}

static void largest(uint64_t *figure, uint64_t bytes)
{
	if (*figure < bytes)
		*figure = bytes;
}

/* This follows bw_watch_heap_moved() of the module: the sizes noted so far stay. */
static void move_heap(struct counters *c, uint64_t start, uint64_t brk)
{
	uint64_t distance = start - c->heap_start;

	c->brk_first = c->brk_first ? c->brk_first + distance : brk;
	c->brk_peak = c->brk_peak ? c->brk_peak + distance : brk;
	largest(&c->brk_peak, brk);
	c->heap_start = start;
	c->brk = brk;
}

static void count_brk(struct counters *c, const struct event *ev)
{
	uint64_t now = ev->brk;

	c->brk_calls++;
	/* Without an exec, something other than brk(2) moved the break. */
	if (!c->brk_first || c->heap_start != ev->heap_start)
		move_heap(c, ev->heap_start, ev->move.before);
	if (now > c->brk) {
		c->grown_bytes += now - c->brk;
		largest(&c->grown_largest, now - c->brk);
	} else {
		c->shrunk_bytes += c->brk - now;
	}
	c->brk = now;
	largest(&c->brk_peak, now);
	c->brk_queries += ev->move.kind == BRKWATCH_BRK_KIND_QUERY;
	c->brk_grows += ev->move.kind == BRKWATCH_BRK_KIND_GROW;
	c->brk_shrinks += ev->move.kind == BRKWATCH_BRK_KIND_SHRINK;
	c->brk_refused += ev->move.kind == BRKWATCH_BRK_KIND_REFUSED;
	c->shrinks_refused += ev->move.kind == BRKWATCH_BRK_KIND_REFUSED && !ev->error &&
			      ev->move.requested >= ev->heap_start &&
			      ev->move.requested < ev->move.before;
}

static void add_mmap(struct counters *c, uint32_t measure, uint64_t bytes)
{
	distribution_add(c->distributions, BRKWATCH_EVENT_KIND_MMAP, measure, bytes);
}

static void count_mmap(struct counters *c, const struct event *ev, uint64_t bytes)
{
	c->mmap_calls++;
	c->mmap_failed += !!ev->error;
	if (ev->error)
		return;
	if (!(ev->map.flags & MAP_ANONYMOUS)) {
		c->mapped_file_bytes += bytes;
		add_mmap(c, BRKWATCH_MEASURE_FILE, bytes);
		return;
	}
	if (distribution_comes_again(c->distributions, bytes))
		add_mmap(c, BRKWATCH_MEASURE_AGAIN, bytes);
	if (ev->map.prot == PROT_NONE && !(ev->map.flags & MAP_STACK)) {
		c->reserved_bytes += bytes;
		add_mmap(c, BRKWATCH_MEASURE_RESERVED, bytes);
	}
	c->mmap_anonymous++;
	c->mapped_bytes += bytes;
	largest(&c->mapped_largest, bytes);
}

static void count_madvise(const struct tally *tally, struct counters *c, const struct event *ev,
			  uint64_t bytes)
{
	uint64_t start = ev->map.addr, end = start + bytes;
	uint64_t brk = (ev->brk + tally->geometry.page - 1) & -tally->geometry.page;

	c->madvise_calls++;
	c->madvise_failed += !!ev->error;
	if (ev->map.advice != MADV_DONTNEED && ev->map.advice != MADV_DONTNEED_LOCKED &&
	    ev->map.advice != MADV_FREE)
		return;
	c->given_back_bytes += bytes;
	if (start < ev->heap_start)
		start = ev->heap_start;
	if (end > brk)
		end = brk;
	if (start < end)
		c->heap_given_back += end - start;
}

static void count_mprotect(struct counters *c, struct arenas *arenas, const struct event *ev)
{
	int added;

	c->mprotect_calls++;
	c->mprotect_failed += !!ev->error;
	if (ev->error)
		return;
	added = arenas_protected(arenas, ev);
	c->arenas += added > 0;
	c->arenas_unknown += added < 0;
}

static void count_munmap(struct counters *c, struct arenas *arenas, const struct event *ev,
			 uint64_t bytes)
{
	c->munmap_calls++;
	c->munmap_failed += !!ev->error;
	c->unmapped_bytes += bytes;
	largest(&c->unmapped_largest, bytes);
	c->arenas -= arenas_unmapped(arenas, ev->map.addr, ev->map.addr + bytes);
}

static void count_exec(struct counters *c, struct arenas *arenas, const struct event *ev)
{
	*arenas = (struct arenas){ 0 };
	c->arenas = 0;
	c->arenas_unknown = 0;
	c->seccomp = ev->seccomp;
	/* Like the module, begin the heap's figures with the first call that is reported. */
	if (!c->brk_calls && !c->mmap_calls)
		c->brk_first = c->brk_peak = 0;
	move_heap(c, ev->heap_start, ev->brk);
	memcpy(c->comm, ev->comm, sizeof(c->comm));
}

static void count_exit(struct counters *c, const struct event *ev)
{
	c->exited = true;
	c->exit_code = ev->exit.code;
	c->peak_rss = ev->exit.peak_rss;
}

static uint64_t bytes_of(const struct tally *tally, const struct event *ev)
{
	uint64_t start, end;

	if (!event_is_call(ev->kind) || !event_span(ev, &tally->geometry, &start, &end))
		return 0;
	return end - start;
}

static bool may_add(const struct event *ev)
{
	return ev->map.new_length > ev->map.length || ev->map.flags & MREMAP_DONTUNMAP;
}

static void count(const struct tally *tally, struct counters *c, const struct event *ev)
{
	struct arenas *arenas = &tally->arenas[c - tally->v];
	uint64_t bytes = bytes_of(tally, ev);

	if (ev->error && event_is_call(ev->kind))
		refusals_count(&c->refusals, ev->kind, ev->error, 1);
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		count_brk(c, ev);
		break;
	case BRKWATCH_EVENT_KIND_MMAP:
		count_mmap(c, ev, bytes);
		break;
	case BRKWATCH_EVENT_KIND_MUNMAP:
		count_munmap(c, arenas, ev, bytes);
		break;
	case BRKWATCH_EVENT_KIND_MREMAP:
		c->mremap_calls++;
		c->mremap_failed += !!ev->error;
		/* The event does not say whether that was memory without a file. */
		c->remaps_unknown += !ev->error && may_add(ev);
		break;
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
		count_mprotect(c, arenas, ev);
		break;
	case BRKWATCH_EVENT_KIND_MADVISE:
		count_madvise(tally, c, ev, bytes);
		break;
	case BRKWATCH_EVENT_KIND_SHMAT:
		c->shmat_calls++;
		c->shmat_failed += !!ev->error;
		break;
	case BRKWATCH_EVENT_KIND_SHMDT:
		c->shmdt_calls++;
		c->shmdt_failed += !!ev->error;
		break;
	case BRKWATCH_EVENT_KIND_CLONE:
		c->clones++;
		c->threads += ev->clone.kind == BRKWATCH_CLONE_KIND_THREAD;
		break;
	case BRKWATCH_EVENT_KIND_FAULT:
		c->faults++;
		break;
	case BRKWATCH_EVENT_KIND_EXEC:
		count_exec(c, arenas, ev);
		break;
	case BRKWATCH_EVENT_KIND_EXIT:
		count_exit(c, ev);
		break;
	default:
		break;
	}
}

/* A call adds to one of them at most. */
static uint64_t sized_bytes(const struct counters *c)
{
	return c->grown_bytes + c->mapped_bytes + c->unmapped_bytes;
}

int tally_event(struct tally *tally, const struct event *ev, const struct counters *known)
{
	struct counters *c = find(tally, ev->watch) ?: begin(tally, ev, known);

	uint64_t before;

	if (!c)
		return -ENOMEM;
	c->lost = ev->lost;
	before = sized_bytes(c);
	count(tally, c, ev);
	distribution_add(c->distributions, ev->kind, BRKWATCH_MEASURE_DURATION, ev->duration);
	if (sized_bytes(c) > before)
		distribution_add(c->distributions, ev->kind, BRKWATCH_MEASURE_SIZE,
				 sized_bytes(c) - before);
	return 0;
}

void tally_forget(struct tally *tally, uint32_t watch)
{
	struct counters *c = find(tally, watch);
	size_t n = tally->n;

	if (!c)
		return;
	array_remove(tally->arenas, &n, sizeof(*tally->arenas), c - tally->v);
	array_remove(tally->v, &tally->n, sizeof(*c), c - tally->v);
}

void tally_free(struct tally *tally)
{
	free(tally->v);
	free(tally->arenas);
	tally->v = NULL;
	tally->n = 0;
	tally->cap = 0;
	tally->arenas = NULL;
	tally->arenas_cap = 0;
}
