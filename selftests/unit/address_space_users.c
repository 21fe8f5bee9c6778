// SPDX-License-Identifier: GPL-2.0
/* Processes that get a copy of an address space, share one, and leave it. */
#include <errno.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "space_fixture.h"

TEST_F(space, fork_gets_a_copy)
{
	struct process *child;

	book(self->a, a_mmap(AT(0), 10, RW, ANON));
	book(self->a, an_error(an_madvise(AT(5), 10, MADV_DONTFORK), ENOMEM));
	book(self->a, an_madvise(AT(6), 1, MADV_DOFORK));
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_COPY, 2));
	child = ledger_find(&self->a->ledger, 2);
	ASSERT_NE(NULL, child);
	EXPECT_TRUE(child->space->exact);
	EXPECT_EQ(6 * PAGE, child->space->reserved.now);
	EXPECT_EQ(0, tag_at(self->a, 2, AT(5)));
	EXPECT_EQ(CLASS_ANONYMOUS, class_at(self->a, 2, AT(6)));
	book(self->a, of_watch(a_munmap(AT(0), 2), 2));
	EXPECT_EQ(4 * PAGE, child->space->reserved.now);
	EXPECT_EQ(10 * PAGE, self->space->reserved.now);
}

TEST_F(space, vfork_shares_until_exec)
{
	struct process *child;

	book(self->a, a_clone(BRKWATCH_CLONE_KIND_SHARED, 2));
	child = ledger_find(&self->a->ledger, 2);
	EXPECT_EQ(self->space, child->space);
	EXPECT_EQ(2, self->space->users);
	book(self->a, of_watch(a_mmap(AT(0), 4, RW, ANON), 2));
	EXPECT_EQ(4 * PAGE, self->space->reserved.now);
	book(self->a, of_watch(an_event(BRKWATCH_EVENT_KIND_EXEC), 2));
	EXPECT_NE(self->space, child->space);
	EXPECT_EQ(1, self->space->users);
	EXPECT_EQ(0, self->a->change.removed);
	EXPECT_EQ(4 * PAGE, self->space->reserved.now);
}

TEST_F(space, a_stranger_shares)
{
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_SHARED, 0));
	EXPECT_FALSE(self->space->exact);
}

TEST_F(space, the_last_state_stays)
{
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_SHARED, 2));
	book(self->a, a_mmap(AT(0), 4, RW, ANON));
	book(self->a, an_event(BRKWATCH_EVENT_KIND_EXIT));
	EXPECT_TRUE(self->a->p->gone);
	EXPECT_EQ(1, self->a->p->space->users);
	EXPECT_EQ(4 * PAGE, process_anonymous(self->a->p));
	ledger_drop(&self->a->ledger, 1);
	EXPECT_EQ(NULL, self->a->p->space);
	EXPECT_EQ(4 * PAGE, process_anonymous(self->a->p));
	EXPECT_EQ(4 * PAGE, ledger_find(&self->a->ledger, 2)->space->reserved.now);
	book(self->a, of_watch(an_event(BRKWATCH_EVENT_KIND_EXIT), 2));
	ledger_drop(&self->a->ledger, 2);
}

/* A capture may have events in any order; live, an account has no time after a loss. */
TEST_F(space, a_child_that_was_dropped_before_its_clone)
{
	struct process *child = ledger_process(&self->a->ledger, 2);

	ASSERT_NE(NULL, child);
	ledger_drop(&self->a->ledger, 2);
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_COPY, 2));
	EXPECT_EQ(NULL, child->space);
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_SHARED, 2));
	EXPECT_EQ(NULL, child->space);
	EXPECT_EQ(1, self->space->users);
}

TEST_HARNESS_MAIN
