// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "view_fixture.h"
#include "message.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* One run of a program; the kernel chose where its heap and mappings lie. */
static void run(struct fixture *fixture, uint64_t heap, uint64_t maps, uint32_t pid, uint64_t time)
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
		mprotect_event(maps + 3 * PAGE, PAGE, PROT_NONE),
		mremap_event(maps + 2 * PAGE, 8 * PAGE, 9 * PAGE, MREMAP_MAYMOVE, maps + 50 * PAGE),
		madvise_event(maps + 51 * PAGE, PAGE, MADV_DONTNEED),
		mremap_event(maps + 50 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			     maps + 80 * PAGE),
		shmat_event(0, 0, maps + 90 * PAGE),
		shmdt_event(maps + 90 * PAGE),
		madvise_event(heap + PAGE, PAGE, MADV_FREE),
		clone_event(BRKWATCH_CLONE_KIND_COPY, pid + 2, 0),
		fault_event(SIGSEGV, SEGV_MAPERR, heap + 34 * PAGE),
		fault_event(SIGSEGV, SEGV_ACCERR, maps + 51 * PAGE + 8),
		fault_event(SIGSEGV, SEGV_MAPERR, maps - 50 * PAGE),
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
		fixture_event(fixture, events[i]);
	}
}

static const struct report no_loss;

static void compare(struct __test_metadata *_metadata, const struct view_type *ops)
{
	struct fixture one, two;

	fixture_begin(&one, ops);
	fixture_begin(&two, ops);
	one.view->normalize = true;
	one.view->all = true;
	two.view->normalize = true;
	two.view->all = true;
	run(&one, HEAP, MAPS, 100, SECOND);
	run(&two, HEAP + 77 * PAGE, MAPS - 1234 * PAGE, 2222, 9 * SECOND);
	fixture_end(&one, &no_loss);
	fixture_end(&two, &no_loss);
	EXPECT_STREQ(fixture_text(&one), fixture_text(&two));
	fixture_free(&one);
	fixture_free(&two);
}

TEST(two_runs_as_text)
{
	compare(_metadata, &text_view);
}

TEST(two_runs_as_json)
{
	compare(_metadata, &json_view);
}

TEST(places)
{
	static const char text[] =
		"+++ exec \"lab\", heap starts anew +++\n"
		"brk(NULL) = heap  # heap 0 bytes\n"
		"mmap(NULL, 40960, PROT_READ|PROT_WRITE, MAP_PRIVATE, 3, 0) = <map1>"
		"  # file mapping\n"
		"mmap(<map1>+0x1000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|"
		"MAP_ANONYMOUS, -1, 0) = <map1>+0x1000"
		"  # fixed overlay?: +1 page (4 KiB), anonymous 4 KiB\n"
		"brk(heap+0x21000) = heap+0x21000"
		"  # heap?: +33 pages (132 KiB), heap 132 KiB\n"
		"brk(heap-0x1000) = heap+0x21000"
		"  # heap?: refused: asked -34 pages (136 KiB), kept: heap 132 KiB\n"
		"brk(0x1) = heap+0x21000"
		"  # heap?: refused: asked for an address out of reach, kept: heap 132 KiB\n"
		"mmap(heap+0x10, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|"
		"MAP_FIXED_NOREPLACE, -1, 0) = -1 EEXIST (File exists)  # failed\n"
		"mmap(<addr1>, 18446744073709551615, PROT_READ|PROT_WRITE, MAP_PRIVATE|"
		"MAP_ANONYMOUS, -1, 0) = -1 ENOMEM (Cannot allocate memory)  # failed\n"
		"munmap(<addr1>, 4097) = -1 EINVAL (Invalid argument)  # failed\n"
		"munmap(<map1>+0x2000, 32768) = 0  # file mapping\n"
		"mmap(NULL, 32768, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) ="
		" <map2>  # direct mmap?: +8 pages (32 KiB), anonymous 36 KiB\n"
		"munmap(<map1>, 8192) = 0"
		"  # -1 page (4 KiB) anonymous, anonymous 32 KiB\n"
		"mprotect(<map2>+0x1000, 4096, PROT_NONE) = 0  # -1 page (4 KiB) committed\n"
		"mremap(<map2>, 32768, 36864, MREMAP_MAYMOVE) = <map2>"
		"  # direct mmap?: moved, +1 page (4 KiB), anonymous 36 KiB\n"
		"madvise(<map2>+0x1000, 4096, MADV_DONTNEED) = 0  # 1 page (4 KiB) given back\n"
		"mremap(<map2>, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, <addr2>) = <map3>"
		"  # moved, anonymous 36 KiB\n"
		"shmat(<shm>, NULL, 0) = <map4>  # shared memory attached\n"
		"shmdt(<map4>) = 0  # shared memory detached\n"
		"madvise(heap+0x1000, 4096, MADV_FREE) = 0"
		"  # 1 page (4 KiB) given back when memory is short\n"
		"+++ clone: process (copy) +++\n"
		"--- SIGSEGV {SEGV_MAPERR, heap+0x22000} 4 KiB above the break, no mapping ---\n"
		"--- SIGSEGV {SEGV_ACCERR, <map2>+0x1008} no permission ---\n"
		"--- SIGSEGV {SEGV_MAPERR, <addr3>} no mapping ---\n"
		"+++ exited with 0 +++\n";
	struct fixture fixture;

	fixture_begin(&fixture, &text_view);
	fixture.view->normalize = true;
	fixture.view->all = true;
	run(&fixture, HEAP, MAPS, 100, SECOND);
	EXPECT_STREQ(text, fixture_text(&fixture));
	fixture_free(&fixture);
}

