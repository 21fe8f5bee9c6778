// SPDX-License-Identifier: GPL-2.0
/* The counters of a process add up what its threads do at the same time. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

/* Seconds: a debugging kernel needs ten times as long for each call. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

#define THREADS 64
#define ROUNDS 100
#define BYTES (16 * 4096UL)

static pthread_barrier_t barrier;

static void *map_and_unmap(void *arg)
{
	int i;

	pthread_barrier_wait(&barrier);
	for (i = 0; i < ROUNDS; i++) {
		void *at = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		if (at == MAP_FAILED || munmap(at, BYTES))
			abort();
	}
	return arg;
}

static int run_threads(void *arg)
{
	pthread_t thread[THREADS];
	int i;

	(void)arg;
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, map_and_unmap, NULL))
			return 1;
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

struct seen {
	uint64_t mapped;
	uint64_t unmapped;
	uint64_t exits;
	uint64_t disorder;
	uint64_t last[1 << 16];
};

static void take_event(struct nlattr **tb, void *arg)
{
	uint32_t tid = peer_u32(tb, BRKWATCH_A_EVENT_TID) & 0xffff;
	uint32_t kind = peer_u32(tb, BRKWATCH_A_EVENT_KIND);
	uint64_t time = peer_u64(tb, BRKWATCH_A_EVENT_TIME);
	struct seen *seen = arg;

	seen->disorder += time < seen->last[tid];
	seen->last[tid] = time;
	if (kind == BRKWATCH_EVENT_KIND_EXIT)
		seen->exits++;
	else if (kind == BRKWATCH_EVENT_KIND_MMAP)
		seen->mapped += peer_u64(tb, BRKWATCH_A_EVENT_LENGTH) == BYTES;
	else if (kind == BRKWATCH_EVENT_KIND_MUNMAP)
		seen->unmapped += peer_u64(tb, BRKWATCH_A_EVENT_LENGTH) == BYTES;
}

/* 64 threads contend for one mmap lock, so that calls sleep between entry and return. */
TEST(nothing_is_missed)
{
	struct child child = child_fork(run_threads, NULL);
	struct seen *seen = calloc(1, sizeof(*seen));
	struct peer peer;

	ASSERT_NE(NULL, seen);
	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session(&peer, 8 << 20, ALL_KINDS));
	ASSERT_EQ(1, peer_watch(&peer, child.pid, false));
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));
	ASSERT_EQ(0, peer_drain(&peer, take_event, seen));

	EXPECT_EQ(THREADS * ROUNDS, seen->mapped);
	EXPECT_EQ(THREADS * ROUNDS, seen->unmapped);
	EXPECT_EQ(1, seen->exits);
	EXPECT_EQ(0, seen->disorder);
	EXPECT_EQ(0, peer_total(&peer, BRKWATCH_A_SESSION_LOST_RING));
	EXPECT_EQ(0, peer_total(&peer, BRKWATCH_A_SESSION_LOST_PROBE));
	peer_close(&peer);
	free(seen);
}

#define MOVERS 4
#define MOVES 5000

static uint64_t heap_start;

static void *move_break(void *arg)
{
	int i;

	pthread_barrier_wait(&barrier);
	for (i = 0; i < MOVES; i++)
		syscall(SYS_brk, heap_start + (i * 7919 + (uintptr_t)arg * 104729) % (1 << 20));
	return NULL;
}

/* glibc must not use the heap, because the threads move the break. */
static void start_movers(pthread_t *thread)
{
	uintptr_t i;

	heap_start = syscall(SYS_brk, 0);
	pthread_barrier_init(&barrier, NULL, MOVERS);
	for (i = 0; i < MOVERS; i++)
		if (pthread_create(&thread[i], NULL, move_break, (void *)i))
			_exit(1);
}

static int run_movers(void *arg)
{
	pthread_t thread[MOVERS];
	int i;

	start_movers(thread);
	for (i = 0; i < MOVERS; i++)
		pthread_join(thread[i], NULL);
	*(uint64_t *)arg = syscall(SYS_brk, 0);
	_exit(0);
}

static void take_all(struct nlattr **tb, void *arg)
{
	uint64_t *got = arg;
	int attr;

	for (attr = BRKWATCH_A_WATCH_BRK_FIRST; attr <= BRKWATCH_A_WATCH_LOST; attr++)
		got[attr] = peer_u64(tb, attr);
}

/* Takes the child's last counters; returns 0, or the number of the step that failed. */
static int run_watched(struct child *child, uint64_t *got)
{
	struct peer peer;

	if (peer_open(&peer))
		return 1;
	if (peer_session(&peer, 4096, 0))
		return 2;
	if (peer_watch(&peer, child->pid, false) != 1)
		return 3;
	child_go(child);
	if (child_wait(child))
		return 4;
	if (peer_watches(&peer, take_all, got))
		return 5;
	peer_close(&peer);
	return 0;
}

TEST(moves_of_the_break_add_up)
{
	uint64_t *last =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct child child = child_fork(run_movers, last);
	uint64_t got[PEER_ATTRS] = {};

	ASSERT_EQ(0, run_watched(&child, got));

	EXPECT_EQ(MOVERS * MOVES + 2, got[BRKWATCH_A_WATCH_BRK_CALLS]);
	EXPECT_EQ(*last, got[BRKWATCH_A_WATCH_BRK]);
	EXPECT_EQ(*last - got[BRKWATCH_A_WATCH_BRK_FIRST],
		  got[BRKWATCH_A_WATCH_GROWN_BYTES] - got[BRKWATCH_A_WATCH_SHRUNK_BYTES]);
}

