// SPDX-License-Identifier: GPL-2.0
/* The parts of a snapshot, from their messages. */
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "messages.h"

static int decode_part(const struct attribute *attributes, size_t n, struct area_message *message)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	int err = decode_area(hdr, message);

	free(hdr);
	return err;
}

TEST(parts_of_a_snapshot)
{
	struct area_message message;

	ASSERT_EQ(0, decode_part(moment, N(moment), &message));
	EXPECT_TRUE(message.is_head);
	EXPECT_EQ(1, message.snapshot);
	EXPECT_EQ(1, message.head.id);
	EXPECT_EQ(2, message.head.watch);
	EXPECT_EQ(3, message.head.time);
	EXPECT_EQ(4, message.head.heap_start);
	EXPECT_EQ(5, message.head.brk);
	EXPECT_EQ(6, message.head.n);
	EXPECT_EQ(NULL, message.head.areas);
	ASSERT_EQ(0, decode_part(area, N(area), &message));
	EXPECT_FALSE(message.is_head);
	EXPECT_EQ(1, message.snapshot);
	EXPECT_EQ(0x1000, message.area.start);
	EXPECT_EQ(0x2000, message.area.end);
	EXPECT_EQ(BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_ANONYMOUS, message.area.flags);
}

TEST(bad_parts_of_a_snapshot)
{
	struct attribute some[N(area)];
	struct area_message message;

	EXPECT_BAD(moment, decode_part, &message);
	EXPECT_BAD(area, decode_part, &message);
	memcpy(some, area, sizeof(some));
	some[2].value = some[1].value;
	EXPECT_EQ(-EBADMSG, decode_part(some, N(some), &message));
}

TEST_HARNESS_MAIN
