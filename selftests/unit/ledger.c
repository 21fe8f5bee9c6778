// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "view_fixture.h"
#include "ledger/ledger.h"
#include "ledger/address_space.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define FIXED (ANON | MAP_FIXED)
#define PAGES 256
#define STEPS 100000

FIXTURE(ledger)
{
	struct ledger ledger;
	struct change change;
	struct process *p;
	uint64_t later;
};

FIXTURE_SETUP(ledger)
{
	self->ledger.geometry = (struct geometry){ PAGE, 512 * PAGE };
}

FIXTURE_TEARDOWN(ledger)
{
	ledger_free(&self->ledger);
}

/* One after the other, as a thread makes calls. */
#define APPLY(what)                                                             \
	do {                                                                    \
		struct event booked_ = what;                                    \
		booked_.time += self->later += 1000;                            \
		self->p = ledger_apply(&self->ledger, &booked_, &self->change); \
		ASSERT_NE(NULL, self->p);                                       \
	} while (0)

/* Although it is the one of the latest event. */
TEST(an_account_that_was_forgotten)
{
	struct ledger ledger = { .geometry = { .page = 4096 } };
	struct process *process = ledger_process(&ledger, 1);

	ASSERT_NE(NULL, process);
	process->gone = true;
	EXPECT_EQ(process, ledger_process(&ledger, 1));
	ledger_forget(&ledger, 1);
	process = ledger_process(&ledger, 1);
	ASSERT_NE(NULL, process);
	EXPECT_FALSE(process->gone);
	ledger_free(&ledger);
}

TEST_F(ledger, lengths_are_rounded_up)
{
	APPLY(mmap_event(0, 5001216, ANON, MAPS));
	EXPECT_EQ(1221 * PAGE, self->change.added);
	APPLY(mmap_event(0, 1, ANON, MAPS + 0x10000000));
	EXPECT_EQ(1222 * PAGE, process_anonymous(self->p));
	APPLY(munmap_event(MAPS, 1));
	EXPECT_EQ(PAGE, self->change.removed);
	EXPECT_EQ(PAGE, self->p->unmapped);
	EXPECT_EQ(1221 * PAGE, process_anonymous(self->p));
}

TEST_F(ledger, huge_pages)
{
	APPLY(mmap_event(0, 1, ANON | MAP_HUGETLB, MAPS));
	EXPECT_EQ(512 * PAGE, self->change.added);
	APPLY(mmap_event(0, 1, ANON | MAP_HUGETLB | MAP_HUGE_1GB, 2 * MAPS));
	EXPECT_EQ(1ULL << 30, self->change.added);
	self->ledger.geometry.huge = 0;
	APPLY(mmap_event(0, 1, ANON | MAP_HUGETLB, 3 * MAPS));
	EXPECT_EQ(PAGE, self->change.added);
	APPLY(mmap_event(0, 1, ANON | MAP_HUGETLB | 63U << MAP_HUGE_SHIFT, 0));
	EXPECT_EQ(1ULL << 63, self->change.added);
}

TEST_F(ledger, files_over_anonymous_memory)
{
	APPLY(mmap_event(0, 10 * PAGE, ANON, MAPS));
	APPLY(mmap_event(MAPS + PAGE, 2 * PAGE, MAP_PRIVATE | MAP_FIXED, MAPS + PAGE));
	EXPECT_EQ(0, self->change.added);
	EXPECT_EQ(2 * PAGE, self->change.removed);
	EXPECT_EQ(8 * PAGE, process_anonymous(self->p));
	APPLY(munmap_event(MAPS, 10 * PAGE));
	EXPECT_EQ(8 * PAGE, self->change.removed);
	EXPECT_EQ(2 * PAGE, self->change.removed_file);
	EXPECT_EQ(0, process_anonymous(self->p));
	EXPECT_EQ(10 * PAGE, self->p->unmapped);
}

TEST_F(ledger, failures_change_nothing)
{
	APPLY(mmap_event(0, PAGE, ANON, MAPS));
	APPLY(failed(mmap_event(0, PAGE, ANON, 0), ENOMEM));
	APPLY(failed(munmap_event(MAPS, PAGE), EINVAL));
	EXPECT_EQ(PAGE, process_anonymous(self->p));
	EXPECT_EQ(0, self->p->unmapped);
}

TEST_F(ledger, lengths_out_of_all_bounds)
{
	APPLY(mmap_event(0, UINT64_MAX, ANON, MAPS));
	EXPECT_EQ(0, self->change.added);
	APPLY(mmap_event(0, UINT64_MAX - PAGE + 1, ANON, MAPS));
	EXPECT_EQ(0, self->change.added);
	APPLY(munmap_event(UINT64_MAX, 5));
	APPLY(mmap_event(0, 0, ANON, MAPS));
	EXPECT_EQ(0, process_anonymous(self->p));
}

