// SPDX-License-Identifier: GPL-2.0
/* The sentences of --html, one for each event. */
#include <string.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "event/system_facts.h"
#include "ledger/reason.h"
#include "lib/format.h"
#include "view_fixture.h"
#include "view/html/explain.h"

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)
#define N(array) (sizeof(array) / sizeof((array)[0]))
#define KIB 1024ULL

static int say_event(struct view *view, const struct step *step)
{
	put_explanation(view, step);
	return 0;
}

static const struct view_type sentences = {
	.events = ALL_EVENTS,
	.event = say_event,
};

static const char *sentence(struct fixture *fixture, struct event ev)
{
	fixture_event(fixture, ev);
	return fixture_text(fixture);
}

TEST(what_malloc_does)
{
	struct fixture fixture;

	fixture_begin(&fixture, &sentences);
	sentence(&fixture, exec_event("a"));
	fixture.ledger.asker = (struct asker){ .owner = OWNER_GLIBC, .file = "libc.so.6" };
	EXPECT_STREQ("It asks where the program break is. Nothing moves.",
		     sentence(&fixture, brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP, HEAP)));
	EXPECT_STREQ(
		"The heap grows by 33 pages (132 KiB): the program break moves up. malloc cuts "
		"its smaller blocks from there.",
		sentence(&fixture, brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + 33 * PAGE, HEAP,
					     HEAP + 33 * PAGE)));
	EXPECT_STREQ("malloc maps 35 pages (140 KiB), outside the heap: so it serves large blocks "
		     "(128 KiB or more at first), and others when the heap cannot grow.",
		     sentence(&fixture, with_prot(mmap_event(0, 35 * PAGE, ANONYMOUS, MAPS),
						  PROT_READ | PROT_WRITE)));
	EXPECT_STREQ("35 pages (140 KiB) are unmapped: the kernel has them back at once.",
		     sentence(&fixture, munmap_event(MAPS, 35 * PAGE)));
	EXPECT_STREQ("malloc reserves addresses for the arena of a thread, 32768 pages (128 MiB). "
		     "None of it is memory yet.",
		     sentence(&fixture,
			      with_prot(mmap_event(0, 128 << 20, ANONYMOUS | MAP_NORESERVE, MAPS),
					PROT_NONE)));
	EXPECT_STREQ(
		"33 pages (132 KiB) of what was reserved become usable: the arena of the thread "
		"grows.",
		sentence(&fixture, mprotect_event(MAPS, 33 * PAGE, PROT_READ | PROT_WRITE)));
	EXPECT_STREQ(
		"2 pages (8 KiB) are given back: they stay mapped, and read as zero when they are "
		"touched again.",
		sentence(&fixture, madvise_event(MAPS, 2 * PAGE, MADV_DONTNEED)));
	EXPECT_STREQ(
		"The heap shrinks by 1 page (4 KiB): its top was free, so the program break moves "
		"down and the kernel has these pages back.",
		sentence(&fixture, brk_event(BRKWATCH_BRK_KIND_SHRINK, HEAP + 32 * PAGE,
					     HEAP + 33 * PAGE, HEAP + 32 * PAGE)));
	fixture_free(&fixture);
}

/* Nothing shows who asks, so no sentence names anybody. */
TEST(what_only_looks_like_malloc)
{
	struct event ev =
		with_prot(mmap_event(0, 35 * PAGE, ANONYMOUS, MAPS), PROT_READ | PROT_WRITE);
	struct fixture fixture;

	fixture_begin(&fixture, &sentences);
	EXPECT_STREQ("The heap grows by 1 page (4 KiB): the program break moves up.",
		     sentence(&fixture,
			      brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + PAGE, HEAP, HEAP + PAGE)));
	EXPECT_STREQ("The heap shrinks by 1 page (4 KiB): the program break moves down and the "
		     "kernel has these pages back.",
		     sentence(&fixture,
			      brk_event(BRKWATCH_BRK_KIND_SHRINK, HEAP, HEAP + PAGE, HEAP)));
	EXPECT_STREQ("35 pages (140 KiB) of anonymous memory are mapped.", sentence(&fixture, ev));
	EXPECT_STREQ("A mapping of 35 pages (140 KiB) now has 36 pages (144 KiB), and stays where "
		     "it is.",
		     sentence(&fixture, mremap_event(MAPS, 35 * PAGE, 36 * PAGE, 0, MAPS)));
	EXPECT_STREQ("32768 pages (128 MiB) of anonymous memory are mapped.",
		     sentence(&fixture,
			      with_prot(mmap_event(0, 128 << 20, ANONYMOUS | MAP_NORESERVE,
						   MAPS + (64 << 20)),
					PROT_NONE)));
	EXPECT_STREQ("33 pages (132 KiB) of what was reserved become usable.",
		     sentence(&fixture, mprotect_event(MAPS + (64 << 20), 33 * PAGE,
						       PROT_READ | PROT_WRITE)));
	fixture_free(&fixture);
}

