/* SPDX-License-Identifier: GPL-2.0 */
/* Where events end: what the user sees. */
#ifndef BRKWATCH_VIEW_H
#define BRKWATCH_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "cli/view_trait.h"
#include "event/event.h"
#include "ledger/ledger.h"
#include "ledger/step.h"
#include "view/normalize.h"
#include "lib/terminal.h"
#include "lib/timestamp.h"

struct mapped;
struct pipeline;
struct process_facts;
struct signals;
struct stacks;
struct system_facts;

/**
 * struct losses - events that happened and that the tool did not receive, by place
 * @ring: events that found the ring full
 * @probe: calls that a probe missed, at least; includes calls of unwatched processes
 * @watch: children that the module could not follow for lack of memory
 * @socket: events that the module delivered and the tool did not receive
 * @blind_from: when the probes were last known to work before they were found off, in ns of
 *	CLOCK_MONOTONIC
 * @blind_to: when they were last found off, or known to work again; 0 if they never were off
 */
struct losses {
	uint64_t ring;
	uint64_t probe;
	uint64_t watch;
	uint64_t socket;
	uint64_t blind_from;
	uint64_t blind_to;
};

/**
 * struct report - the figures at the end
 * @events: how many events the tool received
 * @losses: how many events it did not receive
 * @counters: the kernel's figures of each watch
 * @n: how many watches
 * @time: time of this report, CLOCK_MONOTONIC in ns; 0 at the end
 * @now: the same; at the end, when the tool stopped watching
 * @counted_here: the tool counted the figures from events, they are not the kernel's
 */
struct report {
	uint64_t events;
	struct losses losses;
	const struct counters *counters;
	size_t n;
	uint64_t time;
	uint64_t now;
	bool counted_here;
};

struct view_context;
struct view_type;

/**
 * struct view - one way to show events; each kind embeds this in its own structure
 * @type: which kind it is
 * @out: where it writes
 * @ledger: accounts of the processes
 * @page: bytes in a page
 * @count: events to show at most, 0 for no limit
 * @shown: events shown so far
 * @stacks: the stacks of calls, NULL if the view shows none
 * @code: code of the processes, as far as the pipeline keeps it; NULL if there is none
 * @machine: what the kernel decides calls by, NULL if nothing is known
 * @mapped: what /proc has mapped in the process that it looks at, NULL if that is not known
 * @timestamp: how a line of text shows its time
 * @terminal: terminal that lines of text are written for
 * @all: show file mappings as well
 * @many: more than one process is watched
 * @filtered: the module withholds events, so that accounts are not whole
 * @uncounted: the module reports no calls, because a summary does not need them; filtered, too
 * @durations: show how long each call took
 * @normalize: leave out what differs from run to run
 * @system: every process is watched
 * @per_process: show totals of each process, however many there are
 * @most: processes to show in a table at most, 0 for the default
 * @folded: the figure of each stack of --stacks
 * @min_age: ns for which callers must have held memory that the view shows
 * @differs: the tool found an account wrong, or could not compare it
 */
struct view {
	const struct view_type *type;
	FILE *out;
	struct ledger *ledger;
	uint64_t page;
	uint64_t count;
	uint64_t shown;
	struct stacks *stacks;
	const struct stacks *code;
	const struct system_facts *machine;
	const struct mapped *mapped;
	struct timestamp timestamp;
	struct terminal terminal;
	bool all;
	bool many;
	bool filtered;
	bool uncounted;
	bool durations;
	bool normalize;
	bool system;
	bool per_process;
	size_t most;
	enum folded folded;
	uint64_t min_age;
	bool differs;
};

/**
 * struct view_context - the input of a view's open()
 * @settings: what the user asked of any view; its @type is unused
 * @file: argument of the view's option, NULL without one
 * @signals: the tool's signals, NULL if nothing is live
 * @pipeline: the pipeline that events pass before they reach the view
 */
struct view_context {
	struct view settings;
	const char *file;
	struct signals *signals;
	struct pipeline *pipeline;
};

/**
 * struct view_type - a kind of view
 * @option: long name of the option that asks for it, NULL for one that needs none
 * @with: name of the option that must come with it, NULL for none
 * @events: kinds of events that it needs, as bits (1 << kind)
 * @traits: enum view_trait, the other options that have a meaning with it
 * @size: bytes of its structure, 0 for a struct view alone; see VIEW_SIZE()
 * @late: it shows nothing but marks before the end
 * @blind: it shows nothing from the accounts either
 * @mapped: it shows which files are mapped in the processes that it looks at
 * @origins: it shows who asked for memory
 * @terse: of addresses it shows only what a line of text does, see struct normalizer
 * @interval: ns between calls of @end unless the user gives an interval,
 *	0 to call it only at the end
 * @open: set up what it has besides its struct view, before the module watches anything; reports
 *	what is wrong; returns 0 or a negative errno, and @close follows. May be NULL
 * @begin: show what comes before all events, when the processes are watched; returns as @event.
 *	May be NULL
 * @process: show what /proc says of a process that the tool has just learned of; returns as
 *	@event. May be NULL
 * @event: show an event, and count it in @shown if it is shown; returns 0 or -ENOMEM; the caller
 *         checks @out for errors
 * @end: show the report at the end, or after an interval; returns as @event
 * @close: free what it has besides itself, as far as @open set it up. May be NULL
 * @look: show a running process, with everything up to that moment booked, on SIGUSR1
 *	and at the end; returns 0 or a negative errno. May be NULL
 * @exit: look at a process of CMD that is stopped at its exit, or, if not @there, was killed
 *	before; returns as @look. NULL if the tool should stop no process
 * @ended: take the last figures of a process, because the tool drops its account and counters
 *	afterwards; returns as @event. May be NULL
 * @keys: handle the keys of the terminal; returns whether the user quits. May be NULL
 */
