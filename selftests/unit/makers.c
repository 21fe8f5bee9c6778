// SPDX-License-Identifier: GPL-2.0
/* Who made most of some calls, and who asked for the memory of a process at its peak. */
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "calls.h"

#define MIB (1ULL << 20)

static uint64_t private_of(enum origin origin)
{
	return tag_of(CLASS_ANONYMOUS, RW, origin);
}

static const struct maker *of_size(const struct makers *makers, uint64_t bytes)
{
	return &makers->mmap[distribution_bucket(BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_SIZE,
						 bytes)];
}

TEST(nobody)
{
	struct makers makers = { 0 };

	EXPECT_FALSE(maker_is_certain(&makers.brk));
	EXPECT_FALSE(maker_is_malloc(&makers.brk));
}

TEST(most_of_a_size)
{
	struct makers makers = { 0 };
	int i;

	for (i = 0; i < 10; i++) {
		makers_mmap(&makers, private_of(ORIGIN_STACK), MIB);
		makers_mmap(&makers, private_of(ORIGIN_MALLOC), 2 * MIB - 1);
		makers_mmap(&makers, private_of(ORIGIN_MALLOC), MIB);
		makers_mmap(&makers, private_of(ORIGIN_STACK), 2 * MIB);
	}
	EXPECT_EQ(10, of_size(&makers, MIB)->lead);
	EXPECT_TRUE(maker_is_malloc(of_size(&makers, MIB)));
	EXPECT_EQ(10, of_size(&makers, 2 * MIB)->lead);
	EXPECT_TRUE(maker_is_certain(of_size(&makers, 2 * MIB)));
	EXPECT_FALSE(maker_is_malloc(of_size(&makers, 2 * MIB)));
	EXPECT_EQ(0, makers.brk.lead);
}

/* Of 2 * n calls, no more than 2 * n - lead are the others'. */
TEST(a_lead_is_a_lower_limit)
{
	struct makers makers = { 0 };
	int i;

	makers_brk(&makers, private_of(ORIGIN_STACK));
	for (i = 0; i < 5; i++)
		makers_brk(&makers, private_of(ORIGIN_MALLOC));
	EXPECT_EQ(4, makers.brk.lead);
	EXPECT_TRUE(maker_is_malloc(&makers.brk));
	for (i = 0; i < 4; i++)
		makers_brk(&makers, private_of(ORIGIN_STACK));
	EXPECT_EQ(0, makers.brk.lead);
	EXPECT_FALSE(maker_is_certain(&makers.brk));
	EXPECT_FALSE(maker_is_malloc(&makers.brk));
	makers.brk = (struct maker){ makers.brk.who, UINT32_MAX };
	makers_brk(&makers, private_of(ORIGIN_MALLOC));
	EXPECT_EQ(UINT32_MAX, makers.brk.lead);
}

TEST(a_guess_is_not_certain)
{
	struct makers makers = { 0 };

	makers_brk(&makers, private_of(ORIGIN_MALLOC) | TAG_GUESS);
	EXPECT_FALSE(maker_is_certain(&makers.brk));
	EXPECT_FALSE(maker_is_malloc(&makers.brk));
	/* The same origin for certain is somebody else. */
	makers_brk(&makers, private_of(ORIGIN_MALLOC));
	EXPECT_EQ(0, makers.brk.lead);
	makers_brk(&makers, private_of(ORIGIN_UNKNOWN));
	EXPECT_FALSE(maker_is_certain(&makers.brk));
	makers = (struct makers){ 0 };
	makers_brk(&makers, private_of(ORIGIN_MALLOC) | TAG_UNCERTAIN);
	EXPECT_EQ(0, makers.brk.lead);
}

TEST(a_share_for_each_origin_and_each_guess)
{
	const uint64_t tag = private_of(ORIGIN_DIRECT) | TAG_COUNTED | TAG_GREW;
	unsigned int i;

	for (i = 0; i < SHARES; i++)
		EXPECT_EQ(i, share_of(share_tag(i)));
	EXPECT_NE(share_of(tag), share_of(tag | TAG_GUESS));
	EXPECT_EQ(ORIGIN_DIRECT, tag_origin(share_tag(share_of(tag))));
	EXPECT_FALSE(tag_is_guess(share_tag(share_of(tag))));
	EXPECT_TRUE(tag_is_guess(share_tag(share_of(tag | TAG_GUESS))));
}

