// SPDX-License-Identifier: GPL-2.0
/*
 * The module's counters must equal the process's own count of its random
 * calls, also when the ring holds next to nothing.
 *	BRKWATCH_CALLS: number of calls
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

#define TINY 4096
#define SLOTS 64
#define PAGE 4096UL
#define SEED 20261122
/* A C library may lack this constant, because Linux has it only since 5.18. */
#define DONTNEED_LOCKED 24

/* The process counts its own calls here, by the attributes' numbers. */
static uint64_t *own;
static int calls = 100000;

static uint32_t next_random(void)
{
	static uint64_t state = SEED;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return state >> 33;
}

static void largest(int attr, uint64_t bytes)
{
	if (own[attr] < bytes)
		own[attr] = bytes;
}

static uint64_t round_page(uint64_t bytes)
{
	return (bytes + PAGE - 1) & ~(PAGE - 1);
}

/* Makes the raw call, because glibc's brk() hides what a refused call returns. */
static uint64_t raw_brk(uint64_t to)
{
	return syscall(SYS_brk, to);
}

static void random_brk(uint64_t start, uint64_t *now)
{
	uint64_t asked = 0, got;

	switch (next_random() % 5) {
	case 0:
		break;
	case 1:
		asked = *now;
		break;
	case 2:
		asked = 1;
		break;
	default:
		asked = start + next_random() % (256 * PAGE);
		break;
	}
	got = raw_brk(asked);
	own[BRKWATCH_A_WATCH_BRK_CALLS]++;
	if (!asked || (got == asked && got == *now)) {
		own[BRKWATCH_A_WATCH_BRK_QUERIES]++;
	} else if (got != asked) {
		own[BRKWATCH_A_WATCH_BRK_REFUSED]++;
	} else if (got > *now) {
		own[BRKWATCH_A_WATCH_BRK_GROWS]++;
		own[BRKWATCH_A_WATCH_GROWN_BYTES] += got - *now;
		largest(BRKWATCH_A_WATCH_GROWN_LARGEST, got - *now);
	} else {
		own[BRKWATCH_A_WATCH_BRK_SHRINKS]++;
		own[BRKWATCH_A_WATCH_SHRUNK_BYTES] += *now - got;
	}
	*now = got;
	own[BRKWATCH_A_WATCH_BRK] = got;
	largest(BRKWATCH_A_WATCH_BRK_PEAK, got);
}

struct slot {
	void *at;
	size_t bytes;
};

static void random_mmap(struct slot *slot)
{
	/* A call asks for nothing at times, and at times for more than there is. */
	size_t bytes = next_random() % 16 ? next_random() % (64 * PAGE) : 0;
	int flags = MAP_PRIVATE | MAP_NORESERVE, fd = -1;

	if (next_random() % 32 == 0)
		bytes = 1UL << 60;
	if (next_random() % 4)
		flags |= MAP_ANONYMOUS;
	else
		fd = next_random() % 8 ? 3 : 99;

	slot->at = mmap(NULL, bytes, PROT_READ, flags, fd, 0);
	slot->bytes = bytes;
	own[BRKWATCH_A_WATCH_MMAP_CALLS]++;
	if (slot->at == MAP_FAILED) {
		slot->at = NULL;
		own[BRKWATCH_A_WATCH_MMAP_FAILED]++;
	} else if (flags & MAP_ANONYMOUS) {
		own[BRKWATCH_A_WATCH_MMAP_ANONYMOUS]++;
		own[BRKWATCH_A_WATCH_MAPPED_BYTES] += round_page(bytes);
		largest(BRKWATCH_A_WATCH_MAPPED_LARGEST, round_page(bytes));
	} else {
		own[BRKWATCH_A_WATCH_MAPPED_FILE_BYTES] += round_page(bytes);
	}
}

