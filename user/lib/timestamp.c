// SPDX-License-Identifier: GPL-2.0
/* The time of an event, as it stands before a line of text. */
#include <inttypes.h>
#include <time.h>

#include "lib/timestamp.h"

#define NSEC_PER_SEC UINT64_C(1000000000)
#define NSEC_PER_USEC 1000
#define USEC_PER_SEC 1000000

static uint64_t time_of(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

uint64_t timestamp_epoch(void)
{
	return time_of(CLOCK_REALTIME) - time_of(CLOCK_MONOTONIC);
}

uint64_t timestamp_now(void)
{
	return time_of(CLOCK_MONOTONIC);
}

void timestamp_seconds(FILE *out, int width, uint64_t ns)
{
	uint64_t us = ns / NSEC_PER_USEC;

	fprintf(out, "%*" PRIu64 ".%06" PRIu64, width, us / USEC_PER_SEC, us % USEC_PER_SEC);
}

static void put_of_day(FILE *out, uint64_t ns, bool usec)
{
	time_t seconds = ns / NSEC_PER_SEC;
	struct tm tm;
	char text[16];

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	fputs(text, out);
	if (usec)
		fprintf(out, ".%06" PRIu64, ns % NSEC_PER_SEC / NSEC_PER_USEC);
}

static uint64_t since(uint64_t before, uint64_t time)
{
	return time > before ? time - before : 0;
}

static void put_clock(const struct timestamp *timestamp, FILE *out, uint64_t time)
{
	if (timestamp->clock == CLOCK_OF_EPOCH)
		timestamp_seconds(out, 0, timestamp->epoch + time);
	else if (timestamp->clock)
		put_of_day(out, timestamp->epoch + time, timestamp->clock == CLOCK_OF_DAY_USEC);
	else
		timestamp_seconds(out, 4, since(timestamp->began, time));
}

void timestamp_put(struct timestamp *timestamp, FILE *out, uint64_t time)
{
	uint64_t pause = timestamp->last ? since(timestamp->last, time) : 0;

	/* Like strace, write the pause alone, or in parentheses behind the time of day. */
	if (timestamp->clock || !timestamp->relative)
		put_clock(timestamp, out, time);
	if (timestamp->relative) {
		fputs(timestamp->clock ? " (+" : "", out);
		timestamp_seconds(out, 6, pause);
		fputs(timestamp->clock ? ")" : "", out);
	}
	fputc(' ', out);
	timestamp->last = time;
}
