// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <time.h>
#include <kselftest_harness.h>

#include "feed.h"
#include "stamp.h"

/* 2026-11-26 10:40:00 UTC */
#define EPOCH (1795689600 * SECOND)

FIXTURE(stamp)
{
	struct stamp stamp;
	FILE *out;
	char *text;
	size_t size;
};

FIXTURE_SETUP(stamp)
{
	setenv("TZ", "UTC", 1);
	tzset();
	self->stamp.began = SECOND;
	self->stamp.epoch = EPOCH;
	self->out = open_memstream(&self->text, &self->size);
	ASSERT_NE(NULL, self->out);
}

FIXTURE_TEARDOWN(stamp)
{
	fclose(self->out);
	free(self->text);
}

/* Two lines: 2.5 us after the session began, and 1.5 s later. */
#define EXPECT_STAMPS(wanted)                                              \
	do {                                                               \
		stamp_put(&self->stamp, self->out, SECOND + 2500);         \
		stamp_put(&self->stamp, self->out, SECOND * 5 / 2 + 2500); \
		fflush(self->out);                                         \
		EXPECT_STREQ(wanted, self->text);                          \
	} while (0)

TEST_F(stamp, of_the_session)
{
	EXPECT_STAMPS("   0.000002    1.500002 ");
}

TEST_F(stamp, of_the_day)
{
	self->stamp.clock = CLOCK_OF_DAY;
	EXPECT_STAMPS("10:40:01 10:40:02 ");
}

TEST_F(stamp, of_the_day_to_the_microsecond)
{
	self->stamp.clock = CLOCK_OF_DAY_USEC;
	EXPECT_STAMPS("10:40:01.000002 10:40:02.500002 ");
}

TEST_F(stamp, of_the_epoch)
{
	self->stamp.clock = CLOCK_OF_EPOCH;
	EXPECT_STAMPS("1795689601.000002 1795689602.500002 ");
}

TEST_F(stamp, relative)
{
	self->stamp.relative = true;
	EXPECT_STAMPS("     0.000000      1.500000 ");
}

TEST_F(stamp, relative_beside_the_time_of_day)
{
	self->stamp.relative = true;
	self->stamp.clock = CLOCK_OF_DAY;
	EXPECT_STAMPS("10:40:01 (+     0.000000) 10:40:02 (+     1.500000) ");
}

TEST_F(stamp, never_negative)
{
	self->stamp.relative = true;
	stamp_put(&self->stamp, self->out, 2 * SECOND);
	stamp_put(&self->stamp, self->out, SECOND);
	fflush(self->out);
	EXPECT_STREQ("     0.000000      0.000000 ", self->text);
}

TEST(epoch_of_now)
{
	struct stamp stamp = { .clock = CLOCK_OF_EPOCH };
	struct timespec wall, mono;
	int64_t epoch;

	stamp.epoch = stamp_epoch();
	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	epoch = (wall.tv_sec - mono.tv_sec) * SECOND + wall.tv_nsec - mono.tv_nsec;
	/* Far less than any wrong unit or clock would make it. */
	EXPECT_GT(10 * SECOND, llabs(epoch - (int64_t)stamp.epoch));
}

TEST_HARNESS_MAIN
