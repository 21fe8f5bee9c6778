// SPDX-License-Identifier: GPL-2.0
/* How the heaps of thread arenas are found. */
#include <errno.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "event/arenas.h"
#include "view_fixture.h"

#define HEAP_BYTES (64ULL << 20)
#define HEAP_BYTES_32 (1ULL << 20)
#define FIRST 135168
/* A multiple of 64 heaps. */
#define BASE 0x7f0000000000ULL
#define AT(n) (BASE + HEAP_BYTES * (n))

static struct event begin_at(uint64_t addr)
{
	return mprotect_event(addr, FIRST, PROT_READ | PROT_WRITE);
}

static int add(struct arenas *arenas, uint64_t addr)
{
	struct event ev = begin_at(addr);

	return arenas_protected(arenas, &ev);
}

TEST(each_heap_counts_once)
{
	struct arenas arenas = { 0 };

	EXPECT_EQ(1, add(&arenas, AT(3)));
	EXPECT_EQ(0, add(&arenas, AT(3)));
	EXPECT_EQ(1, add(&arenas, AT(4)));
	EXPECT_EQ(1, arenas_unmapped(&arenas, AT(3), AT(4)));
	EXPECT_EQ(0, arenas_unmapped(&arenas, AT(3), AT(4)));
	EXPECT_EQ(1, add(&arenas, AT(3)));
}

TEST(near_misses)
{
	struct arenas arenas = { 0 };
	struct event ev = begin_at(AT(1));

	ev.map.length = FIRST + PAGE;
	EXPECT_EQ(0, arenas_protected(&arenas, &ev));
	ev = begin_at(AT(1) + HEAP_BYTES_32);
	EXPECT_EQ(0, arenas_protected(&arenas, &ev));
	ev = begin_at(AT(1));
	ev.map.prot = PROT_READ;
	EXPECT_EQ(0, arenas_protected(&arenas, &ev));
	ev.map.prot = PROT_READ | PROT_WRITE | PROT_EXEC;
	EXPECT_EQ(0, arenas_protected(&arenas, &ev));
	ev = begin_at(AT(1));
	ev.kind = BRKWATCH_EVENT_KIND_PKEY_MPROTECT;
	EXPECT_EQ(0, arenas_protected(&arenas, &ev));
	EXPECT_EQ(1, add(&arenas, AT(1)));
}

TEST(heaps_of_32_bit_programs_are_smaller)
{
	struct event ev = begin_at(0xf7000000 + HEAP_BYTES_32);
	struct arenas arenas = { 0 };

	EXPECT_EQ(0, arenas_protected(&arenas, &ev));
	ev.traits = BRKWATCH_TRAIT_COMPAT;
	EXPECT_EQ(1, arenas_protected(&arenas, &ev));
	EXPECT_EQ(1, arenas_unmapped(&arenas, ev.map.addr, ev.map.addr + HEAP_BYTES_32));
}

TEST(only_whole_heaps_go)
{
	struct arenas arenas = { 0 };
	unsigned int i;

	for (i = 60; i < 70; i++)
		ASSERT_EQ(1, add(&arenas, AT(i)));
	EXPECT_EQ(0, arenas_unmapped(&arenas, AT(60) + PAGE, AT(61)));
	EXPECT_EQ(0, arenas_unmapped(&arenas, AT(60), AT(61) - PAGE));
	EXPECT_EQ(0, arenas_unmapped(&arenas, AT(50), AT(60)));
	EXPECT_EQ(0, arenas_unmapped(&arenas, AT(70), AT(80)));
	/* A range over two groups, which takes neither of the heaps at its ends. */
	EXPECT_EQ(4, arenas_unmapped(&arenas, AT(61) + PAGE, AT(67) - PAGE));
	EXPECT_EQ(6, arenas_unmapped(&arenas, 0, UINT64_MAX / 2));
}

TEST(as_many_as_find_room)
{
	struct arenas arenas = { 0 };
	unsigned int i;

	for (i = 0; i < ARENA_GROUPS * ARENA_GROUP; i++)
		ASSERT_EQ(1, add(&arenas, AT(i)));
	EXPECT_EQ(-ENOSPC, add(&arenas, AT(i)));
	EXPECT_EQ(0, add(&arenas, AT(i - 1)));
	/* A group that has lost all its heaps takes others. */
	EXPECT_EQ(ARENA_GROUP, arenas_unmapped(&arenas, AT(0), AT(ARENA_GROUP)));
	EXPECT_EQ(1, add(&arenas, AT(i)));
}

TEST_HARNESS_MAIN
