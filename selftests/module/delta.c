// SPDX-License-Identifier: GPL-2.0
/*
 * A session with delta receives the same events as one without, in fewer bytes. Both watch the
 * same process, so that their events differ only in what delta leaves out.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <netlink/attr.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

#define RING_BYTES (4 << 20)
#define EVENTS_MAX 8192
#define CALLS 3000
#define QUERIES 1000

/* The attributes of one event, UINT64_MAX for each that is absent. */
struct event {
	uint64_t value[BRKWATCH_A_EVENT_MAX + 1];
	char comm[16];
	char mark[BRKWATCH_MARK_MAX + 1];
};

/**
 * struct told - what a session received
 * @events: events, with what delta left out filled in
 * @n: number of events
 * @messages: number of messages that carried them
 * @bytes: size of their attributes
 * @at: address of the last event
 */
struct told {
	struct event events[EVENTS_MAX];
	int n;
	int messages;
	size_t bytes;
	const void *at;
};

static struct told whole, delta;

/* FNV-1a: words that differ have different sums. */
static uint64_t sum(struct nlattr *nla)
{
	const unsigned char *bytes = nla_data(nla);
	uint64_t sum = 14695981039346656037ULL;
	int i;

	for (i = 0; i < nla_len(nla); i++)
		sum = (sum ^ bytes[i]) * 1099511628211ULL;
	return sum;
}

static void take_attribute(struct event *ev, int attr, struct nlattr *nla)
{
	if (attr == BRKWATCH_A_EVENT_COMM)
		snprintf(ev->comm, sizeof(ev->comm), "%s", nla_get_string(nla));
	else if (attr == BRKWATCH_A_EVENT_MARK)
		snprintf(ev->mark, sizeof(ev->mark), "%s", nla_get_string(nla));
	else if (attr == BRKWATCH_A_EVENT_ASKER)
		ev->value[attr] = sum(nla);
	else
		ev->value[attr] = nla_len(nla) == 8 ? nla_get_u64(nla) : nla_get_u32(nla);
}

/* An event that does not lie behind the last one is the first of a new message. */
static void take_event(struct nlattr **tb, void *arg)
{
	struct told *told = arg;
	struct event *ev = &told->events[told->n];
	const void *at = NULL;
	int i;

	if (told->n == EVENTS_MAX)
		abort();
	for (i = 1; i <= BRKWATCH_A_EVENT_MAX; i++)
		if (tb[i] && (!at || (void *)tb[i] < at))
			at = tb[i];
	if (told->at && at > told->at) {
		*ev = ev[-1];
	} else {
		memset(ev, -1, sizeof(*ev));
		told->messages++;
	}
	for (i = 1; i <= BRKWATCH_A_EVENT_MAX; i++) {
		if (!tb[i])
			continue;
		take_attribute(ev, i, tb[i]);
		told->bytes += nla_total_size(nla_len(tb[i]));
	}
	told->at = at;
	told->n++;
}

/* Without delta each event is complete: an absent attribute is not part of it. */
static void take_whole(struct nlattr **tb, void *arg)
{
	struct told *told = arg;

	told->at = NULL;
	take_event(tb, arg);
}

/* Records all kinds but the one that differs between sessions. */
static int session(struct peer *peer, bool with_delta, bool with_askers)
{
	const struct peer_wish wish = {
		.ring_bytes = RING_BYTES,
		.events = ALL_KINDS & ~KIND_BIT(SNAPSHOT),
		.follow = true,
		.delta = with_delta,
		.askers = with_askers,
		.latencies = true,
	};

	return peer_session_as(peer, &wish);
}

FIXTURE(delta)
{
	struct peer whole;
	struct peer delta;
};

FIXTURE_VARIANT(delta)
{
	bool askers;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(delta, plain) { .askers = false, };
FIXTURE_VARIANT_ADD(delta, askers) { .askers = true, };
/* clang-format on */

FIXTURE_SETUP(delta)
{
	memset(&whole, 0, sizeof(whole));
	memset(&delta, 0, sizeof(delta));
	ASSERT_EQ(0, peer_open(&self->whole));
	ASSERT_EQ(0, peer_open(&self->delta));
	ASSERT_EQ(0, session(&self->whole, false, variant->askers));
	ASSERT_EQ(0, session(&self->delta, true, variant->askers));
}

FIXTURE_TEARDOWN(delta)
{
	peer_close(&self->whole);
	peer_close(&self->delta);
}

static void watch(struct __test_metadata *_metadata, struct peer *peers, int (*run)(void *))
{
	struct child child = child_fork(run, NULL);

	ASSERT_EQ(1, peer_watch(&peers[0], child.pid, false));
	ASSERT_EQ(1, peer_watch(&peers[1], child.pid, false));
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));
	ASSERT_EQ(0, peer_drain(&peers[0], take_whole, &whole));
	ASSERT_EQ(0, peer_drain(&peers[1], take_event, &delta));
	ASSERT_EQ(whole.n, delta.n);
}

