// SPDX-License-Identifier: GPL-2.0
/* Messages that lack something, end early, or have values that no module sends. */
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "messages.h"

/* Seconds: 100,000 messages take long beside guests that keep the CPUs busy. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

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
				/* A name may be longer; decode.c has a test of it. */
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

/* @value is the first invalid one for an attribute with few values. */
static void reject(struct __test_metadata *_metadata, enum brkwatch_event_kind kind, int type,
		   uint64_t value, int err)
{
	const size_t n = messages[kind].n;
	struct attribute some[32];
	struct event ev;
	size_t at = 0;

	memcpy(some, messages[kind].attributes, n * sizeof(*some));
	while (at < n && some[at].type != type)
		at++;
	ASSERT_LT(at, n);
	some[at].value = value - 1;
	EXPECT_EQ(0, decode(some, n, &ev));
	some[at].value = value;
	EXPECT_EQ(err, decode(some, n, &ev));
}

TEST(values_out_of_range)
{
	reject(_metadata, BRKWATCH_EVENT_KIND_BRK, EVENT(BRK_KIND), BRKWATCH_BRK_KIND_REFUSED + 1,
	       -ENOMSG);
	reject(_metadata, BRKWATCH_EVENT_KIND_CLONE, EVENT(CLONE_KIND),
	       BRKWATCH_CLONE_KIND_THREAD + 1, -ENOMSG);
	/* The watch of the process that made the child. */
	reject(_metadata, BRKWATCH_EVENT_KIND_CLONE, EVENT(CHILD_WATCH), 3, -EBADMSG);
	reject(_metadata, BRKWATCH_EVENT_KIND_LEAVE, EVENT(LEAVE_REASON),
	       BRKWATCH_LEAVE_REASON_CREDENTIALS + 1, -ENOMSG);
	reject(_metadata, BRKWATCH_EVENT_KIND_FAULT, EVENT(SIGNAL), 65, -EBADMSG);
}

TEST(no_errno)
{
	struct attribute some[N(brk_message)];
	struct event ev;

	memcpy(some, brk_message, sizeof(some));
	ASSERT_EQ(EVENT(ERROR), some[AT_ERROR].type);
	some[AT_ERROR].value = 4095;
	EXPECT_EQ(0, decode(some, N(some), &ev));
	some[AT_ERROR].value = 4096;
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

static struct nlmsghdr *any_message(size_t which)
{
	switch (which) {
	case KINDS:
		return message_new(moment, N(moment));
	case KINDS + 1:
		return message_new(area, N(area));
	case KINDS + 2:
		return message_new(probe, N(probe));
	default:
		return message_new(messages[which].attributes, messages[which].n);
	}
}

/* ASan and UBSan are the oracle: any answer passes, a crash fails. */
TEST(bytes_at_random)
{
	const unsigned int seed = 1;
	struct area_message part;
	struct probe_state state_of_probe;
	struct session_state state;
	struct counters counters;
	struct event ev;
	int i;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (i = 0; i < 100000; i++) {
		struct nlmsghdr *hdr = any_message(random() % (KINDS + 3));

		message_spoil(hdr);
		decode_event(hdr, &ev);
		decode_counters(hdr, &counters);
		decode_session(hdr, &state);
		decode_area(hdr, &part);
		decode_probe(hdr, &state_of_probe);
		free(hdr);
	}
}

TEST_HARNESS_MAIN