static void random_munmap(struct slot *slot)
{
	/* The call fails at an odd address. */
	uintptr_t off = next_random() % 16 ? 0 : 1;

	own[BRKWATCH_A_WATCH_MUNMAP_CALLS]++;
	if (munmap((char *)slot->at + off, slot->bytes)) {
		own[BRKWATCH_A_WATCH_MUNMAP_FAILED]++;
		return;
	}
	own[BRKWATCH_A_WATCH_UNMAPPED_BYTES] += round_page(slot->bytes);
	largest(BRKWATCH_A_WATCH_UNMAPPED_LARGEST, round_page(slot->bytes));
	slot->at = NULL;
}

static int random_calls(void *arg)
{
	static struct slot slots[SLOTS];
	uint64_t start = raw_brk(0), now = start;
	int i;

	(void)arg;
	own[BRKWATCH_A_WATCH_BRK_CALLS]++;
	own[BRKWATCH_A_WATCH_BRK_QUERIES]++;
	own[BRKWATCH_A_WATCH_BRK_FIRST] = start;
	own[BRKWATCH_A_WATCH_BRK_PEAK] = start;
	for (i = 1; i < calls; i++) {
		struct slot *slot = &slots[next_random() % SLOTS];

		if (next_random() % 3 == 0)
			random_brk(start, &now);
		else if (slot->at)
			random_munmap(slot);
		else
			random_mmap(slot);
	}
	return 0;
}

static void take_counters(struct nlattr **tb, void *arg)
{
	uint64_t *got = arg;
	int attr;

	for (attr = BRKWATCH_A_WATCH_HEAP_START; attr <= BRKWATCH_A_WATCH_LOST; attr++)
		got[attr] = peer_u64(tb, attr);
	got[BRKWATCH_A_WATCH_REMAPPED_BYTES] = peer_u64(tb, BRKWATCH_A_WATCH_REMAPPED_BYTES);
	got[BRKWATCH_A_WATCH_REMAPS_UNKNOWN] = peer_u64(tb, BRKWATCH_A_WATCH_REMAPS_UNKNOWN);
	got[BRKWATCH_A_WATCH_EXITED] = !!tb[BRKWATCH_A_WATCH_EXITED];
	got[BRKWATCH_A_WATCH_EXIT_CODE] = peer_u32(tb, BRKWATCH_A_WATCH_EXIT_CODE);
	got[0]++;
}

static void count_one(struct nlattr **tb, void *arg)
{
	(void)tb;
	++*(uint64_t *)arg;
}

FIXTURE(random)
{
	struct peer peer;
	struct child child;
	uint64_t got[PEER_ATTRS];
	uint64_t delivered;
};

FIXTURE_VARIANT(random)
{
	uint32_t ring_bytes;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(random, tiny_ring) { .ring_bytes = TINY, };
FIXTURE_VARIANT_ADD(random, large_ring) { .ring_bytes = 32 << 20, };
/* clang-format on */

FIXTURE_SETUP(random)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	const char *amount = getenv("BRKWATCH_CALLS");

	if (amount)
		calls = atoi(amount);
	memset(self->got, 0, sizeof(self->got));
	self->delivered = 0;
	own = mmap(NULL, PEER_ATTRS * sizeof(*own), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, own);
	ASSERT_EQ(3, dup2(fd, 3));

	self->child = child_fork(random_calls, NULL);
	ASSERT_EQ(0, peer_open(&self->peer));
	ASSERT_EQ(0, peer_session(&self->peer, variant->ring_bytes, ALL_KINDS));
	ASSERT_EQ(1, peer_watch(&self->peer, self->child.pid, false))
	TH_LOG("%s", self->peer.extack);
}

FIXTURE_TEARDOWN(random)
{
	peer_close(&self->peer);
}

