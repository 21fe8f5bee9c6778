// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "feed.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define BRK (HEAP + 33 * PAGE)
#define LEADER "   1.001234 "

FIXTURE(text)
{
	struct feed feed;
};

FIXTURE_SETUP(text)
{
	feed_begin(&self->feed, &text_sink);
	feed_event(&self->feed, exec_event("lab"));
	feed_text(&self->feed);
}

FIXTURE_TEARDOWN(text)
{
	feed_free(&self->feed);
}

#define EXPECT_LINE(line, event)                            \
	do {                                                \
		feed_event(&self->feed, event);             \
		EXPECT_STREQ(line, feed_text(&self->feed)); \
	} while (0)

TEST_F(text, moves_of_the_break)
{
	EXPECT_LINE(LEADER "brk(NULL) = 0x555500000000  # heap 0 bytes (0 pages)\n",
		    brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP, HEAP));
	EXPECT_LINE(LEADER "brk(0x555500021000) = 0x555500021000"
			   "  # +33 pages (132 KiB), heap 135168 bytes (33 pages)\n",
		    brk_event(BRKWATCH_BRK_KIND_GROW, BRK, HEAP, BRK));
	EXPECT_LINE(LEADER "brk(0x555500021064) = 0x555500021064"
			   "  # +100 bytes (+1 page), heap 135268 bytes (34 pages)\n",
		    brk_event(BRKWATCH_BRK_KIND_GROW, BRK + 100, BRK, BRK + 100));
	EXPECT_LINE(LEADER "brk(0x555500020000) = 0x555500020000"
			   "  # -1 page (4 KiB), heap 131072 bytes (32 pages)\n",
		    brk_event(BRKWATCH_BRK_KIND_SHRINK, BRK - PAGE, BRK, BRK - PAGE));
}

TEST_F(text, refusals)
{
	EXPECT_LINE(LEADER "brk(0x5555013a9000) = 0x555500021000"
			   "  # refused: asked +5000 pages (19.5 MiB), "
			   "kept: heap 135168 bytes (33 pages)\n",
		    brk_event(BRKWATCH_BRK_KIND_REFUSED, BRK + 5000 * PAGE, BRK, BRK));
	EXPECT_LINE(LEADER "brk(0xffffffffffffffff) = 0x555500021000"
			   "  # refused: asked for an address out of reach, "
			   "kept: heap 135168 bytes (33 pages)\n",
		    brk_event(BRKWATCH_BRK_KIND_REFUSED, UINT64_MAX, BRK, BRK));
}

TEST_F(text, anonymous_mappings)
{
	EXPECT_LINE(LEADER "mmap(NULL, 5001216, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, "
			   "-1, 0) = 0x7fff00000000"
			   "  # +1221 pages (4884 KiB), anonymous 5001216 bytes\n",
		    mmap_event(0, 5001216, ANON, MAPS));
	EXPECT_LINE(LEADER "mmap(0x7fff00000000, 8192, PROT_READ|PROT_WRITE, "
			   "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x7fff00000000"
			   "  # +2 pages (8 KiB), -2 pages (8 KiB) replaced, "
			   "anonymous 5001216 bytes\n",
		    mmap_event(MAPS, 8192, ANON | MAP_FIXED, MAPS));
	EXPECT_LINE(LEADER "mmap(NULL, 1, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)"
			   " = -1 ENOMEM (Cannot allocate memory)  # failed\n",
		    failed(mmap_event(0, 1, ANON, 0), ENOMEM));
	EXPECT_LINE(LEADER "mmap(NULL, 1, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)"
			   " = -1 (errno 4000)  # failed\n",
		    failed(mmap_event(0, 1, ANON, 0), 4000));
	EXPECT_LINE(LEADER "munmap(0x7fff00000000, 4993024) = 0"
			   "  # -1219 pages (4876 KiB) anonymous, anonymous 8192 bytes\n",
		    munmap_event(MAPS, 4993024));
}