static void compare(struct __test_metadata *_metadata, int n)
{
	const struct event *a = &whole.events[n], *b = &delta.events[n];
	int i;

	for (i = 1; i <= BRKWATCH_A_EVENT_MAX; i++) {
		if (a->value[i] == UINT64_MAX)
			continue;
		ASSERT_EQ(a->value[i], b->value[i])
		{
			TH_LOG("event %d, of kind %d, attribute %d", n,
			       (int)a->value[BRKWATCH_A_EVENT_KIND], i);
		}
	}
	ASSERT_STREQ(a->comm, b->comm);
	if (a->value[BRKWATCH_A_EVENT_KIND] == BRKWATCH_EVENT_KIND_MARK)
		ASSERT_STREQ(a->mark, b->mark);
}

static void compare_all(struct __test_metadata *_metadata)
{
	int i;

	for (i = 0; i < whole.n; i++)
		compare(_metadata, i);
	TH_LOG("%d events, %zu bytes, %zu with delta", whole.n, whole.bytes, delta.bytes);
}

static void *run_thread(void *arg)
{
	prctl(PR_SET_NAME, "thread");
	syscall(SYS_brk, 0);
	return arg;
}

static void mark(void)
{
	FILE *file = fopen("/proc/brkwatch", "w");

	if (!file || fputs("half\n", file) < 0 || fclose(file))
		_exit(1);
}

static void call_at_random(void)
{
	unsigned long at = random() % 4 * 4096 + 0x10000, bytes = random() % 3 * 4096;

	switch (random() % 8) {
	case 0:
		syscall(SYS_brk, random() % 2 ? 0 : sbrk(0) + bytes);
		break;
	case 1:
		mmap(NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		break;
	case 2:
		syscall(SYS_munmap, at, bytes);
		break;
	case 3:
		syscall(SYS_mprotect, at, bytes, PROT_READ);
		break;
	case 4:
		syscall(SYS_madvise, at, bytes, random() % 2 ? MADV_DONTNEED : MADV_NORMAL);
		break;
	case 5:
		syscall(SYS_mremap, at, bytes, 4096, 0, 0);
		break;
	case 6:
		syscall(SYS_shmdt, at);
		break;
	default:
		prctl(PR_SET_NAME, random() % 2 ? "one" : "another name");
		break;
	}
}

/* Makes calls of all kinds at random, threads, marks, and children that execute or fault. */
static int run_all(void *arg)
{
	pthread_t thread;
	int i;

	srandom(1);
	for (i = 0; i < CALLS; i++) {
		call_at_random();
		if (i % 300)
			continue;
		mark();
		if (pthread_create(&thread, NULL, run_thread, NULL) || pthread_join(thread, NULL))
			return 1;
		switch (fork()) {
		case 0:
			if (i % 600)
				execl("/bin/true", "true", NULL);
			*(volatile char *)0x10000 = 1;
			_exit(1);
		case -1:
			return 1;
		}
		wait(NULL);
	}
	return 0;
}

TEST_F(delta, tells_the_same)
{
	struct peer peers[] = { self->whole, self->delta };

	watch(_metadata, peers, run_all);
	ASSERT_LT(CALLS / 2, whole.n);
	/* More than two messages came, so the comparison covers the beginnings of messages. */
	ASSERT_LT(2, delta.messages);
	compare_all(_metadata);
	EXPECT_LT(delta.bytes, whole.bytes * 3 / 4);
}

static int run_queries(void *arg)
{
	int i;

	for (i = 0; i < QUERIES; i++)
		syscall(SYS_brk, 0);
	return 0;
}

TEST_F(delta, is_short_where_little_changes)
{
	struct peer peers[] = { self->whole, self->delta };

	watch(_metadata, peers, run_queries);
	ASSERT_LE(QUERIES, whole.n);
	compare_all(_metadata);
	EXPECT_LT(delta.bytes, whole.bytes / 4);
}

TEST_HARNESS_MAIN
