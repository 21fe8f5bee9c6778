// SPDX-License-Identifier: GPL-2.0
/* Counters that are computed again from the events of a capture. */
#include <kselftest_harness.h>

#include "run/tally.h"
#include "view_fixture.h"

/* Something else moved the break there; brk(2) gave only 64 KiB more. */
TEST(heap_moved)
{
	struct event ev = brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + PAGE, HEAP, HEAP + PAGE);
	struct tally tally = { .geometry = { PAGE, 512 * PAGE } };

	ASSERT_EQ(0, tally_event(&tally, &ev, NULL));
	EXPECT_EQ(PAGE, tally.v[0].grown_bytes);
	ev = brk_event(BRKWATCH_BRK_KIND_GROW, MAPS + 48 * PAGE, MAPS + 32 * PAGE,
		       MAPS + 48 * PAGE);
	ev.heap_start = MAPS;
	ASSERT_EQ(0, tally_event(&tally, &ev, NULL));
	EXPECT_EQ(17 * PAGE, tally.v[0].grown_bytes);
	EXPECT_EQ(16 * PAGE, tally.v[0].grown_largest);
	EXPECT_EQ(0, tally.v[0].shrunk_bytes);
	/* The sizes since the first event, applied to where the heap lies now. */
	EXPECT_EQ(MAPS, tally.v[0].brk_first);
	EXPECT_EQ(MAPS + 48 * PAGE, tally.v[0].brk_peak);
	tally_free(&tally);
}

/* A wrapper's heap belongs to the same figures as its calls. */
TEST(heap_of_a_wrapper)
{
	struct event ev =
		brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + 33 * PAGE, HEAP, HEAP + 33 * PAGE);
	struct tally tally = { .geometry = { PAGE, 512 * PAGE } };

	ASSERT_EQ(0, tally_event(&tally, &ev, NULL));
	ev = (struct event){ .kind = BRKWATCH_EVENT_KIND_EXEC, .heap_start = MAPS, .brk = MAPS };
	ev.watch = tally.v[0].id;
	ASSERT_EQ(0, tally_event(&tally, &ev, NULL));
	EXPECT_EQ(33 * PAGE, tally.v[0].grown_bytes);
	EXPECT_EQ(0, tally.v[0].brk_first - tally.v[0].heap_start);
	EXPECT_EQ(33 * PAGE, tally.v[0].brk_peak - tally.v[0].heap_start);
	EXPECT_EQ(0, tally.v[0].brk - tally.v[0].heap_start);
	tally_free(&tally);
}

TEST_HARNESS_MAIN
