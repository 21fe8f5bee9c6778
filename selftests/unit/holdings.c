// SPDX-License-Identifier: GPL-2.0
/* What the calls from one place hold, whatever happens to the memory that they got. */
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "holdings_fixture.h"

/* What the place holds, and the most that it held, in pages. */
#define EXPECT_HELD(site, pages, most)                         \
	do {                                                   \
		EXPECT_EQ((pages)*PAGE, (site).held);          \
		EXPECT_EQ((uint64_t)(most)*PAGE, (site).peak); \
	} while (0)

/* The number of the call that got a page, 0 for none. */
static uint32_t call_at(const struct account *a, uint32_t watch, uint64_t addr)
{
	return tag_call(tag_at(a, watch, addr));
}

TEST_F(holdings, one_leaks_beside_one_that_does_not)
{
	int i;

	for (i = 0; i < 40; i++) {
		got(self->a, &self->x, a_mmap(AT(1000 + 256 * i), 256, RW, ANON));
		got(self->a, &self->y, a_mmap(AT(0), 256, RW, ANON));
		book(self->a, a_munmap(AT(0), 256));
	}
	EXPECT_HELD(self->x, 40 * 256, 40 * 256);
	EXPECT_HELD(self->y, 0, 256);
}

/* Only if a view asks do neighbours stay apart. */
TEST(nobody_asks)
{
	struct account account = { .time = 0 };

	start(&account);
	book(&account, a_mmap(AT(0), 4, RW, ANON));
	book(&account, a_mmap(AT(4), 4, RW, ANON));
	EXPECT_EQ(0, account.change.call);
	EXPECT_EQ(1, account.p->space->ranges.n);
	EXPECT_EQ(0, account.ledger.holdings.n);
	ledger_free(&account.ledger);
}

TEST_F(holdings, only_what_is_not_a_file_counts)
{
	got(self->a, &self->x, a_mmap(AT(0), 4, RW, MAP_PRIVATE));
	EXPECT_EQ(0, self->a->change.call);
	got(self->a, &self->x, a_mmap(AT(10), 4, RW, MAP_SHARED | MAP_ANONYMOUS));
	got(self->a, &self->x, a_mmap(AT(1024), 1, RW, ANON | MAP_HUGETLB));
	got(self->a, &self->x, a_mmap(AT(30), 1, RW, ANON | MAP_GROWSDOWN));
	EXPECT_HELD(self->x, 4 + 512 + 1, 4 + 512 + 1);
}

TEST_F(holdings, splits_and_parts)
{
	got(self->a, &self->x, a_mmap(AT(0), 20, RW, ANON));
	got(self->a, &self->y, a_mmap(AT(20), 20, RW, ANON));
	book(self->a, an_mprotect(AT(5), 10, PROT_READ));
	book(self->a, an_madvise(AT(0), 40, MADV_DONTNEED));
	book(self->a, an_madvise(AT(7), 2, MADV_DONTFORK));
	EXPECT_HELD(self->x, 20, 20);
	book(self->a, a_munmap(AT(8), 1));
	book(self->a, a_munmap(AT(15), 10));
	EXPECT_HELD(self->x, 14, 20);
	EXPECT_HELD(self->y, 15, 20);
	book(self->a, a_munmap(AT(0), 40));
	EXPECT_HELD(self->x, 0, 20);
	EXPECT_HELD(self->y, 0, 20);
	EXPECT_EQ(0, self->all->used);
}

TEST_F(holdings, over_own_memory)
{
	got(self->a, &self->x, a_mmap(AT(0), 20, RW, ANON));
	got(self->a, &self->y, a_mmap(AT(5), 5, RW, ANON | MAP_FIXED));
	EXPECT_HELD(self->x, 15, 20);
	EXPECT_HELD(self->y, 5, 5);
	/* The most is what it held after a call, not in the midst of one. */
	got(self->a, &self->x, a_mmap(AT(0), 20, RW, ANON | MAP_FIXED));
	EXPECT_HELD(self->x, 20, 20);
	EXPECT_HELD(self->y, 0, 5);
	book(self->a, a_mmap(AT(0), 8, RW, MAP_PRIVATE | MAP_FIXED));
	EXPECT_HELD(self->x, 12, 20);
}

