// SPDX-License-Identifier: GPL-2.0
/*
 * The default ring loses nothing to stress-ng when the reader does no more than
 * store what it gets; and a reader that does not read stops nobody.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <netlink/attr.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

/* The reader keeps this much of an event. */
struct stored {
	uint64_t time;
	uint64_t addr;
	uint64_t length;
	uint64_t result;
	uint32_t kind;
	uint32_t watch;
};

struct store {
	FILE *file;
	uint64_t events;
	uint64_t failures;
};

static void store_event(struct nlattr **tb, void *arg)
{
	struct store *store = arg;
	struct stored stored = {
		.time = peer_u64(tb, BRKWATCH_A_EVENT_TIME),
		.addr = peer_u64(tb, BRKWATCH_A_EVENT_ADDR),
		.length = peer_u64(tb, BRKWATCH_A_EVENT_LENGTH),
		.result = peer_u64(tb, BRKWATCH_A_EVENT_RESULT),
		.kind = peer_u32(tb, BRKWATCH_A_EVENT_KIND),
		.watch = peer_u32(tb, BRKWATCH_A_EVENT_WATCH),
	};

	store->events++;
	store->failures += fwrite(&stored, sizeof(stored), 1, store->file) != 1;
}

static int run_stressor(void *arg)
{
	char *const *argv = arg;

	execvp(argv[0], argv);
	return 127;
}

FIXTURE(stress)
{
	struct peer peer;
	struct store store;
};

/* Seconds: KASAN and lockdep on half an emulated CPU need more than five minutes. */
#define DEADLINE 900

/* Files go to /tmp because the folder of the tests is read-only. */
#define STRESS "stress-ng", "--quiet", "--temp-path", "/tmp"

/* clang-format off */
FIXTURE_VARIANT(stress)
{
	char *argv[12];
};

FIXTURE_VARIANT_ADD(stress, brk) {
	.argv = { STRESS, "--brk", "1", "--brk-ops", "40000" },
};

FIXTURE_VARIANT_ADD(stress, mmap) {
	.argv = { STRESS, "--mmap", "1", "--mmap-ops", "20", "--mmap-bytes", "1m" },
};
/* clang-format on */

FIXTURE_SETUP(stress)
{
	struct nl_msg *msg;

	memset(&self->store, 0, sizeof(self->store));
	self->store.file = tmpfile();
	ASSERT_NE(NULL, self->store.file);
	ASSERT_EQ(0, peer_open(&self->peer));
	msg = peer_request(&self->peer, BRKWATCH_CMD_SESSION_NEW, 0);
	nla_put_flag(msg, BRKWATCH_A_SESSION_FOLLOW);
	ASSERT_EQ(0, peer_call(&self->peer, msg, NULL, NULL));
}

FIXTURE_TEARDOWN(stress)
{
	fclose(self->store.file);
	peer_close(&self->peer);
}

TEST_F_TIMEOUT(stress, nothing_is_lost, DEADLINE)
{
	struct child child = child_fork(run_stressor, (void *)variant->argv);
	uint32_t live = 1;

	ASSERT_EQ(1, peer_watch(&self->peer, child.pid, true));
	child_go(&child);
	while (live) {
		/* The socket may drop a wakeup, so the totals decide when the run is over. */
		if (peer_ready(&self->peer, &live))
			live = peer_total(&self->peer, BRKWATCH_A_SESSION_LIVE);
		ASSERT_EQ(0, peer_drain(&self->peer, store_event, &self->store));
	}
	ASSERT_EQ(0, child_wait(&child));
	ASSERT_EQ(0, peer_drain(&self->peer, store_event, &self->store));
	TH_LOG("%lu events", self->store.events);
	EXPECT_LT(1000, self->store.events);
	EXPECT_EQ(0, self->store.failures);
	EXPECT_EQ(self->store.events, peer_total(&self->peer, BRKWATCH_A_SESSION_MADE));
	EXPECT_EQ(0, peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_RING));
	EXPECT_EQ(0, peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_WATCH));
	EXPECT_EQ(0, peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_PROBE));
}

TEST_F_TIMEOUT(stress, unread_but_counted, DEADLINE)
{
	struct child child = child_fork(run_stressor, (void *)variant->argv);
	uint64_t made, lost;

	ASSERT_EQ(1, peer_watch(&self->peer, child.pid, true));
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));
	ASSERT_EQ(0, peer_drain(&self->peer, store_event, &self->store));
	made = peer_total(&self->peer, BRKWATCH_A_SESSION_MADE);
	lost = peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_RING);
	TH_LOG("made %lu, delivered %lu, lost %lu", made, self->store.events, lost);
	EXPECT_EQ(made, self->store.events + lost);
}

TEST_HARNESS_MAIN
