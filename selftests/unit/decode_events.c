// SPDX-License-Identifier: GPL-2.0
/* Messages with many events, and what the tool sees in them at a glance. */
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "events_fixture.h"

static const struct attribute failed_event[] = {
	FRONT(BRKWATCH_EVENT_KIND_MUNMAP, 4, 43, 7, EINVAL),
	STATE,
	MUNMAP,
	TEXT(EVENT(COMM), "laboratory"),
};

/* Another order, which our module never writes. */
static const struct attribute reordered_event[] = {
	U64(EVENT(TIME), 1ULL << 40),
	TEXT(EVENT(COMM), "lab"),
	MUNMAP,
	STATE,
	FRONT(BRKWATCH_EVENT_KIND_MUNMAP, 5, 42, 0, 0),
};

static const struct attribute other_watch_event[] = {
	U32(EVENT(WATCH), 6),
	U64(EVENT(TIME), (1ULL << 40) + 8),
	U64(EVENT(LENGTH), 33),
};

static const struct attribute_list three[] = {
	{ munmap_event, N(munmap_event) },
	{ failed_event, N(failed_event) },
	{ reordered_event, N(reordered_event) },
};

static const struct attribute_list changes[] = {
	{ munmap_event, N(munmap_event) },
	{ later_event, N(later_event) },
	{ other_watch_event, N(other_watch_event) },
	{ brk_event, N(brk_event) },
};

TEST(all_in_order)
{
	struct seen seen = {};

	ASSERT_EQ(0, decode(three, N(three), false, &seen));
	ASSERT_EQ(3, seen.n);
	EXPECT_EQ(3, seen.taken[0]);
	EXPECT_EQ(4, seen.taken[1]);
	EXPECT_EQ(5, seen.taken[2]);
}

TEST(a_message_that_is_one_event)
{
	struct seen seen = { .pass = true, .all_but = NO_KIND };
	struct event_taker taker = { look, take, &seen, 0 };
	struct nlmsghdr *hdr = message_new(munmap_event, N(munmap_event));

	ASSERT_EQ(0, decode_events(hdr, &taker));
	EXPECT_EQ(0, seen.glances);
	ASSERT_EQ(1, seen.n);
	EXPECT_EQ(3, seen.taken[0]);
	free(hdr);
}

TEST(a_glance)
{
	struct seen seen = {};

	ASSERT_EQ(0, decode(three, 2, true, &seen));
	EXPECT_EQ(2, seen.n);
	ASSERT_EQ(2, seen.glances);
	EXPECT_EQ(BRKWATCH_EVENT_KIND_MUNMAP, seen.last.kind);
	EXPECT_EQ(4, seen.last.watch);
	EXPECT_EQ(42, seen.last.pid);
	EXPECT_EQ(43, seen.last.tid);
	EXPECT_EQ(EINVAL, seen.last.error);
}

TEST(what_passes_is_not_read)
{
	struct seen seen = { .pass = true, .all_but = NO_KIND };

	ASSERT_EQ(0, decode(three, 2, true, &seen));
	ASSERT_EQ(2, seen.glances);
	ASSERT_EQ(0, seen.n);
	/* The glance cannot decide, so the event is decoded. */
	ASSERT_EQ(0, decode(three + 2, 1, true, &seen));
	ASSERT_EQ(2, seen.glances);
	ASSERT_EQ(1, seen.n);
	EXPECT_EQ(5, seen.taken[0]);
}

static void expect_brk(struct __test_metadata *_metadata, const struct event *ev)
{
	EXPECT_EQ(BRKWATCH_EVENT_KIND_BRK, ev->kind);
	EXPECT_EQ(6, ev->watch);
	EXPECT_EQ(42, ev->tid);
	EXPECT_EQ((1ULL << 40) + 9, ev->time);
	EXPECT_EQ(6, ev->duration);
	EXPECT_EQ(0x555500021000, ev->brk);
	EXPECT_STREQ("lab", ev->comm);
	EXPECT_EQ(BRKWATCH_BRK_KIND_QUERY, ev->move.kind);
	EXPECT_EQ(1, ev->move.after);
}

