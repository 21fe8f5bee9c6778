// SPDX-License-Identifier: GPL-2.0
/* The accounts of all watched processes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/array.h"
#include "ledger/calls.h"
#include "ledger/covered.h"
#include "ledger/ledger.h"
#include "ledger/lifecycle.h"
#include "ledger/address_space.h"

#define PROCESSES_MIN 16
#define FILES_MIN 8

/* Index of the first account with an id of @watch or above. */
static size_t first_from(const struct ledger *ledger, uint32_t watch)
{
	size_t low = 0, high = ledger->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ledger->processes[mid]->watch >= watch)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

struct process *ledger_find(const struct ledger *ledger, uint32_t watch)
{
	size_t at = first_from(ledger, watch);

	if (at == ledger->n || ledger->processes[at]->watch != watch)
		return NULL;
	return ledger->processes[at];
}

struct process *ledger_open(struct ledger *ledger, uint32_t watch, struct address_space *space)
{
	size_t at = first_from(ledger, watch);
	struct process *p = calloc(1, sizeof(*p));
	struct process **processes = p ? array_insert(ledger->processes, &ledger->n, &ledger->cap,
						      sizeof(p), PROCESSES_MIN, at) :
					 NULL;

	if (!processes) {
		free(p);
		return NULL;
	}
	p->watch = watch;
	p->unknown = ledger->lossy;
	p->space = space;
	ledger->processes = processes;
	ledger->processes[at] = p;
	ledger->wanting = true;
	return p;
}

static struct process *find_or_open(struct ledger *ledger, uint32_t watch)
{
	struct process *p = ledger_find(ledger, watch);
	struct address_space *space;

	if (p)
		return p;
	space = address_space_new(0, ledger->holdings.wanted ? &ledger->holdings : NULL);
	if (!space)
		return NULL;
	space->no_totals = ledger->no_totals;
	p = ledger_open(ledger, watch, space);
	if (!p)
		address_space_release(space);
	return p;
}

struct process *ledger_process(struct ledger *ledger, uint32_t watch)
{
	/* Most events are of the process of the event before. */
	if (!ledger->latest || ledger->latest->watch != watch)
		ledger->latest = find_or_open(ledger, watch);
	return ledger->latest;
}

/* Returns 0 if memory runs out. */
static size_t file_number(struct ledger *ledger, const char *name)
{
	size_t i = 0;
	char **v;

	while (i < ledger->files_n && strcmp(ledger->files[i], name))
		i++;
	if (i < ledger->files_n)
		return i + 1;
	if (i == LEDGER_FILES_MAX)
		return LEDGER_FILES_MAX;
	v = array_room(ledger->files, ledger->files_n, &ledger->files_cap, sizeof(*v), FILES_MIN);
	if (!v)
		return 0;
	ledger->files = v;
	v[i] = strdup(i + 1 < LEDGER_FILES_MAX ? name : LEDGER_FILE_OTHER);
	if (!v[i])
		return 0;
	ledger->files_n++;
	return i + 1;
}

uint64_t ledger_origin(struct ledger *ledger, const struct asked *asked)
{
	uint64_t file = asked->file ? file_number(ledger, asked->file) : 0;

	return tag_of(CLASS_NONE, 0, asked->origin) | (asked->guess ? TAG_GUESS : 0) |
	       file << TAG_FILE_SHIFT;
}

struct asked asked_of_tag(const struct ledger *ledger, uint64_t tag)
{
	size_t file = tag_file(tag);

	return (struct asked){
		.origin = tag_origin(tag),
		.guess = tag_is_guess(tag),
		.file = file && file <= ledger->files_n ? ledger->files[file - 1] : NULL,
	};
}

void ledger_judge(struct ledger *ledger, struct address_space *space, uint64_t since, uint64_t now)
{
	address_space_judge(space, since, now);
	if (!space->exact && !space->asked)
		ledger->wanting = true;
}

/* Events are missing between the one before and this one. */
static void note_loss(struct process *p)
{
	p->unknown = true;
	p->space->whole = false;
	p->space->asked = false;
	p->space->from_exec = false;
	/* The lost events may include new threads. */
	p->space->overlap.crowd = true;
}

/* What one process has mapped in a shared address space is there for all its processes. */
static void mingle(const struct ledger *ledger, const struct address_space *space)
{
	size_t i;

	for (i = 0; i < ledger->n; i++)
		if (ledger->processes[i]->space == space)
			ledger->processes[i]->mingled = true;
}