TEST_F(holdings, mremap)
{
	got(self->a, &self->x, a_mmap(AT(0), 4, RW, ANON));
	got(self->a, &self->y, an_mremap(AT(0), 4, 10, 0, AT(0)));
	EXPECT_HELD(self->x, 4, 4);
	EXPECT_HELD(self->y, 6, 6);
	/* What moves stays with its calls. */
	got(self->a, &self->y, an_mremap(AT(0), 10, 12, MREMAP_MAYMOVE, AT(100)));
	EXPECT_HELD(self->x, 4, 4);
	EXPECT_HELD(self->y, 8, 8);
	EXPECT_NE(call_at(self->a, 1, AT(109)), call_at(self->a, 1, AT(110)));
	book(self->a, an_mremap(AT(100), 12, 3, 0, AT(100)));
	EXPECT_EQ(0, self->a->change.call);
	EXPECT_HELD(self->x, 3, 4);
	EXPECT_HELD(self->y, 0, 8);
	/* The move replaces what lies there. */
	got(self->a, &self->y, a_mmap(AT(0), 5, RW, ANON));
	book(self->a, an_mremap(AT(100), 3, 2, MREMAP_MAYMOVE | MREMAP_FIXED, AT(1)));
	EXPECT_HELD(self->x, 2, 4);
	EXPECT_HELD(self->y, 3, 8);
	EXPECT_TRUE(self->a->p->space->exact);
}

/* The kernel keeps the source mapped, so the process has as much more. */
TEST_F(holdings, mremap_leaves_the_source)
{
	got(self->a, &self->x, a_mmap(AT(0), 4, RW, ANON));
	got(self->a, &self->y, an_mremap(AT(0), 4, 4, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, AT(100)));
	EXPECT_HELD(self->x, 4, 4);
	EXPECT_HELD(self->y, 4, 4);
	EXPECT_EQ(8 * PAGE, process_anonymous(self->a->p));
}

TEST_F(holdings, the_heap_shrinks_from_its_top)
{
	got(self->a, &self->x, a_brk(HEAP, HEAP + 100, HEAP + 100));
	/* Nothing is left of the page for this call. */
	got(self->a, &self->y, a_brk(HEAP + 100, HEAP + 200, HEAP + 200));
	EXPECT_HELD(self->x, 1, 1);
	EXPECT_HELD(self->y, 0, 0);
	got(self->a, &self->y, a_brk(HEAP + 200, HEAP + 8 * PAGE, HEAP + 8 * PAGE));
	got(self->a, &self->x, a_brk(HEAP + 8 * PAGE, HEAP + 10 * PAGE, HEAP + 10 * PAGE));
	EXPECT_HELD(self->x, 3, 3);
	EXPECT_HELD(self->y, 7, 7);
	book(self->a, a_brk(HEAP + 10 * PAGE, HEAP + 5 * PAGE, HEAP + 5 * PAGE));
	EXPECT_HELD(self->x, 1, 3);
	EXPECT_HELD(self->y, 4, 7);
	/* A query and a refused call get nothing. */
	book(self->a, a_brk(HEAP + 5 * PAGE, 0, HEAP + 5 * PAGE));
	book(self->a, a_brk(HEAP + 5 * PAGE, HEAP + 9 * PAGE, HEAP + 5 * PAGE));
	EXPECT_EQ(0, self->a->change.call);
	EXPECT_HELD(self->y, 4, 7);
}