#define EXPECT_PLACE(place, of, field)                                \
	do {                                                          \
		struct event ev_ = of;                                \
		ASSERT_EQ(0, normalize(&self->names, &ev_, &places)); \
		EXPECT_STREQ(place, places.field);                    \
	} while (0)

FIXTURE(names)
{
	struct normalizer names;
};

FIXTURE_SETUP(names)
{
	self->names.on = true;
	self->names.geometry = (struct geometry){ PAGE, 512 * PAGE };
}

FIXTURE_TEARDOWN(names)
{
	normalizer_free(&self->names);
}

static struct event of_watch(uint32_t watch, struct event ev)
{
	ev.watch = watch;
	return ev;
}

TEST_F(names, of_mappings_that_move)
{
	struct places places;

	EXPECT_PLACE("<map1>", mmap_event(0, 9 * PAGE, ANON, MAPS), result);
	EXPECT_PLACE("<map1>", mremap_event(MAPS, 9 * PAGE, 10 * PAGE, MREMAP_MAYMOVE, MAPS),
		     result);
	EXPECT_PLACE("<map1>+0x9010", munmap_event(MAPS + 9 * PAGE + 16, 1), addr);
	EXPECT_PLACE("<map1>",
		     mremap_event(MAPS, 10 * PAGE, 20 * PAGE, MREMAP_MAYMOVE, MAPS + 99 * PAGE),
		     result);
	EXPECT_PLACE("<map1>+0x1000", munmap_event(MAPS + 100 * PAGE, PAGE), addr);
	EXPECT_PLACE("<addr1>", munmap_event(MAPS, PAGE), addr);
	/* It has a hole now, so these pages are not all of it. */
	EXPECT_PLACE("<map2>",
		     mremap_event(MAPS + 99 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE, MAPS + 50 * PAGE),
		     result);
	EXPECT_PLACE("<map1>+0x2000", munmap_event(MAPS + 101 * PAGE, PAGE), addr);
}