FIXTURE(served)
{
	struct account account;
	struct account *a;
};

FIXTURE_SETUP(served)
{
	self->a = &self->account;
	start(self->a);
}

FIXTURE_TEARDOWN(served)
{
	ledger_free(&self->account.ledger);
}

static uint64_t share(const struct account *a, uint64_t tag)
{
	return a->p->served.by_origin.bytes[share_of(tag)] / PAGE;
}

TEST_F(served, at_the_peak)
{
	book(self->a, a_brk(HEAP, HEAP + 3 * PAGE, HEAP + 3 * PAGE));
	book(self->a, a_mmap(AT(0), 10, PROT_NONE, ANON | MAP_STACK));
	book(self->a, an_mprotect(AT(1), 9, RW));
	EXPECT_EQ(12 * PAGE, self->a->p->served.committed);
	EXPECT_EQ(3, share(self->a, tag_at(self->a, 1, HEAP)));
	EXPECT_EQ(9, share(self->a, private_of(ORIGIN_STACK) | TAG_GUESS));
	EXPECT_EQ(PAGE, self->a->p->served.unusable);
	/* What is less than the peak does not change it, and what was reserved later is apart. */
	book(self->a, a_munmap(AT(0), 10));
	book(self->a, a_mmap(AT(100), 50, PROT_NONE, ANON));
	EXPECT_EQ(12 * PAGE, self->a->p->served.committed);
	EXPECT_EQ(9, share(self->a, private_of(ORIGIN_STACK) | TAG_GUESS));
	EXPECT_EQ(PAGE, self->a->p->served.unusable);
	EXPECT_EQ(50 * PAGE, self->a->p->unusable);
	/* It stays when the address space is gone. */
	book(self->a, an_event(BRKWATCH_EVENT_KIND_EXIT));
	ledger_drop(&self->a->ledger, 1);
	EXPECT_EQ(12 * PAGE, self->a->p->served.committed);
	EXPECT_EQ(50 * PAGE, self->a->p->unusable);
}

TEST_F(served, from_the_last_exec_on)
{
	static const struct area bss = { AT(0), AT(2),
					 BRKWATCH_AREA_FLAG_ANONYMOUS | BRKWATCH_AREA_FLAG_READ |
						 BRKWATCH_AREA_FLAG_WRITE };

	book(self->a, a_brk(HEAP, HEAP + 3 * PAGE, HEAP + 3 * PAGE));
	book(self->a, a_mmap(AT(0), 10, RW, ANON));
	EXPECT_EQ(1, self->a->p->makers.brk.lead);
	book(self->a, an_event(BRKWATCH_EVENT_KIND_EXEC));
	EXPECT_EQ(0, self->a->p->served.committed);
	EXPECT_EQ(0, self->a->p->makers.brk.lead);
	/* The kernel's distributions go on as well. */
	EXPECT_EQ(1, of_size(&self->a->p->makers, 10 * PAGE)->lead);
	load(self->a, 1, self->a->time + 1, &bss, 1);
	EXPECT_EQ(2 * PAGE, self->a->p->served.committed);
}

/* The libraries that asked have parts of their own, through partial unmaps and in a child. */
TEST_F(served, by_libraries)
{
	struct asker *asker = &self->a->ledger.asker;
	const struct library_share *places;

	*asker = (struct asker){ .owner = OWNER_OTHER, .file = "liba.so" };
	book(self->a, a_mmap(AT(0), 10, RW, ANON));
	*asker = (struct asker){ .owner = OWNER_OTHER, .file = "libb.so" };
	book(self->a, a_mmap(AT(100), 20, PROT_NONE, ANON));
	book(self->a, an_mprotect(AT(100), 5, RW));
	book(self->a, a_munmap(AT(4), 2));
	/* At the peak. */
	places = self->a->p->served.by_origin.libraries;
	EXPECT_EQ(15, share(self->a, private_of(ORIGIN_LIBRARY)));
	EXPECT_EQ(10 * PAGE, places[0].bytes);
	EXPECT_STREQ("liba.so", asked_of_tag(&self->a->ledger, places[0].who).file);
	EXPECT_EQ(5 * PAGE, places[1].bytes);
	EXPECT_STREQ("libb.so", asked_of_tag(&self->a->ledger, places[1].who).file);
	EXPECT_EQ(0, places[2].who);
	/* Now, and in the copy of the child. */
	EXPECT_EQ(8 * PAGE, self->a->p->space->by_origin.libraries[0].bytes);
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_COPY, 2));
	book(self->a, of_watch(an_event(BRKWATCH_EVENT_KIND_EXIT), 2));
	places = self->a->p->served.by_origin.libraries;
	EXPECT_EQ(8 * PAGE, places[0].bytes);
	EXPECT_EQ(5 * PAGE, places[1].bytes);
}

