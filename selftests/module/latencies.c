// SPDX-License-Identifier: GPL-2.0
/*
 * How long calls take: a session that asks for it learns it of each event and as distributions,
 * and one that does not ask learns all else of the same calls.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

#define RING_BYTES (1 << 20)
#define BYTES (64UL << 10)
#define CALLS 100

/**
 * struct told - what the module told a session
 * @peer: the reader
 * @events: events
 * @durations: events with a duration
 * @longest: longest duration, in ns
 * @sizes: distributions of sizes
 * @latencies: distributions of durations
 * @counted: calls of brk in the distribution of their durations
 * @most: the longest of them, in ns
 * @calls: calls of brk
 * @grown: bytes of private memory at the end of the growth
 */
struct told {
	struct peer peer;
	int events;
	int durations;
	uint64_t longest;
	int sizes;
	int latencies;
	uint64_t counted;
	uint64_t most;
	uint64_t calls;
	uint64_t grown;
};

static int make_calls(void *arg)
{
	int i;

	for (i = 0; i < CALLS; i++) {
		void *at = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				-1, 0);

		if (at == MAP_FAILED || (i < CALLS - 1 && munmap(at, BYTES)) ||
		    !syscall(SYS_brk, 0))
			return 1;
	}
	return 0;
}

static void take_event(struct nlattr **tb, void *arg)
{
	struct told *told = arg;
	uint64_t duration;

	told->events++;
	if (!tb[BRKWATCH_A_EVENT_DURATION])
		return;
	told->durations++;
	duration = peer_u64(tb, BRKWATCH_A_EVENT_DURATION);
	if (peer_u32(tb, BRKWATCH_A_EVENT_KIND) == BRKWATCH_EVENT_KIND_BRK &&
	    told->longest < duration)
		told->longest = duration;
}

static void take_distribution(struct told *told, struct nlattr *nest)
{
	struct nlattr *in[BRKWATCH_A_DISTRIBUTION_MAX + 1], *buckets;
	size_t i;

	if (nla_parse_nested(in, BRKWATCH_A_DISTRIBUTION_MAX, nest, NULL))
		abort();
	if (nla_get_u32(in[BRKWATCH_A_DISTRIBUTION_MEASURE]) != BRKWATCH_MEASURE_DURATION) {
		told->sizes++;
		return;
	}
	told->latencies++;
	if (nla_get_u32(in[BRKWATCH_A_DISTRIBUTION_KIND]) != BRKWATCH_EVENT_KIND_BRK)
		return;
	told->most = nla_get_u64(in[BRKWATCH_A_DISTRIBUTION_MOST]);
	buckets = in[BRKWATCH_A_DISTRIBUTION_BUCKETS];
	for (i = 0; i < nla_len(buckets) / sizeof(uint64_t); i++) {
		uint64_t n;

		memcpy(&n, (char *)nla_data(buckets) + i * sizeof(n), sizeof(n));
		told->counted += n;
	}
}

static void take_watch(struct nlattr **tb, void *arg)
{
	struct nlattr *in[BRKWATCH_A_GROWTH_MAX + 1], *nla;
	struct told *told = arg;
	int rem;

	nlmsg_for_each_attr(nla, told->peer.answer, GENL_HDRLEN, rem)
		if (nla_type(nla) == BRKWATCH_A_WATCH_DISTRIBUTION)
			take_distribution(told, nla);
	told->calls = peer_u64(tb, BRKWATCH_A_WATCH_BRK_CALLS);
	if (nla_parse_nested(in, BRKWATCH_A_GROWTH_MAX, tb[BRKWATCH_A_WATCH_GROWTH], NULL))
		abort();
	told->grown = peer_u64(in, BRKWATCH_A_GROWTH_NOW) - peer_u64(in, BRKWATCH_A_GROWTH_FIRST);
}

FIXTURE(latencies)
{
	struct told asks;
	struct told other;
};

FIXTURE_VARIANT(latencies)
{
	uint32_t events;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(latencies, ring) { .events = ALL_KINDS & ~KIND_BIT(SNAPSHOT), };
FIXTURE_VARIANT_ADD(latencies, counters) { .events = 0, };
/* clang-format on */

FIXTURE_SETUP(latencies)
{
	struct peer_wish wish = { .ring_bytes = RING_BYTES, .events = variant->events };

	memset(&self->asks, 0, sizeof(self->asks));
	memset(&self->other, 0, sizeof(self->other));
	ASSERT_EQ(0, peer_open(&self->asks.peer));
	ASSERT_EQ(0, peer_open(&self->other.peer));
	ASSERT_EQ(0, peer_session_as(&self->other.peer, &wish));
	wish.latencies = true;
	ASSERT_EQ(0, peer_session_as(&self->asks.peer, &wish));
}

FIXTURE_TEARDOWN(latencies)
{
	peer_close(&self->asks.peer);
	peer_close(&self->other.peer);
}

/* Takes what the module reports to the sessions of a child, in the order of their watches. */
static void tell(struct __test_metadata *_metadata, struct told **told, int sessions)
{
	struct child child = child_fork(make_calls, NULL);
	int i;

	for (i = 0; i < sessions; i++)
		ASSERT_EQ(1, peer_watch(&told[i]->peer, child.pid, false));
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));
	for (i = 0; i < sessions; i++) {
		ASSERT_EQ(0, peer_drain(&told[i]->peer, take_event, told[i]));
		ASSERT_EQ(0, peer_watches(&told[i]->peer, take_watch, told[i]));
		EXPECT_LE(CALLS, told[i]->calls);
		EXPECT_EQ(BYTES, told[i]->grown);
	}
}

static void expect_latencies(struct __test_metadata *_metadata, const struct told *told)
{
	EXPECT_EQ(told->events, told->durations);
	EXPECT_EQ(told->calls, told->counted);
	EXPECT_LT(0, told->latencies);
	EXPECT_LT(0, told->sizes);
	if (told->events)
		EXPECT_EQ(told->longest, told->most);
}

static void expect_none(struct __test_metadata *_metadata, const struct told *told)
{
	EXPECT_EQ(0, told->durations);
	EXPECT_EQ(0, told->latencies);
	EXPECT_LT(0, told->sizes);
}

TEST_F(latencies, asked_for)
{
	tell(_metadata, (struct told *[]){ &self->asks }, 1);
	expect_latencies(_metadata, &self->asks);
}

TEST_F(latencies, not_asked_for)
{
	tell(_metadata, (struct told *[]){ &self->other }, 1);
	expect_none(_metadata, &self->other);
}

/* The clock is read for one session, whichever of the two began to watch first. */
TEST_F(latencies, asked_for_first)
{
	tell(_metadata, (struct told *[]){ &self->asks, &self->other }, 2);
	expect_latencies(_metadata, &self->asks);
	expect_none(_metadata, &self->other);
	EXPECT_EQ(self->asks.events, self->other.events);
	EXPECT_EQ(self->asks.calls, self->other.calls);
}

TEST_F(latencies, asked_for_last)
{
	tell(_metadata, (struct told *[]){ &self->other, &self->asks }, 2);
	expect_latencies(_metadata, &self->asks);
	expect_none(_metadata, &self->other);
	EXPECT_EQ(self->asks.events, self->other.events);
	EXPECT_EQ(self->asks.calls, self->other.calls);
}

TEST_HARNESS_MAIN
