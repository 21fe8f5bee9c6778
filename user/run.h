/* SPDX-License-Identifier: GPL-2.0 */
/* The way of the events through the tool, from the session to the sink. */
#ifndef BRKWATCH_RUN_H
#define BRKWATCH_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "normalize.h"
#include "session.h"
#include "signals.h"
#include "sink.h"

/**
 * struct run - everything that is at work
 * @session: where events come from
 * @sink: where they go
 * @normalizer: names of addresses
 * @signals: what was asked of the tool meanwhile
 * @child: the launched process, 0 when there is none or it is gone
 * @status: its status as wait(2) has it, once it is gone
 * @received: events so far
 * @lost: how many were lost before the drain before this one
 * @batch: those of the drain in hand
 */
struct run {
	struct session *session;
	struct sink *sink;
	struct normalizer *normalizer;
	struct signals *signals;
	pid_t child;
	int status;
	uint64_t received;
	uint64_t lost;
	struct {
		struct event *v;
		size_t n;
		size_t cap;
	} batch;
};

/**
 * run() - show events until there can be no more, or the user has had enough
 * @run: everything
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int run(struct run *run);

#endif
