// SPDX-License-Identifier: GPL-2.0
/* Mapped, and added by mremap, less unmapped is still mapped, whenever a snapshot is taken. */
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "calls.h"

#define RW_AREA (BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_WRITE)
#define PRIVATE (BRKWATCH_AREA_FLAG_ANONYMOUS | RW_AREA)
#define DOWN (BRKWATCH_AREA_FLAG_GROWS_DOWN | RW_AREA)

FIXTURE(balance)
{
	struct account account;
	uint64_t mapped;
};

FIXTURE_SETUP(balance)
{
	start(&self->account);
}

FIXTURE_TEARDOWN(balance)
{
	ledger_free(&self->account.ledger);
}

/* The pages that -c prints: by mremap, unmapped, still mapped. */
#define EXPECT_PAGES(more, less, still)                                             \
	do {                                                                        \
		const struct process *p_ = self->account.p;                         \
		uint64_t own_ = process_anonymous(p_) - process_inherited(p_);      \
		EXPECT_EQ((uint64_t)(more), p_->remapped / PAGE);                   \
		EXPECT_EQ((uint64_t)(less), p_->unmapped / PAGE);                   \
		EXPECT_EQ((uint64_t)(still), own_ / PAGE);                          \
		EXPECT_EQ(PAGE * self->mapped + p_->remapped - p_->unmapped, own_); \
	} while (0)

#define MAP(page, pages, flags)                                           \
	do {                                                              \
		self->mapped += (pages);                                  \
		book(&self->account, a_mmap(AT(page), pages, RW, flags)); \
	} while (0)

/* Book a call that takes 100 ns, after the snapshot that was taken in the midst of it. */
#define MEANWHILE(event, ...)                                                                   \
	do {                                                                                    \
		const struct area areas_[] = { __VA_ARGS__ };                                   \
		uint64_t began_ = self->account.time + 1000;                                    \
		load(&self->account, 1, began_ + 50, areas_, sizeof(areas_) / sizeof(*areas_)); \
		book(&self->account, by(event, 43, began_, began_ + 100));                      \
	} while (0)

TEST_F(balance, a_snapshot_shows_the_mapping_already)
{
	self->mapped += 7;
	MEANWHILE(a_mmap(AT(0), 7, RW, ANON), { AT(0), AT(7), PRIVATE });
	EXPECT_PAGES(0, 0, 7);
}

TEST_F(balance, a_snapshot_does_not_show_it_yet)
{
	self->mapped += 7;
	MEANWHILE(a_mmap(AT(0), 7, RW, ANON), { AT(20), AT(21), PRIVATE });
	EXPECT_PAGES(0, 0, 7);
}

TEST_F(balance, a_snapshot_shows_a_file_under_it)
{
	MAP(0, 7, ANON);
	MEANWHILE(a_mmap(AT(0), 7, RW, MAP_PRIVATE | MAP_FIXED), { AT(0), AT(7), RW_AREA });
	EXPECT_PAGES(0, 7, 0);
}

TEST_F(balance, a_snapshot_shows_that_it_is_unmapped)
{
	MAP(0, 7, ANON);
	MEANWHILE(a_munmap(AT(2), 5), { AT(0), AT(2), PRIVATE });
	EXPECT_PAGES(0, 5, 2);
}

TEST_F(balance, a_snapshot_shows_that_it_grew)
{
	MAP(0, 2, ANON);
	MEANWHILE(an_mremap(AT(0), 2, 5, 0, AT(0)), { AT(0), AT(5), PRIVATE });
	EXPECT_PAGES(3, 0, 5);
}

/* The pages that the snapshot counted as unmapped had been moved. */
TEST_F(balance, a_snapshot_shows_that_it_moved)
{
	MAP(0, 2, ANON);
	MEANWHILE(an_mremap(AT(0), 2, 5, MREMAP_MAYMOVE, AT(10)), { AT(10), AT(15), PRIVATE });
	EXPECT_PAGES(3, 0, 5);
}

