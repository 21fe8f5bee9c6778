// SPDX-License-Identifier: GPL-2.0
/* Who made a call, and what the kernel decided it by: which event has it, and from which message. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "wire/decode.h"
#include "message.h"

#define EVENT(name) BRKWATCH_A_EVENT_##name
#define LIMITS(name) BRKWATCH_A_LIMITS_##name
#define HEAD(kind, error)                                                                       \
	U32(EVENT(KIND), kind), U32(EVENT(WATCH), 3), U32(EVENT(PID), 42), U32(EVENT(TID), 42), \
		U32(EVENT(LOST), 0), U32(EVENT(ERROR), error), U64(EVENT(TIME), 1ULL << 40),    \
		U64(EVENT(DURATION), 5), U32(EVENT(TRAITS), 0),                                 \
		U64(EVENT(HEAP_START), 0x555500000000), U64(EVENT(BRK), 0x555500021000),        \
		TEXT(EVENT(COMM), "lab")
#define MUNMAP(error)                                                                          \
	HEAD(BRKWATCH_EVENT_KIND_MUNMAP, error), U64(EVENT(ADDR), 31), U64(EVENT(LENGTH), 32), \
		U64(EVENT(RESULT), 33)

/* One more than a call can have. */
static const uint64_t words[ASKER_WORDS + 1] = { 0x7f0000001000, 2, 3, 4, 5, [ASKER_WORDS] = 17 };

#define WORDS(n) BYTES(EVENT(ASKER), words, 8 * (n))

static const struct attribute asked[] = { MUNMAP(0), U64(EVENT(IP), 0x401000), WORDS(1) };
static const struct attribute not_asked[] = { MUNMAP(0) };
static const struct attribute same[] = { U64(EVENT(TIME), (1ULL << 40) + 1) };
static const struct attribute other_words[] = { U64(EVENT(TIME), (1ULL << 40) + 2), WORDS(16) };
static const struct attribute no_words[] = { U64(EVENT(TIME), (1ULL << 40) + 3), WORDS(0) };
static const struct attribute other_ip[] = {
	U64(EVENT(TIME), (1ULL << 40) + 4),
	U64(EVENT(IP), 0x402000),
};
static const struct attribute other_thread[] = {
	U32(EVENT(TID), 43),
	U64(EVENT(TIME), (1ULL << 40) + 5),
};
static const struct attribute snapshot[] = {
	HEAD(BRKWATCH_EVENT_KIND_SNAPSHOT, 0),
	U32(EVENT(SNAPSHOT), 1),
};
/* An event that is none of a call, with what only calls have. */
static const struct attribute asked_snapshot[] = {
	HEAD(BRKWATCH_EVENT_KIND_SNAPSHOT, 0),
	U32(EVENT(SNAPSHOT), 1),
	U64(EVENT(IP), 0x401000),
	WORDS(1),
};

#define LIST(list)             \
	{                      \
		list, N(list), \
	}

/**
 * struct taken - the events of a message
 * @v: those that were read
 * @n: how many
 * @pass: how often a call may yet pass that a glance sees to be another
 */
struct taken {
	struct event v[64];
	size_t n;
	size_t pass;
};

static bool pass(const struct glance *glance, void *arg)
{
	struct taken *taken = arg;

	return event_is_call(glance->kind) && taken->pass && taken->pass--;
}

static int take(const struct event *ev, void *arg)
{
	struct taken *taken = arg;

	if (taken->n == N(taken->v))
		return -ENOMEM;
	taken->v[taken->n++] = *ev;
	return 0;
}

static int decode(const struct attribute_list *lists, size_t n, struct taken *taken)
{
	struct event_taker taker = { pass, take, taken, 0 };
	struct nlmsghdr *hdr = message_nest(BRKWATCH_A_EVENTS_EVENT, lists, n);
	int err = decode_events(hdr, &taker);

	free(hdr);
	return err;
}

static int decode_one(const struct attribute *attributes, size_t n, struct taken *taken)
{
	const struct attribute_list list = { attributes, n };

	taken->n = 0;
	return decode(&list, 1, taken);
}

