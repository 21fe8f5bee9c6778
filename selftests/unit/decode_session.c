// SPDX-License-Identifier: GPL-2.0
/* The state of a session, from its message. */
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "wire/decode.h"
#include "message.h"

/* What each state of a session has. */
#define STATE_OF_A_SESSION                                                                  \
	U32(BRKWATCH_A_SESSION_PROTOCOL, BRKWATCH_PROTOCOL_VERSION),                        \
		U32(BRKWATCH_A_SESSION_LIVE, 2), U64(BRKWATCH_A_SESSION_MADE, 3),           \
		U64(BRKWATCH_A_SESSION_DELIVERED, 4), U64(BRKWATCH_A_SESSION_LOST_RING, 5), \
		U64(BRKWATCH_A_SESSION_LOST_PROBE, 6), U64(BRKWATCH_A_SESSION_LOST_WATCH, 7)

TEST(state_of_a_session)
{
	struct attribute some[] = {
		STATE_OF_A_SESSION,
	};
	struct attribute blind[N(some) + 2];
	struct session_state state;
	struct nlmsghdr *hdr = message_new(some, N(some));

	ASSERT_EQ(0, decode_session(hdr, &state));
	EXPECT_EQ(2, state.live);
	EXPECT_EQ(6, state.lost_probe);
	EXPECT_EQ(7, state.lost_watch);
	EXPECT_EQ(0, state.blind_to);
	free(hdr);
	memcpy(blind, some, sizeof(some));
	blind[N(some)] = (struct attribute)U64(BRKWATCH_A_SESSION_BLIND_FROM, 8);
	blind[N(some) + 1] = (struct attribute)U64(BRKWATCH_A_SESSION_BLIND_TO, 9);
	hdr = message_new(blind, N(blind));
	ASSERT_EQ(0, decode_session(hdr, &state));
	EXPECT_EQ(8, state.blind_from);
	EXPECT_EQ(9, state.blind_to);
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

/* Only a session that can get images counts those that were lost. */
TEST(a_session_with_images)
{
	struct attribute some[] = {
		STATE_OF_A_SESSION,
		U64(BRKWATCH_A_SESSION_LOST_IMAGE, 0),
	};
	struct session_state state;
	struct nlmsghdr *hdr = message_new(some, N(some));

	ASSERT_EQ(0, decode_session(hdr, &state));
	EXPECT_TRUE(state.has_images);
	EXPECT_EQ(0, state.stack_bytes);
	free(hdr);
	hdr = message_new(some, N(some) - 1);
	ASSERT_EQ(0, decode_session(hdr, &state));
	EXPECT_FALSE(state.has_images);
	free(hdr);
}

TEST_HARNESS_MAIN
