// SPDX-License-Identifier: GPL-2.0
/* What clone, exec and exit do to accounts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/lifecycle.h"
#include "ledger/address_space.h"

static void leave_space(struct process *p)
{
	if (!--p->space->users)
		address_space_end(p->space, 0);
	address_space_release(p->space);
	p->space = NULL;
}

int lifecycle_change_space(struct process *p, const struct event *ev)
{
	struct address_space *space = address_space_new(ev->time, p->space->holdings);

	if (!space)
		return -ENOMEM;
	space->no_totals = p->space->no_totals;
	leave_space(p);
	p->space = space;
	memset(&p->served, 0, sizeof(p->served));
	memset(&p->makers.brk, 0, sizeof(p->makers.brk));
	space->heap_start = ev->heap_start;
	space->brk = ev->brk;
	return 0;
}

/* The process gets a new address space, so all anonymous memory has gone with the old one. */
static int book_exec(struct ledger *ledger, struct process *p, const struct event *ev,
		     struct change *change)
{
	if (p->space->users == 1) {
		change->removed = p->space->counted;
		change->removed_inherited = p->space->inherited;
	}
	if (lifecycle_change_space(p, ev))
		return -ENOMEM;
	p->unmapped += change->removed - change->removed_inherited;
	p->from_exec = true;
	p->threads = false;
	p->guest = false;
	p->unknown = ledger->lossy;
	p->space->from_exec = true;
	/* The module takes the snapshot of an exec unasked, and one thread is left. */
	p->space->asked = true;
	p->space->overlap.crowd = false;
	return 0;
}

static struct address_space *copy_space(struct ledger *ledger, struct address_space *parent,
					const struct event *ev)
{
	struct address_space *space = address_space_fork(parent, ev->time);

	if (!space)
		return NULL;
	/*
	 * Calls of other threads may be under way. The child may have got what they did or
	 * not, and may be gone before they return.
	 */
	if (parent->overlap.crowd)
		space->whole = false;
	ledger_judge(ledger, space, ev->time, ev->time);
	return space;
}

static struct address_space *share_space(struct address_space *space)
{
	space->users++;
	return address_space_hold(space);
}

static int open_child(struct ledger *ledger, const struct process *p, const struct event *ev)
{
	bool shared = ev->clone.kind == BRKWATCH_CLONE_KIND_SHARED;
	struct process *child = ledger_find(ledger, ev->clone.watch);
	struct address_space *space;

	/*
	 * The tool has asked about the child already, so it takes nothing for granted; or it has
	 * dropped a child that had ended, although the clone comes only now.
	 */
	if (child && (child->time || !child->space || child->space->snapshots))
		return 0;
	space = shared ? share_space(p->space) : copy_space(ledger, p->space, ev);
	if (!space)
		return -ENOMEM;
	if (child)
		leave_space(child);
	else
		child = ledger_open(ledger, ev->clone.watch, NULL);
	if (!child) {
		space->users--;
		address_space_release(space);
		return -ENOMEM;
	}
	child->space = space;
	child->guest = shared;
	child->from_exec = p->from_exec;
	child->unknown = p->unknown;
	child->time = ev->time;
	return 0;
}

static int book_clone(struct ledger *ledger, struct process *p, const struct event *ev)
{
	if (ev->clone.kind != BRKWATCH_CLONE_KIND_COPY)
		p->space->overlap.crowd = true;
	if (ev->clone.kind == BRKWATCH_CLONE_KIND_THREAD)
		return 0;
	if (ev->clone.watch)
		return open_child(ledger, p, ev);
	/* A child without a watch makes calls that change the address space of both. */
	if (ev->clone.kind == BRKWATCH_CLONE_KIND_SHARED)
		p->space->whole = false;
	return 0;
}

static void book_end(struct process *p, uint64_t time)
{
	if (!p->gone && !--p->space->users)
		address_space_end(p->space, time);
	p->gone = true;
}

int lifecycle_book(struct ledger *ledger, struct process *p, const struct event *ev,
		   struct change *change)
{
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_EXEC:
		return book_exec(ledger, p, ev, change);
	case BRKWATCH_EVENT_KIND_CLONE:
		return book_clone(ledger, p, ev);
	case BRKWATCH_EVENT_KIND_EXIT:
	case BRKWATCH_EVENT_KIND_LEAVE:
		book_end(p, ev->time);
		return 0;
	default:
		return 0;
	}
}