TEST(a_call_that_asked)
{
	struct taken taken = {};

	ASSERT_EQ(0, decode_one(asked, N(asked), &taken));
	ASSERT_EQ(1, taken.n);
	EXPECT_EQ(0x401000, taken.v[0].asker.ip);
	EXPECT_EQ(1, taken.v[0].asker.n);
	EXPECT_EQ(0x7f0000001000, taken.v[0].asker.words[0]);
	EXPECT_FALSE(taken.v[0].limits.known);
	ASSERT_EQ(0, decode_one(not_asked, N(not_asked), &taken));
	EXPECT_EQ(0, taken.v[0].asker.ip);
	EXPECT_EQ(0, taken.v[0].asker.n);
}

/* Each of the two is as in the event before that had it, until it is written anew. */
TEST(what_is_left_out_is_as_before)
{
	static const struct attribute_list lists[] = {
		LIST(asked),	LIST(same),	LIST(other_words),
		LIST(no_words), LIST(other_ip), LIST(same),
	};
	struct taken taken = {};

	ASSERT_EQ(0, decode(lists, N(lists), &taken));
	ASSERT_EQ(N(lists), taken.n);
	EXPECT_EQ(0x401000, taken.v[1].asker.ip);
	ASSERT_EQ(1, taken.v[1].asker.n);
	EXPECT_EQ(0x7f0000001000, taken.v[1].asker.words[0]);
	EXPECT_EQ(0x401000, taken.v[2].asker.ip);
	ASSERT_EQ(16, taken.v[2].asker.n);
	EXPECT_EQ(0, memcmp(words, taken.v[2].asker.words, 16 * sizeof(*words)));
	EXPECT_EQ(0x401000, taken.v[3].asker.ip);
	EXPECT_EQ(0, taken.v[3].asker.n);
	EXPECT_EQ(0x402000, taken.v[4].asker.ip);
	EXPECT_EQ(0, taken.v[5].asker.n);
	EXPECT_EQ(0x402000, taken.v[5].asker.ip);
}

/* It gets nothing, and does not keep calls after it from what came before it. */
TEST(an_event_that_is_no_call)
{
	static const struct attribute_list lists[] = {
		LIST(asked),
		LIST(snapshot),
		LIST(not_asked),
		LIST(asked_snapshot),
	};
	struct taken taken = {};

	ASSERT_EQ(0, decode(lists, N(lists), &taken));
	ASSERT_EQ(4, taken.n);
	EXPECT_EQ(0, taken.v[1].asker.ip);
	EXPECT_EQ(0, taken.v[1].asker.n);
	EXPECT_EQ(0x401000, taken.v[2].asker.ip);
	EXPECT_EQ(1, taken.v[2].asker.n);
	EXPECT_EQ(0, taken.v[3].asker.ip);
	EXPECT_EQ(0, taken.v[3].asker.n);
}

/* A glance reads nothing of it, but the event after the glance needs it. */
TEST(what_passed_tells_of_what_does_not)
{
	static const struct attribute_list lists[] = { LIST(asked), LIST(other_ip),
						       LIST(other_thread) };
	struct taken taken = { .pass = 1 };

	ASSERT_EQ(0, decode(lists, N(lists), &taken));
	ASSERT_EQ(1, taken.n);
	EXPECT_EQ(0x402000, taken.v[0].asker.ip);
	EXPECT_EQ(1, taken.v[0].asker.n);
}

/* No message inherits from the one before it. */
TEST(the_first_of_a_message)
{
	struct taken taken = {};

	ASSERT_EQ(0, decode_one(asked, N(asked), &taken));
	ASSERT_EQ(0, decode_one(not_asked, N(not_asked), &taken));
	EXPECT_EQ(0, taken.v[0].asker.ip);
}

TEST(malformed)
{
	static const struct attribute cases[] = {
		BYTES(EVENT(ASKER), words, 1),	 BYTES(EVENT(ASKER), words, 12),
		BYTES(EVENT(ASKER), words, 136), U32(EVENT(IP), 1),
		BYTES(EVENT(IP), words, 16),
	};
	struct taken taken = {};
	size_t i;

	for (i = 0; i < N(cases); i++) {
		struct attribute some[N(not_asked) + 1];

		memcpy(some, not_asked, sizeof(not_asked));
		some[N(not_asked)] = cases[i];
		EXPECT_EQ(-EBADMSG, decode_one(some, N(some), &taken)) TH_LOG("%zu", i);
	}
}

