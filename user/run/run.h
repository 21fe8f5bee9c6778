/* SPDX-License-Identifier: GPL-2.0 */
/* How long the tool watches, and what ends the run. */
#ifndef BRKWATCH_RUN_H
#define BRKWATCH_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "run/exit_stop.h"
#include "run/pipeline.h"
#include "lib/signals.h"

/**
 * struct run - the parts of a run, and how far it has got
 * @pipeline: what the events pass through
 * @signals: what signals have asked of the tool so far
 * @exit_stop: threads that are held at their exit, or NULL if the tool holds none
 * @capture: gets all messages from and to the module, or NULL
 * @once: the run ends after one look at the running processes
 * @duration: ns to watch for, 0 for no limit
 * @interval: ns from one report of the view to the next, 0 for a report at the end only
 * @timer: file descriptor, readable when @duration is over; -1 if @duration is 0
 * @ticker: file descriptor, readable each time @interval is over; -1 if @interval is 0
 * @ticked: @ticker was readable
 * @expired: @duration is over, or the user has quit
 * @stopped: when the tool stopped watching, CLOCK_MONOTONIC in ns; 0 before that, and if a capture
 *	does not say
 * @child: the launched process, 0 when there is none or it is gone
 * @status: the status of that process, as wait(2) gives it, once it is gone
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
	uint64_t stopped;
	pid_t child;
	int status;
};

/**
 * run() - show events until no more can come, a limit is reached or the user stops the run
 * @run: the run
 *
 * It tells the user what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int run(struct run *run);

/**
 * run_report() - let the view print its last report
 * @run: the run
 * @tally: counters to show in place of the module's, or NULL to show the module's
 *
 * Return: 0 or a negative errno.
 */
int run_report(struct run *run, const struct tally *tally);

/**
 * run_sum_up() - fetch the figures so far and let the view show them
 * @run: the run
 * @command: why: CAPTURE_CMD_TICK because of --interval, CAPTURE_CMD_LOOK because of a signal
 * @time: of the report, CLOCK_MONOTONIC in ns
 *
 * The view shows nothing if the user made a capture with --interval and reads it without, or reads
 * it in a view that shows its figures only at the end. The tool fetches the figures even then,
 * because the request for them comes next in the file.
 *
 * Return: 0 or a negative errno.
 */
int run_sum_up(struct run *run, uint8_t command, uint64_t time);

/**
 * run_note_stop() - note when the tool stops watching
 * @run: the run
 * @time: the moment, CLOCK_MONOTONIC in ns
 *
 * Callers hold memory until then, and a replay must find the same.
 */
void run_note_stop(struct run *run, uint64_t time);

/**
 * run_say_error() - tell the user why the run ended early
 * @run: the run
 * @err: the negative errno
 */
void run_say_error(const struct run *run, int err);

#endif
