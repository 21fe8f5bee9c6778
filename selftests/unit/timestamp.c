// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <time.h>
#include <kselftest_harness.h>

#include "view_fixture.h"
#include "lib/timestamp.h"

/* 2026-11-26 10:40:00 UTC */
#define EPOCH (1795689600 * SECOND)

FIXTURE(timestamp)
{
	struct timestamp timestamp;
	FILE *out;
	char *text;
	size_t size;
};

FIXTURE_SETUP(timestamp)
{
	setenv("TZ", "UTC", 1);
	tzset();
	self->timestamp.began = SECOND;
	self->timestamp.epoch = EPOCH;
	self->out = open_memstream(&self->text, &self->size);
	ASSERT_NE(NULL, self->out);
}

FIXTURE_TEARDOWN(timestamp)
{
	fclose(self->out);
	free(self->text);
}

/* Two lines: 2.5 us after the session began, and 1.5 s later. */
#define EXPECT_STAMPS(wanted)                                                      \
	do {                                                                       \
		timestamp_put(&self->timestamp, self->out, SECOND + 2500);         \
		timestamp_put(&self->timestamp, self->out, SECOND * 5 / 2 + 2500); \
		fflush(self->out);                                                 \
		EXPECT_STREQ(wanted, self->text);                                  \
	} while (0)

TEST_F(timestamp, of_the_session)
{
	EXPECT_STAMPS("   0.000002    1.500002 ");
}

TEST_F(timestamp, of_the_day)
{
	self->timestamp.clock = CLOCK_OF_DAY;
	EXPECT_STAMPS("10:40:01 10:40:02 ");
}

TEST_F(timestamp, of_the_day_to_the_microsecond)
{
	self->timestamp.clock = CLOCK_OF_DAY_USEC;
	EXPECT_STAMPS("10:40:01.000002 10:40:02.500002 ");
}

TEST_F(timestamp, of_the_epoch)
{
	self->timestamp.clock = CLOCK_OF_EPOCH;
	EXPECT_STAMPS("1795689601.000002 1795689602.500002 ");
}

TEST_F(timestamp, relative)
{
	self->timestamp.relative = true;
	EXPECT_STAMPS("     0.000000      1.500000 ");
}

TEST_F(timestamp, relative_beside_the_time_of_day)
{
	self->timestamp.relative = true;
	self->timestamp.clock = CLOCK_OF_DAY;
	EXPECT_STAMPS("10:40:01 (+     0.000000) 10:40:02 (+     1.500000) ");
}

TEST_F(timestamp, never_negative)
{
	self->timestamp.relative = true;
	timestamp_put(&self->timestamp, self->out, 2 * SECOND);
	timestamp_put(&self->timestamp, self->out, SECOND);
	fflush(self->out);
	EXPECT_STREQ("     0.000000      0.000000 ", self->text);
}

TEST(epoch_of_now)
{
	struct timestamp timestamp = { .clock = CLOCK_OF_EPOCH };
	struct timespec wall, mono;
	int64_t epoch;

	timestamp.epoch = timestamp_epoch();
	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	epoch = (wall.tv_sec - mono.tv_sec) * SECOND + wall.tv_nsec - mono.tv_nsec;
	/* A wrong unit or clock would be off by far more. */
	EXPECT_GT(10 * SECOND, llabs(epoch - (int64_t)timestamp.epoch));
}

TEST_HARNESS_MAIN