TEST_F_TIMEOUT(random, equal_own_count, 600)
{
	uint64_t again[PEER_ATTRS] = {};
	int attr;

	TH_LOG("seed %d", SEED);
	child_go(&self->child);
	ASSERT_EQ(0, child_wait(&self->child));
	ASSERT_EQ(0, peer_drain(&self->peer, count_one, &self->delivered));
	ASSERT_EQ(0, peer_watches(&self->peer, take_counters, self->got));
	ASSERT_EQ(1, self->got[0]);

	for (attr = BRKWATCH_A_WATCH_BRK_FIRST; attr <= BRKWATCH_A_WATCH_UNMAPPED_LARGEST; attr++)
		EXPECT_EQ(own[attr], self->got[attr]) TH_LOG("attribute %d", attr);
	EXPECT_EQ(1, self->got[BRKWATCH_A_WATCH_EXITED]);
	EXPECT_EQ(0, self->got[BRKWATCH_A_WATCH_EXIT_CODE]);

	/* The additional event is the exit. */
	EXPECT_EQ(calls + 1, self->got[BRKWATCH_A_WATCH_MADE]);
	EXPECT_EQ(calls + 1, self->delivered + self->got[BRKWATCH_A_WATCH_LOST]);
	EXPECT_EQ(variant->ring_bytes == TINY, self->got[BRKWATCH_A_WATCH_LOST] > 0);

	/* After one read the dead watch is gone, but the session keeps its totals. */
	ASSERT_EQ(0, peer_watches(&self->peer, take_counters, again));
	EXPECT_EQ(0, again[0]);
	EXPECT_EQ(calls + 1, peer_total(&self->peer, BRKWATCH_A_SESSION_MADE));
	EXPECT_EQ(self->delivered, peer_total(&self->peer, BRKWATCH_A_SESSION_DELIVERED));
	EXPECT_EQ(self->got[BRKWATCH_A_WATCH_LOST],
		  peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_RING));
	EXPECT_EQ(0, peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_PROBE));
}

static int run_huge(void *arg)
{
	(void)arg;
	/* The mapping reserves nothing, so it works without huge pages. */
	return mmap(NULL, 4096, PROT_READ,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0) == MAP_FAILED;
}

FIXTURE(figures)
{
	uint64_t got[PEER_ATTRS];
	struct peer peer;
};

FIXTURE_SETUP(figures)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, peer_open(&self->peer));
}

FIXTURE_TEARDOWN(figures)
{
	peer_close(&self->peer);
}

/* Takes the counters of a child that runs this, in a session with such huge pages. */
static int take_figures(struct peer *peer, uint64_t huge_page, int (*run)(void *arg),
			uint64_t got[PEER_ATTRS])
{
	const struct peer_wish wish = { .ring_bytes = TINY, .huge_page = huge_page };
	struct child child = child_fork(run, NULL);

	if (peer_session_as(peer, &wish) || peer_watch(peer, child.pid, false) != 1)
		return -1;
	child_go(&child);
	if (child_wait(&child))
		return -1;
	return peer_watches(peer, take_counters, got);
}

TEST_F(figures, huge_pages_count_as_such)
{
	ASSERT_EQ(0, take_figures(&self->peer, 0, run_huge, self->got));
	EXPECT_EQ(2 << 20, self->got[BRKWATCH_A_WATCH_MAPPED_BYTES]);
}

/* The reader sets the default size, because the kernel does not report it to the module. */
TEST_F(figures, huge_pages_are_as_large_as_the_reader_says)
{
	ASSERT_EQ(0, take_figures(&self->peer, 16 << 20, run_huge, self->got));
	EXPECT_EQ(16 << 20, self->got[BRKWATCH_A_WATCH_MAPPED_BYTES]);
}

TEST_F(figures, no_huge_page_that_is_no_power_of_two)
{
	const struct peer_wish wish = { .ring_bytes = TINY, .huge_page = 3 << 20 };

	EXPECT_EQ(-EINVAL, peer_session_as(&self->peer, &wish));
	EXPECT_NE(NULL, strstr(self->peer.extack, "power of two"));
}

