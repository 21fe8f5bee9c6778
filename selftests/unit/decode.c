// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "decode.h"
#include "message.h"

#define EVENT(name) BRKWATCH_A_EVENT_##name
#define HEAD(kind)                                                                              \
	U32(EVENT(KIND), kind), U32(EVENT(WATCH), 3), U32(EVENT(PID), 42), U32(EVENT(TID), 43), \
		U64(EVENT(TIME), 1ULL << 40), TEXT(EVENT(COMM), "lab")
#define STATE U64(EVENT(HEAP_START), 0x555500000000), U64(EVENT(BRK), 0x555500021000)
#define CALL U64(EVENT(DURATION), 5), U32(EVENT(ERROR), 0)

static const struct attribute brk_message[] = {
	HEAD(BRKWATCH_EVENT_KIND_BRK),
	STATE,
	CALL,
	U32(EVENT(BRK_KIND), BRKWATCH_BRK_KIND_GROW),
	U64(EVENT(REQUESTED), 11),
	U64(EVENT(BEFORE), 12),
	U64(EVENT(AFTER), 13),
};

static const struct attribute mmap_message[] = {
	HEAD(BRKWATCH_EVENT_KIND_MMAP),
	STATE,
	CALL,
	U64(EVENT(ADDR), 21),
	U64(EVENT(LENGTH), 22),
	U64(EVENT(PROT), 23),
	U64(EVENT(FLAGS), 24),
	U32(EVENT(FD), (uint32_t)-1),
	U64(EVENT(OFFSET), 25),
	U64(EVENT(RESULT), 26),
};

static const struct attribute munmap_message[] = {
	HEAD(BRKWATCH_EVENT_KIND_MUNMAP), STATE, CALL, U64(EVENT(ADDR), 31), U64(EVENT(LENGTH), 32),
	U64(EVENT(RESULT), 33),
};

static const struct attribute exec_message[] = {
	HEAD(BRKWATCH_EVENT_KIND_EXEC),
	STATE,
};

static const struct attribute exit_message[] = {
	HEAD(BRKWATCH_EVENT_KIND_EXIT),
	U32(EVENT(EXIT_CODE), 11),
};

static const struct {
	const struct attribute *attributes;
	size_t n;
} messages[] = {
	{ brk_message, N(brk_message) },       { mmap_message, N(mmap_message) },
	{ munmap_message, N(munmap_message) }, { exec_message, N(exec_message) },
	{ exit_message, N(exit_message) },
};

static int decode(const struct attribute *attributes, size_t n, struct event *ev)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	int err = decode_event(hdr, ev);

	free(hdr);
	return err;
}

TEST(a_brk)
{
	struct event ev;

	ASSERT_EQ(0, decode(brk_message, N(brk_message), &ev));
	EXPECT_EQ(BRKWATCH_EVENT_KIND_BRK, ev.kind);
	EXPECT_EQ(3, ev.watch);
	EXPECT_EQ(42, ev.pid);
	EXPECT_EQ(43, ev.tid);
	EXPECT_EQ(1ULL << 40, ev.time);
	EXPECT_EQ(5, ev.duration);
	EXPECT_EQ(0x555500000000, ev.heap_start);
	EXPECT_EQ(0x555500021000, ev.brk);
	EXPECT_TRUE(ev.has_heap);
	EXPECT_FALSE(ev.has_rss);
	EXPECT_STREQ("lab", ev.comm);
	EXPECT_EQ(BRKWATCH_BRK_KIND_GROW, ev.move.kind);
	EXPECT_EQ(11, ev.move.requested);
	EXPECT_EQ(12, ev.move.before);
	EXPECT_EQ(13, ev.move.after);
}

TEST(an_mmap)
{
	struct event ev;

	ASSERT_EQ(0, decode(mmap_message, N(mmap_message), &ev));
	EXPECT_EQ(21, ev.map.addr);
	EXPECT_EQ(22, ev.map.length);
	EXPECT_EQ(23, ev.map.prot);
	EXPECT_EQ(24, ev.map.flags);
	EXPECT_EQ(-1, ev.map.fd);
	EXPECT_EQ(25, ev.map.offset);
	EXPECT_EQ(26, ev.map.result);
}

TEST(munmap_exec_exit)
{
	struct event ev;

	ASSERT_EQ(0, decode(munmap_message, N(munmap_message), &ev));
	EXPECT_EQ(31, ev.map.addr);
	EXPECT_EQ(32, ev.map.length);
	ASSERT_EQ(0, decode(exec_message, N(exec_message), &ev));
	EXPECT_EQ(BRKWATCH_EVENT_KIND_EXEC, ev.kind);
	ASSERT_EQ(0, decode(exit_message, N(exit_message), &ev));
	EXPECT_EQ(11, ev.exit_code);
	EXPECT_FALSE(ev.has_heap);
}