static int run_and_die(void *arg)
{
	pthread_t thread[MOVERS];

	start_movers(thread);
	*(uint64_t *)arg = heap_start + (1 << 20);
	while (syscall(SYS_brk, 0) == (long)heap_start)
		;
	_exit(0);
}

/* A fatal signal makes a waiting brk return EINTR, which is no break. */
TEST(death_in_brk_is_no_break)
{
	uint64_t *most =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int round;

	for (round = 0; round < 10; round++) {
		struct child child = child_fork(run_and_die, most);
		uint64_t got[PEER_ATTRS] = {};

		ASSERT_EQ(0, run_watched(&child, got));
		EXPECT_GE(*most, got[BRKWATCH_A_WATCH_BRK_PEAK]);
		EXPECT_GE(*most, got[BRKWATCH_A_WATCH_BRK]);
	}
}

#define PAGE 4096UL
#define MANY 400

/* The test and the process share this. */
struct contest {
	volatile bool over;
	uint64_t grown;
};

/* The kernel merges no neighbours of different kinds, so one call for all holds the lock for long. */
static char *map_many(void)
{
	char *at = mmap(NULL, MANY * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i;

	for (i = 0; i < MANY; i += 2)
		if (mmap(at + i * PAGE, PAGE, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1,
			 0) == MAP_FAILED)
			abort();
	return at;
}

static void *hold_lock(void *arg)
{
	char *at = map_many();
	int prot = PROT_NONE;

	while (!((struct contest *)arg)->over) {
		prot ^= PROT_READ;
		if (mprotect(at, MANY * PAGE, prot))
			abort();
	}
	return NULL;
}

static int run_contest(void *arg)
{
	char *at = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct contest *contest = arg;
	pthread_t thread;

	if (pthread_create(&thread, NULL, hold_lock, contest))
		return 1;
	for (; !contest->over; contest->grown += PAGE) {
		at = mremap(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
		if (at == MAP_FAILED || mremap(at, 2 * PAGE, PAGE, 0) != at)
			return 2;
	}
	pthread_join(thread, NULL);
	return 0;
}

static void take_remaps(struct nlattr **tb, void *arg)
{
	uint64_t *got = arg;

	got[BRKWATCH_A_WATCH_REMAPPED_BYTES] = peer_u64(tb, BRKWATCH_A_WATCH_REMAPPED_BYTES);
	got[BRKWATCH_A_WATCH_REMAPS_UNKNOWN] = peer_u64(tb, BRKWATCH_A_WATCH_REMAPS_UNKNOWN);
}

/* A probe does not wait for the mmap lock, so the module counts the calls that it knows nothing of. */
TEST(growth_that_is_not_seen_is_counted)
{
	struct contest *contest =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct child child = child_fork(run_contest, contest);
	uint64_t got[PEER_ATTRS] = {};
	struct peer peer;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session(&peer, 4096, 0));
	ASSERT_EQ(1, peer_watch(&peer, child.pid, false));
	child_go(&child);
	while (!got[BRKWATCH_A_WATCH_REMAPS_UNKNOWN] || !got[BRKWATCH_A_WATCH_REMAPPED_BYTES])
		ASSERT_EQ(0, peer_watches(&peer, take_remaps, got));
	contest->over = true;
	ASSERT_EQ(0, child_wait(&child));
	ASSERT_EQ(0, peer_watches(&peer, take_remaps, got));
	EXPECT_EQ(contest->grown, got[BRKWATCH_A_WATCH_REMAPPED_BYTES] +
					  PAGE * got[BRKWATCH_A_WATCH_REMAPS_UNKNOWN]);
	peer_close(&peer);
}

static void *wait_for_byte(void *arg)
{
	char c;

	if (read(*(int *)arg, &c, 1) != 1)
		_exit(2);
	syscall(SYS_munmap, 1, 1);
	_exit(0);
}

static int run_headless(void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_for_byte, arg))
		return 1;
	/* pthread_exit() may map libgcc, so the thread exits by the system call. */
	syscall(SYS_exit, 0);
	return 1;
}

static char state_of(pid_t pid)
{
	char path[64], stat[256] = "", *at;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, stat, sizeof(stat) - 1) <= 0)
		abort();
	close(fd);
	at = strrchr(stat, ')');
	return at ? at[2] : 0;
}

TEST(main_thread_may_be_gone)
{
	uint64_t got[PEER_ATTRS] = {};
	struct child child;
	struct peer peer;
	int gate[2];

	ASSERT_EQ(0, pipe(gate));
	child = child_fork(run_headless, &gate[0]);
	child_go(&child);
	while (state_of(child.pid) != 'Z')
		sched_yield();
	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session(&peer, 4096, 0));
	ASSERT_EQ(1, peer_watch(&peer, child.pid, false)) TH_LOG("%s", peer.extack);
	ASSERT_EQ(1, write(gate[1], "", 1));
	ASSERT_EQ(0, child_wait(&child));
	ASSERT_EQ(0, peer_watches(&peer, take_all, got));
	EXPECT_EQ(1, got[BRKWATCH_A_WATCH_MUNMAP_FAILED]);
	peer_close(&peer);
}

TEST_HARNESS_MAIN
