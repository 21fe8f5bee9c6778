/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The path of the events from the ring through the ledger to the view, with the snapshots in
 * their places in between.
 */
#ifndef BRKWATCH_PIPELINE_H
#define BRKWATCH_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/filter.h"
#include "view/normalize.h"
#include "wire/session.h"
#include "view/view.h"
#include "run/newcomers.h"
#include "run/put_off.h"
#include "run/snapshots.h"
#include "stack/stacks.h"
#include "run/tally.h"

/**
 * struct pipeline - what events pass through
 * @session: source of the events
 * @view: destination of the events
 * @filter: selects the events of a capture to show, NULL for all
 * @normalizer: names of addresses
 * @tally: counts events again, because a capture may lack the module's counters; NULL if nobody
 *	wants to know
 * @received: events so far
 * @lost: events without a watch that were lost before the last drain
 * @lost_before: the same, one drain earlier
 * @seen: latest time of an event in the drains before the one in hand
 * @orphans: a clone event was lost, so it is unknown which processes share an address space
 * @idle: drains and exits since the tool last collected the module's dead watches
 * @accounts: keep accounts even if no event is shown
 * @known: watch of the latest event, which the session knows; 0 if it may have forgotten it
 * @watch: watch of the last event that passed unread; the session knows it
 * @passed: events of the drain in hand that were not read
 * @skimmed_lost: events that were lost before the last drain, while none was read
 * @execs: snapshots that wait for the event of their number
 * @asked: snapshots that wait for the first event that is newer
 * @put_off: watches for which the tool asks again for a snapshot
 * @newcomers: processes that the tool has just learned of
 * @stacks: code of the processes; used as pipeline_knows_code() says
 * @batch: events of the drain in hand
 */
struct pipeline {
	struct session *session;
	struct view *view;
	const struct filter *filter;
	struct normalizer *normalizer;
	struct tally *tally;
	uint64_t received;
	uint64_t lost;
	uint64_t lost_before;
	uint64_t seen;
	bool orphans;
	unsigned int idle;
	bool accounts;
	uint32_t known;
	uint32_t watch;
	uint64_t passed;
	uint64_t skimmed_lost;
	struct snapshots execs;
	struct snapshots asked;
	struct put_off put_off;
	struct newcomers newcomers;
	struct stacks stacks;
	struct {
		struct event *v;
		size_t n;
		size_t cap;
	} batch;
};

/**
 * pipeline_open() - begin the account of a process that runs
 * @pipeline: the pipeline
 * @watch: id of its watch
 *
 * Return: 0 or a negative errno.
 */
int pipeline_open(struct pipeline *pipeline, uint32_t watch);

/**
 * pipeline_drain() - take all events that wait, book and show them
 * @pipeline: the pipeline
 *
 * Return: 0 or a negative errno.
 */
int pipeline_drain(struct pipeline *pipeline);

/**
 * pipeline_settle() - drain until no snapshot is under way
 * @pipeline: the pipeline
 *
 * Return: 0 or a negative errno.
 */
int pipeline_settle(struct pipeline *pipeline);

/**
 * pipeline_learn() - learn of the watches that an event names
 * @pipeline: the pipeline
 * @ev: the event
 *
 * Return: 0 or a negative errno.
 */
int pipeline_learn(struct pipeline *pipeline, const struct event *ev);

/**
 * pipeline_knows_code() - does the pipeline keep what code the processes have
 * @pipeline: the pipeline
 *
 * Return: whether it does, because the view shows callers, or who asked for memory.
 */
bool pipeline_knows_code(const struct pipeline *pipeline);

/**
 * pipeline_losses() - what was lost so far
 * @pipeline: the pipeline
 *
 * Return: the losses, by place.
 */
struct losses pipeline_losses(const struct pipeline *pipeline);

/**
 * pipeline_free() - release its memory
 * @pipeline: the pipeline
 */
void pipeline_free(struct pipeline *pipeline);

#endif