/* Only malloc is known to shrink its heap because the top is free. */
TEST(who_shrinks_the_heap)
{
	static const struct {
		struct asker asker;
		bool is_free;
	} rows[] = {
		{ { OWNER_GLIBC }, true },
		{ { OWNER_GLIBC, true }, false },
		{ { OWNER_OTHER, false, true }, false },
		{ { OWNER_OTHER }, false },
	};
	struct fixture fixture;
	size_t i;

	fixture_begin(&fixture, &sentences);
	for (i = 0; i < N(rows); i++) {
		const char *text;

		fixture.ledger.asker = rows[i].asker;
		sentence(&fixture,
			 brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + PAGE, HEAP, HEAP + PAGE));
		text = sentence(&fixture,
				brk_event(BRKWATCH_BRK_KIND_SHRINK, HEAP, HEAP + PAGE, HEAP));
		EXPECT_NE(NULL, strstr(text, "the program break moves down"));
		EXPECT_EQ(rows[i].is_free, !!strstr(text, "its top was free"))
		{
			TH_LOG("row %zu: %s", i, text);
		}
	}
	fixture_free(&fixture);
}

/* Each origin that a sentence names. */
TEST(who_maps)
{
	static const struct {
		struct asker asker;
		const char *text;
	} rows[] = {
		{ { OWNER_LOADER }, "The loader of the program takes" },
		{ { OWNER_MUSL }, "malloc of musl maps" },
		{ { OWNER_JEMALLOC }, "jemalloc maps" },
		{ { OWNER_TCMALLOC }, "tcmalloc maps" },
		{ { OWNER_MIMALLOC }, "mimalloc maps" },
		{ { OWNER_GO }, "The runtime of Go maps" },
		{ { OWNER_JVM }, "The virtual machine of Java maps" },
		{ { OWNER_V8 }, "V8, which runs JavaScript, maps" },
		{ { OWNER_OTHER }, "A library maps" },
		{ { OWNER_OTHER, false, true }, "The program itself maps" },
		{ { OWNER_MUSL, true }, "2 pages (8 KiB) of anonymous memory are mapped." },
	};
	struct fixture fixture;
	size_t i;

	fixture_begin(&fixture, &sentences);
	for (i = 0; i < N(rows); i++) {
		fixture.ledger.asker = rows[i].asker;
		EXPECT_EQ(0, strncmp(rows[i].text,
				     sentence(&fixture, mmap_event(0, 2 * PAGE, ANONYMOUS, MAPS)),
				     strlen(rows[i].text)))
		{
			TH_LOG("%s", fixture.text);
		}
	}
	fixture.ledger.asker = (struct asker){ .owner = OWNER_PYTHON };
	EXPECT_STREQ("Python maps 256 pages (1024 KiB), an arena for its small objects.",
		     sentence(&fixture, mmap_event(0, 1 << 20, ANONYMOUS, MAPS)));
	fixture_free(&fixture);
}

TEST(what_the_kernel_refuses)
{
	const uint64_t brk = HEAP + PAGE;
	struct fixture fixture;

	fixture_begin(&fixture, &sentences);
	EXPECT_NE(NULL, strstr(sentence(&fixture,
					brk_event(BRKWATCH_BRK_KIND_REFUSED, brk + PAGE, brk, brk)),
			       "refuses to move the program break up"));
	EXPECT_NE(NULL,
		  strstr(sentence(&fixture, brk_event(BRKWATCH_BRK_KIND_REFUSED, HEAP, brk, brk)),
			 "refuses to move the program break down"));
	EXPECT_STREQ("The kernel refuses: Cannot allocate memory.",
		     sentence(&fixture, failed(mmap_event(0, PAGE, ANONYMOUS, 0), ENOMEM)));
	fixture_free(&fixture);
}

