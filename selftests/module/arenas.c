// SPDX-License-Identifier: GPL-2.0
/* The module finds heaps of thread arenas by the mprotect with which glibc begins one. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

#define TINY 4096
#define PAGE 4096UL
#define HEAP (64UL << 20)
#define HEAP_32 (1UL << 20)
#define FIRST 135168
#define RW (PROT_READ | PROT_WRITE)
/* The module notes so many groups of so many places; each heap here is in another group. */
#define GROUPS 15
#define GROUP 64
#define I386_MPROTECT 125

/* Reserves addresses for so many heaps; returns the first multiple of a heap's size. */
static char *reserve(size_t heaps, size_t heap, int flags)
{
	char *at = mmap(NULL, (heaps + 1) * heap, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);

	if (at == MAP_FAILED)
		abort();
	return (char *)(((uintptr_t)at + heap - 1) & ~(heap - 1));
}

static void protect(char *at, size_t length, int prot)
{
	if (mprotect(at, length, prot))
		abort();
}

static void unmap(char *at, size_t length)
{
	if (munmap(at, length))
		abort();
}

static int begin_heaps(void *arg)
{
	char *at = reserve(4, HEAP, 0);

	(void)arg;
	protect(at, FIRST, RW);
	protect(at + HEAP, FIRST, RW);
	protect(at + HEAP, FIRST, RW);
	protect(at + 3 * HEAP, FIRST, RW);
	return 0;
}

static int begin_none(void *arg)
{
	char *at = reserve(4, HEAP, 0);

	(void)arg;
	protect(at, FIRST - PAGE, RW);
	protect(at, FIRST + PAGE, RW);
	protect(at + HEAP_32, FIRST, RW);
	protect(at + PAGE, FIRST, RW);
	protect(at, FIRST, PROT_READ);
	protect(at, FIRST, RW | PROT_EXEC);
	if (syscall(SYS_pkey_mprotect, at, FIRST, RW, -1))
		return 1;
	unmap(at + HEAP, PAGE);
	return !mprotect(at + HEAP, FIRST, RW);
}

static int unmap_heaps(void *arg)
{
	char *at = reserve(6, HEAP, 0);
	int i;

	(void)arg;
	for (i = 0; i < 6; i++)
		protect(at + i * HEAP, FIRST, RW);
	/* One goes exactly and two go in a larger range; the other three lose only a part. */
	unmap(at, HEAP);
	unmap(at + 2 * HEAP - PAGE, 2 * HEAP + 2 * PAGE);
	unmap(at + 5 * HEAP + PAGE, HEAP - PAGE);
	return munmap(at + 5 * HEAP + 1, HEAP) != -1;
}

static int begin_again(void *arg)
{
	char *at = reserve(1, HEAP, 0);

	(void)arg;
	protect(at, FIRST, RW);
	unmap(at, HEAP);
	if (mmap(at, HEAP, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		 0) != at)
		return 1;
	protect(at, FIRST, RW);
	return 0;
}

static int begin_and_exec(void *arg)
{
	begin_heaps(arg);
	execl("/bin/true", "true", NULL);
	return 1;
}

static int begin_far_apart(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i <= GROUPS; i++) {
		char *at = reserve(GROUP, HEAP, 0);

		protect(at, FIRST, RW);
		protect(at, FIRST, RW);
	}
	return 0;
}

/* The entry of 32-bit programs, which a 64-bit program can use as well. */
static int begin_32(void *arg)
{
	char *at = reserve(8, HEAP_32, MAP_32BIT);
	int i;

	(void)arg;
	for (i = 0; i < 8; i += 2) {
		long result;

		asm volatile("int $0x80"
			     : "=a"(result)
			     : "a"(I386_MPROTECT), "b"(at + i * HEAP_32), "c"(FIRST), "d"(RW)
			     : "memory", "r8", "r9", "r10", "r11");
		if (result)
			return 1;
	}
	unmap(at, HEAP_32);
	return 0;
}