TEST(each_attribute_missing)
{
	struct attribute some[32];
	struct event ev;
	size_t i, j, k, n;

	for (i = 0; i < N(messages); i++) {
		for (j = 0; j < messages[i].n; j++) {
			for (k = n = 0; k < messages[i].n; k++)
				if (k != j)
					some[n++] = messages[i].attributes[k];
			EXPECT_EQ(-EBADMSG, decode(some, n, &ev))
			{
				TH_LOG("kind %zu without attribute %d", i,
				       messages[i].attributes[j].type);
			}
		}
	}
}

TEST(each_attribute_of_wrong_length)
{
	static const int by[] = { -1, 1, 4, -4 };
	struct attribute some[32];
	struct event ev;
	size_t i, j, k;

	for (i = 0; i < N(messages); i++) {
		for (j = 0; j < messages[i].n; j++) {
			for (k = 0; k < N(by); k++) {
				memcpy(some, messages[i].attributes, messages[i].n * sizeof(*some));
				/* A name may be longer; its own test is below. */
				if (some[j].text && by[k] > 0)
					continue;
				some[j].len += by[k];
				EXPECT_EQ(-EBADMSG, decode(some, messages[i].n, &ev))
				{
					TH_LOG("kind %zu attribute %d by %d", i, some[j].type,
					       by[k]);
				}
			}
		}
	}
}

TEST(rss_is_optional_but_whole)
{
	struct attribute some[N(brk_message) + 1];
	struct event ev;

	memcpy(some, brk_message, sizeof(brk_message));
	some[N(brk_message)] = (struct attribute)U64(EVENT(RSS), 99);
	ASSERT_EQ(0, decode(some, N(some), &ev));
	EXPECT_TRUE(ev.has_rss);
	EXPECT_EQ(99, ev.rss);
	some[N(brk_message)].len = 4;
	EXPECT_EQ(-EBADMSG, decode(some, N(some), &ev));
}

TEST(names_of_threads)
{
	struct attribute some[N(exec_message)];
	struct attribute *comm = &some[5];
	struct event ev;

	memcpy(some, exec_message, sizeof(some));
	ASSERT_EQ(EVENT(COMM), comm->type);
	*comm = (struct attribute)TEXT(EVENT(COMM), "123456789012345");
	EXPECT_EQ(0, decode(some, N(some), &ev));
	EXPECT_STREQ("123456789012345", ev.comm);
	*comm = (struct attribute)TEXT(EVENT(COMM), "1234567890123456");
	EXPECT_EQ(-EBADMSG, decode(some, N(some), &ev));
	*comm = (struct attribute)TEXT(EVENT(COMM), "unended");
	comm->len--;
	EXPECT_EQ(-EBADMSG, decode(some, N(some), &ev));
	comm->len = 0;
	EXPECT_EQ(-EBADMSG, decode(some, N(some), &ev));
}

TEST(what_is_unknown)
{
	struct attribute some[N(brk_message) + 1];
	struct event ev;

	memcpy(some, brk_message, sizeof(brk_message));
	some[N(brk_message)] = (struct attribute)U64(BRKWATCH_A_EVENT_MAX + 1, 1);
	EXPECT_EQ(0, decode(some, N(some), &ev))
	{
		TH_LOG("an attribute of a newer module");
	}
	some[0].value = BRKWATCH_EVENT_KIND_EXIT + 1;
	EXPECT_EQ(-ENOMSG, decode(some, N(some), &ev));
	some[0].value = BRKWATCH_EVENT_KIND_BRK;
	some[10].value = BRKWATCH_BRK_KIND_REFUSED + 1;
	ASSERT_EQ(EVENT(BRK_KIND), some[10].type);
	EXPECT_EQ(-ENOMSG, decode(some, N(some), &ev));
}

TEST(no_errno)
{
	struct attribute some[N(brk_message)];
	struct event ev;

	memcpy(some, brk_message, sizeof(some));
	ASSERT_EQ(EVENT(ERROR), some[9].type);
	some[9].value = 4095;
	EXPECT_EQ(0, decode(some, N(some), &ev));
	some[9].value = 4096;
	EXPECT_EQ(-EBADMSG, decode(some, N(some), &ev));
}

TEST(cut_short)
{
	struct event ev;
	size_t i, len;

	for (i = 0; i < N(messages); i++) {
		struct nlmsghdr *whole = message_new(messages[i].attributes, messages[i].n);

		for (len = sizeof(*whole); len < whole->nlmsg_len; len++) {
			struct nlmsghdr *hdr = message_cut(whole, len);

			EXPECT_NE(0, decode_event(hdr, &ev))
			{
				TH_LOG("kind %zu at %zu bytes", i, len);
			}
			free(hdr);
		}
		free(whole);
	}
}