static const struct system_facts facts = {
	.max_map_count = 400,
	.overcommit = OVERCOMMIT_GUESS,
	.total = 1ULL << 30,
};

static struct event limited(struct event ev, uint64_t limit_as, uint64_t limit_data)
{
	ev.limits = (struct event_limits){
		.known = true,
		.as = 1000 * KIB,
		.data = (82144 - 16) * KIB,
		.mappings = 20,
		.limit_as = limit_as,
		.limit_data = limit_data,
		.limit_memlock = LIMIT_NONE,
		.limit_stack = LIMIT_NONE,
	};
	return ev;
}

/* The reason stands below the sentence, as in text. */
TEST(why_the_kernel_refuses)
{
	const uint64_t brk = HEAP + 33 * PAGE;
	struct event grow = brk_event(BRKWATCH_BRK_KIND_REFUSED, brk + 4 * PAGE, brk, brk);
	struct fixture fixture;

	fixture_begin(&fixture, &sentences);
	fixture.view->machine = &facts;
	sentence(&fixture, exec_event("a"));
	EXPECT_STREQ("The kernel refuses to move the program break up: there is a limit, or "
		     "something is mapped in the way.\n"
		     "refused: RLIMIT_DATA is 65536 KiB, this would make 82144 KiB",
		     sentence(&fixture, limited(grow, LIMIT_NONE, 65536 * KIB)));
	EXPECT_STREQ("The kernel refuses: Cannot allocate memory.\n"
		     "ENOMEM: RLIMIT_AS is 1001 bytes, this would make 1016 KiB; "
		     "RLIMIT_DATA is 65536 KiB, this would make 82144 KiB",
		     sentence(&fixture,
			      limited(failed(mmap_event(0, 4 * PAGE, ANONYMOUS, 0), ENOMEM), 1001,
				      65536 * KIB)));
	/* A guess. */
	EXPECT_STREQ(
		"The kernel refuses: Cannot allocate memory.\nENOMEM: cgroup?",
		sentence(&fixture,
			 limited(failed(madvise_event(MAPS, PAGE, MADV_POPULATE_WRITE), ENOMEM),
				 LIMIT_NONE, LIMIT_NONE)));
	/* The figures show nothing. */
	EXPECT_STREQ("The kernel refuses: Invalid argument.",
		     sentence(&fixture, limited(failed(mmap_event(0, 0, ANONYMOUS, 0), EINVAL),
						LIMIT_NONE, LIMIT_NONE)));
	fixture_free(&fixture);
}

/* A process may fail a million times, so the reasons of one call must not be long. */
TEST(reasons_are_short)
{
	const uint64_t brk = HEAP + PAGE, much = 1ULL << 45;
	struct event ev = brk_event(BRKWATCH_BRK_KIND_REFUSED, brk + much, brk, brk);
	struct fixture fixture;
	const char *reasons;

	fixture_begin(&fixture, &sentences);
	fixture.view->machine = &facts;
	sentence(&fixture, exec_event("a"));
	ev = limited(ev, 1001, 1001);
	ev.limits.as = ev.limits.data = ev.limits.locked = much;
	ev.limits.limit_memlock = 1001;
	ev.limits.lock_future = true;
	ev.limits.mappings = facts.max_map_count + 1;
	reasons = strchr(sentence(&fixture, ev), '\n');
	ASSERT_NE(NULL, reasons);
	EXPECT_TRUE(strstr(reasons, "RLIMIT_MEMLOCK with mlockall(MCL_FUTURE) is ") &&
		    strstr(reasons, "RLIMIT_DATA is ") && strstr(reasons, "RLIMIT_AS is ") &&
		    strstr(reasons, " mappings ") && strstr(reasons, "the overcommit limit is "))
	{
		TH_LOG("%s", reasons);
	}
	EXPECT_GT(REASONS_MAX * FORMAT_MAX, strlen(reasons));
	fixture_free(&fixture);
}

/* A complete sentence for any event, whether or not the ledger knows the mapping. */
TEST(every_kind)
{
	struct fixture fixture;
	uint32_t kind;

	fixture_begin(&fixture, &sentences);
	for (kind = 0; kind < KINDS; kind++) {
		const char *text = sentence(&fixture, any_event(kind));

		ASSERT_LT(10, strlen(text));
		EXPECT_EQ('.', text[strlen(text) - 1])
		{
			TH_LOG("%s", text);
		}
	}
	fixture_free(&fixture);
}

TEST_HARNESS_MAIN
