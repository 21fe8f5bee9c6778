/* SPDX-License-Identifier: GPL-2.0 */
/* Is the account of a process equal to what /proc/PID/maps says? */
#ifndef BRKWATCH_CHECK_H
#define BRKWATCH_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "run/pipeline.h"

/**
 * struct check - what is compared
 * @pipeline: where the accounts come from; its view's file is written to
 * @differences: ranges that differed so far, and processes that could not be compared
 */
struct check {
	struct pipeline *pipeline;
	uint64_t differences;
};

/* Events are booked and not shown. */
extern const struct view_type check_view;

/**
 * check_running() - compare a process that someone else holds still
 * @check: all events up to now were drained
 * @watch: its watch
 *
 * Return: 0 or a negative errno.
 */
int check_running(struct check *check, const struct counters *watch);

/**
 * check_last() - compare a process that is held at its exit
 * @check: what is compared
 * @pid: the process
 * @there: false when it is gone already
 *
 * One whose address space others live in is left to the last of them.
 *
 * Return: 0 or a negative errno.
 */
int check_last(struct check *check, pid_t pid, bool there);

#endif