TEST_F(text, files_are_hidden)
{
	struct event file = mmap_event(0, 100, MAP_PRIVATE, MAPS);

	EXPECT_LINE("", file);
	EXPECT_LINE("", failed(file, ENODEV));
	EXPECT_LINE("", munmap_event(MAPS, 100));
	EXPECT_LINE(LEADER "munmap(0x7fff00000000, 100) = 0  # nothing that was seen mapped\n",
		    munmap_event(MAPS, 100));
	self->feed.sink.all = true;
	file.map.offset = 0x1000;
	EXPECT_LINE(LEADER "mmap(NULL, 100, PROT_READ|PROT_WRITE, MAP_PRIVATE, 3, 0x1000)"
			   " = 0x7fff00000000  # file mapping\n",
		    file);
	EXPECT_LINE(LEADER "munmap(0x7fff00000000, 100) = 0  # file mapping\n",
		    munmap_event(MAPS, 100));
}

TEST_F(text, files_over_anonymous_memory_are_not)
{
	feed_event(&self->feed, mmap_event(0, 2 * PAGE, ANON, MAPS));
	feed_text(&self->feed);
	EXPECT_LINE(LEADER
		    "mmap(0x7fff00000000, 100, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED, "
		    "3, 0) = 0x7fff00000000"
		    "  # file mapping over -1 page (4 KiB) anonymous, anonymous 4096 bytes\n",
		    mmap_event(MAPS, 100, MAP_PRIVATE | MAP_FIXED, MAPS));
}

TEST_F(text, life)
{
	EXPECT_LINE(LEADER "+++ exec \"a b\", heap starts anew +++\n", exec_event("a b"));
	EXPECT_LINE(LEADER "+++ exited with 7 +++\n", exit_event(7 << 8));
	EXPECT_LINE(LEADER "+++ killed by SIGTERM +++\n", exit_event(SIGTERM));
	EXPECT_LINE(LEADER "+++ killed by SIGSEGV (core dumped) +++\n", exit_event(SIGSEGV | 0x80));
}

TEST_F(text, many_processes)
{
	struct event ev = exit_event(0);

	self->feed.sink.many = true;
	EXPECT_LINE(LEADER "[pid 42] +++ exited with 0 +++\n", ev);
	self->feed.sink.began = 2 * SECOND;
	EXPECT_LINE("   0.000000 [pid 42] +++ exited with 0 +++\n", ev);
	ev.time = 12347 * SECOND + 999999999;
	EXPECT_LINE("12345.999999 [pid 42] +++ exited with 0 +++\n", ev);
	self->feed.sink.normalize = true;
	EXPECT_LINE("[watch 1] +++ exited with 0 +++\n", ev);
}

TEST_F(text, what_a_loss_makes_unknown)
{
	ledger_lossy(&self->feed.ledger, true);
	EXPECT_LINE(LEADER "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, "
			   "0) = 0x7fff00000000"
			   "  # +1 page (4 KiB), anonymous unknown (events lost)\n",
		    mmap_event(0, PAGE, ANON, MAPS));
	EXPECT_LINE(LEADER "munmap(0x7fff00000000, 4096) = 0  # anonymous unknown (events lost)\n",
		    munmap_event(MAPS, PAGE));
}

TEST(attached)
{
	struct feed feed;

	feed_begin(&feed, &text_sink);
	feed_event(&feed, mmap_event(0, PAGE, ANON, MAPS));
	EXPECT_STREQ("   1.001234 mmap(NULL, 4096, PROT_READ|PROT_WRITE, "
		     "MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7fff00000000"
		     "  # +1 page (4 KiB), anonymous 4096 bytes since attach\n",
		     feed_text(&feed));
	feed_free(&feed);
}

TEST(last_line)
{
	const struct report report = { .events = 9, .losses = { 1, 2, 3, 4 } };
	struct feed feed;

	feed_begin(&feed, &text_sink);
	feed_end(&feed, &report);
	EXPECT_STREQ("events 9, lost 10 (ring 1, probe 2, watch 3, socket 4)\n", feed_text(&feed));
	feed_free(&feed);
}

TEST_HARNESS_MAIN