TEST(last_attribute_without_padding)
{
	static const struct attribute some[] = {
		STATE,
		HEAD(BRKWATCH_EVENT_KIND_EXEC),
		{ EVENT(COMM), 2, 0, "x" },
	};
	struct nlmsghdr *padded = message_new(some, N(some));
	struct nlmsghdr *hdr = message_cut(padded, padded->nlmsg_len - 2);
	struct event ev;

	EXPECT_EQ(0, decode_event(hdr, &ev));
	EXPECT_STREQ("x", ev.comm);
	free(padded);
	free(hdr);
}

/* ASan and UBSan are the oracle: any answer will do, any crash will not. */
TEST(bytes_at_random)
{
	const unsigned int seed = 1;
	struct session_state state;
	struct counters counters;
	struct event ev;
	int i, j;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (i = 0; i < 100000; i++) {
		size_t k = random() % N(messages);
		struct nlmsghdr *hdr = message_new(messages[k].attributes, messages[k].n);
		unsigned char *bytes = (unsigned char *)hdr;

		for (j = random() % 4; j >= 0; j--)
			bytes[sizeof(*hdr) + random() % (hdr->nlmsg_len - sizeof(*hdr))] = random();
		decode_event(hdr, &ev);
		decode_counters(hdr, &counters);
		decode_session(hdr, &state);
		free(hdr);
	}
}

/* Every attribute has its number as its value. */
static size_t counters_message(struct attribute *some)
{
	size_t n = 0;
	int type;

	for (type = BRKWATCH_A_WATCH_HEAP_START; type <= BRKWATCH_A_WATCH_LOST; type++)
		some[n++] = (struct attribute)U64(type, type);
	some[n++] = (struct attribute)U32(BRKWATCH_A_WATCH_ID, 1);
	some[n++] = (struct attribute)U32(BRKWATCH_A_WATCH_PID, 2);
	some[n++] = (struct attribute)TEXT(BRKWATCH_A_WATCH_COMM, "lab");
	return n;
}

static int decode_watch(const struct attribute *attributes, size_t n, struct counters *counters)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	int err = decode_counters(hdr, counters);

	free(hdr);
	return err;
}

TEST(counters_of_a_watch)
{
	struct attribute some[BRKWATCH_A_WATCH_MAX + 1];
	size_t n = counters_message(some);
	struct counters c;
	size_t i;

	ASSERT_EQ(0, decode_watch(some, n, &c));
	EXPECT_EQ(1, c.id);
	EXPECT_EQ(2, c.pid);
	EXPECT_FALSE(c.exited);
	EXPECT_EQ(BRKWATCH_A_WATCH_HEAP_START, c.heap_start);
	EXPECT_EQ(BRKWATCH_A_WATCH_BRK_REFUSED, c.brk_refused);
	EXPECT_EQ(BRKWATCH_A_WATCH_MAPPED_FILE_BYTES, c.mapped_file_bytes);
	EXPECT_EQ(BRKWATCH_A_WATCH_LOST, c.lost);
	some[n] = (struct attribute)FLAG(BRKWATCH_A_WATCH_EXITED);
	ASSERT_EQ(0, decode_watch(some, n + 1, &c));
	EXPECT_TRUE(c.exited);
	some[n].len = 1;
	EXPECT_EQ(-EBADMSG, decode_watch(some, n + 1, &c));
	for (i = 0; i < n; i++) {
		struct attribute gone = some[i];

		some[i].type = BRKWATCH_A_WATCH_MAX + 1;
		EXPECT_EQ(-EBADMSG, decode_watch(some, n, &c));
		some[i] = gone;
	}
}

TEST(state_of_a_session)
{
	struct attribute some[] = {
		U32(BRKWATCH_A_SESSION_PROTOCOL, BRKWATCH_PROTOCOL_VERSION),
		U32(BRKWATCH_A_SESSION_LIVE, 2),
		U64(BRKWATCH_A_SESSION_MADE, 3),
		U64(BRKWATCH_A_SESSION_DELIVERED, 4),
		U64(BRKWATCH_A_SESSION_LOST_RING, 5),
		U64(BRKWATCH_A_SESSION_LOST_PROBE, 6),
	};
	struct session_state state;
	struct nlmsghdr *hdr = message_new(some, N(some));

	ASSERT_EQ(0, decode_session(hdr, &state));
	EXPECT_EQ(2, state.live);
	EXPECT_EQ(6, state.lost_probe);
	free(hdr);
	hdr = message_new(some, N(some) - 1);
	EXPECT_EQ(-EBADMSG, decode_session(hdr, &state));
	free(hdr);
	some[0].value = BRKWATCH_PROTOCOL_VERSION + 1;
	hdr = message_new(some, 1);
	EXPECT_EQ(0, decode_session(hdr, &state))
	{
		TH_LOG("the version of another module must be readable");
	}
	EXPECT_EQ(BRKWATCH_PROTOCOL_VERSION + 1, state.protocol);
	free(hdr);
}

TEST_HARNESS_MAIN
