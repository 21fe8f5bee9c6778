/* SPDX-License-Identifier: GPL-2.0 */
/* The time of an event, as it stands before a line of text. */
#ifndef BRKWATCH_TIMESTAMP_H
#define BRKWATCH_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/text_buffer.h"

/* The forms of the time of day, each numbered by how often strace(1) needs -t for it. */
enum {
	CLOCK_OF_SESSION,
	CLOCK_OF_DAY,
	CLOCK_OF_DAY_USEC,
	CLOCK_OF_EPOCH,
};

/**
 * struct timestamp - how times are written, and the last of them
 * @clock: one of CLOCK_OF_*: the time of day; seconds since @began without it
 * @relative: time since the last line; alone or beside the time of day
 * @began: CLOCK_MONOTONIC in ns when the session began
 * @epoch: CLOCK_REALTIME in ns when CLOCK_MONOTONIC was 0
 * @last: CLOCK_MONOTONIC in ns of the last line, 0 before the first
 */
struct timestamp {
	unsigned int clock;
	bool relative;
	uint64_t began;
	uint64_t epoch;
	uint64_t last;
};

/**
 * timestamp_epoch() - what to set @epoch to
 *
 * Return: CLOCK_REALTIME in ns when CLOCK_MONOTONIC was 0.
 */
uint64_t timestamp_epoch(void);

/**
 * timestamp_now() - the time of events
 *
 * Return: CLOCK_MONOTONIC in ns.
 */
uint64_t timestamp_now(void);

/**
 * timestamp_add() - append the time of an event and the space after it
 * @timestamp: how
 * @text: takes the text
 * @time: CLOCK_MONOTONIC in ns
 */
void timestamp_add(struct timestamp *timestamp, struct text_buffer *text, uint64_t time);

/**
 * timestamp_add_seconds() - append a time in seconds, to the microsecond
 * @text: takes the text
 * @width: columns before the point at least, TEXT_COLUMNS_MAX at most
 * @ns: the time
 */
void timestamp_add_seconds(struct text_buffer *text, int width, uint64_t ns);

/**
 * timestamp_seconds() - write a time in seconds, to the microsecond
 * @out: where to
 * @width: as above
 * @ns: the time
 */
void timestamp_seconds(FILE *out, int width, uint64_t ns);

#endif
