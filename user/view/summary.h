/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of a summary. */
#ifndef BRKWATCH_SUMMARY_H
#define BRKWATCH_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>
#include <json-c/json.h>

#include "event/event.h"
#include "view/callers.h"
#include "view/view.h"

/**
 * struct summary - totals, or who asked for memory, or both
 * @view: how the user sees them
 * @callers: who asked, with -k
 */
struct summary {
	struct view view;
	struct callers callers;
};

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
 *
 * Return: 0 or -ENOMEM.
 */
int summary_caller(struct view *view, const struct step *step);

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
