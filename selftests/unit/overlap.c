// SPDX-License-Identifier: GPL-2.0
/* Calls of several threads at the same time: the state is certain, or marked as uncertain. */
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "calls.h"

#define READ_AREA (BRKWATCH_AREA_FLAG_ANONYMOUS | BRKWATCH_AREA_FLAG_READ)
#define RW_AREA (READ_AREA | BRKWATCH_AREA_FLAG_WRITE)

FIXTURE(overlap)
{
	struct account account;
	struct account *a;
	struct address_space *space;
};

/* A process with two threads, 1 and 2, and four pages mapped. */
FIXTURE_SETUP(overlap)
{
	self->a = &self->account;
	start(self->a);
	book(self->a, by(a_mmap(AT(0), 4, RW, ANON), 1, 2000, 2010));
	book(self->a, by(a_clone(BRKWATCH_CLONE_KIND_THREAD, 0), 1, 2020, 2020));
	self->space = self->a->p->space;
	ASSERT_TRUE(self->space->exact);
}

FIXTURE_TEARDOWN(overlap)
{
	ledger_free(&self->account.ledger);
}

#define EXPECT_PAGE(page, bits)                               \
	do {                                                  \
		uint64_t tag_ = tag_at(self->a, 1, AT(page)); \
		EXPECT_EQ(CLASS_ANONYMOUS, tag_class(tag_));  \
		EXPECT_EQ(bits, tag_prot(tag_));              \
		EXPECT_FALSE(tag_is_uncertain(tag_));         \
	} while (0)

/* Another thread takes the freed room before munmap returns. */
TEST_F(overlap, room_was_made_first)
{
	book(self->a, by(a_mmap(AT(0), 4, PROT_READ, ANON), 1, 3010, 3050));
	EXPECT_PAGE(0, PROT_READ);
	book(self->a, by(a_munmap(AT(0), 4), 2, 3000, 3100));
	EXPECT_PAGE(0, PROT_READ);
	EXPECT_PAGE(3, PROT_READ);
	EXPECT_TRUE(self->space->exact);
	EXPECT_EQ(4 * PAGE, self->space->reserved.now);
}

TEST_F(overlap, a_part_of_the_room_is_taken)
{
	book(self->a, by(a_mmap(AT(1), 2, PROT_READ, ANON), 1, 3010, 3050));
	book(self->a, by(a_munmap(AT(0), 4), 2, 3000, 3100));
	EXPECT_EQ(0, tag_at(self->a, 1, AT(0)));
	EXPECT_PAGE(1, PROT_READ);
	EXPECT_EQ(0, tag_at(self->a, 1, AT(3)));
	EXPECT_TRUE(self->space->exact);
}

TEST_F(overlap, blind_munmap_of_free_addresses)
{
	uint32_t watch;

	book(self->a, by(a_mmap(AT(10), 4, RW, ANON), 1, 3000, 3050));
	book(self->a, by(a_munmap(AT(10), 4), 2, 3010, 3100));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(10))));
	EXPECT_FALSE(self->space->exact);
	EXPECT_TRUE(self->a->change.uncertain);
	EXPECT_EQ(1, self->space->episodes);
	EXPECT_EQ(1, self->space->doubts);
	ASSERT_TRUE(ledger_wants(&self->a->ledger, &watch));
	EXPECT_EQ(1, watch);
	EXPECT_FALSE(ledger_wants(&self->a->ledger, &watch));
	load(self->a, 1, 3200, (struct area[]){ { AT(0), AT(4), RW_AREA } }, 1);
	EXPECT_TRUE(self->space->exact);
	EXPECT_EQ(3200, self->space->inexact_until);
	EXPECT_EQ(4 * PAGE, self->space->reserved.now);
}

/* malloc's heap: one thread grows and frees it, another gets the room. */
TEST_F(overlap, protect_and_unmap_then_map)
{
	book(self->a, by(an_mprotect(AT(0), 4, PROT_READ), 1, 3000, 3020));
	book(self->a, by(a_mmap(AT(0), 4, PROT_EXEC, ANON), 2, 3010, 3050));
	book(self->a, by(a_munmap(AT(0), 4), 1, 3030, 3060));
	EXPECT_PAGE(0, PROT_EXEC);
	EXPECT_TRUE(self->space->exact);
}