/* Look at the space, because others that use it may have changed it since. */
static void note_served(struct process *p)
{
	const struct address_space *space = p->space;

	if (space->no_totals)
		return;
	p->unusable = space->reserved.now - space->committed.now;
	if (space->committed.now <= p->served.committed)
		return;
	p->served.committed = space->committed.now;
	p->served.by_origin = space->by_origin;
	p->served.unusable = p->unusable;
}

/* A summary may ask at the end who made so many calls, and the calls are gone by then. */
static void note_maker(const struct ledger *ledger, struct process *p, const struct event *ev)
{
	const struct ranges *ranges = &p->space->ranges;
	const struct range *range;
	uint64_t start, end;

	if (ev->kind == BRKWATCH_EVENT_KIND_BRK && ev->move.after > ev->move.before) {
		range = ranges_find(ranges, ev->move.after - 1);
		if (range)
			makers_brk(&p->makers, range->tag);
	} else if (ev->kind == BRKWATCH_EVENT_KIND_MMAP && ev->map.flags & MAP_ANONYMOUS &&
		   event_span(ev, &ledger->geometry, &start, &end)) {
		range = ranges_find(ranges, start);
		if (range)
			makers_mmap(&p->makers, range->tag, end - start);
	}
}

static int book_call(struct ledger *ledger, struct process *p, const struct event *ev,
		     struct change *change)
{
	struct address_space *space = p->space;
	uint64_t began = ev->time - ev->duration;
	uint64_t uncertain = space->uncertain;
	uint64_t own = space->counted - space->inherited;
	int err;

	space->by_guest |= p->guest && ev->kind != BRKWATCH_EVENT_KIND_BRK;
	/* The snapshot includes this call. */
	if (ev->time <= space->snapshot_time)
		return 0;
	if (began < space->latest && ev->tid != space->latest_tid)
		space->overlap.crowd = true;
	/* The snapshot of the exec should have come before. */
	if (space->from_exec && !space->snapshots && !space->exact)
		space->asked = false;
	if (ev->error)
		change->covered = covered_by(space, ev, &ledger->geometry);
	err = call_book(ledger, space, ev, change);
	if (!err && !ledger->no_totals)
		note_maker(ledger, p, ev);
	space->latest = ev->time > space->latest ? ev->time : space->latest;
	space->latest_tid = ev->tid;
	change->uncertain = space->uncertain > uncertain;
	space->doubts += change->uncertain;
	/* @change assumes that overlapping calls came in order; this counts by what is left. */
	p->unmapped += own + change->added - (space->counted - space->inherited);
	if (space->users > 1 && own != space->counted - space->inherited)
		mingle(ledger, space);
	if (ev->kind == BRKWATCH_EVENT_KIND_MREMAP)
		p->remapped += change->added;
	return err;
}

/* If the heap is elsewhere, the tool has missed an exec, or the process moved the heap itself. */
static int check_heap(struct process *p, const struct event *ev, bool lost, struct change *change)
{
	if (!ev->has_heap || ev->kind == BRKWATCH_EVENT_KIND_EXEC ||
	    ev->heap_start == p->space->heap_start)
		return 0;
	if (!p->space->heap_start) {
		p->space->heap_start = ev->heap_start;
		return 0;
	}
	if (lost)
		return lifecycle_change_space(p, ev);
	p->space->heap_start = ev->heap_start;
	p->space->whole = false;
	/* prctl(PR_SET_MM) has no event and may have moved it; or exec, if events are missing. */
	p->space->heap_moved = change->heap_moved = !p->unknown;
	return 0;
}

/* Another process may make a mark, and any thread may be the last one, which reports the end. */
static bool tells_of_threads(const struct event *ev)
{
	if (ev->kind == BRKWATCH_EVENT_KIND_CLONE && ev->clone.kind == BRKWATCH_CLONE_KIND_THREAD)
		return true;
	return ev->tid && ev->tid != ev->pid && event_is_of_thread(ev->kind);
}

struct process *ledger_apply(struct ledger *ledger, const struct event *ev, struct change *change)
{
	struct process *p = ledger_process(ledger, ev->watch);
	uint64_t since;
	bool lost;

