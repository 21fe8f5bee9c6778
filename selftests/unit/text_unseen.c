// SPDX-License-Identifier: GPL-2.0
/* What the text says where events were lost or withheld, or came before the tool. */
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "message.h"
#include "text_fixture.h"

TEST_F(text, withheld_events)
{
	self->fixture.view->filtered = true;
	EXPECT_LINE(LEADER "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, "
			   "-1, 0) = 0x7fff00000000  # direct mmap?: +1 page (4 KiB)\n",
		    mmap_event(0, PAGE, ANON, MAPS));
	EXPECT_LINE(LEADER "munmap(0x7fff00000000, 4096) = 0  # -1 page (4 KiB) anonymous\n",
		    munmap_event(MAPS, PAGE));
	EXPECT_LINE(LEADER "mprotect(0x7fff00000000, 4096, PROT_READ) = 0"
			   "  # committed unknown (events filtered)\n",
		    mprotect_event(MAPS, PAGE, PROT_READ));
}

TEST_F(text, what_a_loss_makes_unknown)
{
	ledger_lossy(&self->fixture.ledger, true);
	EXPECT_LINE(LEADER "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, "
			   "0) = 0x7fff00000000"
			   "  # direct mmap?: +1 page (4 KiB), anonymous unknown (events lost)\n",
		    mmap_event(0, PAGE, ANON, MAPS));
	EXPECT_LINE(LEADER "mprotect(0x7fff00001000, 4096, PROT_NONE) = 0"
			   "  # committed unknown (events lost)\n",
		    mprotect_event(MAPS + PAGE, PAGE, PROT_NONE));
	EXPECT_LINE(LEADER "munmap(0x7fff00000000, 4096) = 0  # anonymous unknown (events lost)\n",
		    munmap_event(MAPS, PAGE));
}

TEST_F(text, what_a_snapshot_makes_known)
{
	const uint32_t anonymous = BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_ANONYMOUS;
	struct area areas[] = {
		{ MAPS, MAPS + 9 * PAGE, BRKWATCH_AREA_FLAG_READ },
		{ MAPS + 9 * PAGE, MAPS + 20 * PAGE, anonymous },
	};
	const struct snapshot snapshot = { .id = 1,
					   .watch = 1,
					   .time = SECOND + 2000000,
					   .heap_start = HEAP,
					   .brk = BRK,
					   .areas = areas,
					   .n = N(areas) };
	struct event file = munmap_event(MAPS, PAGE);
	struct event none = mprotect_event(MAPS + 9 * PAGE, PAGE, PROT_NONE);
	struct event gone = munmap_event(MAPS + 10 * PAGE, PAGE);

	file.time = none.time = gone.time = SECOND + 3000000;
	ledger_lossy(&self->fixture.ledger, true);
	fixture_event(&self->fixture, mmap_event(0, PAGE, ANON, MAPS));
	fixture_text(&self->fixture);
	ledger_lossy(&self->fixture.ledger, false);
	ASSERT_EQ(0, ledger_snapshot(&self->fixture.ledger, &snapshot));
	EXPECT_LINE("", file);
	EXPECT_LINE("   1.003000 mprotect(0x7fff00009000, 4096, PROT_NONE) = 0"
		    "  # -1 page (4 KiB) committed\n",
		    none);
	EXPECT_LINE(
		"   1.003000 munmap(0x7fff0000a000, 4096) = 0"
		"  # -1 page (4 KiB) of other private memory, anonymous unknown (events lost)\n",
		gone);
}

TEST(attached)
{
	struct fixture fixture;

	fixture_begin(&fixture, &text_view);
	fixture_event(&fixture, mmap_event(0, PAGE, ANON, MAPS));
	EXPECT_STREQ("   1.001234 mmap(NULL, 4096, PROT_READ|PROT_WRITE, "
		     "MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7fff00000000"
		     "  # direct mmap?: +1 page (4 KiB), anonymous 4 KiB since attach\n",
		     fixture_text(&fixture));
	fixture_free(&fixture);
}

TEST(last_line)
{
	const struct report report = { .events = 9, .losses = { 1, 2, 3, 4 } };
	struct fixture fixture;

	fixture_begin(&fixture, &text_view);
	fixture_end(&fixture, &report);
	EXPECT_STREQ("events 9, lost at least 10 (ring 1, probe at least 2, watch 3, socket 4)\n",
		     fixture_text(&fixture));
	fixture_free(&fixture);
}

/* A change that was not seen shows at the next call, whatever the call is about. */
TEST_F(text, heap_moved_by_something_else)
{
	struct event ev = mmap_event(0, PAGE, MAP_PRIVATE, MAPS);
	const char *note = ", the heap moved by something else than brk\n";

	fixture_event(&self->fixture, brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP, HEAP));
	EXPECT_EQ(NULL, strstr(fixture_text(&self->fixture), note));
	ev.heap_start = ev.brk = 2 * MAPS;
	fixture_event(&self->fixture, ev);
	EXPECT_NE(NULL, strstr(fixture_text(&self->fixture), note));
	ev.heap_start = ev.brk = 3 * MAPS;
	self->fixture.view->filtered = true;
	fixture_event(&self->fixture, ev);
	EXPECT_EQ(NULL, strstr(fixture_text(&self->fixture), note));
}

TEST_HARNESS_MAIN
