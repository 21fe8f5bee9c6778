// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <linux/mman.h>
#include <kselftest_harness.h>

#include "view_fixture.h"
#include "view/callers.h"

#define MOVED (MAPS + (1ULL << 30))

static void add(struct callers *callers, uint32_t watch, const char *text, uint64_t bytes)
{
	if (callers_add(callers, watch, strdup(text), bytes))
		exit(1);
}

TEST(equal_stacks_are_one)
{
	static const struct {
		uint32_t watch;
		const char *text;
		uint64_t bytes;
		uint64_t calls;
	} wanted[] = {
		{ 1, "b", 30, 1 },
		{ 1, "a", 20, 3 },
		{ 1, "c", 20, 1 },
		{ 2, "a", 99, 1 },
	};
	struct callers callers = { 0 };
	size_t i;

	add(&callers, 1, "a", 5);
	add(&callers, 2, "a", 99);
	add(&callers, 1, "c", 20);
	add(&callers, 1, "a", 14);
	add(&callers, 1, "b", 30);
	add(&callers, 1, "a", 1);
	callers_sort(&callers);
	ASSERT_EQ(4, callers.n);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(wanted[i].watch, callers.v[i]->watch);
		EXPECT_STREQ(wanted[i].text, callers.v[i]->text);
		EXPECT_EQ(wanted[i].bytes, callers.v[i]->bytes);
		EXPECT_EQ(wanted[i].calls, callers.v[i]->calls);
	}
	callers_free(&callers);
	callers_sort(&callers);
}

TEST(what_a_call_got)
{
	const struct {
		struct event ev;
		uint64_t bytes;
	} cases[] = {
		{ brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP, HEAP), 0 },
		{ brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + 100, HEAP, HEAP + 100), 100 },
		{ brk_event(BRKWATCH_BRK_KIND_SHRINK, HEAP, HEAP + 100, HEAP), 0 },
		{ brk_event(BRKWATCH_BRK_KIND_REFUSED, HEAP + 100, HEAP, HEAP), 0 },
		{ mmap_event(0, PAGE + 1, MAP_PRIVATE | MAP_ANONYMOUS, MAPS), 2 * PAGE },
		{ mmap_event(0, PAGE, MAP_PRIVATE, MAPS + (1 << 20)), 0 },
		{ failed(mmap_event(0, PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -12ULL), 12), 0 },
		{ mremap_event(MAPS, 2 * PAGE, 5 * PAGE, MREMAP_MAYMOVE, MOVED), 3 * PAGE },
		{ mremap_event(MOVED, 5 * PAGE, PAGE, 0, MOVED), 0 },
		{ mremap_event(MAPS + (1 << 20), PAGE, 2 * PAGE, 0, MAPS + (1 << 20)), 0 },
		{ munmap_event(MOVED, PAGE), 0 },
	};
	struct fixture fixture;
	size_t i;

	fixture_begin(&fixture, &text_view);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct step step = { .ev = &cases[i].ev };

		step.process = ledger_apply(&fixture.ledger, step.ev, &step.change);
		ASSERT_NE(NULL, step.process);
		EXPECT_EQ(cases[i].bytes, taken_bytes(fixture.view, &step)) TH_LOG("%zu", i);
	}
	fixture_free(&fixture);
}

TEST_HARNESS_MAIN
