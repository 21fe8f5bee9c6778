// SPDX-License-Identifier: GPL-2.0
/* The state of a probe, from its message. */
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "messages.h"

static int decode_one_probe(const struct attribute *attributes, size_t n, struct probe_state *state)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	int err = decode_probe(hdr, state);

	free(hdr);
	return err;
}

TEST(a_probe)
{
	struct attribute some[N(probe)];
	struct probe_state state;

	ASSERT_EQ(0, decode_one_probe(probe, N(probe), &state));
	EXPECT_STREQ("mmap", state.name);
	EXPECT_STREQ("__x64_sys_mmap", state.symbol);
	EXPECT_EQ(BRKWATCH_PROBE_STATE_MISSING, state.state);
	EXPECT_TRUE(state.optional);
	EXPECT_EQ(9, state.missed);
	EXPECT_BAD(probe, decode_one_probe, &state);
	memcpy(some, probe, sizeof(some));
	some[0] = (struct attribute)TEXT(BRKWATCH_A_PROBE_NAME, "1234567890123456789012345678901");
	EXPECT_EQ(0, decode_one_probe(some, N(some), &state));
	some[0] = (struct attribute)TEXT(BRKWATCH_A_PROBE_NAME, "12345678901234567890123456789012");
	EXPECT_EQ(-EBADMSG, decode_one_probe(some, N(some), &state));
	memcpy(some, probe, sizeof(some));
	some[2].value = BRKWATCH_PROBE_STATE_DISARMED + 1;
	EXPECT_EQ(-ENOMSG, decode_one_probe(some, N(some), &state));
}

TEST(the_hook_of_a_probe)
{
	struct attribute some[N(probe) + 1];
	struct probe_state state;

	/* An older module sends none. */
	ASSERT_EQ(0, decode_one_probe(probe, N(probe), &state));
	EXPECT_EQ(HOOK_UNKNOWN, state.hook);
	memcpy(some, probe, sizeof(probe));
	some[N(probe)] = (struct attribute)U32(BRKWATCH_A_PROBE_HOOK, BRKWATCH_HOOK_KPROBE);
	EXPECT_EQ(0, decode_one_probe(some, N(some), &state));
	EXPECT_EQ(BRKWATCH_HOOK_KPROBE, state.hook);
	some[N(probe)].value = BRKWATCH_HOOK_TRACEPOINT;
	EXPECT_EQ(0, decode_one_probe(some, N(some), &state));
	EXPECT_EQ(BRKWATCH_HOOK_TRACEPOINT, state.hook);
	some[N(probe)].value = BRKWATCH_HOOK_TRACEPOINT + 1;
	EXPECT_EQ(0, decode_one_probe(some, N(some), &state));
	EXPECT_EQ(HOOK_UNKNOWN, state.hook);
	some[N(probe)].len = 3;
	EXPECT_EQ(-EBADMSG, decode_one_probe(some, N(some), &state));
}

TEST_HARNESS_MAIN