/* The comment behind each call says how many pages it adds. */
static int run_remaps(void *arg)
{
	const int private = MAP_PRIVATE | MAP_ANONYMOUS, fd = open("/proc/self/exe", O_RDONLY);
	char *at = mmap(NULL, 2 * PAGE, PROT_READ, private, -1, 0);
	char *file = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	char *heap = (char *)raw_brk(raw_brk(0) + 4 * PAGE) - 4 * PAGE;

	(void)arg;
	heap = (char *)round_page((uintptr_t)heap);
	at = mremap(at, 2 * PAGE, 8 * PAGE - 1, MREMAP_MAYMOVE); /* 6 */
	at = mremap(at, 8 * PAGE, 3 * PAGE, 0); /* 0 */
	at = mremap(at, 2 * PAGE + 1, 3 * PAGE, 0); /* 0 */
	file = mremap(file, PAGE, 4 * PAGE, MREMAP_MAYMOVE); /* 0 */
	heap = mremap(heap, PAGE, 3 * PAGE, MREMAP_MAYMOVE); /* 2 */
	if (at == MAP_FAILED || file == MAP_FAILED || heap == MAP_FAILED)
		return 1;
	/* This call fails and adds 0. */
	if (mremap(at, 3 * PAGE, 1UL << 60, MREMAP_MAYMOVE) != MAP_FAILED)
		return 2;
	/* The old mapping stays, so this call adds 3. */
	return mremap(at, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP) == MAP_FAILED;
}

TEST_F(figures, what_mremap_adds)
{
	ASSERT_EQ(0, take_figures(&self->peer, 0, run_remaps, self->got));
	EXPECT_EQ(7, self->got[BRKWATCH_A_WATCH_MREMAP_CALLS]);
	EXPECT_EQ(1, self->got[BRKWATCH_A_WATCH_MREMAP_FAILED]);
	EXPECT_EQ(11 * PAGE, self->got[BRKWATCH_A_WATCH_REMAPPED_BYTES]);
	EXPECT_EQ(0, self->got[BRKWATCH_A_WATCH_REMAPS_UNKNOWN]);
}

/* The kernel does not keep whether shared memory was mapped with MAP_ANONYMOUS or by a file. */
static int run_shared_remap(void *arg)
{
	char *at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	return mremap(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED;
}

TEST_F(figures, what_mremap_adds_to_shared_memory)
{
	ASSERT_EQ(0, take_figures(&self->peer, 0, run_shared_remap, self->got));
	EXPECT_EQ(0, self->got[BRKWATCH_A_WATCH_REMAPPED_BYTES]);
	EXPECT_EQ(1, self->got[BRKWATCH_A_WATCH_REMAPS_UNKNOWN]);
}

static int run_moved_heap(void *arg)
{
	unsigned long to = (syscall(SYS_brk, 0) + (16UL << 20)) & ~(PAGE - 1);

	/* The end moves first, because it must not lie before the beginning. */
	if (prctl(PR_SET_MM, PR_SET_MM_BRK, to, 0, 0) ||
	    prctl(PR_SET_MM, PR_SET_MM_START_BRK, to, 0, 0))
		return 1;
	return (unsigned long)syscall(SYS_brk, to + PAGE) != to + PAGE;
}

/* prctl() has moved the heap, not brk(), so this is no growth. */
TEST_F(figures, heap_that_begins_elsewhere)
{
	ASSERT_EQ(0, take_figures(&self->peer, 0, run_moved_heap, self->got));
	EXPECT_EQ(PAGE, self->got[BRKWATCH_A_WATCH_GROWN_BYTES]);
	EXPECT_EQ(PAGE, self->got[BRKWATCH_A_WATCH_GROWN_LARGEST]);
	EXPECT_EQ(self->got[BRKWATCH_A_WATCH_HEAP_START] + PAGE, self->got[BRKWATCH_A_WATCH_BRK]);
}

static int run_advice(void *arg)
{
	static const int advices[] = { MADV_DONTNEED, DONTNEED_LOCKED, MADV_FREE, MADV_RANDOM };
	char *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	for (i = 0; i < sizeof(advices) / sizeof(*advices); i++)
		if (madvise(at, 4096, advices[i]))
			return 1;
	return 0;
}

TEST_F(figures, advice_that_gives_back)
{
	ASSERT_EQ(0, take_figures(&self->peer, 0, run_advice, self->got));
	EXPECT_EQ(4, self->got[BRKWATCH_A_WATCH_MADVISE_CALLS]);
	EXPECT_EQ(0, self->got[BRKWATCH_A_WATCH_MADVISE_FAILED]);
	EXPECT_EQ(3 * 4096, self->got[BRKWATCH_A_WATCH_GIVEN_BACK_BYTES]);
}

TEST_HARNESS_MAIN
