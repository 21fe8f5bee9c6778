// SPDX-License-Identifier: GPL-2.0
/* Addresses that are occupied or out of reach, as the reason for a refusal. */
#include <errno.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "reason_fixture.h"

/* The break is at page 10; the first page above must stay free. */
TEST_F(reason, a_mapping_above_the_break)
{
	book(self->a, a_mmap(HEAP + PAGES(14), 1, PROT_READ, ANON));
	EXPECT_UNKNOWN(refused(PAGES(3)));
	EXPECT_ONLY("occupied", PAGES(3), PAGES(4), refused(PAGES(3) + 1));
	EXPECT_EQ(HEAP + PAGES(14), self->list[0].at);
	EXPECT_EQ(tag_at(self->a, 1, HEAP + PAGES(14)), self->list[0].tag);
	/* riscv-software-src/riscv-pk#124: right at the break. */
	book(self->a, a_mmap(HEAP + PAGES(10), 1, PROT_READ, ANON));
	EXPECT_ONLY("occupied", 0, PAGES(1), refused(1));
	EXPECT_EQ(HEAP + PAGES(10), self->list[0].at);
	EXPECT_UNKNOWN(refused(-PAGE));
	/* What is not sure to be there does not stand in the way. */
	book(self->a, an_error(a_mmap(HEAP + PAGES(10), 1, RW, ANON | MAP_FIXED), ENOMEM));
	EXPECT_UNKNOWN(refused(PAGE));
}

TEST_F(reason, a_stack_above_the_break)
{
	book(self->a, a_mmap(HEAP + PAGES(300), 10, RW, ANON | MAP_GROWSDOWN));
	/* 300 - 256 - 1 */
	EXPECT_UNKNOWN(refused(PAGES(33)));
	EXPECT_ONLY("occupied", PAGES(33), PAGES(34), refused(PAGES(34)));
	EXPECT_EQ(HEAP + PAGES(300), self->list[0].at);
	self->system.guard_gap = 0;
	EXPECT_UNKNOWN(refused(PAGES(289)));
	EXPECT_ONLY("occupied", PAGES(289), PAGES(290), refused(PAGES(290)));
}

TEST_F(reason, an_account_that_is_not_whole)
{
	book(self->a, a_mmap(HEAP + PAGES(10), 1, PROT_READ, ANON));
	self->a->p->space->whole = false;
	EXPECT_UNKNOWN(refused(PAGE));
	EXPECT_UNKNOWN(an_error(an_mprotect(HEAP + PAGES(10), 1, RW), ENOMEM));
}

TEST_F(reason, a_mapping_behind_the_range)
{
	book(self->a, a_mmap(AT(0), 2, RW, ANON));
	book(self->a, a_mmap(AT(5), 1, PROT_READ, ANON));
	EXPECT_UNKNOWN(an_error(an_mremap(AT(0), 2, 5, 0, 0), ENOMEM));
	EXPECT_ONLY("occupied", PAGES(3), PAGES(4), an_error(an_mremap(AT(0), 2, 6, 0, 0), ENOMEM));
	EXPECT_EQ(AT(5), self->list[0].at);
	EXPECT_ONLY("occupied", 0, PAGES(1), an_error(an_mremap(AT(0), 1, 2, 0, 0), ENOMEM));
	/* It could have moved. */
	EXPECT_UNKNOWN(an_error(an_mremap(AT(0), 2, 6, MREMAP_MAYMOVE, 0), ENOMEM));
}

static struct event in_the_way(uint64_t addr, uint64_t pages)
{
	struct event ev = an_error(a_mmap(0, pages, RW, ANON | MAP_FIXED_NOREPLACE), EEXIST);

	ev.map.addr = addr;
	return ev;
}