/* The room passes through many threads while one call waits. */
TEST_F(overlap, a_long_call_among_short_ones)
{
	int i;

	for (i = 0; i < 12; i++) {
		book(self->a, by(a_munmap(AT(0), 4), 1, 3000 + i * 100, 3010 + i * 100));
		book(self->a, by(a_mmap(AT(0), 4, RW, ANON), 1, 3020 + i * 100, 3030 + i * 100));
	}
	book(self->a, by(a_munmap(AT(0), 4), 1, 5000, 5010));
	book(self->a, by(a_mmap(AT(0), 4, PROT_READ, ANON), 2, 2990, 6000));
	EXPECT_PAGE(0, PROT_READ);
	EXPECT_TRUE(self->space->exact);
}

/* realloc moved a block; another thread takes its old place before mremap returns. */
TEST_F(overlap, mremap_and_its_old_place)
{
	book(self->a, by(a_mmap(AT(0), 4, PROT_READ, ANON), 2, 3010, 3050));
	book(self->a, by(an_mremap(AT(0), 4, 8, MREMAP_MAYMOVE, AT(20)), 1, 3000, 3100));
	EXPECT_PAGE(0, PROT_READ);
	EXPECT_PAGE(20, RW);
	EXPECT_PAGE(27, RW);
	EXPECT_TRUE(self->space->exact);
	EXPECT_EQ(12 * PAGE, self->space->reserved.now);
}

TEST_F(overlap, protect_while_it_is_moved)
{
	book(self->a, by(an_mremap(AT(0), 4, 4, MREMAP_MAYMOVE, AT(20)), 1, 3000, 3100));
	book(self->a, by(an_mprotect(AT(0), 4, PROT_READ), 2, 3010, 3150));
	EXPECT_EQ(0, tag_at(self->a, 1, AT(0)));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(20))));
}

/* The pages that were added are like the last page that was moved. */
TEST_F(overlap, replaced_before_it_grew)
{
	book(self->a, by(an_mremap(AT(0), 4, 8, MREMAP_MAYMOVE, AT(20)), 1, 3010, 3050));
	book(self->a, by(a_mmap(AT(2), 4, PROT_READ, ANON | MAP_FIXED), 2, 3000, 3100));
	EXPECT_PAGE(20, RW);
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(22))));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(27))));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(2))));
	EXPECT_PAGE(5, PROT_READ);
}

TEST_F(overlap, replaced_before_it_grew_in_place)
{
	book(self->a, by(an_mremap(AT(0), 4, 6, 0, AT(0)), 1, 3010, 3050));
	book(self->a, by(an_mprotect(AT(0), 4, PROT_READ), 2, 3000, 3100));
	EXPECT_PAGE(0, PROT_READ);
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(5))));
}

TEST_F(overlap, replaced_before_it_was_duplicated)
{
	const uint64_t shared = MAP_SHARED | MAP_ANONYMOUS;

	book(self->a, by(a_mmap(AT(8), 4, RW, shared), 1, 2100, 2110));
	book(self->a, by(an_mremap(AT(8), 0, 4, MREMAP_MAYMOVE, AT(20)), 1, 3010, 3050));
	EXPECT_TRUE(self->space->exact);
	book(self->a, by(a_mmap(AT(8), 4, RW, ANON | MAP_FIXED), 2, 3000, 3100));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(20))));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(23))));
}

/* Another thread may use the old place at once; the moved pages stay certain. */
TEST_F(overlap, moved_and_its_place_taken_late)
{
	book(self->a, by(an_mremap(AT(0), 4, 8, MREMAP_MAYMOVE, AT(20)), 1, 3000, 3050));
	book(self->a, by(a_mmap(AT(0), 4, PROT_READ, ANON), 2, 3010, 3100));
	EXPECT_PAGE(0, PROT_READ);
	EXPECT_PAGE(20, RW);
	EXPECT_PAGE(27, RW);
	EXPECT_TRUE(self->space->exact);
}

