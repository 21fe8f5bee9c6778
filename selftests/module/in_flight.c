// SPDX-License-Identifier: GPL-2.0
/*
 * A watch that begins while a call is in flight counts the calls that begin later, and not this
 * one. The call stands in a page fault that only the test ends.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/userfaultfd.h>

#include "kselftest_harness.h"
#include "peer.h"

#define RING_BYTES (1 << 16)
#define PAGE 4096UL
/* A C library may lack this constant, because Linux has it only since 5.14. */
#define POPULATE_WRITE 23

static char *page;

static void *populate(void *arg)
{
	return madvise(page, PAGE, POPULATE_WRITE) ? arg : NULL;
}

/* The C library gives back the stack of a thread by the same call. */
static void take_event(struct nlattr **tb, void *arg)
{
	if (peer_u64(tb, BRKWATCH_A_EVENT_ADDR) == (uintptr_t)page)
		++*(int *)arg;
}

static void take_calls(struct nlattr **tb, void *arg)
{
	*(uint64_t *)arg = peer_u64(tb, BRKWATCH_A_WATCH_MADVISE_CALLS);
}

/* Makes the next access to the page wait; returns a file to read that from, or -1. */
static int hold_page(void)
{
	int file = syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register all = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	if (file < 0)
		return -1;
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	all.range.start = (uintptr_t)page;
	all.range.len = PAGE;
	if (page == MAP_FAILED || ioctl(file, UFFDIO_API, &api) ||
	    ioctl(file, UFFDIO_REGISTER, &all))
		abort();
	return file;
}

static void begin(struct __test_metadata *_metadata, struct peer *peer)
{
	ASSERT_EQ(0, peer_open(peer));
	ASSERT_EQ(0, peer_session(peer, RING_BYTES, KIND_BIT(MADVISE)));
	ASSERT_EQ(1, peer_watch(peer, getpid(), false));
}

TEST(call_in_flight)
{
	int file = hold_page(), seen_before = 0, seen_during = 0;
	struct uffdio_zeropage fill = { .range = { .len = PAGE } };
	uint64_t counted_before = 0, counted_during = 0;
	struct peer before, during;
	struct uffd_msg fault;
	pthread_t thread;
	void *failed;

	if (file < 0)
		SKIP(return, "this kernel has no userfaultfd");
	begin(_metadata, &before);
	ASSERT_EQ(0, pthread_create(&thread, NULL, populate, "failed"));
	ASSERT_EQ(sizeof(fault), read(file, &fault, sizeof(fault)));
	begin(_metadata, &during);
	fill.range.start = (uintptr_t)page;
	ASSERT_EQ(0, ioctl(file, UFFDIO_ZEROPAGE, &fill));
	ASSERT_EQ(0, pthread_join(thread, &failed));
	ASSERT_EQ(NULL, failed);
	ASSERT_EQ(0, madvise(page, PAGE, MADV_NORMAL));
	ASSERT_EQ(0, peer_drain(&before, take_event, &seen_before));
	ASSERT_EQ(0, peer_drain(&during, take_event, &seen_during));
	EXPECT_EQ(2, seen_before);
	EXPECT_EQ(1, seen_during);
	ASSERT_EQ(0, peer_watches(&before, take_calls, &counted_before));
	ASSERT_EQ(0, peer_watches(&during, take_calls, &counted_during));
	EXPECT_EQ(counted_before, counted_during + 1);
	peer_close(&before);
	peer_close(&during);
	close(file);
}

TEST_HARNESS_MAIN