TEST_F(ledger, exec_starts_anew)
{
	APPLY(mmap_event(0, PAGE, ANON, MAPS));
	EXPECT_FALSE(self->p->from_exec);
	APPLY(exec_event("next"));
	EXPECT_TRUE(self->p->from_exec);
	EXPECT_EQ(0, process_anonymous(self->p));
	EXPECT_EQ(PAGE, self->p->unmapped);
	EXPECT_EQ(NULL, ranges_find(&self->p->space->ranges, MAPS));
}

static struct event of_child(struct event ev)
{
	ev.watch = 2;
	return ev;
}

#define EXPECT_SUMS(mapped)                                              \
	EXPECT_EQ((mapped)*PAGE + self->p->remapped - self->p->unmapped, \
		  process_anonymous(self->p) - process_inherited(self->p))

/* mapped + by mremap - unmapped = still mapped, in the parent and in the child. */
TEST_F(ledger, what_a_parent_mapped)
{
	APPLY(mmap_event(0, 8 * PAGE, ANON, MAPS));
	APPLY(clone_event(BRKWATCH_CLONE_KIND_COPY, 50, 2));
	EXPECT_SUMS(8);
	APPLY(of_child(mmap_event(0, 2 * PAGE, ANON, 2 * MAPS)));
	EXPECT_EQ(8 * PAGE, process_inherited(self->p));
	EXPECT_SUMS(2);
	APPLY(of_child(munmap_event(MAPS + 6 * PAGE, 2 * PAGE)));
	EXPECT_EQ(2 * PAGE, self->change.removed);
	EXPECT_EQ(0, self->p->unmapped);
	EXPECT_SUMS(2);
	APPLY(of_child(mremap_event(MAPS, 6 * PAGE, 9 * PAGE, MREMAP_MAYMOVE, 3 * MAPS)));
	EXPECT_EQ(3 * PAGE, self->p->remapped);
	EXPECT_EQ(6 * PAGE, process_inherited(self->p));
	EXPECT_SUMS(2);
	APPLY(of_child(exec_event("b")));
	EXPECT_EQ(5 * PAGE, self->p->unmapped);
	EXPECT_EQ(0, process_anonymous(self->p));
	EXPECT_SUMS(2);
	ledger_drop(&self->ledger, 2);
	EXPECT_SUMS(2);
}

TEST_F(ledger, what_mremap_adds_and_takes)
{
	APPLY(mmap_event(0, 2 * PAGE, ANON, MAPS));
	APPLY(mremap_event(MAPS, 2 * PAGE, 10 * PAGE, MREMAP_MAYMOVE, 2 * MAPS));
	EXPECT_EQ(8 * PAGE, self->p->remapped);
	EXPECT_SUMS(2);
	APPLY(mremap_event(2 * MAPS, 10 * PAGE, 4 * PAGE, 0, 2 * MAPS));
	EXPECT_EQ(6 * PAGE, self->p->unmapped);
	EXPECT_SUMS(2);
	APPLY(mremap_event(2 * MAPS, 4 * PAGE, 5 * PAGE, 0, 2 * MAPS));
	EXPECT_EQ(9 * PAGE, self->p->remapped);
	APPLY(mmap_event(0, 3 * PAGE, ANON, MAPS));
	/* The destination is mapped already. */
	APPLY(mremap_event(2 * MAPS, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, MAPS));
	EXPECT_EQ(9 * PAGE, self->p->remapped);
	EXPECT_EQ(8 * PAGE, self->p->unmapped);
	EXPECT_SUMS(5);
	APPLY(mremap_event(MAPS, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 3 * MAPS));
	EXPECT_EQ(11 * PAGE, self->p->remapped);
	EXPECT_SUMS(5);
}

/* A snapshot may show that an uncertain call has unmapped something. */
TEST_F(ledger, gone_by_a_snapshot)
{
	struct snapshot snapshot = { .watch = 1, .heap_start = HEAP, .brk = HEAP };

	APPLY(mmap_event(0, 8 * PAGE, ANON, MAPS));
	snapshot.time = self->p->time + 1;
	ASSERT_EQ(0, ledger_snapshot(&self->ledger, &snapshot));
	EXPECT_EQ(8 * PAGE, self->p->unmapped);
	EXPECT_SUMS(8);
}

static uint32_t tag_of_page(const struct process *p, uint64_t addr)
{
	const struct range *range = ranges_find(&p->space->ranges, addr);

	return range ? range->tag : 0;
}

