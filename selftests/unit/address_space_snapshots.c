// SPDX-License-Identifier: GPL-2.0
/* What snapshots make of an address space, after an exec and after a loss. */
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "space_fixture.h"

TEST_F(space, snapshot_after_exec)
{
	const struct area areas[] = {
		{ HEAP - 10 * PAGE, HEAP - 5 * PAGE, BRKWATCH_AREA_FLAG_READ },
		{ HEAP - 5 * PAGE, HEAP, RW_AREA },
		{ AT(0), AT(4), RW_AREA },
		{ AT(10), AT(20), BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_GROWS_DOWN },
		{ AT(30), AT(31), BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_SPECIAL },
	};
	uint32_t watch;

	book(self->a, an_event(BRKWATCH_EVENT_KIND_EXEC));
	EXPECT_FALSE(self->a->p->space->exact);
	/* Its snapshot arrives without a request. */
	EXPECT_FALSE(ledger_wants(&self->a->ledger, &watch));
	load(self->a, 1, self->a->time + 1, areas, 5);
	EXPECT_TRUE(self->a->p->space->exact);
	EXPECT_EQ(0, self->a->p->space->episodes);
	EXPECT_EQ(9 * PAGE, self->a->p->space->reserved.now);
	EXPECT_EQ(ORIGIN_EXEC, origin_at(self->a, AT(0)));
	EXPECT_FALSE(tag_is_guess(tag_at(self->a, 1, AT(0))));
	EXPECT_EQ(CLASS_SPECIAL, class_at(self->a, 1, AT(30)));
	EXPECT_EQ(0, process_anonymous(self->a->p));
}

/* What page faults add to the stack is a part of the stack, and a mapping of the program's is not. */
TEST_F(space, snapshot_of_a_stack_that_grew)
{
	const uint32_t stack = RW_AREA | BRKWATCH_AREA_FLAG_GROWS_DOWN;
	struct area areas[] = { { AT(10), AT(20), stack }, { AT(60), AT(70), stack } };
	struct event after_loss = a_mmap(AT(0), 1, RW, ANON);

	book(self->a, an_event(BRKWATCH_EVENT_KIND_EXEC));
	load(self->a, 1, self->a->time + 1, &areas[1], 1);
	book(self->a, a_mmap(AT(10), 10, RW, ANON | MAP_GROWSDOWN));
	areas[0].start = AT(5);
	areas[1].start = AT(50);
	load(self->a, 1, self->a->time + 1, areas, 2);
	EXPECT_EQ(ORIGIN_EXEC, origin_at(self->a, AT(60)));
	EXPECT_EQ(ORIGIN_EXEC, origin_at(self->a, AT(50)));
	EXPECT_FALSE(tag_at(self->a, 1, AT(50)) & TAG_GREW);
	EXPECT_NE(ORIGIN_EXEC, origin_at(self->a, AT(5)));
	EXPECT_TRUE(tag_at(self->a, 1, AT(5)) & TAG_GREW);
	areas[1].start = AT(40);
	load(self->a, 1, self->a->time + 1, areas, 2);
	EXPECT_EQ(ORIGIN_EXEC, origin_at(self->a, AT(40)));
	/* A call that got lost may have mapped what lies below it now. */
	after_loss.lost = 1;
	book(self->a, after_loss);
	areas[1].start = AT(30);
	load(self->a, 1, self->a->time + 1, areas, 2);
	EXPECT_EQ(ORIGIN_EXEC, origin_at(self->a, AT(40)));
	EXPECT_EQ(ORIGIN_UNKNOWN, origin_at(self->a, AT(30)));
}

/* A stack that no event explains has no origin, and neither has what it grows by. */
TEST_F(space, snapshot_of_a_stack_that_nothing_explains)
{
	const uint32_t stack = RW_AREA | BRKWATCH_AREA_FLAG_GROWS_DOWN;
	struct area area = { AT(60), AT(70), stack };

	load(self->a, 1, self->a->time + 1, &area, 1);
	area.start = AT(50);
	load(self->a, 1, self->a->time + 1, &area, 1);
	EXPECT_EQ(ORIGIN_UNKNOWN, origin_at(self->a, AT(60)));
	EXPECT_EQ(ORIGIN_UNKNOWN, origin_at(self->a, AT(50)));
}