TEST_F(holdings, the_copy_of_a_child_is_no_getting_of_its_own)
{
	struct site z = { 0 };

	got(self->a, &self->x, a_mmap(AT(0), 4, RW, ANON));
	got(self->a, &self->y, a_mmap(AT(4), 4, RW, ANON));
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_COPY, 2));
	EXPECT_NE(0, call_at(self->a, 1, AT(0)));
	EXPECT_EQ(0, call_at(self->a, 2, AT(0)));
	EXPECT_EQ(1, ledger_find(&self->a->ledger, 2)->space->ranges.n);
	book(self->a, of_watch(a_munmap(AT(0), 2), 2));
	EXPECT_HELD(self->x, 4, 4);
	/* What it gets itself is. */
	got(self->a, &z, of_watch(an_mremap(AT(4), 4, 6, 0, AT(4)), 2));
	got(self->a, &z, of_watch(a_mmap(AT(50), 1, RW, ANON), 2));
	EXPECT_HELD(z, 3, 3);
	book(self->a, of_watch(a_munmap(AT(0), 100), 2));
	EXPECT_HELD(z, 0, 3);
	EXPECT_HELD(self->y, 4, 4);
}

TEST_F(holdings, nothing_outlives_an_exec)
{
	got(self->a, &self->x, a_mmap(AT(0), 4, RW, ANON));
	got(self->a, &self->x, a_brk(HEAP, HEAP + PAGE, HEAP + PAGE));
	book(self->a, an_event(BRKWATCH_EVENT_KIND_EXEC));
	EXPECT_HELD(self->x, 0, 5);
	EXPECT_EQ(0, self->all->used);
	/* What it gets afterwards has numbers, too. */
	load(self->a, 1, self->a->time + 1, NULL, 0);
	got(self->a, &self->x, a_mmap(AT(0), 2, RW, ANON));
	EXPECT_HELD(self->x, 2, 5);
}

static void weigh(struct account *a, struct site *site, uint64_t now)
{
	site->old = site->kept;
	site->age = site->kept_age;
	holdings_weigh(&a->ledger.holdings, now);
}

TEST_F(holdings, what_was_held_at_an_end)
{
	got(self->a, &self->x, by(a_mmap(AT(0), 4, RW, ANON), 43, 10000, 10010));
	got(self->a, &self->x, by(a_mmap(AT(10), 3, RW, ANON), 43, 10100, 10110));
	book(self->a, a_munmap(AT(0), 1));
	book(self->a, by(an_event(BRKWATCH_EVENT_KIND_EXIT), 43, 50010, 50010));
	EXPECT_HELD(self->x, 6, 7);
	EXPECT_EQ(0, self->all->used);
	weigh(self->a, &self->x, 90000);
	EXPECT_EQ(6 * PAGE, self->x.old);
	EXPECT_EQ(40000, self->x.age);
	/* To release its account changes nothing. */
	ledger_drop(&self->a->ledger, 1);
	ledger_forget(&self->a->ledger, 1);
	EXPECT_HELD(self->x, 6, 7);
	/* The next process with this stack adds to it. */
	got(self->a, &self->x, of_watch(a_mmap(AT(0), 2, RW, ANON), 2));
	EXPECT_HELD(self->x, 8, 8);
}

/* Its end is among the lost events. */
TEST_F(holdings, a_process_that_is_only_forgotten)
{
	got(self->a, &self->x, a_mmap(AT(0), 4, RW, ANON));
	ledger_forget(&self->a->ledger, 1);
	EXPECT_EQ(0, self->all->used);
	EXPECT_HELD(self->x, 4, 4);
}

TEST_F(holdings, two_in_one_address_space)
{
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_SHARED, 2));
	got(self->a, &self->x, of_watch(a_mmap(AT(0), 4, RW, ANON), 2));
	got(self->a, &self->y, a_mmap(AT(10), 4, RW, ANON));
	book(self->a, of_watch(an_event(BRKWATCH_EVENT_KIND_EXEC), 2));
	EXPECT_HELD(self->x, 4, 4);
	/* Its parent unmaps it. */
	book(self->a, a_munmap(AT(0), 3));
	EXPECT_HELD(self->x, 1, 4);
	book(self->a, an_event(BRKWATCH_EVENT_KIND_EXEC));
	EXPECT_HELD(self->x, 0, 4);
	EXPECT_HELD(self->y, 0, 4);
}

