/* SPDX-License-Identifier: GPL-2.0 */
/* A look at a running process, with what /proc/PID/smaps says of its mappings. */
#ifndef BRKWATCH_LOOK_H
#define BRKWATCH_LOOK_H

#include "event/event.h"
#include "run/pipeline.h"

/**
 * pipeline_look() - let the view show a running process
 * @pipeline: the pipeline; everything up to this moment is booked
 * @watch: the process
 * @time: when it was there, CLOCK_MONOTONIC in ns; unused in a replay
 *
 * A capture gets what /proc says, and a replay takes it from there.
 *
 * Return: 0 or a negative errno.
 */
int pipeline_look(struct pipeline *pipeline, const struct counters *watch, uint64_t time);

#endif