TEST_F(space, snapshot_of_an_exec_that_got_lost)
{
	uint32_t watch;

	book(self->a, an_event(BRKWATCH_EVENT_KIND_EXEC));
	book(self->a, a_mmap(AT(0), 2, RW, ANON));
	EXPECT_TRUE(ledger_wants(&self->a->ledger, &watch));
}

TEST_F(space, snapshot_keeps_origins)
{
	const struct area areas[] = {
		{ AT(0), AT(32), RW_AREA },
		{ AT(32), AT(40), RW_AREA | BRKWATCH_AREA_FLAG_DONT_FORK },
	};

	book(self->a, a_mmap(AT(0), 32, RW, ANON));
	book(self->a, an_madvise(AT(0), 1, MADV_DONTNEED));
	load(self->a, 1, self->a->time + 1, areas, 2);
	EXPECT_EQ(ORIGIN_MALLOC, origin_at(self->a, AT(0)));
	EXPECT_EQ(ORIGIN_UNKNOWN, origin_at(self->a, AT(32)));
	EXPECT_EQ(32 * PAGE, process_anonymous(self->a->p));
	EXPECT_EQ(PAGE, self->space->given_back.now);
	EXPECT_TRUE(tag_at(self->a, 1, AT(32)) & TAG_DONT_FORK);
	/* A snapshot that is older than the known state changes nothing. */
	load(self->a, 1, 1, NULL, 0);
	EXPECT_EQ(40 * PAGE, self->space->reserved.now);
}

TEST_F(space, loss_from_when_to_when)
{
	struct event ev = a_mmap(AT(0), 4, RW, ANON);
	uint64_t before;
	uint32_t watch;

	book(self->a, ev);
	before = self->a->time;
	ev.lost = 3;
	ev.map.result = AT(10);
	book(self->a, ev);
	EXPECT_FALSE(self->space->exact);
	EXPECT_TRUE(self->a->p->unknown);
	EXPECT_EQ(before, self->space->inexact_since);
	ASSERT_TRUE(ledger_wants(&self->a->ledger, &watch));
	load(self->a, 1, self->a->time + 5, (struct area[]){ { AT(0), AT(14), RW_AREA } }, 1);
	EXPECT_TRUE(self->space->exact);
	EXPECT_EQ(self->a->time, self->space->inexact_until);
	ev.map.result = AT(20);
	book(self->a, ev);
	EXPECT_TRUE(self->space->exact);
	EXPECT_EQ(1, self->space->episodes);
}

TEST_F(space, a_lost_exec_shows_by_the_heap)
{
	struct event ev = a_mmap(AT(0), 4, RW, ANON);

	book(self->a, ev);
	ev.lost = 1;
	ev.heap_start = HEAP + 77 * PAGE;
	ev.map.result = AT(10);
	book(self->a, ev);
	EXPECT_EQ(0, tag_at(self->a, 1, AT(0)));
	EXPECT_EQ(CLASS_ANONYMOUS, class_at(self->a, 1, AT(10)));
	EXPECT_FALSE(self->a->p->space->exact);
}

TEST_F(space, no_snapshot_counts_in_a_lossy_batch)
{
	uint32_t watch;

	ledger_lossy(&self->a->ledger, true);
	EXPECT_TRUE(ledger_wants(&self->a->ledger, &watch));
	load(self->a, 1, self->a->time + 5, NULL, 0);
	EXPECT_FALSE(self->space->exact);
	ledger_lossy(&self->a->ledger, false);
	EXPECT_TRUE(ledger_wants(&self->a->ledger, &watch));
	load(self->a, 1, self->a->time + 5, NULL, 0);
	EXPECT_TRUE(self->space->exact);
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_SHARED, 0));
	EXPECT_TRUE(ledger_wants(&self->a->ledger, &watch));
	ledger_unwanted(&self->a->ledger, watch);
	EXPECT_FALSE(ledger_wants(&self->a->ledger, &watch));
}

TEST_HARNESS_MAIN