/* The account is one of the states that are possible, until a snapshot shows which. */
TEST_F(holdings, uncertain_until_a_snapshot)
{
	const struct area some = area(AT(0), 3, RW_AREA);

	got(self->a, &self->x, a_mmap(AT(0), 8, RW, ANON));
	book(self->a, an_error(a_mmap(AT(2), 4, RW, ANON | MAP_FIXED), ENOMEM));
	EXPECT_FALSE(self->a->p->space->exact);
	EXPECT_HELD(self->x, 8, 8);
	load(self->a, 1, self->a->time + 1, &some, 1);
	EXPECT_TRUE(self->a->p->space->exact);
	EXPECT_HELD(self->x, 3, 8);
	EXPECT_NE(0, call_at(self->a, 1, AT(2)));
}

/* A snapshot does not say which call got it, so the ledger keeps what it knew. */
TEST_F(holdings, a_snapshot)
{
	const struct area there[] = { area(AT(0), 4, RW_AREA), area(AT(10), 4, FILE_AREA),
				      area(AT(20), 4, RW_AREA) };

	got(self->a, &self->x, a_mmap(AT(0), 8, RW, ANON));
	got(self->a, &self->y, a_mmap(AT(10), 4, RW, MAP_SHARED | MAP_ANONYMOUS));
	load(self->a, 1, self->a->time + 1, there, 3);
	EXPECT_HELD(self->x, 4, 8);
	EXPECT_HELD(self->y, 4, 4);
	EXPECT_EQ(0, call_at(self->a, 1, AT(20)));
}

/* The snapshot lies between the move and its report. */
TEST_F(holdings, a_snapshot_shows_that_it_moved)
{
	const struct area moved = area(AT(10), 5, RW_AREA);
	uint64_t began;

	got(self->a, &self->x, a_mmap(AT(0), 2, RW, ANON));
	began = self->a->time + 1000;
	load(self->a, 1, began + 50, &moved, 1);
	EXPECT_HELD(self->x, 0, 2);
	got(self->a, &self->y,
	    by(an_mremap(AT(0), 2, 5, MREMAP_MAYMOVE, AT(10)), 43, began, began + 100));
	EXPECT_HELD(self->x, 2, 2);
	EXPECT_HELD(self->y, 3, 3);
}

/* A thread gets addresses that another has just moved away from, and returns first. */
TEST_F(holdings, reported_in_another_order)
{
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_THREAD, 0));
	got(self->a, &self->x, by(a_mmap(AT(0), 2, RW, ANON), 43, 10000, 10010));
	got(self->a, &self->y, by(a_mmap(AT(0), 2, RW, ANON), 44, 10110, 10120));
	EXPECT_HELD(self->x, 0, 2);
	book(self->a, by(an_mremap(AT(0), 2, 2, MREMAP_MAYMOVE, AT(10)), 43, 10100, 10200));
	EXPECT_HELD(self->x, 2, 2);
	EXPECT_HELD(self->y, 2, 2);
	EXPECT_FALSE(self->a->p->space->uncertain);
}

TEST_F(holdings, both_sides_of_an_age)
{
	const struct {
		uint64_t now;
		uint64_t old;
		uint64_t age;
	} cases[] = { { 10999, 0, 0 },	  { 11000, 4, 1000 }, { 11499, 4, 1499 },
		      { 11500, 7, 1500 }, { 12000, 7, 2000 }, { 0, 0, 0 } };
	size_t i;

	self->all->min_age = 1000;
	got(self->a, &self->x, by(a_mmap(AT(0), 4, RW, ANON), 43, 9000, 10000));
	got(self->a, &self->x, by(a_mmap(AT(10), 3, RW, ANON), 43, 10400, 10500));
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		weigh(self->a, &self->x, cases[i].now);
		EXPECT_EQ(cases[i].old * PAGE, self->x.old) TH_LOG("%zu", i);
		EXPECT_EQ(cases[i].age, self->x.age) TH_LOG("%zu", i);
	}
	EXPECT_HELD(self->x, 7, 7);
	/* At an end the age ends. */
	book(self->a, by(an_event(BRKWATCH_EVENT_KIND_EXIT), 43, 11499, 11499));
	weigh(self->a, &self->x, 99999);
	EXPECT_EQ(4 * PAGE, self->x.old);
	EXPECT_EQ(1499, self->x.age);
	EXPECT_HELD(self->x, 7, 7);
}