TEST_F(names, of_mappings_that_shrink_or_stay)
{
	const uint64_t stay = MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
	struct places places;

	EXPECT_PLACE("<map1>", mmap_event(0, 9 * PAGE, ANON, MAPS), result);
	EXPECT_PLACE("<map1>", mremap_event(MAPS, 9 * PAGE, 8 * PAGE, 0, MAPS), result);
	EXPECT_PLACE("<addr1>", munmap_event(MAPS + 8 * PAGE, PAGE), addr);
	EXPECT_PLACE("<map2>", mremap_event(MAPS, 8 * PAGE, 8 * PAGE, stay, MAPS + 9 * PAGE),
		     result);
	EXPECT_PLACE("<map1>", munmap_event(MAPS, PAGE), addr);
	EXPECT_PLACE("<map3>", mremap_event(MAPS + PAGE, 0, PAGE, 1, MAPS + 90 * PAGE), result);
}

/* A register that mremap ignores may hold any value. */
TEST_F(names, of_new_addresses)
{
	struct event ev = mremap_event(MAPS, PAGE, PAGE, MREMAP_MAYMOVE, MAPS);
	struct places places;

	ev.map.new_addr = HEAP + 123;
	EXPECT_PLACE("", ev, new_addr);
	ev.map.flags |= MREMAP_FIXED;
	EXPECT_PLACE("heap+0x7b", ev, new_addr);
	ev.map.flags = MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
	EXPECT_PLACE("heap+0x7b", ev, new_addr);
	self->names.on = false;
	EXPECT_PLACE("0x55550000007b", ev, new_addr);
	ev.map.flags = MREMAP_MAYMOVE;
	EXPECT_PLACE("", ev, new_addr);
}

TEST_F(names, of_children)
{
	struct places places;

	EXPECT_PLACE("<map1>", mmap_event(0, 9 * PAGE, ANON, MAPS), result);
	EXPECT_PLACE("<map2>", mmap_event(0, PAGE, ANON, MAPS + 9 * PAGE), result);
	EXPECT_PLACE("<addr1>", munmap_event(MAPS - PAGE, PAGE), addr);
	EXPECT_PLACE("heap", clone_event(BRKWATCH_CLONE_KIND_COPY, 44, 7), heap_start);
	EXPECT_PLACE("<map2>", of_watch(7, munmap_event(MAPS + 9 * PAGE, PAGE)), addr);
	EXPECT_PLACE("<addr1>", of_watch(7, munmap_event(MAPS - PAGE, PAGE)), addr);
	EXPECT_PLACE("<map3>", of_watch(7, mmap_event(0, PAGE, ANON, MAPS + 9 * PAGE)), result);
	EXPECT_PLACE("<map2>", munmap_event(MAPS + 9 * PAGE, PAGE), addr);
	EXPECT_PLACE("<map1>", munmap_event(MAPS, PAGE), addr);
	/* A new program knows none of the old names, and the numbers continue. */
	EXPECT_PLACE("heap", of_watch(7, exec_event("lab")), brk);
	EXPECT_PLACE("<map4>", of_watch(7, mmap_event(0, PAGE, ANON, MAPS)), result);
}

TEST_F(names, of_many_processes)
{
	struct places places;
	uint32_t watch;

	/* From the last to the first, then out of order. */
	for (watch = 5000; watch; watch--)
		EXPECT_PLACE("<map1>", of_watch(watch, mmap_event(0, PAGE, ANON, MAPS)), result);
	for (watch = 1; watch <= 5000; watch += 7)
		EXPECT_PLACE("<map2>", of_watch(watch, mmap_event(0, PAGE, ANON, MAPS + PAGE)),
			     result);
	for (watch = 1; watch <= 5000; watch++)
		EXPECT_PLACE("", of_watch(watch, exit_event(0)), addr);
	EXPECT_EQ(0, self->names.names.n);
}

