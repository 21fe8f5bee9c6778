// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "feed.h"
#include "message.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* One run of a program whose heap and mappings are where the kernel put them. */
static void run(struct feed *feed, uint64_t heap, uint64_t maps, uint32_t pid, uint64_t time)
{
	struct event events[] = {
		exec_event("lab"),
		brk_event(BRKWATCH_BRK_KIND_QUERY, 0, heap, heap),
		mmap_event(0, 10 * PAGE, MAP_PRIVATE, maps),
		mmap_event(maps + PAGE, PAGE, ANON | MAP_FIXED, maps + PAGE),
		brk_event(BRKWATCH_BRK_KIND_GROW, heap + 33 * PAGE, heap, heap + 33 * PAGE),
		brk_event(BRKWATCH_BRK_KIND_REFUSED, heap - PAGE, heap + 33 * PAGE,
			  heap + 33 * PAGE),
		brk_event(BRKWATCH_BRK_KIND_REFUSED, 1, heap + 33 * PAGE, heap + 33 * PAGE),
		failed(mmap_event(heap + 16, PAGE, ANON | MAP_FIXED_NOREPLACE, 0), EEXIST),
		failed(mmap_event(maps + 20 * PAGE, UINT64_MAX, ANON, 0), ENOMEM),
		failed(munmap_event(maps + 20 * PAGE, PAGE + 1), EINVAL),
		munmap_event(maps + 2 * PAGE, 8 * PAGE),
		mmap_event(0, 8 * PAGE, ANON, maps + 2 * PAGE),
		munmap_event(maps, 2 * PAGE),
		exit_event(0),
	};
	size_t i;

	for (i = 0; i < N(events); i++) {
		events[i].heap_start = heap;
		if (events[i].kind != BRKWATCH_EVENT_KIND_BRK)
			events[i].brk = heap + 33 * PAGE;
		events[i].pid = pid;
		events[i].tid = pid + 1;
		events[i].time = time + i * pid;
		events[i].duration = pid;
		events[i].rss = pid / 2;
		feed_event(feed, events[i]);
	}
}

static const struct report no_loss;

static void compare(struct __test_metadata *_metadata, const struct sink_ops *ops)
{
	struct feed one, two;

	feed_begin(&one, ops);
	feed_begin(&two, ops);
	one.sink.normalize = true;
	one.sink.all = true;
	two.sink.normalize = true;
	two.sink.all = true;
	run(&one, HEAP, MAPS, 100, SECOND);
	run(&two, HEAP + 77 * PAGE, MAPS - 1234 * PAGE, 2222, 9 * SECOND);
	feed_end(&one, &no_loss);
	feed_end(&two, &no_loss);
	EXPECT_STREQ(feed_text(&one), feed_text(&two));
	feed_free(&one);
	feed_free(&two);
}

TEST(two_runs_as_text)
{
	compare(_metadata, &text_sink);
}

TEST(two_runs_as_json)
{
	compare(_metadata, &json_sink);
}

TEST(places)
{
	static const char text[] =
		"+++ exec \"lab\", heap starts anew +++\n"
		"brk(NULL) = heap  # heap 0 bytes (0 pages)\n"
		"mmap(NULL, 40960, PROT_READ|PROT_WRITE, MAP_PRIVATE, 3, 0) = <map1>"
		"  # file mapping\n"
		"mmap(<map1>+0x1000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|"
		"MAP_ANONYMOUS, -1, 0) = <map1>+0x1000  # +1 page (4 KiB), anonymous 4096 bytes\n"
		"brk(heap+0x21000) = heap+0x21000"
		"  # +33 pages (132 KiB), heap 135168 bytes (33 pages)\n"
		"brk(heap-0x1000) = heap+0x21000"
		"  # refused: asked -34 pages (136 KiB), kept: heap 135168 bytes (33 pages)\n"
		"brk(0x1) = heap+0x21000"
		"  # refused: asked for an address out of reach, kept: heap 135168 bytes (33 pages)\n"
		"mmap(heap+0x10, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|"
		"MAP_FIXED_NOREPLACE, -1, 0) = -1 EEXIST (File exists)  # failed\n"
		"mmap(<addr1>, 18446744073709551615, PROT_READ|PROT_WRITE, MAP_PRIVATE|"
		"MAP_ANONYMOUS, -1, 0) = -1 ENOMEM (Cannot allocate memory)  # failed\n"
		"munmap(<addr1>, 4097) = -1 EINVAL (Invalid argument)  # failed\n"
		"munmap(<map1>+0x2000, 32768) = 0  # file mapping\n"
		"mmap(NULL, 32768, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) ="
		" <map2>  # +8 pages (32 KiB), anonymous 36864 bytes\n"
		"munmap(<map1>, 8192) = 0"
		"  # -1 page (4 KiB) anonymous, anonymous 32768 bytes\n"
		"+++ exited with 0 +++\n";
	struct feed feed;

	feed_begin(&feed, &text_sink);
	feed.sink.normalize = true;
	feed.sink.all = true;
	run(&feed, HEAP, MAPS, 100, SECOND);
	EXPECT_STREQ(text, feed_text(&feed));
	feed_free(&feed);
}

TEST_HARNESS_MAIN
