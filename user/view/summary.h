/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of a summary. */
#ifndef BRKWATCH_SUMMARY_H
#define BRKWATCH_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>

#include "event/event.h"
#include "view/callers.h"
#include "view/ended.h"
#include "view/ranking.h"
#include "view/spool.h"
#include "view/view.h"

struct line;

/* Marks a figure of a call that the module does not count. */
#define UNCOUNTED UINT64_MAX

/**
 * struct summary - totals, or the callers that asked for memory, or both
 * @view: how the user sees them
 * @callers: the callers, with -k
 * @ended_n: how many processes have ended, of which only the view keeps figures
 * @ended: the ended processes, by name
 * @ranking: the ended processes that got most; empty if names take their place
 * @only: the text about the first ended process while there is no other, or NULL
 * @spool: the texts about all ended processes, if the user wants them
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
 * @spools: keep a text about each process that has ended
 *
 * Return: 0, or a negative errno that has already been reported.
 */
int summary_open(struct view *view, bool spools);

/**
 * summary_close() - a close() of struct view_type
 * @view: the view
 */
void summary_close(struct view *view);

/**
 * summary_of() - get the totals that a view is part of
 * @view: how the user sees them
 *
 * Return: the totals.
 */
static inline struct summary *summary_of(const struct view *view)
{
	return container_of(view, struct summary, view);
}

/**
 * summary_fold() - take the last figures of a process
 * @summary: the totals
 * @last: its figures
 * @account: its account, NULL if events are missing in it
 *
 * Return: 0 or -ENOMEM.
 */
int summary_fold(struct summary *summary, const struct counters *last,
		 const struct process *account);

/**
 * put_ranking() - write a table of the processes that got most, and how many have a seccomp filter
 * @view: the view
 * @report: the figures of running processes
 *
 * Return: 0 or -ENOMEM.
 */
int put_ranking(const struct view *view, const struct report *report);

/**
 * summary_each() - write the text about each process, by rising watch
 * @view: the view, with a spool
 * @report: the figures of running processes; at an interval, processes that an earlier
 *	interval reported as ended are left out
 * @put: writes the text about a process that is not in the spool; returns 0 or -ENOMEM
 * @between: text between two processes
 *
 * Return: 0, -ENOMEM, or another negative errno that has already been reported.
 */
int summary_each(struct view *view, const struct report *report,
		 int (*put)(struct view *view, const struct counters *c,
			    const struct losses *losses),
		 const char *between);

/**
 * summary_account() - get what the events say about a process
 * @view: the view
 * @c: its figures
 * @losses: losses of the session
 *
 * Return: the account of the process, an empty one if it has none; NULL if events are missing.
 */
const struct process *summary_account(const struct view *view, const struct counters *c,
				      const struct losses *losses);

/**
 * put_served() - write what the memory of a process came from
 * @view: the view
 * @c: its figures
 * @p: its account, NULL if events are missing
 *
 * With the account the lines divide what was committed at the peak ("served"), otherwise all that
 * calls got ("got").
 */
void put_served(const struct view *view, const struct counters *c, const struct process *p);

/**
 * line_committed() - add what the committed memory of a process came from
 * @line: the object of the process
 * @view: the view
 * @p: its account, NULL if events are missing
 */
void line_committed(struct line *line, const struct view *view, const struct process *p);

/**
 * put_sizes() - write how many calls had which size, by powers of two
 * @out: where to
 * @c: figures of a process
 *
 * Writes nothing if no call had a size.
 */
void put_sizes(FILE *out, const struct counters *c);

/**
 * put_durations() - write how long the calls took
 * @out: where to
 * @c: figures of a process
 *
 * Writes nothing if there was no call.
 */
void put_durations(FILE *out, const struct counters *c);

/**
 * put_refusals() - write which calls failed with which errno
 * @out: where to
 * @c: figures of a process
 *
 * Writes nothing if no call failed with an errno, or if the module did not count them.
 */
void put_refusals(FILE *out, const struct counters *c);

/**
 * line_refusals() - add which calls failed, with refused calls of brk, as "refusals"
 * @line: the object
 * @c: figures of a process, or of several
 */
void line_refusals(struct line *line, const struct counters *c);

/**
 * put_seccomp() - write that seccomp(2) can deny calls
 * @out: where to
 * @c: figures of a process
 *
 * Writes nothing if it cannot, or if its mode is not known.
 */
void put_seccomp(FILE *out, const struct counters *c);

/**
 * put_seccomp_filters() - write in how many processes seccomp(2) can deny calls
 * @out: where to
 * @total: the sum of all processes
 *
 * Writes nothing if no process is known to have a filter.
 */
void put_seccomp_filters(FILE *out, const struct rank *total);

/**
 * summary_caller() - book the caller that asked for memory, as text
 * @view: the view
 * @step: the event
 * @watch: id of its watch, 0 to sum all watches
 *
 * Return: 0 or -ENOMEM.
 */
int summary_caller(struct view *view, const struct step *step, uint32_t watch);

/**
 * summary_caller_json() - book the caller that asked for memory, as JSON
 * @view: the view
 * @step: the event
 *
 * Return: 0 or -ENOMEM.
 */
int summary_caller_json(struct view *view, const struct step *step);

/**
 * put_callers() - write which callers hold memory in a process, and which asked for it, most first
 * @view: the view, after callers_weigh()
 * @watch: id of the watch
 * @known: what they hold is known, because no event is missing
 */
void put_callers(const struct view *view, uint32_t watch, bool known);

/**
 * line_callers() - add all callers of a process as "sites", most first
 * @line: the object of the process
 * @view: the view, after callers_weigh()
 * @watch: id of the watch
 * @known: what they hold is known, because no event is missing
 */
void line_callers(struct line *line, const struct view *view, uint32_t watch, bool known);

#endif
