// SPDX-License-Identifier: GPL-2.0
#include <kselftest_harness.h>

#include "run/put_off.h"

/* How many drains pass before a request, of 1000 at most. */
static int drains(struct put_off *set, uint32_t *watch)
{
	int n = 1;

	while (n < 1000 && !put_off_due(set, watch))
		n++;
	return n;
}

TEST(each_in_turn)
{
	struct put_off set = { 0 };
	uint32_t watch, id;

	EXPECT_EQ(1000, drains(&set, &watch));
	for (id = 1; id <= 40; id++)
		ASSERT_EQ(0, put_off_add(&set, id));
	for (id = 1; id <= 40; id++) {
		EXPECT_GT(100, drains(&set, &watch));
		EXPECT_EQ(id, watch);
		/* The kernel refuses once more. */
		EXPECT_TRUE(put_off_drop(&set, watch));
		ASSERT_EQ(0, put_off_add(&set, watch));
	}
	EXPECT_GT(100, drains(&set, &watch));
	EXPECT_EQ(1, watch);
	put_off_free(&set);
}

/* A request takes time, during which the ring fills. */
TEST(not_after_each_drain)
{
	struct put_off set = { 0 };
	uint32_t watch;

	EXPECT_FALSE(put_off_has(&set, 7));
	ASSERT_EQ(0, put_off_add(&set, 7));
	EXPECT_TRUE(put_off_has(&set, 7));
	EXPECT_FALSE(put_off_has(&set, 8));
	EXPECT_LT(10, drains(&set, &watch));
	EXPECT_LT(10, drains(&set, &watch));
	EXPECT_TRUE(put_off_drop(&set, 7));
	EXPECT_FALSE(put_off_has(&set, 7));
	EXPECT_FALSE(put_off_drop(&set, 7));
	EXPECT_EQ(1000, drains(&set, &watch));
	put_off_free(&set);
}

TEST_HARNESS_MAIN
