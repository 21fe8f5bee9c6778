// SPDX-License-Identifier: GPL-2.0
/*
 * A watch that begins while a call is in flight counts the calls that begin later, and not this
 * one. A userfaultfd holds the call until the test lets it go: an madvise in a page fault, and an
 * munmap, which has handlers of its own in the module, before it returns.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
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

static void *unmap(void *arg)
{
	return munmap(page, PAGE) ? arg : NULL;
}

FIXTURE(in_flight)
{
	int file;
	struct peer before;
	struct peer during;
};

/* The call, what makes the userfaultfd hold it, and the attribute that counts it. */
FIXTURE_VARIANT(in_flight)
{
	void *(*call)(void *arg);
	uint64_t features;
	uint32_t events;
	int counter;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(in_flight, madvise) {
	.call = populate,
	.events = KIND_BIT(MADVISE),
	.counter = BRKWATCH_A_WATCH_MADVISE_CALLS,
};

FIXTURE_VARIANT_ADD(in_flight, munmap) {
	.call = unmap,
	.features = UFFD_FEATURE_EVENT_UNMAP,
	.events = KIND_BIT(MUNMAP),
	.counter = BRKWATCH_A_WATCH_MUNMAP_CALLS,
};
/* clang-format on */

/* The page lies between two others, so that hardly anything else can take its place. */
FIXTURE_SETUP(in_flight)
{
	struct uffdio_api api = { .api = UFFD_API, .features = variant->features };
	struct uffdio_register all = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	self->file = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (self->file < 0)
		SKIP(return, "this kernel has no userfaultfd");
	page = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	page += PAGE;
	all.range.start = (uintptr_t)page;
	all.range.len = PAGE;
	ASSERT_EQ(0, ioctl(self->file, UFFDIO_API, &api));
	ASSERT_EQ(0, ioctl(self->file, UFFDIO_REGISTER, &all));
	/* The reader's own buffer comes from the heap, because an unmap of it would be counted. */
	ASSERT_EQ(1, mallopt(M_MMAP_THRESHOLD, 1 << 20));
}

FIXTURE_TEARDOWN(in_flight)
{
	peer_close(&self->before);
	peer_close(&self->during);
	close(self->file);
}

static void begin(struct __test_metadata *_metadata, struct peer *peer, uint32_t events)
{
	ASSERT_EQ(0, peer_open(peer));
	ASSERT_EQ(0, peer_session(peer, RING_BYTES, events));
	ASSERT_EQ(1, peer_watch(peer, getpid(), false));
}

/* Waits until the call is held. */
static void await_call(struct __test_metadata *_metadata, int file)
{
	struct pollfd held = { .fd = file, .events = POLLIN };

	ASSERT_EQ(1, poll(&held, 1, -1));
	ASSERT_EQ(POLLIN, held.revents);
}

static void let_go(struct __test_metadata *_metadata, int file)
{
	struct uffdio_zeropage fill = { .range = { .start = (uintptr_t)page, .len = PAGE } };
	struct uffd_msg msg;

	ASSERT_EQ(sizeof(msg), read(file, &msg, sizeof(msg)));
	if (msg.event == UFFD_EVENT_PAGEFAULT)
		ASSERT_EQ(0, ioctl(file, UFFDIO_ZEROPAGE, &fill));
}

/* The C library makes calls of the same kinds for its threads. */
static void take_event(struct nlattr **tb, void *arg)
{
	if (peer_u64(tb, BRKWATCH_A_EVENT_ADDR) == (uintptr_t)page)
		++*(int *)arg;
}

struct counted {
	int attr;
	uint64_t calls;
};

static void take_watch(struct nlattr **tb, void *arg)
{
	struct counted *counted = arg;

	counted->calls = peer_u64(tb, counted->attr);
}

TEST_F(in_flight, is_not_counted)
{
	struct counted before = { .attr = variant->counter }, during = before;
	int seen_before = 0, seen_during = 0;
	pthread_t thread;
	void *failed;

	begin(_metadata, &self->before, variant->events);
	ASSERT_EQ(0, pthread_create(&thread, NULL, variant->call, "failed"));
	await_call(_metadata, self->file);
	begin(_metadata, &self->during, variant->events);
	let_go(_metadata, self->file);
	ASSERT_EQ(0, pthread_join(thread, &failed));
	ASSERT_EQ(NULL, failed);
	ASSERT_EQ(NULL, variant->call("failed"));

	ASSERT_EQ(0, peer_drain(&self->before, take_event, &seen_before));
	ASSERT_EQ(0, peer_drain(&self->during, take_event, &seen_during));
	EXPECT_EQ(2, seen_before);
	EXPECT_EQ(1, seen_during);
	ASSERT_EQ(0, peer_watches(&self->before, take_watch, &before));
	ASSERT_EQ(0, peer_watches(&self->during, take_watch, &during));
	EXPECT_EQ(before.calls, during.calls + 1);
}

TEST_HARNESS_MAIN