/* The child's own calls count, not what its parent has mapped. */
static int begin_and_fork(void *arg)
{
	char *at = reserve(3, HEAP, 0);
	int status;
	pid_t pid;

	(void)arg;
	protect(at, FIRST, RW);
	protect(at + HEAP, FIRST, RW);
	pid = fork();
	if (!pid) {
		unmap(at, HEAP);
		protect(at + 2 * HEAP, FIRST, RW);
		_exit(0);
	}
	return waitpid(pid, &status, 0) != pid || status;
}

#define THREADS 3

static pthread_barrier_t barrier;

static void *allocate(void *arg)
{
	/* The compiler may not leave out the pair of calls. */
	void *volatile block;

	pthread_barrier_wait(&barrier);
	block = malloc(1000);
	pthread_barrier_wait(&barrier);
	free(block);
	return arg;
}

/* What glibc really does: each thread that allocates gets an arena. */
static int run_threads(void *arg)
{
	pthread_t threads[THREADS];
	int i;

	(void)arg;
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, allocate, NULL))
			return 1;
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

/* What the module told, by the number of the watch. */
struct told {
	uint64_t arenas[3];
	uint64_t unknown[3];
};

static void take(struct nlattr **tb, void *arg)
{
	uint32_t id = peer_u32(tb, BRKWATCH_A_WATCH_ID);
	struct told *told = arg;

	if (id > 2)
		abort();
	told->arenas[id] = peer_u64(tb, BRKWATCH_A_WATCH_ARENAS);
	told->unknown[id] = peer_u64(tb, BRKWATCH_A_WATCH_ARENAS_UNKNOWN);
}

FIXTURE(arenas)
{
	struct peer peer;
	struct told told;
};

FIXTURE_SETUP(arenas)
{
	const struct peer_wish wish = { .ring_bytes = TINY, .follow = true };

	memset(&self->told, -1, sizeof(self->told));
	ASSERT_EQ(0, peer_open(&self->peer));
	ASSERT_EQ(0, peer_session_as(&self->peer, &wish));
}

FIXTURE_TEARDOWN(arenas)
{
	peer_close(&self->peer);
}

static int tell(struct peer *peer, int (*run)(void *arg), struct told *told)
{
	struct child child = child_fork(run, NULL);

	if (peer_watch(peer, child.pid, false) != 1)
		return -1;
	child_go(&child);
	if (child_wait(&child))
		return -1;
	return peer_watches(peer, take, told);
}

#define EXPECT_ARENAS(run, heaps, more)                            \
	do {                                                       \
		ASSERT_EQ(0, tell(&self->peer, run, &self->told)); \
		EXPECT_EQ(heaps, self->told.arenas[1]);            \
		EXPECT_EQ(more, self->told.unknown[1]);            \
	} while (0)

TEST_F(arenas, distinct_addresses_count)
{
	EXPECT_ARENAS(begin_heaps, 3, 0);
}

TEST_F(arenas, near_misses_do_not_count)
{
	EXPECT_ARENAS(begin_none, 0, 0);
}

TEST_F(arenas, heaps_that_are_unmapped_whole_go)
{
	EXPECT_ARENAS(unmap_heaps, 3, 0);
}

TEST_F(arenas, a_place_can_have_a_heap_again)
{
	EXPECT_ARENAS(begin_again, 1, 0);
}

TEST_F(arenas, exec_takes_all_away)
{
	EXPECT_ARENAS(begin_and_exec, 0, 0);
}

TEST_F(arenas, what_has_no_room_is_unknown)
{
	EXPECT_ARENAS(begin_far_apart, GROUPS, 2);
}

TEST_F(arenas, heaps_of_32_bit_calls_are_smaller)
{
	EXPECT_ARENAS(begin_32, 3, 0);
}

TEST_F(arenas, a_child_begins_with_none)
{
	EXPECT_ARENAS(begin_and_fork, 2, 0);
	EXPECT_EQ(1, self->told.arenas[2]);
	EXPECT_EQ(0, self->told.unknown[2]);
}

TEST_F(arenas, threads_of_the_c_library)
{
	EXPECT_ARENAS(run_threads, THREADS, 0);
}

TEST_HARNESS_MAIN