TEST_F(reason, a_mapping_in_the_way)
{
	book(self->a, a_mmap(AT(2), 2, PROT_READ, ANON));
	book(self->a, a_mmap(AT(5), 1, RW, MAP_SHARED));
	/* The first of several. */
	EXPECT_ONLY("occupied", NONE, NONE, in_the_way(AT(0), 6));
	EXPECT_EQ(AT(2), self->list[0].at);
	EXPECT_EQ(tag_at(self->a, 1, AT(2)), self->list[0].tag);
	EXPECT_ONLY("occupied", NONE, NONE, in_the_way(AT(3), 9));
	EXPECT_EQ(AT(3), self->list[0].at);
	EXPECT_ONLY("occupied", NONE, NONE, in_the_way(AT(4), 2));
	EXPECT_EQ(AT(5), self->list[0].at);
	EXPECT_EQ(CLASS_FILE, tag_class(self->list[0].tag));
	/* The account does not have what the kernel found. */
	EXPECT_ONLY("occupied", NONE, NONE, in_the_way(AT(0), 2));
	EXPECT_EQ(0, self->list[0].at);
	EXPECT_EQ(0, self->list[0].tag);
	book(self->a, an_error(a_mmap(AT(2), 1, RW, ANON | MAP_FIXED), ENOMEM));
	EXPECT_ONLY("occupied", NONE, NONE, in_the_way(AT(2), 1));
	EXPECT_EQ(0, self->list[0].tag);
}

TEST_F(reason, out_of_reach)
{
	struct event ev = no_memory(1, RW, ANON);

	/* The last page that a break can reach. */
	EXPECT_UNKNOWN(refused(END - HEAP - PAGES(10)));
	EXPECT_ONLY("out_of_reach", NONE, NONE, refused(END - HEAP - PAGES(10) + 1));
	EXPECT_ONLY("out_of_reach", NONE, NONE, refused(UINT64_MAX - HEAP - PAGES(10)));
	/* The first one. */
	EXPECT_UNKNOWN(refused(-PAGES(10)));
	EXPECT_ONLY("out_of_reach", NONE, NONE, refused(-PAGES(10) - 1));
	ev.map.length = END;
	EXPECT_UNKNOWN(ev);
	ev.map.length++;
	EXPECT_ONLY("out_of_reach", NONE, NONE, ev);
	ev.map.length = UINT64_MAX;
	EXPECT_ONLY("out_of_reach", NONE, NONE, ev);
	ev = an_error(a_mmap(END - PAGE, 1, RW, ANON | MAP_FIXED), ENOMEM);
	EXPECT_UNKNOWN(ev);
	ev.map.addr = END;
	EXPECT_ONLY("out_of_reach", NONE, NONE, ev);
	EXPECT_UNKNOWN(an_error(an_mprotect(END - PAGE, 1, RW), ENOMEM));
	EXPECT_ONLY("out_of_reach", NONE, NONE, an_error(an_mprotect(END, 1, RW), ENOMEM));
	EXPECT_ONLY("out_of_reach", NONE, NONE, an_error(an_mprotect(-PAGE, 1, RW), ENOMEM));
	ev = an_error(an_mremap(AT(0), 1, 1, MREMAP_MAYMOVE | MREMAP_FIXED, END - PAGE), EINVAL);
	EXPECT_UNKNOWN(ev);
	ev.map.new_addr = END;
	EXPECT_ONLY("out_of_reach", NONE, NONE, ev);
	ev = an_error(an_mremap(AT(0), 1, END / PAGE + 1, MREMAP_MAYMOVE, 0), ENOMEM);
	EXPECT_ONLY("out_of_reach", NONE, NONE, ev);
}

TEST_F(reason, out_of_reach_of_32_bits)
{
	struct event ev = refused(0);

	ev.heap_start = 0x8000000;
	ev.move.before = ev.move.after = ev.heap_start;
	ev.move.requested = 0xffffe000;
	EXPECT_UNKNOWN(ev);
	ev.traits = BRKWATCH_TRAIT_COMPAT;
	EXPECT_UNKNOWN(ev);
	ev.move.requested++;
	EXPECT_ONLY("out_of_reach", NONE, NONE, ev);
}

TEST_HARNESS_MAIN