/* Which memory -c counts as anonymous although the set does not, and why. */
TEST_F(ledger, anonymous_memory_apart)
{
	APPLY(mmap_event(0, PAGE, ANON, MAPS));
	EXPECT_FALSE(tag_is_apart(tag_of_page(self->p, MAPS)));
	APPLY(mmap_event(0, PAGE, MAP_SHARED | MAP_ANONYMOUS, 2 * MAPS));
	ASSERT_TRUE(tag_is_apart(tag_of_page(self->p, 2 * MAPS)));
	EXPECT_STREQ("shared", apart_name(tag_of_page(self->p, 2 * MAPS)));
	APPLY(mmap_event(0, PAGE, ANON | MAP_HUGETLB, 3 * MAPS));
	EXPECT_STREQ("huge pages", apart_name(tag_of_page(self->p, 3 * MAPS)));
	APPLY(mmap_event(0, PAGE, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, 4 * MAPS));
	EXPECT_STREQ("shared huge pages", apart_name(tag_of_page(self->p, 4 * MAPS)));
	APPLY(mmap_event(0, PAGE, ANON | MAP_GROWSDOWN, 5 * MAPS));
	EXPECT_STREQ("growing down", apart_name(tag_of_page(self->p, 5 * MAPS)));
	APPLY(mmap_event(0, PAGE, MAP_SHARED, 6 * MAPS));
	EXPECT_FALSE(tag_is_apart(tag_of_page(self->p, 6 * MAPS)));
	EXPECT_EQ(PAGE, self->p->space->reserved.now);
	EXPECT_EQ((3 + 2 * 512) * PAGE, process_anonymous(self->p));
}

static struct event elsewhere(struct event ev, uint64_t heap_start)
{
	ev.heap_start = heap_start;
	return ev;
}

/* Only the effect of prctl(PR_SET_MM) is seen: the kernel is asked for the present state. */
TEST_F(ledger, something_else_moves_the_heap)
{
	struct snapshot snapshot = { .watch = 1, .heap_start = MAPS, .brk = MAPS + 2 * PAGE };
	uint32_t watch;

	APPLY(exec_event("a"));
	snapshot.time = self->p->time + 1;
	ASSERT_EQ(0, ledger_snapshot(&self->ledger, &snapshot));
	EXPECT_FALSE(ledger_wants(&self->ledger, &watch));
	self->later += 1000;
	APPLY(elsewhere(brk_event(BRKWATCH_BRK_KIND_QUERY, 0, 2 * MAPS, 2 * MAPS), 2 * MAPS));
	EXPECT_TRUE(self->change.heap_moved);
	EXPECT_TRUE(self->p->space->heap_moved);
	EXPECT_FALSE(self->p->space->exact);
	EXPECT_FALSE(self->p->unknown);
	ASSERT_TRUE(ledger_wants(&self->ledger, &watch));
	EXPECT_EQ(1, watch);
	APPLY(elsewhere(brk_event(BRKWATCH_BRK_KIND_QUERY, 0, 2 * MAPS, 2 * MAPS), 2 * MAPS));
	EXPECT_FALSE(self->change.heap_moved);
	snapshot.time = self->p->time + 1;
	ASSERT_EQ(0, ledger_snapshot(&self->ledger, &snapshot));
	EXPECT_FALSE(self->p->space->heap_moved);
	EXPECT_TRUE(self->p->space->exact);
}

TEST_F(ledger, loss_until_the_next_whole_exec)
{
	APPLY(exec_event("a"));
	EXPECT_FALSE(self->p->unknown);
	ledger_lossy(&self->ledger, true);
	EXPECT_TRUE(self->p->unknown);
	APPLY(exec_event("b"));
	EXPECT_TRUE(self->p->unknown);
	ledger_lossy(&self->ledger, false);
	EXPECT_TRUE(self->p->unknown);
	APPLY(exec_event("c"));
	EXPECT_FALSE(self->p->unknown);
}

TEST_F(ledger, watches_apart)
{
	struct event ev = mmap_event(0, PAGE, ANON, MAPS);

	APPLY(ev);
	ev.watch = 2;
	APPLY(ev);
	EXPECT_EQ(2, self->ledger.n);
	EXPECT_EQ(0, self->change.removed);
	EXPECT_EQ(PAGE, process_anonymous(ledger_process(&self->ledger, 1)));
}

/* The naive model: one byte a page; 1 is anonymous, 2 a file. */
TEST_F(ledger, random_against_a_page_model)
{
	const unsigned int seed = 3;
	unsigned char model[PAGES] = { 0 };
	uint64_t now = 0, gone = 0;
	int step;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (step = 0; step < STEPS; step++) {
		uint64_t start = random() % PAGES;
		uint64_t n = 1 + random() % (PAGES - start);
		uint64_t addr = MAPS + start * PAGE;
		uint64_t length = n * PAGE - random() % PAGE;
		int tag = random() % 3;
		uint64_t i;

		if (tag == 0) {
			APPLY(munmap_event(addr, length));
		} else {
			APPLY(mmap_event(addr, length, tag == 1 ? FIXED : MAP_SHARED | MAP_FIXED,
					 addr));
		}
		for (i = start; i < start + n; i++) {
			gone += model[i] == 1 ? PAGE : 0;
			now += ((tag == 1) - (model[i] == 1)) * PAGE;
			model[i] = tag;
		}
		ASSERT_EQ(now, process_anonymous(self->p));
		ASSERT_EQ(gone, self->p->unmapped);
	}
}

TEST_HARNESS_MAIN
