// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
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
	char buf[64];
	struct text_buffer text;
};

FIXTURE_SETUP(timestamp)
{
	setenv("TZ", "UTC", 1);
	tzset();
	self->timestamp.began = SECOND;
	self->timestamp.epoch = EPOCH;
	self->text = text_in(self->buf, sizeof(self->buf));
}

FIXTURE_TEARDOWN(timestamp)
{
}

/* Two lines: 2.5 us after the session began, and 1.5 s later. */
#define EXPECT_STAMPS(wanted)                                                        \
	do {                                                                         \
		timestamp_add(&self->timestamp, &self->text, SECOND + 2500);         \
		timestamp_add(&self->timestamp, &self->text, SECOND * 5 / 2 + 2500); \
		EXPECT_STREQ(wanted, self->buf);                                     \
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
	timestamp_add(&self->timestamp, &self->text, 2 * SECOND);
	timestamp_add(&self->timestamp, &self->text, SECOND);
	EXPECT_STREQ("     0.000000      0.000000 ", self->buf);
}

/* printf() is the oracle. */
TEST(seconds)
{
	static const int widths[] = { 0, 4, 6 };
	char wanted[64], *written;
	size_t i, size;
	FILE *out;

	srandom(7);
	for (i = 0; i < 10000; i++) {
		uint64_t ns = ((uint64_t)random() << 33 ^ random()) >> random() % 64;
		uint64_t us = (i ? ns : UINT64_MAX) / 1000;
		int width = widths[i % 3];

		out = open_memstream(&written, &size);
		ASSERT_NE(NULL, out);
		timestamp_seconds(out, width, i ? ns : UINT64_MAX);
		ASSERT_EQ(0, fclose(out));
		snprintf(wanted, sizeof(wanted), "%*" PRIu64 ".%06" PRIu64, width, us / 1000000,
			 us % 1000000);
		ASSERT_STREQ(wanted, written);
		free(written);
	}
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
