// SPDX-License-Identifier: GPL-2.0
/*
 * The module answers a malformed request with the right errno and a sentence, and
 * changes nothing. One table holds every attribute that a request takes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <netlink/attr.h>
#include <linux/netlink.h>

#include "kselftest_harness.h"
#include "peer.h"

#define U32_MAX UINT32_MAX

/**
 * struct input - an attribute that a request takes
 * @cmd: the request
 * @dump: whether it is a dump
 * @attr: the attribute, or 0 for a request that takes none
 * @required: whether the module refuses the request without it
 * @bad: values out of range, ended by 0 if fewer than two
 * @bytes: length of a value, 0 for a flag
 */
struct input {
	const char *name;
	int cmd;
	bool dump;
	int attr;
	bool required;
	uint32_t bad[2];
	int bytes;
};

static const struct input inputs[] = {
	{ "session-new ring-bytes",
	  BRKWATCH_CMD_SESSION_NEW,
	  false,
	  BRKWATCH_A_SESSION_RING_BYTES,
	  false,
	  { 4095, (64 << 20) + 1 },
	  4 },
	{ "session-new events",
	  BRKWATCH_CMD_SESSION_NEW,
	  false,
	  BRKWATCH_A_SESSION_EVENTS,
	  false,
	  { ALL_KINDS + 1, U32_MAX },
	  4 },
	{ "session-new follow",
	  BRKWATCH_CMD_SESSION_NEW,
	  false,
	  BRKWATCH_A_SESSION_FOLLOW,
	  false,
	  {},
	  0 },
	{ "session-new min-size",
	  BRKWATCH_CMD_SESSION_NEW,
	  false,
	  BRKWATCH_A_SESSION_MIN_SIZE,
	  false,
	  {},
	  8 },
	{ "session-new failed",
	  BRKWATCH_CMD_SESSION_NEW,
	  false,
	  BRKWATCH_A_SESSION_FAILED,
	  false,
	  {},
	  0 },
	{ "session-new uid",
	  BRKWATCH_CMD_SESSION_NEW,
	  false,
	  BRKWATCH_A_SESSION_UID,
	  false,
	  { U32_MAX },
	  4 },
	{ "session-new stack-bytes",
	  BRKWATCH_CMD_SESSION_NEW,
	  false,
	  BRKWATCH_A_SESSION_STACK_BYTES,
	  false,
	  { 255, 8193 },
	  4 },
	{ "session-new askers",
	  BRKWATCH_CMD_SESSION_NEW,
	  false,
	  BRKWATCH_A_SESSION_ASKERS,
	  false,
	  {},
	  0 },
	{ "session-new limits",
	  BRKWATCH_CMD_SESSION_NEW,
	  false,
	  BRKWATCH_A_SESSION_LIMITS,
	  false,
	  {},
	  0 },
	{ "session-new latencies",
	  BRKWATCH_CMD_SESSION_NEW,
	  false,
	  BRKWATCH_A_SESSION_LATENCIES,
	  false,
	  {},
	  0 },
	{ "session-get", BRKWATCH_CMD_SESSION_GET, false, 0, false, {}, 0 },
	{ "watch-new pid",
	  BRKWATCH_CMD_WATCH_NEW,
	  false,
	  BRKWATCH_A_WATCH_PID,
	  true,
	  { (4 << 20) + 1, U32_MAX },
	  4 },
	{ "watch-new on-exec",
	  BRKWATCH_CMD_WATCH_NEW,
	  false,
	  BRKWATCH_A_WATCH_ON_EXEC,
	  false,
	  {},
	  0 },
	{ "watch-del id", BRKWATCH_CMD_WATCH_DEL, false, BRKWATCH_A_WATCH_ID, true, {}, 4 },
	{ "watch-all", BRKWATCH_CMD_WATCH_ALL, false, 0, false, {}, 0 },
	{ "watch-get gone", BRKWATCH_CMD_WATCH_GET, true, BRKWATCH_A_WATCH_GONE, false, {}, 0 },
	{ "watch-get stop", BRKWATCH_CMD_WATCH_GET, true, BRKWATCH_A_WATCH_STOP, false, {}, 0 },
	{ "drain", BRKWATCH_CMD_DRAIN, true, 0, false, {}, 0 },
	{ "snapshot-get watch",
	  BRKWATCH_CMD_SNAPSHOT_GET,
	  true,
	  BRKWATCH_A_AREA_WATCH,
	  false,
	  {},
	  4 },
	{ "image-get watch", BRKWATCH_CMD_IMAGE_GET, true, BRKWATCH_A_IMAGE_WATCH, false, {}, 4 },
	{ "probe-get", BRKWATCH_CMD_PROBE_GET, true, 0, false, {}, 0 },
};

FIXTURE(requests)
{
	struct peer peer;
	/* session-new needs its own socket, because a socket may send it once. */
	struct peer fresh;
};

FIXTURE_SETUP(requests)
{
	ASSERT_EQ(0, peer_open(&self->peer));
	ASSERT_EQ(0, peer_open(&self->fresh));
	ASSERT_EQ(0, peer_session(&self->peer, 4096, ALL_KINDS));
}

FIXTURE_TEARDOWN(requests)
{
	peer_close(&self->peer);
	peer_close(&self->fresh);
}

static struct peer *peer_for(struct peer *session, struct peer *fresh, const struct input *in)
{
	return in->cmd == BRKWATCH_CMD_SESSION_NEW ? fresh : session;
}

static struct nl_msg *request(struct peer *p, const struct input *in)
{
	return peer_request(p, in->cmd, in->dump ? NLM_F_DUMP : 0);
}

/* Kernels differ in which of the two they return. */
static bool refused(int err)
{
	return err == -EINVAL || err == -ERANGE;
}