	memset(change, 0, sizeof(*change));
	ledger->asked = (struct asked){ .origin = ORIGIN_UNKNOWN };
	if (!p || p->gone || !p->space)
		return p;
	lost = ev->lost != p->lost;
	since = lost ? p->time : ev->time - ev->duration;
	if (lost)
		note_loss(p);
	ledger->lost += (uint32_t)(ev->lost - p->lost);
	p->lost = ev->lost;
	if (check_heap(p, ev, lost, change))
		return NULL;
	p->threads |= tells_of_threads(ev);
	if (event_is_call(ev->kind) ? book_call(ledger, p, ev, change) :
				      lifecycle_book(ledger, p, ev, change))
		return NULL;
	ledger_judge(ledger, p->space, since, ev->time);
	holdings_settle(&ledger->holdings);
	note_served(p);
	p->time = ev->time;
	ledger->time = ev->time > ledger->time ? ev->time : ledger->time;
	return p;
}

int ledger_snapshot(struct ledger *ledger, const struct snapshot *snapshot)
{
	struct process *p = ledger_process(ledger, snapshot->watch);
	struct address_space *space;
	uint64_t own, left;

	if (!p)
		return -ENOMEM;
	space = p->space;
	/* A snapshot from before an exec says nothing about what is mapped now. */
	if (!space || p->gone || snapshot->time < space->snapshot_time)
		return 0;
	own = space->counted - space->inherited;
	if (address_space_load(space, snapshot, ledger->geometry.page))
		return -ENOMEM;
	holdings_settle(&ledger->holdings);
	/* A call with an uncertain effect has unmapped the difference. */
	left = space->counted - space->inherited;
	p->unmapped += own > left ? own - left : 0;
	space->whole = !ledger->lossy;
	ledger_judge(ledger, space, snapshot->time, snapshot->time);
	note_served(p);
	return 0;
}

bool ledger_wants(struct ledger *ledger, uint32_t *watch)
{
	size_t i;

	for (i = 0; ledger->wanting && i < ledger->n; i++) {
		struct process *p = ledger->processes[i];

		if (p->gone || !p->space || p->space->exact || p->space->asked)
			continue;
		p->space->asked = true;
		*watch = p->watch;
		return true;
	}
	ledger->wanting = false;
	return false;
}

void ledger_unwanted(struct ledger *ledger, uint32_t watch)
{
	struct process *p = ledger_find(ledger, watch);

	if (p && p->space)
		p->space->asked = true;
}

void ledger_lossy(struct ledger *ledger, bool lossy)
{
	size_t i;

	ledger->lossy = lossy;
	for (i = 0; lossy && i < ledger->n; i++) {
		struct process *p = ledger->processes[i];

		p->unknown = true;
		if (p->gone || !p->space)
			continue;
		note_loss(p);
		ledger_judge(ledger, p->space, p->time, p->time);
	}
}

void ledger_drop(struct ledger *ledger, uint32_t watch)
{
	struct process *p = ledger_find(ledger, watch);

	if (!p || !p->space)
		return;
	p->anonymous = process_anonymous(p);
	p->inherited = process_inherited(p);
	p->grown = process_grown(p);
	/* Its end may be among the events that were lost. */
	if (p->space->holders == 1) {
		address_space_end(p->space, p->time);
		holdings_settle(&ledger->holdings);
	}
	address_space_release(p->space);
	p->space = NULL;
}

void ledger_forget(struct ledger *ledger, uint32_t watch)
{
	size_t at = first_from(ledger, watch);

	if (at == ledger->n || ledger->processes[at]->watch != watch)
		return;
	ledger_drop(ledger, watch);
	free(ledger->processes[at]);
	ledger->latest = NULL;
	array_remove(ledger->processes, &ledger->n, sizeof(*ledger->processes), at);
}

void ledger_free(struct ledger *ledger)
{
	size_t i;

	for (i = 0; i < ledger->n; i++) {
		if (ledger->processes[i]->space)
			address_space_release(ledger->processes[i]->space);
		free(ledger->processes[i]);
	}
	free(ledger->processes);
	holdings_free(&ledger->holdings);
	ledger->processes = NULL;
	ledger->latest = NULL;
	ledger->n = 0;
	ledger->cap = 0;
	while (ledger->files_n)
		free(ledger->files[--ledger->files_n]);
	free(ledger->files);
	ledger->files = NULL;
	ledger->files_cap = 0;
}

uint64_t process_anonymous(const struct process *process)
{
	return process->space ? process->space->counted : process->anonymous;
}

uint64_t process_inherited(const struct process *process)
{
	return process->space ? process->space->inherited : process->inherited;
}

uint64_t process_grown(const struct process *process)
{
	return process->space ? process->space->grown : process->grown;
}
