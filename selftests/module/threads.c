// SPDX-License-Identifier: GPL-2.0
/*
 * 64 threads that contend for one mmap lock: calls sleep inside the probes, and
 * none may be missed.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

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

TEST(nothing_is_missed)
{
	struct child child = child_fork(run_threads, NULL);
	struct seen *seen = calloc(1, sizeof(*seen));
	struct peer peer;

	ASSERT_NE(NULL, seen);
	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session(&peer, 8 << 20, 0x1f));
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

TEST_HARNESS_MAIN