TEST_F(overlap, protect_while_it_is_moved_twice)
{
	book(self->a, by(an_mremap(AT(0), 4, 4, MREMAP_MAYMOVE, AT(20)), 1, 3000, 3010));
	book(self->a, by(an_mremap(AT(20), 4, 4, MREMAP_MAYMOVE, AT(40)), 1, 3020, 3030));
	book(self->a, by(an_mprotect(AT(0), 2, PROT_READ), 2, 3005, 3150));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(40))));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(41))));
	EXPECT_PAGE(42, RW);
}

/* The failed call began where no mapping had been reported yet. */
TEST_F(overlap, failed_before_the_mapping_was_told)
{
	struct event failed = an_error(an_mprotect(AT(10), 20, PROT_READ), ENOMEM);

	book(self->a, by(failed, 1, 3010, 3020));
	EXPECT_TRUE(self->space->exact);
	book(self->a, by(a_mmap(AT(10), 4, RW, ANON), 2, 3000, 3100));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(10))));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(13))));
	book(self->a, by(a_mmap(AT(14), 4, RW, ANON), 2, 3110, 3200));
	EXPECT_PAGE(14, RW);
}

TEST_F(overlap, failed_to_move_what_was_told_late)
{
	struct event failed =
		an_error(an_mremap(AT(10), 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, AT(40)), EFAULT);

	book(self->a, by(failed, 1, 3010, 3020));
	book(self->a, by(a_mmap(AT(10), 4, RW, ANON), 2, 3000, 3100));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(40))));
}

TEST_F(overlap, the_same_twice)
{
	book(self->a, by(an_mprotect(AT(0), 4, PROT_READ), 1, 3000, 3100));
	book(self->a, by(an_mprotect(AT(0), 4, PROT_READ), 2, 3010, 3150));
	EXPECT_PAGE(0, PROT_READ);
	EXPECT_TRUE(self->space->exact);
	book(self->a, by(an_mprotect(AT(0), 2, RW), 1, 3140, 3200));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(0))));
	EXPECT_PAGE(2, PROT_READ);
}

TEST_F(overlap, two_at_one_fixed_address)
{
	book(self->a, by(a_mmap(AT(2), 4, PROT_READ, ANON | MAP_FIXED), 1, 3000, 3100));
	book(self->a, by(a_mmap(AT(4), 4, PROT_EXEC, ANON | MAP_FIXED), 2, 3010, 3150));
	EXPECT_PAGE(0, RW);
	EXPECT_PAGE(3, PROT_READ);
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(4))));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(5))));
	EXPECT_PAGE(6, PROT_EXEC);
	EXPECT_EQ(2 * PAGE, self->space->uncertain);
	/* A mapping over it makes it certain again. */
	book(self->a, by(a_mmap(AT(0), 10, RW, ANON | MAP_FIXED), 2, 3200, 3250));
	EXPECT_TRUE(self->space->exact);
}

TEST_F(overlap, in_turn_is_no_conflict)
{
	book(self->a, by(an_mprotect(AT(0), 4, PROT_READ), 1, 3000, 3100));
	book(self->a, by(an_mprotect(AT(0), 4, PROT_EXEC), 2, 3100, 3150));
	EXPECT_PAGE(0, PROT_EXEC);
	/* Reported late, though the call had ended before. */
	book(self->a, by(a_munmap(AT(0), 4), 3, 3050, 3090));
	EXPECT_FALSE(tag_at(self->a, 1, AT(0)) && self->space->exact);
}

TEST_F(overlap, two_breaks_at_once)
{
	book(self->a, by(a_brk(HEAP, HEAP + 4 * PAGE, HEAP + 4 * PAGE), 1, 3000, 3100));
	EXPECT_TRUE(self->space->exact);
	book(self->a, by(a_brk(HEAP, HEAP + 8 * PAGE, HEAP + 8 * PAGE), 2, 3010, 3150));
	EXPECT_FALSE(self->space->exact);
	EXPECT_EQ(8 * PAGE, self->space->uncertain);
}