TEST_F(names, of_many_mappings)
{
	struct place_names *names;
	struct places places;
	int i;

	EXPECT_PLACE("<map1>", mmap_event(0, 9 * PAGE, ANON, MAPS), result);
	for (i = 0; i < 5000; i++) {
		EXPECT_PLACE("0x0", mmap_event(0, PAGE, ANON, MAPS + 9 * PAGE), addr);
		EXPECT_PLACE("heap", munmap_event(MAPS + 9 * PAGE, PAGE), heap_start);
	}
	EXPECT_PLACE("<map5002>", mmap_event(0, PAGE, ANON, MAPS + 9 * PAGE), result);
	EXPECT_PLACE("<map1>+0x1000", munmap_event(MAPS + PAGE, PAGE), addr);
	/* Names of unmapped memory are forgotten. */
	names = place_names_all_get(&self->names.names, 1);
	EXPECT_GT(2000, names->bases.n);
}

/* Numbers of every length, with each digit at many places. */
TEST_F(names, as_numbers)
{
	char wanted[PLACE_MAX];
	struct places places;
	int bits;

	self->names.on = false;
	for (bits = 0; bits <= 64; bits++) {
		uint64_t addr = bits < 64 ? 0xfedcba9876543210 >> bits : 0;

		snprintf(wanted, sizeof(wanted), "0x%" PRIx64, addr);
		EXPECT_PLACE(wanted, munmap_event(addr, PAGE), addr);
	}
	EXPECT_PLACE("0xffffffffffffffff", munmap_event(UINT64_MAX, PAGE), addr);
}

TEST_F(names, each_kind)
{
	struct places places;
	int kind, on;

	for (on = 0; on < 2; on++) {
		self->names.on = on;
		for (kind = 0; kind < KINDS; kind++) {
			bool call = event_is_call(kind);
			struct event ev = any_event(kind);

			ASSERT_EQ(0, normalize(&self->names, &ev, &places));
			EXPECT_EQ(ev.has_heap, !!*places.heap_start);
			EXPECT_EQ(ev.has_heap, !!*places.brk);
			EXPECT_EQ(kind == BRKWATCH_EVENT_KIND_BRK, !!*places.requested);
			EXPECT_EQ(kind == BRKWATCH_EVENT_KIND_FAULT ||
					  (call && kind != BRKWATCH_EVENT_KIND_BRK),
				  !!*places.addr)
			{
				TH_LOG("kind %d", kind);
			}
			EXPECT_EQ(kind == BRKWATCH_EVENT_KIND_MMAP ||
					  kind == BRKWATCH_EVENT_KIND_MREMAP ||
					  kind == BRKWATCH_EVENT_KIND_SHMAT,
				  !!*places.result);
		}
	}
}

/* Calls have no addresses as text, because lines of text write them; terse_lines compares those. */
TEST_F(names, terse)
{
	struct places all, some;
	int kind;

	self->names.on = false;
	for (kind = 0; kind < KINDS; kind++) {
		struct event ev = any_event(kind);

		self->names.terse = false;
		ASSERT_EQ(0, normalize(&self->names, &ev, &all));
		self->names.terse = true;
		ASSERT_EQ(0, normalize(&self->names, &ev, &some));
		EXPECT_STREQ("", some.heap_start);
		EXPECT_STREQ("", some.brk);
		EXPECT_STREQ("", some.requested);
		EXPECT_STREQ("", some.before);
		EXPECT_STREQ("", some.after);
		EXPECT_STREQ(kind == BRKWATCH_EVENT_KIND_FAULT ? all.addr : "", some.addr);
		EXPECT_STREQ("", some.new_addr);
		EXPECT_STREQ("", some.result);
	}
}

static void compare_terse(struct __test_metadata *_metadata, const struct view_type *ops)
{
	struct fixture one, two;

	EXPECT_TRUE(ops->terse);
	fixture_begin(&one, ops);
	fixture_begin(&two, ops);
	one.view->all = true;
	two.view->all = true;
	two.normalizer.terse = true;
	run(&one, HEAP, MAPS, 100, SECOND);
	run(&two, HEAP, MAPS, 100, SECOND);
	EXPECT_STREQ(fixture_text(&one), fixture_text(&two));
	fixture_free(&one);
	fixture_free(&two);
}

TEST(terse_lines)
{
	compare_terse(_metadata, &text_view);
	compare_terse(_metadata, &strace_view);
}

TEST_HARNESS_MAIN