TEST_F(balance, a_move_that_failed_leaves_what_was_there)
{
	static const struct area there = { AT(0), AT(4), PRIVATE };

	MAP(0, 4, ANON);
	book(&self->account,
	     an_error(an_mremap(AT(0), 2, 2, MREMAP_MAYMOVE | MREMAP_FIXED, AT(2)), EFAULT));
	load(&self->account, 1, self->account.time + 10, &there, 1);
	EXPECT_PAGES(0, 0, 4);
}

TEST_F(balance, growth_of_what_exec_mapped_is_anonymous)
{
	static const struct area bss = { AT(0), AT(2), PRIVATE };

	load(&self->account, 1, self->account.time + 10, &bss, 1);
	book(&self->account, an_mremap(AT(0), 2, 5, MREMAP_MAYMOVE, AT(10)));
	EXPECT_PAGES(3, 0, 3);
	book(&self->account, a_munmap(AT(10), 5));
	EXPECT_PAGES(3, 3, 0);
	EXPECT_EQ(2 * PAGE, self->account.change.removed_other);
}

TEST_F(balance, a_second_mapping_beside_the_heap_is_anonymous)
{
	static const struct area heap = { AT(0), AT(2), PRIVATE };

	load(&self->account, 1, self->account.time + 10, &heap, 1);
	book(&self->account, an_mremap(AT(0), 2, 2, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, AT(10)));
	EXPECT_PAGES(2, 0, 2);
}

TEST_F(balance, a_copy_of_what_a_parent_had_mapped_is_its_own)
{
	MAP(0, 4, ANON);
	book(&self->account, a_clone(BRKWATCH_CLONE_KIND_COPY, 2));
	book(&self->account,
	     of_watch(an_mremap(AT(0), 4, 4, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, AT(10)), 2));
	self->mapped = 0;
	EXPECT_PAGES(4, 0, 4);
	EXPECT_EQ(4 * PAGE, process_inherited(self->account.p));
}

TEST_F(balance, page_faults_extend_a_mapping)
{
	static const struct area grown[] = { { AT(90), AT(94), DOWN }, { AT(200), AT(210), DOWN } };

	MAP(92, 2, ANON | MAP_GROWSDOWN);
	load(&self->account, 1, self->account.time + 10, grown, 2);
	EXPECT_PAGES(0, 0, 2);
	EXPECT_EQ(2 * PAGE, process_grown(self->account.p));
	EXPECT_TRUE(tag_is_apart(tag_at(&self->account, 1, AT(90))));
	EXPECT_FALSE(tag_is_apart(tag_at(&self->account, 1, AT(200))));
	book(&self->account, a_munmap(AT(91), 3));
	EXPECT_PAGES(0, 2, 0);
	EXPECT_EQ(PAGE, self->account.change.removed_other);
	EXPECT_EQ(PAGE, process_grown(self->account.p));
}

/* Only a process that shares its address space says that its figures are a part. */
TEST_F(balance, an_address_space_of_two)
{
	const struct process *parent = self->account.p, *child;

	MAP(0, 4, ANON);
	book(&self->account, a_clone(BRKWATCH_CLONE_KIND_SHARED, 2));
	child = ledger_find(&self->account.ledger, 2);
	EXPECT_TRUE(process_is_shared(child));
	EXPECT_FALSE(process_is_shared(parent));
	book(&self->account, of_watch(an_event(BRKWATCH_EVENT_KIND_EXEC), 2));
	EXPECT_FALSE(process_is_shared(child));
	book(&self->account, a_clone(BRKWATCH_CLONE_KIND_SHARED, 3));
	child = ledger_find(&self->account.ledger, 3);
	EXPECT_FALSE(parent->space->by_guest);
	book(&self->account, of_watch(a_mmap(AT(10), 2, RW, ANON), 3));
	EXPECT_TRUE(parent->space->by_guest);
	EXPECT_TRUE(process_is_shared(parent));
	EXPECT_EQ(6 * PAGE, process_anonymous(parent));
	book(&self->account, of_watch(an_event(BRKWATCH_EVENT_KIND_EXEC), 3));
	EXPECT_TRUE(process_is_shared(child));
}

TEST_HARNESS_MAIN