TEST_F(overlap, at_work_during_a_snapshot)
{
	/* The pages are in the snapshot, and are unmapped after it. */
	load(self->a, 1, 3050, (struct area[]){ { AT(0), AT(4), RW_AREA } }, 1);
	book(self->a, by(a_munmap(AT(0), 2), 1, 3000, 3100));
	EXPECT_EQ(0, tag_at(self->a, 1, AT(0)));
	EXPECT_PAGE(2, RW);
	EXPECT_TRUE(self->space->exact);
	/* The mapping is in the snapshot already. */
	load(self->a, 1, 4050, (struct area[]){ { AT(2), AT(6), READ_AREA } }, 1);
	book(self->a, by(a_mmap(AT(4), 2, PROT_READ, ANON), 1, 4000, 4100));
	book(self->a, by(an_mprotect(AT(2), 2, PROT_READ), 2, 4000, 4200));
	EXPECT_PAGE(2, PROT_READ);
	EXPECT_PAGE(5, PROT_READ);
	EXPECT_TRUE(self->space->exact);
	EXPECT_EQ(4 * PAGE, self->space->reserved.now);
	/* The call ended before the snapshot, but is reported after it. */
	book(self->a, by(a_munmap(AT(2), 4), 2, 4010, 4050));
	EXPECT_PAGE(2, PROT_READ);
}

/* A call made room, another thread took it, and both came before the snapshot. */
TEST_F(overlap, taken_before_a_snapshot)
{
	book(self->a, by(a_mmap(AT(0), 4, PROT_READ, ANON), 1, 3010, 3030));
	load(self->a, 1, 3050, (struct area[]){ { AT(0), AT(4), READ_AREA } }, 1);
	book(self->a, by(a_munmap(AT(0), 4), 2, 3000, 3100));
	EXPECT_PAGE(0, PROT_READ);
	EXPECT_TRUE(self->space->exact);
}

/* The copy may or may not contain the effect of calls that other threads have begun. */
TEST_F(overlap, a_copy_while_others_call)
{
	book(self->a, by(a_mmap(AT(10), 1, RW, ANON), 2, 3000, 3010));
	book(self->a, by(a_clone(BRKWATCH_CLONE_KIND_THREAD, 0), 1, 3015, 3015));
	book(self->a, by(a_clone(BRKWATCH_CLONE_KIND_COPY, 2), 1, 3020, 3020));
	EXPECT_FALSE(ledger_find(&self->a->ledger, 2)->space->exact);
	EXPECT_TRUE(self->space->exact);
}

/* A thread is preempted in the middle of its call, so many other calls may precede its own. */
TEST_F(overlap, others_while_one_is_held_up)
{
	uint64_t time = 3000;
	int i;

	for (i = 0; i < 100; i++, time += 40) {
		book(self->a, by(a_mmap(AT(0), 4, PROT_READ, ANON), 1, time, time + 10));
		book(self->a, by(a_munmap(AT(0), 4), 1, time + 20, time + 30));
	}
	book(self->a, by(a_mmap(AT(0), 4, PROT_EXEC, ANON), 1, time, time + 10));
	/* Only before the first of these calls was there memory for munmap to free. */
	book(self->a, by(a_munmap(AT(0), 4), 2, 2990, time + 20));
	EXPECT_PAGE(0, PROT_EXEC);
	EXPECT_TRUE(self->space->exact);
}

/* More calls than the ledger remembers: the state is uncertain, not wrong. */
TEST_F(overlap, longer_than_memory)
{
	uint64_t time = 3000;
	int i;

	for (i = 0; i < 5000; i++, time += 20)
		book(self->a, by(a_mmap(AT(100 + i), 1, RW, ANON), 1, time, time + 10));
	EXPECT_TRUE(self->space->exact);
	book(self->a, by(a_munmap(AT(100), 10), 2, 2999, time));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(100))));
	EXPECT_FALSE(tag_is_uncertain(tag_at(self->a, 1, AT(110))));
}

TEST_HARNESS_MAIN
