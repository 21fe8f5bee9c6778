/* SPDX-License-Identifier: GPL-2.0 */
/* Where events end: what the user sees. */
#ifndef BRKWATCH_VIEW_H
#define BRKWATCH_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "event/event.h"
#include "ledger/ledger.h"
#include "view/normalize.h"
#include "lib/terminal.h"
#include "view/callers.h"
#include "lib/timestamp.h"

struct html;
struct plot;
struct stacks;
struct top_screen;

/**
 * struct step - an event with all that is known of it
 * @ev: the event
 * @process: the account of its process, with the event booked
 * @change: what it did to the account
 * @places: its addresses as text
 */
struct step {
	const struct event *ev;
	const struct process *process;
	struct change change;
	struct places places;
};

/**
 * struct losses - events that happened and were not received, by place
 * @ring: found the ring full
 * @probe: calls that a probe missed, those of unwatched processes included
 * @watch: no memory to follow a child
 * @socket: delivered, but not received
 */
struct losses {
	uint64_t ring;
	uint64_t probe;
	uint64_t watch;
	uint64_t socket;
};

/**
 * struct report - what is known at the end
 * @events: how many were received
 * @losses: how many were not
 * @counters: the kernel's figures of each watch
 * @n: how many watches
 * @time: of this report, CLOCK_MONOTONIC in ns; 0 at the end
 * @counted_here: the figures are not the kernel's, but counted from the events
 */
struct report {
	uint64_t events;
	struct losses losses;
	const struct counters *counters;
	size_t n;
	uint64_t time;
	bool counted_here;
};

/**
 * struct view - one way to show events
 * @type: what it does
 * @out: where it writes
 * @ledger: accounts of the processes
 * @page: bytes in a page
 * @count: events to show at most, 0 for no limit
 * @shown: events shown so far
 * @plot: what --plot draws
 * @html: what --html writes, NULL without it
 * @top: the screen of --top, NULL without it
 * @stacks: who called, NULL without -k
 * @callers: what was taken by whom, as far as the view sums it up
 * @timestamp: how a line of text tells its time
 * @terminal: what lines of text are written for
 * @all: show file mappings as well
 * @many: more than one process is watched
 * @filtered: the module withholds events, so that accounts are not whole
 * @uncounted: no calls are told of at all, as for a summary alone; filtered, too
 * @durations: tell how long each call took
 * @normalize: nothing that differs from run to run
 */
struct view {
	const struct view_type *type;
	FILE *out;
	struct ledger *ledger;
	uint64_t page;
	uint64_t count;
	uint64_t shown;
	struct plot *plot;
	struct html *html;
	struct top_screen *top;
	struct stacks *stacks;
	struct callers callers;
	struct timestamp timestamp;
	struct terminal terminal;
	bool all;
	bool many;
	bool filtered;
	bool uncounted;
	bool durations;
	bool normalize;
};

/**
 * struct view_type - what a kind of view does
 * @events: kinds of events that it needs, as bits (1 << kind)
 * @late: it shows nothing but marks before the end
 * @blind: nor anything of what the accounts hold
 * @event: show one, and count it in @shown if it does; returns 0 or -ENOMEM; errors of
 *         @out are the caller's to see
 * @end: show what there is to say at the end; returns as @event
 */
struct view_type {
	uint32_t events;
	bool late;
	bool blind;
	int (*event)(struct view *view, const struct step *step);
	int (*end)(struct view *view, const struct report *report);
};

#define ALL_EVENTS ((1U << (BRKWATCH_EVENT_KIND_MARK + 1)) - 1)
/* What a ledger needs to be exact. */
#define LEDGER_EVENTS (ALL_EVENTS & ~(1U << BRKWATCH_EVENT_KIND_FAULT))

/* Of events a summary shows marks alone; ends tell when there are last figures to fetch. */
#define SUMMARY_EVENTS                                                      \
	(1U << BRKWATCH_EVENT_KIND_EXIT | 1U << BRKWATCH_EVENT_KIND_LEAVE | \
	 1U << BRKWATCH_EVENT_KIND_MARK)

/**
 * view_is_full() - has it shown all that was asked for
 * @view: the view
 *
 * Return: whether it has.
 */
static inline bool view_is_full(const struct view *view)
{
	return view->count && view->shown >= view->count;
}

extern const struct view_type text_view;
extern const struct view_type strace_view;
extern const struct view_type none_view;
extern const struct view_type json_view;
extern const struct view_type summary_view;
extern const struct view_type summary_json_view;
extern const struct view_type both_view;
extern const struct view_type folded_view;

/**
 * losses_sum() - how many events were lost
 * @losses: them, by place
 *
 * Return: their number.
 */
static inline uint64_t losses_sum(const struct losses *losses)
{
	return losses->ring + losses->probe + losses->watch + losses->socket;
}

/**
 * say_losses() - say it beside an output that has no place for it, if events were lost
 * @report: what is known at the end
 */
void say_losses(const struct report *report);

/**
 * put_losses() - write the line that ends every text
 * @out: where to
 * @report: what is known at the end
 */
void put_losses(FILE *out, const struct report *report);

#endif