/* A child begins with what its parent had mapped. */
TEST_F(served, in_a_child)
{
	book(self->a, a_mmap(AT(0), 10, RW, ANON));
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_COPY, 2));
	book(self->a, of_watch(an_event(BRKWATCH_EVENT_KIND_EXIT), 2));
	EXPECT_EQ(10 * PAGE, self->a->p->served.committed);
	EXPECT_EQ(10, share(self->a, tag_at(self->a, 1, AT(0))));
}

TEST_F(served, makers_of_calls)
{
	int i;

	for (i = 0; i < 3; i++) {
		book(self->a, a_mmap(AT(0), 4, RW, ANON | MAP_STACK));
		book(self->a, a_munmap(AT(0), 4));
	}
	book(self->a, an_error(a_mmap(AT(0), 4, RW, ANON | MAP_STACK), 12));
	book(self->a, a_mmap(AT(0), 4, RW, MAP_PRIVATE));
	book(self->a, a_brk(HEAP, HEAP + 10, HEAP + 10));
	book(self->a, a_brk(HEAP + 10, HEAP + 20, HEAP + 20));
	book(self->a, a_brk(HEAP + 20, HEAP, HEAP));
	book(self->a, a_brk(HEAP, HEAP + PAGE, HEAP));
	EXPECT_EQ(3, of_size(&self->a->p->makers, 4 * PAGE)->lead);
	EXPECT_EQ(ORIGIN_STACK, tag_origin(of_size(&self->a->p->makers, 4 * PAGE)->who));
	EXPECT_EQ(2, self->a->p->makers.brk.lead);
}

/* A view that shows no totals has the same account without them, in a child and after an exec too. */
TEST(no_totals)
{
	static const struct served nothing;
	static const struct makers nobody;
	struct account accounts[2] = { { .ledger.no_totals = false },
				       { .ledger.no_totals = true } };
	const struct process *child, *with, *without;
	size_t i;

	for (i = 0; i < 2; i++) {
		start(&accounts[i]);
		book(&accounts[i], a_brk(HEAP, HEAP + 3 * PAGE, HEAP + 3 * PAGE));
		book(&accounts[i], a_mmap(AT(0), 10, RW, ANON));
		book(&accounts[i], a_clone(BRKWATCH_CLONE_KIND_COPY, 2));
		book(&accounts[i], of_watch(a_munmap(AT(0), 4), 2));
		book(&accounts[i], an_mprotect(AT(0), 1, PROT_NONE));
	}
	with = ledger_find(&accounts[0].ledger, 1);
	without = ledger_find(&accounts[1].ledger, 1);
	child = ledger_find(&accounts[1].ledger, 2);
	EXPECT_EQ(12 * PAGE, with->space->committed.now);
	EXPECT_EQ(12 * PAGE, without->space->committed.now);
	EXPECT_EQ(with->space->reserved.peak, without->space->reserved.peak);
	EXPECT_EQ(9 * PAGE, child->space->committed.now);
	EXPECT_EQ(0, memcmp(&nothing.by_origin, &child->space->by_origin, sizeof(struct shares)));
	EXPECT_EQ(0, memcmp(&nothing, &without->served, sizeof(nothing)));
	EXPECT_NE(0, memcmp(&nothing, &with->served, sizeof(nothing)));
	EXPECT_EQ(0, memcmp(&nobody, &without->makers, sizeof(nobody)));
	EXPECT_NE(0, memcmp(&nobody, &with->makers, sizeof(nobody)));
	book(&accounts[1], an_event(BRKWATCH_EVENT_KIND_EXEC));
	book(&accounts[1], a_mmap(AT(0), 10, RW, ANON));
	EXPECT_EQ(0, memcmp(&nothing, &accounts[1].p->served, sizeof(nothing)));
	for (i = 0; i < 2; i++)
		ledger_free(&accounts[i].ledger);
}

TEST_HARNESS_MAIN