/* A call must not get a number that an event under way may still bring back. */
TEST_F(holdings, a_number_waits)
{
	uint32_t first, slots = 0;
	int i;

	book(self->a, a_mmap(AT(0), 1, RW, ANON));
	first = self->a->change.call;
	book(self->a, a_munmap(AT(0), 1));
	for (i = 0; i < 5000; i++) {
		book(self->a, a_mmap(AT(0), 1, RW, ANON));
		EXPECT_NE(first, self->a->change.call);
		book(self->a, a_munmap(AT(0), 1));
		slots = i == 1000 ? self->all->n : slots;
	}
	/* The slots do have calls again. */
	EXPECT_EQ(1003, slots);
	EXPECT_GT(1100, self->all->n);
	EXPECT_EQ(0, self->all->used);
}

TEST_F(holdings, more_calls_than_numbers)
{
	struct site rest = { 0 };
	uint64_t i, n = HOLDINGS_MAX + 3000;
	uint32_t slots;

	for (i = 0; i < n; i++) {
		book(self->a, a_mmap(AT(2 * i), 1, RW, ANON));
		ASSERT_EQ(i >= HOLDINGS_MAX, holdings_is_rest(self->all, self->a->change.call));
		holdings_attach(self->all, self->a->change.call,
				i >= HOLDINGS_MAX ? &rest : &self->x);
	}
	EXPECT_HELD(self->x, HOLDINGS_MAX, HOLDINGS_MAX);
	EXPECT_HELD(rest, 3000, 3000);
	EXPECT_EQ(HOLDINGS_MAX + 1, self->all->used);
	/* As soon as there is room, a call has its own number again. */
	book(self->a, a_munmap(AT(0), 5));
	EXPECT_HELD(self->x, HOLDINGS_MAX - 3, HOLDINGS_MAX);
	got(self->a, &self->y, a_mmap(AT(0), 1, RW, ANON));
	EXPECT_FALSE(holdings_is_rest(self->all, self->a->change.call));
	EXPECT_HELD(self->y, 1, 1);
	/* What the rest holds is as old as the last of its calls. */
	self->all->min_age = 1000;
	weigh(self->a, &rest, self->a->time);
	EXPECT_EQ(0, rest.old);
	slots = self->all->n;
	book(self->a, a_munmap(AT(0), 2 * n));
	EXPECT_HELD(self->x, 0, HOLDINGS_MAX);
	EXPECT_HELD(rest, 0, 3000);
	EXPECT_EQ(0, self->all->used);
	for (i = 0; i < n; i++) {
		book(self->a, a_mmap(AT(0), 1, RW, ANON));
		book(self->a, a_munmap(AT(0), 1));
	}
	EXPECT_EQ(slots, self->all->n);
}

TEST_F(holdings, a_site_is_forgotten)
{
	struct site *site = calloc(1, sizeof(*site));

	ASSERT_NE(NULL, site);
	got(self->a, site, a_mmap(AT(0), 4, RW, ANON));
	got(self->a, &self->x, a_mmap(AT(10), 4, RW, ANON));
	site->dropped = true;
	holdings_forget(self->all);
	free(site);
	book(self->a, a_munmap(AT(0), 12));
	EXPECT_HELD(self->x, 2, 4);
}

TEST_HARNESS_MAIN