#define for_each_input(in) for (in = inputs; in < inputs + sizeof(inputs) / sizeof(*inputs); in++)

TEST_F(requests, missing)
{
	const struct input *in;

	for_each_input(in) {
		if (!in->required)
			continue;
		EXPECT_EQ(-EINVAL, peer_call(&self->peer, request(&self->peer, in), NULL, NULL))
		TH_LOG("%s", in->name);
		EXPECT_NE(NULL, strstr(self->peer.extack, "needs the attribute"))
		TH_LOG("%s: '%s'", in->name, self->peer.extack);
	}
}

TEST_F(requests, too_short)
{
	const struct input *in;

	for_each_input(in) {
		struct peer *p = peer_for(&self->peer, &self->fresh, in);
		struct nl_msg *msg;

		if (!in->bytes)
			continue;
		msg = request(p, in);
		nla_put(msg, in->attr, in->bytes - 1, "\1\1\1");
		EXPECT_TRUE(refused(peer_call(p, msg, NULL, NULL))) TH_LOG("%s", in->name);
		EXPECT_NE(0, strlen(p->extack)) TH_LOG("%s", in->name);
	}
}

TEST_F(requests, too_long)
{
	const struct input *in;

	for_each_input(in) {
		struct peer *p = peer_for(&self->peer, &self->fresh, in);
		struct nl_msg *msg;

		if (!in->attr)
			continue;
		msg = request(p, in);
		nla_put(msg, in->attr, in->bytes + 1, "\1\1\1\1\1");
		EXPECT_TRUE(refused(peer_call(p, msg, NULL, NULL))) TH_LOG("%s", in->name);
		EXPECT_NE(0, strlen(p->extack)) TH_LOG("%s", in->name);
	}
}

TEST_F(requests, out_of_range)
{
	const struct input *in;
	size_t i;

	for_each_input(in) {
		struct peer *p = peer_for(&self->peer, &self->fresh, in);

		for (i = 0; i < 2 && in->bad[i]; i++) {
			struct nl_msg *msg = request(p, in);

			nla_put_u32(msg, in->attr, in->bad[i]);
			EXPECT_TRUE(refused(peer_call(p, msg, NULL, NULL)))
			TH_LOG("%s %u", in->name, in->bad[i]);
			EXPECT_NE(0, strlen(p->extack)) TH_LOG("%s", in->name);
		}
	}
}

TEST_F(requests, pid_zero)
{
	struct nl_msg *msg = peer_request(&self->peer, BRKWATCH_CMD_WATCH_NEW, 0);

	nla_put_u32(msg, BRKWATCH_A_WATCH_PID, 0);
	EXPECT_EQ(-ERANGE, peer_call(&self->peer, msg, NULL, NULL));
	EXPECT_NE(0, strlen(self->peer.extack));
}

TEST_F(requests, unknown_attribute)
{
	const struct input *in;

	for_each_input(in) {
		struct peer *p = peer_for(&self->peer, &self->fresh, in);
		struct nl_msg *msg = request(p, in);

		nla_put_u32(msg, 60, 1);
		EXPECT_EQ(-EINVAL, peer_call(p, msg, NULL, NULL)) TH_LOG("%s", in->name);
		EXPECT_NE(0, strlen(p->extack)) TH_LOG("%s", in->name);
	}
}

TEST_F(requests, garbage_behind_attributes)
{
	const struct input *in;

	for_each_input(in) {
		struct peer *p = peer_for(&self->peer, &self->fresh, in);
		struct nl_msg *msg = request(p, in);

		nlmsg_append(msg, "\377\377", 2, 0);
		EXPECT_EQ(-EINVAL, peer_call(p, msg, NULL, NULL)) TH_LOG("%s", in->name);
	}
}

TEST_F(requests, unknown_command)
{
	EXPECT_EQ(-EOPNOTSUPP,
		  peer_call(&self->peer, peer_request(&self->peer, 99, 0), NULL, NULL));
}

TEST_F(requests, without_a_session)
{
	const struct input *in;

	for_each_input(in) {
		struct nl_msg *msg;

		if (in->cmd == BRKWATCH_CMD_SESSION_NEW)
			continue;
		msg = request(&self->fresh, in);
		EXPECT_EQ(-ENOTCONN, peer_call(&self->fresh, msg, NULL, NULL))
		TH_LOG("%s", in->name);
		EXPECT_NE(NULL, strstr(self->fresh.extack, "session-new")) TH_LOG("%s", in->name);
	}
}

TEST_F(requests, second_session)
{
	EXPECT_EQ(-EEXIST, peer_session(&self->peer, 4096, ALL_KINDS));
	EXPECT_NE(0, strlen(self->peer.extack));
}

TEST_F(requests, no_such_process)
{
	EXPECT_EQ(-ESRCH, peer_watch(&self->peer, 4 << 20, false));
	EXPECT_STREQ("no such process", self->peer.extack);
}

TEST_F(requests, kernel_thread)
{
	EXPECT_EQ(-EINVAL, peer_watch(&self->peer, 2, false));
	EXPECT_NE(0, strlen(self->peer.extack));
}

TEST_F(requests, nobody_may_not)
{
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		struct peer peer;

		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534) ||
		    peer_open(&peer))
			_exit(1);
		if (peer_session(&peer, 4096, ALL_KINDS) != -EPERM)
			_exit(2);
		_exit(strncmp(peer.extack, "watching needs CAP_SYS_ADMIN", 28) ? 3 : 0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(requests, nothing_has_changed)
{
	EXPECT_EQ(0, peer_total(&self->peer, BRKWATCH_A_SESSION_WATCHES));
	EXPECT_EQ(0, peer_session(&self->fresh, 4096, ALL_KINDS));
}

TEST_HARNESS_MAIN
