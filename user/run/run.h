/* SPDX-License-Identifier: GPL-2.0 */
/* How long to watch, and what ends it. */
#ifndef BRKWATCH_RUN_H
#define BRKWATCH_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "run/exit_stop.h"
#include "run/pipeline.h"
#include "lib/signals.h"

/**
 * struct run - everything that is at work
 * @pipeline: what the events pass through
 * @signals: signals that arrived meanwhile
 * @exit_stop: threads that are held at their exit, or NULL
 * @capture: gets all messages from and to the module, or NULL
 * @once: one look at the processes that run is enough
 * @duration: ns to watch for, 0 for no limit
 * @interval: ns after which the view sums up, again and again, 0 for never
 * @timer: readable when @duration is over, -1 without limit
 * @ticker: readable when @interval is over, -1 without
 * @ticked: @ticker was readable
 * @expired: @duration is over, or the user has quit
 * @child: the launched process, 0 when there is none or it is gone
 * @status: its status as of wait(2), once it is gone
 */
struct run {
	struct pipeline pipeline;
	struct signals *signals;
	struct exit_stop *exit_stop;
	struct capture *capture;
	bool once;
	uint64_t duration;
	uint64_t interval;
	int timer;
	int ticker;
	bool ticked;
	bool expired;
	pid_t child;
	int status;
};

/**
 * run() - show events until there can be no more, or the user stops it
 * @run: everything
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int run(struct run *run);

/**
 * run_report() - have the view print its report at the end
 * @run: everything
 * @tally: counters in place of the module's, or NULL
 *
 * Return: 0 or a negative errno.
 */
int run_report(struct run *run, const struct tally *tally);

/**
 * run_sum_up() - fetch the figures so far and have the view show them
 * @run: everything; a run out of a capture without @interval shows nothing
 * @time: of the report, CLOCK_MONOTONIC in ns
 *
 * Return: 0 or a negative errno.
 */
int run_sum_up(struct run *run, uint64_t time);

/**
 * run_say_error() - say why it ended early
 * @run: everything
 * @err: the negative errno
 */
void run_say_error(const struct run *run, int err);

#endif
