// SPDX-License-Identifier: GPL-2.0
/* Counters that are computed again from the events of a capture. */
#include <errno.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "run/tally.h"
#include "view_fixture.h"

/* Something else moved the break there; brk(2) gave only 64 KiB more. */
TEST(heap_moved)
{
	struct event ev = brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + PAGE, HEAP, HEAP + PAGE);
	struct tally tally = { .geometry = { PAGE, 512 * PAGE } };

	ASSERT_EQ(0, tally_event(&tally, &ev, NULL));
	EXPECT_EQ(PAGE, tally.v[0].grown_bytes);
	ev = brk_event(BRKWATCH_BRK_KIND_GROW, MAPS + 48 * PAGE, MAPS + 32 * PAGE,
		       MAPS + 48 * PAGE);
	ev.heap_start = MAPS;
	ASSERT_EQ(0, tally_event(&tally, &ev, NULL));
	EXPECT_EQ(17 * PAGE, tally.v[0].grown_bytes);
	EXPECT_EQ(16 * PAGE, tally.v[0].grown_largest);
	EXPECT_EQ(0, tally.v[0].shrunk_bytes);
	/* The sizes since the first event, applied to where the heap lies now. */
	EXPECT_EQ(MAPS, tally.v[0].brk_first);
	EXPECT_EQ(MAPS + 48 * PAGE, tally.v[0].brk_peak);
	tally_free(&tally);
}

/* A wrapper's heap belongs to the same figures as its calls. */
TEST(heap_of_a_wrapper)
{
	struct event ev =
		brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + 33 * PAGE, HEAP, HEAP + 33 * PAGE);
	struct tally tally = { .geometry = { PAGE, 512 * PAGE } };

	ASSERT_EQ(0, tally_event(&tally, &ev, NULL));
	ev = (struct event){ .kind = BRKWATCH_EVENT_KIND_EXEC, .heap_start = MAPS, .brk = MAPS };
	ev.watch = tally.v[0].id;
	ASSERT_EQ(0, tally_event(&tally, &ev, NULL));
	EXPECT_EQ(33 * PAGE, tally.v[0].grown_bytes);
	EXPECT_EQ(0, tally.v[0].brk_first - tally.v[0].heap_start);
	EXPECT_EQ(33 * PAGE, tally.v[0].brk_peak - tally.v[0].heap_start);
	EXPECT_EQ(0, tally.v[0].brk - tally.v[0].heap_start);
	tally_free(&tally);
}

static struct event of_watch(struct event ev, uint32_t watch)
{
	ev.watch = watch;
	return ev;
}

TEST(failed_calls)
{
	const struct counters known = { .id = 1, .refusals.unknown = true };
	const struct event events[] = {
		failed(mmap_event(0, PAGE, MAP_PRIVATE, 0), ENODEV),
		failed(munmap_event(1, PAGE), EINVAL),
		failed(munmap_event(1, PAGE), EINVAL),
		failed(shmdt_event(1), EINVAL),
		munmap_event(MAPS, PAGE),
		brk_event(BRKWATCH_BRK_KIND_REFUSED, 1, HEAP, HEAP),
	};
	struct tally tally = { .geometry = { PAGE, 512 * PAGE } };
	const struct refusals *refusals;
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(*events); i++)
		ASSERT_EQ(0, tally_event(&tally, &events[i], &known));
	refusals = &tally.v[0].refusals;
	EXPECT_FALSE(refusals->unknown);
	ASSERT_EQ(3, refusals->n);
	EXPECT_EQ(BRKWATCH_EVENT_KIND_MUNMAP, refusals->v[0].kind);
	EXPECT_EQ(EINVAL, refusals->v[0].error);
	EXPECT_EQ(2, refusals->v[0].calls);
	EXPECT_EQ(BRKWATCH_EVENT_KIND_MMAP, refusals->v[1].kind);
	EXPECT_EQ(BRKWATCH_EVENT_KIND_SHMDT, refusals->v[2].kind);
	EXPECT_EQ(0, refusals->others);
	EXPECT_EQ(1, tally.v[0].brk_refused);
	tally_free(&tally);
}

#define ARENA (64ULL << 20)
#define ARENA_AT(n) (0x7f0000000000ULL + ARENA * (n))

static struct event arena_at(uint32_t watch, unsigned int n)
{
	return of_watch(mprotect_event(ARENA_AT(n), 135168, PROT_READ | PROT_WRITE), watch);
}

TEST(arenas)
{
	const struct event events[] = {
		arena_at(1, 0),
		arena_at(1, 1),
		arena_at(2, 0),
		arena_at(2, 7),
		failed(arena_at(2, 8), ENOMEM),
		of_watch(munmap_event(ARENA_AT(1), ARENA), 1),
		failed(of_watch(munmap_event(ARENA_AT(0), ARENA), 1), EINVAL),
		of_watch(munmap_event(ARENA_AT(0), ARENA - PAGE), 2),
	};
	struct tally tally = { .geometry = { PAGE, 512 * PAGE } };
	struct event exec = of_watch(exec_event("lab"), 2);
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(*events); i++)
		ASSERT_EQ(0, tally_event(&tally, &events[i], NULL));
	ASSERT_EQ(2, tally.n);
	EXPECT_TRUE(tally.v[0].knows_arenas);
	EXPECT_EQ(1, tally.v[0].arenas);
	EXPECT_EQ(2, tally.v[1].arenas);
	/* What is noted of the other process stays with it. */
	tally_forget(&tally, 1);
	ASSERT_EQ(0, tally_event(&tally, &events[2], NULL));
	EXPECT_EQ(2, tally.v[0].arenas);
	ASSERT_EQ(0, tally_event(&tally, &exec, NULL));
	EXPECT_EQ(0, tally.v[0].arenas);
	ASSERT_EQ(0, tally_event(&tally, &events[2], NULL));
	EXPECT_EQ(1, tally.v[0].arenas);
	tally_free(&tally);
}

TEST(arenas_without_room)
{
	struct tally tally = { .geometry = { PAGE, 512 * PAGE } };
	unsigned int i;

	for (i = 0; i <= ARENA_GROUPS; i++) {
		struct event ev = arena_at(1, i * ARENA_GROUP);

		ASSERT_EQ(0, tally_event(&tally, &ev, NULL));
	}
	EXPECT_EQ(ARENA_GROUPS, tally.v[0].arenas);
	EXPECT_EQ(1, tally.v[0].arenas_unknown);
	tally_free(&tally);
}

TEST(seccomp)
{
	struct event call = brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP, HEAP);
	struct tally tally = { .geometry = { PAGE, 512 * PAGE } };
	struct event exec = exec_event("lab");

	ASSERT_EQ(0, tally_event(&tally, &call, NULL));
	EXPECT_EQ(SECCOMP_UNKNOWN, tally.v[0].seccomp);
	exec.seccomp = 2;
	ASSERT_EQ(0, tally_event(&tally, &exec, NULL));
	EXPECT_EQ(2, tally.v[0].seccomp);
	tally_free(&tally);
}

TEST_HARNESS_MAIN
