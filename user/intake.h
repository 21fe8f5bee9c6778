/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way of the events from the ring through the ledger to the sink, with
 * snapshots in their places between them.
 */
#ifndef BRKWATCH_INTAKE_H
#define BRKWATCH_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"
#include "normalize.h"
#include "session.h"
#include "sink.h"
#include "snapshots.h"
#include "stacks.h"
#include "tally.h"

/**
 * struct intake - what events pass through
 * @session: where they come from
 * @sink: where they go
 * @filter: which of the events of a capture are shown, NULL for all
 * @normalizer: names of addresses
 * @tally: counts what the module may not have been asked for, or NULL
 * @received: events so far
 * @lost: events without a watch that were lost before the last drain
 * @lost_before: before the one before it
 * @orphans: the event of a birth was lost: nobody knows who shares whose address space
 * @idle: drains and exits since the module was told to forget dead watches
 * @accounts: even of events that nobody shows accounts are kept
 * @watch: that of an event that was not read, which is known
 * @passed: events of the drain in hand that were not read
 * @skimmed_lost: events that were lost before the last drain, while none was read
 * @execs: snapshots that wait for the event of their number
 * @asked: snapshots that wait for the first event that is newer
 * @stacks: who called; used if the sink has it
 * @batch: events of the drain in hand
 */
struct intake {
	struct session *session;
	struct sink *sink;
	const struct filter *filter;
	struct normalizer *normalizer;
	struct tally *tally;
	uint64_t received;
	uint64_t lost;
	uint64_t lost_before;
	bool orphans;
	unsigned int idle;
	bool accounts;
	uint32_t watch;
	uint64_t passed;
	uint64_t skimmed_lost;
	struct snapshots execs;
	struct snapshots asked;
	struct stacks stacks;
	struct {
		struct event *v;
		size_t n;
		size_t cap;
	} batch;
};

/**
 * intake_open() - begin the account of a process that runs
 * @intake: the intake
 * @watch: id of its watch
 *
 * Return: 0 or a negative errno.
 */
int intake_open(struct intake *intake, uint32_t watch);

/**
 * intake_drain() - take all events that wait, book and show them
 * @intake: the intake
 *
 * Return: 0 or a negative errno.
 */
int intake_drain(struct intake *intake);

/**
 * intake_snapshot() - ask for the address space of a process, wanted or not
 * @intake: the intake
 * @watch: id of the watch
 *
 * Return: 0, also when it has none any more, or a negative errno.
 */
int intake_snapshot(struct intake *intake, uint32_t watch);

/**
 * intake_settle() - drain until no snapshot is under way
 * @intake: the intake
 *
 * Return: 0 or a negative errno.
 */
int intake_settle(struct intake *intake);

/**
 * intake_renew() - take a process's address space as the kernel has it now
 * @intake: the intake, drained since the process made its last call
 * @watch: id of its watch
 *
 * Return: 0, also when it has none any more, or a negative errno.
 */
int intake_renew(struct intake *intake, uint32_t watch);

/**
 * intake_losses() - what was lost so far
 * @intake: the intake
 *
 * Return: the losses, by place.
 */
struct losses intake_losses(const struct intake *intake);

/**
 * intake_free() - give back its memory
 * @intake: the intake
 */
void intake_free(struct intake *intake);

#endif
