// SPDX-License-Identifier: GPL-2.0
/* What a reader finds that did not read for a while: ends of processes, watches, and an answer. */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gone_max.h"
#include "sessions.h"

/* A process cannot hide its own end, however many calls it makes. */
TEST_F(sessions, calls_leave_room_for_an_end)
{
	struct peer peer;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session(&peer, 4096, ALL_KINDS));
	ASSERT_EQ(1, peer_watch(&peer, self->child[2].pid, false));
	run_all(self->child);
	ASSERT_EQ(0, peer_drain(&peer, take_event, &self->seen[0]));
	EXPECT_GT(self->calls[2].count, self->seen[0].calls[2]);
	EXPECT_EQ(1, self->seen[0].exits);
	peer_close(&peer);
}

static int run_many(void *arg)
{
	int i;

	for (i = 0; i < *(int *)arg; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			return 1;
	}
	return 0;
}

/* A slow reader receives each exit, and its receive buffer keeps room for replies. */
/* The limit is high because debugging kernels need long for a thousand processes. */
TEST_F_TIMEOUT(sessions, unread_notes_leave_room, 300)
{
	int many = 1000, bytes = 32768;
	struct child child = child_fork(run_many, &many);
	const struct peer_wish wish = { .ring_bytes = RING_BYTES,
					.events = ALL_KINDS,
					.follow = true };
	struct peer peer;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, setsockopt(nl_socket_get_fd(peer.sk), SOL_SOCKET, SO_RCVBUF, &bytes,
				sizeof(bytes)));
	ASSERT_EQ(0, peer_session_as(&peer, &wish));
	ASSERT_EQ(1, peer_watch(&peer, child.pid, false));
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));
	EXPECT_EQ(0, peer_drain(&peer, take_event, &self->seen[0]));
	EXPECT_EQ(many + 1, self->seen[0].exits);
	peer_close(&peer);
	run_all(self->child);
}

/* The module bounds what waits for an absent reader and counts the rest, until it reads. */
#define GONE_MAX 200
#define MORE 100

static int run_children(void *arg)
{
	int i, status;

	for (i = 0; i < *(int *)arg; i++) {
		pid_t pid = vfork();

		if (!pid)
			_exit(0);
		if (waitpid(pid, &status, 0) != pid)
			return 1;
	}
	return 0;
}

static void have_children(struct __test_metadata *_metadata, struct peer *peer, int n)
{
	struct child child = child_fork(run_children, &n);

	ASSERT_LT(0, peer_watch(peer, child.pid, false));
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));
}

static void count_gone(struct nlattr **tb, void *arg)
{
	*(int *)arg += !!tb[BRKWATCH_A_WATCH_EXITED];
}

TEST_F(sessions, unread_watches_are_bounded)
{
	const struct peer_wish wish = { .ring_bytes = 4096, .events = ALL_KINDS, .follow = true };
	struct peer peer;
	int gone = 0, lost;

	ASSERT_EQ(0, set_gone_max(GONE_MAX));
	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session_as(&peer, &wish));
	have_children(_metadata, &peer, GONE_MAX + MORE);
	EXPECT_EQ(0, set_gone_max(4096));
	lost = peer_total(&peer, BRKWATCH_A_SESSION_LOST_WATCH);
	EXPECT_LE(MORE, lost);
	/* The additional watch is the parent. */
	EXPECT_EQ(GONE_MAX + MORE + 1 - lost, peer_total(&peer, BRKWATCH_A_SESSION_WATCHES));
	ASSERT_EQ(0, peer_watches(&peer, count_gone, &gone));
	EXPECT_EQ(GONE_MAX + MORE + 1 - lost, gone);
	EXPECT_EQ(0, peer_total(&peer, BRKWATCH_A_SESSION_WATCHES));
	have_children(_metadata, &peer, MORE);
	EXPECT_EQ(lost, peer_total(&peer, BRKWATCH_A_SESSION_LOST_WATCH));
	EXPECT_EQ(MORE + 1, peer_total(&peer, BRKWATCH_A_SESSION_WATCHES));
	peer_close(&peer);
}

/* Fills the receive buffer with unread replies until the socket takes no more. */
static int fill_socket(struct peer *peer)
{
	int fd = nl_socket_get_fd(peer->sk), one = 1, bytes = 0, i, err = 0;

	if (setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)))
		return -1;
	for (i = 0; i < 32 && err >= 0; i++) {
		struct nl_msg *msg = peer_request(peer, BRKWATCH_CMD_SESSION_GET, NLM_F_ACK);

		err = nl_send_auto(peer->sk, msg);
		nlmsg_free(msg);
	}
	return err < 0 ? err : 0;
}

static int empty_socket(struct peer *peer)
{
	int fd = nl_socket_get_fd(peer->sk), bytes = RING_BYTES;
	char buffer[4096];

	while (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
		;
	return setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
}

/* A reader asks again if its socket had no room for the reply to session-new. */
TEST(an_answer_without_room)
{
	struct nl_msg *msg;
	struct peer peer;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, fill_socket(&peer));
	msg = peer_request(&peer, BRKWATCH_CMD_SESSION_NEW, NLM_F_ACK);
	ASSERT_LE(0, nl_send_auto(peer.sk, msg));
	nlmsg_free(msg);
	ASSERT_EQ(0, empty_socket(&peer));
	EXPECT_EQ(0, peer_session(&peer, RING_BYTES, ALL_KINDS))
	{
		TH_LOG("%s", peer.extack);
	}
	peer_close(&peer);
}

TEST_HARNESS_MAIN
