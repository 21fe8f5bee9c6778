// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <kselftest_harness.h>

#include "run/snapshots.h"

/* The areas belong to the set; the sanitizer finds areas that are not freed, or freed twice. */
static int add(struct snapshots *set, uint32_t id, uint32_t watch, uint64_t time)
{
	const struct snapshot snapshot = {
		.id = id, .watch = watch, .time = time, .areas = malloc(sizeof(struct area)), .n = 1
	};

	return snapshots_add(set, &snapshot);
}

TEST(by_number)
{
	struct snapshots set = { 0 };
	struct snapshot snapshot;
	uint32_t id;

	for (id = 1; id <= 40; id++)
		ASSERT_EQ(0, add(&set, id, id % 2, id));
	EXPECT_FALSE(snapshots_take(&set, 41, &snapshot));
	ASSERT_TRUE(snapshots_take(&set, 20, &snapshot));
	EXPECT_EQ(20, snapshot.time);
	snapshot_free(&snapshot);
	/* Nobody will ask for the earlier snapshots of the same watch. */
	EXPECT_FALSE(snapshots_take(&set, 18, &snapshot));
	ASSERT_TRUE(snapshots_take(&set, 19, &snapshot));
	snapshot_free(&snapshot);
	EXPECT_EQ(20, set.n);
	snapshots_forget(&set, 0);
	EXPECT_EQ(10, set.n);
	EXPECT_EQ(1, set.v[9].watch);
	snapshots_free(&set);
	EXPECT_EQ(0, set.n);
}

TEST(by_time)
{
	struct snapshots set = { 0 };
	struct snapshot snapshot;

	ASSERT_EQ(0, add(&set, 1, 1, 10));
	ASSERT_EQ(0, add(&set, 2, 2, 20));
	/* A snapshot contains what happened at its own time. */
	EXPECT_FALSE(snapshots_take_older(&set, 10, &snapshot));
	ASSERT_TRUE(snapshots_take_older(&set, 15, &snapshot));
	EXPECT_EQ(1, snapshot.id);
	snapshot_free(&snapshot);
	EXPECT_FALSE(snapshots_take_older(&set, 15, &snapshot));
	ASSERT_TRUE(snapshots_take_older(&set, UINT64_MAX, &snapshot));
	EXPECT_EQ(2, snapshot.id);
	snapshot_free(&snapshot);
	EXPECT_FALSE(snapshots_take_older(&set, UINT64_MAX, &snapshot));
	snapshots_free(&set);
}

TEST_HARNESS_MAIN