/* The value of each is its number. */
static const struct attribute limits[] = {
	U64(LIMITS(AS), 1),	      U64(LIMITS(DATA), 2),	     U64(LIMITS(LOCKED), 3),
	U64(LIMITS(STACK), 4),	      U64(LIMITS(MAPPINGS), 5),	     U64(LIMITS(LIMIT_AS), 6),
	U64(LIMITS(LIMIT_DATA), 7),   U64(LIMITS(LIMIT_MEMLOCK), 8), U64(LIMITS(LIMIT_STACK), 9),
	U32(LIMITS(LOCK_FUTURE), 10), U64(LIMITS(COMMITTED), 11),    U64(LIMITS(STATIC_DATA), 12),
};

/* An event that failed, with limits; returns how many attributes. */
static size_t failed_event(struct attribute *to, const struct attribute *inner, size_t n)
{
	static const struct attribute failed[] = { MUNMAP(ENOMEM) };
	static unsigned char bytes[256];
	size_t i, len = 0;

	for (i = 0; i < n; i++) {
		const uint16_t head[2] = { 4 + inner[i].len, inner[i].type };

		memcpy(bytes + len, head, sizeof(head));
		memcpy(bytes + len + sizeof(head), &inner[i].value, inner[i].len);
		len += sizeof(head) + inner[i].len;
	}
	memcpy(to, failed, sizeof(failed));
	to[N(failed)] = (struct attribute)BYTES(EVENT(LIMITS) | NLA_F_NESTED, bytes, len);
	return N(failed) + 1;
}

TEST(limits_of_a_failed_call)
{
	struct attribute some[20];
	const struct attribute_list lists[] = {
		{ some, failed_event(some, limits, N(limits)) },
		LIST(same),
	};
	struct taken taken = {};
	const struct event_limits *l = &taken.v[0].limits;

	ASSERT_EQ(0, decode(lists, N(lists), &taken));
	ASSERT_EQ(2, taken.n);
	EXPECT_TRUE(l->known);
	EXPECT_EQ(1, l->as);
	EXPECT_EQ(2, l->data);
	EXPECT_EQ(3, l->locked);
	EXPECT_EQ(4, l->stack);
	EXPECT_EQ(5, l->mappings);
	EXPECT_EQ(6, l->limit_as);
	EXPECT_EQ(7, l->limit_data);
	EXPECT_EQ(8, l->limit_memlock);
	EXPECT_EQ(9, l->limit_stack);
	EXPECT_TRUE(l->lock_future);
	EXPECT_EQ(11, l->committed);
	EXPECT_EQ(12, l->static_data);
	/* They are of one moment, so the next failure does not inherit them. */
	EXPECT_EQ(ENOMEM, taken.v[1].error);
	EXPECT_FALSE(taken.v[1].limits.known);
	EXPECT_EQ(0, taken.v[1].limits.as);
}

/* Each is there, and has its length. */
TEST(malformed_limits)
{
	struct attribute some[20], inner[N(limits)];
	struct taken taken = {};
	size_t i;

	for (i = 0; i < N(limits); i++) {
		memcpy(inner, limits, sizeof(limits));
		inner[i].type = BRKWATCH_A_LIMITS_MAX + 1;
		EXPECT_EQ(-EBADMSG, decode_one(some, failed_event(some, inner, N(inner)), &taken))
		TH_LOG("%zu", i);
		inner[i] = limits[i];
		inner[i].len = limits[i].len == 4 ? 8 : 4;
		EXPECT_EQ(-EBADMSG, decode_one(some, failed_event(some, inner, N(inner)), &taken))
		TH_LOG("%zu", i);
	}
	EXPECT_EQ(-EBADMSG, decode_one(some, failed_event(some, limits, 0), &taken));
	EXPECT_EQ(0, decode_one(some, failed_event(some, limits, N(limits)), &taken));
}

/* ASan and UBSan are the oracle. */
TEST(bytes_at_random)
{
	const unsigned int seed = 3;
	struct attribute some[20];
	const struct attribute_list lists[] = {
		LIST(asked),
		{ some, failed_event(some, limits, N(limits)) },
		LIST(other_words),
	};
	int i;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (i = 0; i < 20000; i++) {
		struct taken taken = { .pass = random() % 2 };
		struct event_taker taker = { pass, take, &taken, 0 };
		struct nlmsghdr *hdr = message_nest(BRKWATCH_A_EVENTS_EVENT, lists, N(lists));

		message_spoil(hdr);
		decode_events(hdr, &taker);
		free(hdr);
	}
}

TEST_HARNESS_MAIN