TEST(what_is_left_out_is_as_before)
{
	struct seen seen = {};

	ASSERT_EQ(0, decode(changes, 3, false, &seen));
	ASSERT_EQ(3, seen.n);
	EXPECT_EQ(3, seen.taken[1]);
	EXPECT_EQ(BRKWATCH_EVENT_KIND_MUNMAP, seen.last_taken.kind);
	EXPECT_EQ(6, seen.last_taken.watch);
	EXPECT_EQ((1ULL << 40) + 8, seen.last_taken.time);
	EXPECT_EQ(6, seen.last_taken.duration);
	EXPECT_EQ(31, seen.last_taken.map.addr);
	EXPECT_EQ(33, seen.last_taken.map.length);
	seen.n = 0;
	ASSERT_EQ(0, decode(changes, N(changes), false, &seen));
	ASSERT_EQ(4, seen.n);
	expect_brk(_metadata, &seen.last_taken);
}

TEST(what_passed_tells_of_what_does_not)
{
	struct seen seen = { .pass = true, .all_but = BRKWATCH_EVENT_KIND_BRK };

	ASSERT_EQ(0, decode(changes, N(changes), true, &seen));
	/* The second event differs in nothing that a glance sees. */
	ASSERT_EQ(3, seen.glances);
	EXPECT_EQ(3, seen.passed[0]);
	EXPECT_EQ(6, seen.passed[1]);
	EXPECT_EQ(6, seen.passed[2]);
	EXPECT_EQ(3, seen.unread);
	ASSERT_EQ(1, seen.n);
	expect_brk(_metadata, &seen.last_taken);
}

TEST(what_did_not_pass_is_asked_for_again)
{
	struct seen seen = { .pass = true, .all_but = BRKWATCH_EVENT_KIND_MUNMAP };

	ASSERT_EQ(0, decode(changes, 2, true, &seen));
	EXPECT_EQ(2, seen.glances);
	EXPECT_EQ(0, seen.unread);
	EXPECT_EQ(2, seen.n);
}

/* The first event of a message has no event before it. */
TEST(nothing_is_as_before)
{
	struct seen seen = {};

	EXPECT_EQ(-EBADMSG, decode(changes + 1, 1, false, &seen));
	EXPECT_EQ(-EBADMSG, decode(changes + 1, 1, true, &seen));
	EXPECT_EQ(0, seen.glances);
	EXPECT_EQ(0, seen.n);
}

TEST(the_taker_ends_it)
{
	struct seen seen = { .err = -ENOMEM };

	EXPECT_EQ(-ENOMEM, decode(three, N(three), false, &seen));
	EXPECT_EQ(1, seen.n);
}

/* ASan is the oracle too: each byte that is read lies within the message. */
TEST(cut_short)
{
	struct nlmsghdr *whole = message_nest(BRKWATCH_A_EVENTS_EVENT, three, N(three));
	size_t len, between = 0;

	for (len = sizeof(*whole); len < whole->nlmsg_len; len++) {
		struct seen seen = {};
		struct event_taker taker = { look, take, &seen, 0 };
		struct nlmsghdr *hdr = message_cut(whole, len);

		/* A message may end after an event. */
		if (!decode_events(hdr, &taker))
			between++;
		EXPECT_GT(3, seen.n);
		free(hdr);
	}
	EXPECT_EQ(2, between);
	free(whole);
}

TEST(bytes_at_random)
{
	const unsigned int seed = 2;
	int i;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (i = 0; i < 100000; i++) {
		struct seen seen = { .pass = random() % 2, .all_but = NO_KIND };
		struct event_taker taker = { look, take, &seen, 0 };
		struct nlmsghdr *hdr =
			random() % 2 ? message_nest(BRKWATCH_A_EVENTS_EVENT, three, N(three)) :
				       message_nest(BRKWATCH_A_EVENTS_EVENT, changes, N(changes));

		message_spoil(hdr);
		decode_events(hdr, &taker);
		free(hdr);
	}
}

TEST_HARNESS_MAIN