struct view_type {
	const char *option;
	const char *with;
	uint32_t events;
	unsigned int traits;
	size_t size;
	bool late;
	bool blind;
	bool mapped;
	bool origins;
	bool terse;
	uint64_t interval;
	int (*open)(struct view *view, const struct view_context *context);
	int (*begin)(struct view *view);
	int (*process)(struct view *view, const struct process_facts *facts);
	int (*event)(struct view *view, const struct step *step);
	int (*end)(struct view *view, const struct report *report);
	void (*close)(struct view *view);
	int (*look)(struct view *view, const struct counters *watch);
	int (*exit)(struct view *view, pid_t pid, bool there);
	int (*ended)(struct view *view, const struct counters *last, const struct losses *losses);
	bool (*keys)(struct view *view);
};

/* Get the structure that @ptr is embedded in. */
#define container_of(ptr, type, member) \
	((type *)(void *)&((char *)(ptr))[-(ptrdiff_t)offsetof(type, member)])

/* Bytes of the structure of a kind of view, which begins with its struct view. */
#define VIEW_SIZE(type) (sizeof(type) + 0 * sizeof(char[offsetof(type, view) ? -1 : 1]))

/* What a ledger needs to be exact. */
#define LEDGER_EVENTS ((CALL_EVENTS | LIFECYCLE_EVENTS) & ~EVENT_BIT(FAULT))

/* A summary shows marks only, and at an end of a process it fetches the last figures. */
#define SUMMARY_EVENTS (EVENT_BIT(EXIT) | EVENT_BIT(LEAVE) | EVENT_BIT(MARK))

/**
 * view_is_full() - check whether a view has shown as many events as the user asked for
 * @view: the view
 *
 * Return: whether it has.
 */
static inline bool view_is_full(const struct view *view)
{
	return view->count && view->shown >= view->count;
}

/**
 * view_open() - make a view
 * @view: set to it
 * @type: its kind
 * @context: the input of its open()
 *
 * Return: 0, or a negative errno that has already been reported.
 */
int view_open(struct view **view, const struct view_type *type, const struct view_context *context);

/**
 * view_close() - free a view
 * @view: the view
 */
void view_close(struct view *view);

extern const struct view_type text_view;
extern const struct view_type strace_view;
extern const struct view_type none_view;
extern const struct view_type json_view;
extern const struct view_type summary_view;
extern const struct view_type summary_json_view;
extern const struct view_type both_view;
extern const struct view_type folded_view;
extern const struct view_type map_view;
extern const struct view_type map_json_view;
extern const struct view_type plot_view;
extern const struct view_type html_view;
extern const struct view_type top_view;

/**
 * losses_sum() - count all lost events
 * @losses: the losses, by place
 *
 * Return: their number.
 */
static inline uint64_t losses_sum(const struct losses *losses)
{
	return losses->ring + losses->probe + losses->watch + losses->socket;
}

/**
 * losses_any() - check for losses
 * @losses: the losses, by place
 *
 * Return: whether events were lost, or may have been.
 */
static inline bool losses_any(const struct losses *losses)
{
	return losses_sum(losses) || losses->blind_to;
}

/**
 * view_knows_all() - check whether the accounts of all processes lack no event
 * @view: the view
 * @losses: the losses, by place
 *
 * Return: whether they are whole; a child that the module could not follow leaves the others so.
 */
static inline bool view_knows_all(const struct view *view, const struct losses *losses)
{
	return !view->filtered && !losses->ring && !losses->probe && !losses->socket &&
	       !losses->blind_to;
}

/**
 * losses_least() - qualify a number of calls that the probes missed
 * @losses: the losses, by place
 *
 * The kernel counts missed calls without a lock, so that its number may be too small.
 *
 * Return: "at least " if there may be more missed calls.
 */
static inline const char *losses_least(const struct losses *losses)
{
	return losses->probe ? "at least " : "";
}

/**
 * say_losses() - report losses on standard error, if the output has no place for them
 * @view: the view of that output
 * @report: the figures at the end
 */
void say_losses(const struct view *view, const struct report *report);

/**
 * put_losses() - write the line that ends every text
 * @view: the view; the line says so if the module counts calls without reporting them
 * @report: the figures at the end
 */
void put_losses(const struct view *view, const struct report *report);

#endif
