// SPDX-License-Identifier: GPL-2.0
/* The time of an event, as it stands before a line of text. */
#include <time.h>

#include "lib/timestamp.h"

#define NSEC_PER_SEC UINT64_C(1000000000)
#define NSEC_PER_USEC 1000
#define USEC_PER_SEC 1000000
/* Seconds, a point and six digits. */
#define SECONDS_MAX (TEXT_COLUMNS_MAX + 8)

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

void timestamp_add_seconds(struct text_buffer *text, int width, uint64_t ns)
{
	uint64_t us = ns / NSEC_PER_USEC;

	text_add_columns(text, us / USEC_PER_SEC, width, ' ');
	text_add_millionths(text, us % USEC_PER_SEC);
}

void timestamp_seconds(FILE *out, int width, uint64_t ns)
{
	char buf[SECONDS_MAX];
	struct text_buffer text = text_in(buf, sizeof(buf));

	timestamp_add_seconds(&text, width, ns);
	text_put(&text, out);
}

static void add_of_day(struct text_buffer *text, uint64_t ns, bool usec)
{
	time_t seconds = ns / NSEC_PER_SEC;
	struct tm tm;
	char day[16];

	localtime_r(&seconds, &tm);
	strftime(day, sizeof(day), "%H:%M:%S", &tm);
	text_add(text, day);
	if (!usec)
		return;
	text_add_millionths(text, ns % NSEC_PER_SEC / NSEC_PER_USEC);
}

static uint64_t since(uint64_t before, uint64_t time)
{
	return time > before ? time - before : 0;
}

static void add_clock(const struct timestamp *timestamp, struct text_buffer *text, uint64_t time)
{
	if (timestamp->clock == CLOCK_OF_EPOCH)
		timestamp_add_seconds(text, 0, timestamp->epoch + time);
	else if (timestamp->clock)
		add_of_day(text, timestamp->epoch + time, timestamp->clock == CLOCK_OF_DAY_USEC);
	else
		timestamp_add_seconds(text, 4, since(timestamp->began, time));
}

void timestamp_add(struct timestamp *timestamp, struct text_buffer *text, uint64_t time)
{
	uint64_t pause = timestamp->last ? since(timestamp->last, time) : 0;

	/* Like strace, write the pause alone, or in parentheses behind the time of day. */
	if (timestamp->clock || !timestamp->relative)
		add_clock(timestamp, text, time);
	if (timestamp->relative) {
		text_add(text, timestamp->clock ? " (+" : "");
		timestamp_add_seconds(text, 6, pause);
		text_add(text, timestamp->clock ? ")" : "");
	}
	text_add_char(text, ' ');
	timestamp->last = time;
}
