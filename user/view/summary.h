/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of a summary. */
#ifndef BRKWATCH_SUMMARY_H
#define BRKWATCH_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>
#include <json-c/json.h>

#include "event/event.h"
#include "view/callers.h"
#include "view/ended.h"
#include "view/ranking.h"
#include "view/spool.h"
#include "view/view.h"

/* A figure of a call that nobody counts. */
#define UNCOUNTED UINT64_MAX

/**
 * struct summary - totals, or who asked for memory, or both
 * @view: how the user sees them
 * @callers: who asked, with -k
 * @ended_n: how many processes have ended and are known here alone
 * @ended: those, by name
 * @ranking: those of them that got most; empty where names take their place
 * @only: what is said of the first of them while there is no other, or NULL
 * @spool: what is said of each, where that is wanted
 */
struct summary {
	struct view view;
	struct callers callers;
	uint64_t ended_n;
	struct ended ended;
	struct ranking ranking;
	char *only;
	struct spool spool;
};

/**
 * summary_open() - set up a view of totals
 * @view: the view
 * @spools: each process that has ended is told of
 *
 * Return: 0 or a negative errno, which has been said.
 */
int summary_open(struct view *view, bool spools);

/**
 * summary_close() - a close() of struct view_type
 * @view: the view
 */
void summary_close(struct view *view);

/**
 * summary_of() - the totals that a view is part of
 * @view: how the user sees them
 *
 * Return: them.
 */
static inline struct summary *summary_of(const struct view *view)
{
	return container_of(view, struct summary, view);
}

/**
 * summary_fold() - take the last figures of a process
 * @summary: the totals
 * @last: its figures
 * @account: its account, NULL if what rests on events is not known
 *
 * Return: 0 or -ENOMEM.
 */
int summary_fold(struct summary *summary, const struct counters *last,
		 const struct process *account);

/**
 * put_ranking() - the processes that got most, in a table
 * @view: the view
 * @report: what is known of those that run
 *
 * Return: 0 or -ENOMEM.
 */
int put_ranking(const struct view *view, const struct report *report);

/**
 * summary_each() - say what is to be said of each process, by rising watch
 * @view: the view, with a spool
 * @report: what is known of those that run; at an interval, those that ended before the one
 *	before it are left out
 * @put: says it of one that is not in the spool; returns 0 or -ENOMEM
 * @between: what stands between two of them
 *
 * Return: 0, -ENOMEM or another negative errno, which has been said.
 */
int summary_each(struct view *view, const struct report *report,
		 int (*put)(struct view *view, const struct counters *c,
			    const struct losses *losses),
		 const char *between);

/**
 * summary_account() - what is known of a process by its events
 * @view: the view
 * @c: its figures
 * @losses: of the session
 *
 * Return: its account, an empty one if it has none; NULL if events are missing in it.
 */
const struct process *summary_account(const struct view *view, const struct counters *c,
				      const struct losses *losses);

/**
 * put_sizes() - how many calls were how large, by powers of two
 * @out: where to
 * @c: figures of a process
 *
 * Nothing if no call had a size.
 */
void put_sizes(FILE *out, const struct counters *c);

/**
 * put_durations() - how long the calls took
 * @out: where to
 * @c: figures of a process
 *
 * Nothing if there was no call.
 */
void put_durations(FILE *out, const struct counters *c);

/**
 * summary_caller() - book who asked for memory, as text
 * @view: the view
 * @step: the event
 * @watch: id of its watch, 0 to have all in one
 *
 * Return: 0 or -ENOMEM.
 */
int summary_caller(struct view *view, const struct step *step, uint32_t watch);

/**
 * summary_caller_json() - the same, as JSON
 * @view: the view
 * @step: the event
 *
 * Return: 0 or -ENOMEM.
 */
int summary_caller_json(struct view *view, const struct step *step);

/**
 * put_callers() - who asked a process's memory, most first
 * @view: the view, whose callers are sorted
 * @watch: id of the watch
 */
void put_callers(const struct view *view, uint32_t watch);

/**
 * callers_json() - the same, all of them
 * @callers: the callers, sorted
 * @watch: id of the watch
 *
 * Return: an array, or NULL without memory.
 */
json_object *callers_json(const struct callers *callers, uint32_t watch);

#endif
