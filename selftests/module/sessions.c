// SPDX-License-Identifier: GPL-2.0
/* Each of several sessions at once sees its own processes and no others. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <netlink/attr.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

#define RING_BYTES (1 << 20)

/* The length that a process passes to munmap() identifies it; the call always fails. */
struct calls {
	uint64_t length;
	int count;
};

static int run_calls(void *arg)
{
	const struct calls *calls = arg;
	int i;

	for (i = 0; i < calls->count; i++)
		syscall(SYS_munmap, 1, calls->length);
	return 7;
}

/* Counts what a drain brought: events of each length, and of no known one. */
struct seen {
	uint64_t length[3];
	int calls[3];
	int exits;
	int others;
	uint32_t kinds;
};

static void take_event(struct nlattr **tb, void *arg)
{
	uint32_t kind = peer_u32(tb, BRKWATCH_A_EVENT_KIND);
	struct seen *seen = arg;
	int i;

	seen->kinds |= 1U << kind;
	if (kind == BRKWATCH_EVENT_KIND_EXIT) {
		seen->exits++;
		return;
	}
	for (i = 0; i < 3; i++) {
		if (kind == BRKWATCH_EVENT_KIND_MUNMAP &&
		    peer_u64(tb, BRKWATCH_A_EVENT_LENGTH) == seen->length[i]) {
			seen->calls[i]++;
			return;
		}
	}
	seen->others++;
}

FIXTURE(sessions)
{
	struct peer peer[2];
	struct calls calls[3];
	struct child child[3];
	struct seen seen[2];
};

FIXTURE_SETUP(sessions)
{
	int i, j;

	memset(self->seen, 0, sizeof(self->seen));
	for (i = 0; i < 3; i++) {
		self->calls[i] = (struct calls){ .length = 0x1001 + i, .count = 100 * (i + 1) };
		self->child[i] = child_fork(run_calls, &self->calls[i]);
		for (j = 0; j < 2; j++)
			self->seen[j].length[i] = self->calls[i].length;
	}
	for (j = 0; j < 2; j++) {
		ASSERT_EQ(0, peer_open(&self->peer[j]));
		ASSERT_EQ(0, peer_session(&self->peer[j], RING_BYTES, ALL_KINDS));
	}
}

FIXTURE_TEARDOWN(sessions)
{
	peer_close(&self->peer[0]);
	peer_close(&self->peer[1]);
}

static void run_all(struct child *child)
{
	int i;

	for (i = 0; i < 3; i++)
		child_go(&child[i]);
	for (i = 0; i < 3; i++)
		child_wait(&child[i]);
}

TEST_F(sessions, two_processes)
{
	int j;

	ASSERT_EQ(1, peer_watch(&self->peer[0], self->child[0].pid, false));
	ASSERT_EQ(1, peer_watch(&self->peer[1], self->child[1].pid, false));
	run_all(self->child);
	for (j = 0; j < 2; j++) {
		ASSERT_EQ(0, peer_drain(&self->peer[j], take_event, &self->seen[j]));
		EXPECT_EQ(self->calls[j].count, self->seen[j].calls[j]);
		EXPECT_EQ(0, self->seen[j].calls[!j]);
		EXPECT_EQ(0, self->seen[j].calls[2]);
		EXPECT_EQ(0, self->seen[j].others);
		EXPECT_EQ(1, self->seen[j].exits);
	}
}

TEST_F(sessions, same_process)
{
	int j;

	for (j = 0; j < 2; j++)
		ASSERT_EQ(1, peer_watch(&self->peer[j], self->child[0].pid, false));
	run_all(self->child);
	for (j = 0; j < 2; j++) {
		ASSERT_EQ(0, peer_drain(&self->peer[j], take_event, &self->seen[j]));
		EXPECT_EQ(self->calls[0].count, self->seen[j].calls[0]);
		EXPECT_EQ(0, self->seen[j].calls[1] + self->seen[j].calls[2]);
		EXPECT_EQ(0, self->seen[j].others);
		EXPECT_EQ(1, self->seen[j].exits);
	}
}

TEST_F(sessions, several_processes_in_one)
{
	ASSERT_EQ(1, peer_watch(&self->peer[0], self->child[0].pid, false));
	ASSERT_EQ(2, peer_watch(&self->peer[0], self->child[1].pid, false));
	EXPECT_EQ(-EEXIST, peer_watch(&self->peer[0], self->child[1].pid, false));
	run_all(self->child);
	ASSERT_EQ(0, peer_drain(&self->peer[0], take_event, &self->seen[0]));
	EXPECT_EQ(self->calls[0].count, self->seen[0].calls[0]);
	EXPECT_EQ(self->calls[1].count, self->seen[0].calls[1]);
	EXPECT_EQ(0, self->seen[0].calls[2]);
	EXPECT_EQ(2, self->seen[0].exits);
}

TEST_F(sessions, filter_keeps_counting)
{
	struct peer peer;
	uint64_t calls;
	int id;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session(&peer, RING_BYTES, KIND_BIT(EXIT)));
	id = peer_watch(&peer, self->child[0].pid, false);
	ASSERT_EQ(1, id);
	run_all(self->child);
	ASSERT_EQ(0, peer_drain(&peer, take_event, &self->seen[0]));
	EXPECT_EQ(KIND_BIT(EXIT), self->seen[0].kinds);
	ASSERT_EQ(0, peer_unwatch(&peer, id, &calls, BRKWATCH_A_WATCH_MUNMAP_CALLS));
	EXPECT_EQ(self->calls[0].count, calls);
	peer_close(&peer);
}

TEST_F(sessions, watch_ends_when_told)
{
	uint64_t made;
	int id = peer_watch(&self->peer[0], self->child[0].pid, false);

	ASSERT_EQ(1, id);
	ASSERT_EQ(0, peer_unwatch(&self->peer[0], id, &made, BRKWATCH_A_WATCH_MADE));
	EXPECT_EQ(0, made);
	EXPECT_EQ(-ENOENT, peer_unwatch(&self->peer[0], id, &made, BRKWATCH_A_WATCH_MADE));
	run_all(self->child);
	ASSERT_EQ(0, peer_drain(&self->peer[0], take_event, &self->seen[0]));
	EXPECT_EQ(0, self->seen[0].kinds);
	EXPECT_EQ(0, peer_total(&self->peer[0], BRKWATCH_A_SESSION_LIVE));
}

static void count_one(struct nlattr **tb, void *arg)
{
	*(uint64_t *)arg += peer_u64(tb, BRKWATCH_A_WATCH_MADE) == 0;
}

TEST_F(sessions, stop_ends_all)
{
	struct nl_msg *msg = peer_request(&self->peer[0], BRKWATCH_CMD_WATCH_GET, NLM_F_DUMP);
	uint64_t watches = 0;

	nla_put_flag(msg, BRKWATCH_A_WATCH_STOP);
	ASSERT_EQ(1, peer_watch(&self->peer[0], self->child[0].pid, false));
	ASSERT_EQ(2, peer_watch(&self->peer[0], self->child[1].pid, false));
	ASSERT_EQ(0, peer_call(&self->peer[0], msg, count_one, &watches));
	EXPECT_EQ(2, watches);
	EXPECT_EQ(0, peer_total(&self->peer[0], BRKWATCH_A_SESSION_WATCHES));
	EXPECT_EQ(0, peer_total(&self->peer[0], BRKWATCH_A_SESSION_LIVE));
	run_all(self->child);
	ASSERT_EQ(0, peer_drain(&self->peer[0], take_event, &self->seen[0]));
	EXPECT_EQ(0, self->seen[0].kinds);
}

TEST_F(sessions, exit_is_told_at_once)
{
	uint32_t live = 1;

	ASSERT_EQ(1, peer_watch(&self->peer[0], self->child[0].pid, false));
	EXPECT_EQ(1, peer_total(&self->peer[0], BRKWATCH_A_SESSION_LIVE));
	run_all(self->child);
	while (live)
		ASSERT_EQ(0, peer_ready(&self->peer[0], &live));
}

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

static int run_true(void *arg)
{
	(void)arg;
	syscall(SYS_munmap, 1, 0x1001);
	execl("/bin/true", "true", NULL);
	return 1;
}

TEST_F(sessions, on_exec_begins_at_exec)
{
	struct child child = child_fork(run_true, NULL);

	ASSERT_EQ(1, peer_watch(&self->peer[0], child.pid, true));
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));
	ASSERT_EQ(0, peer_drain(&self->peer[0], take_event, &self->seen[0]));
	EXPECT_EQ(0, self->seen[0].calls[0]);
	EXPECT_EQ(1, self->seen[0].exits);
	/* A program with a loader does all of these. */
	EXPECT_EQ(KIND_BIT(BRK) | KIND_BIT(MMAP) | KIND_BIT(MUNMAP) | KIND_BIT(MPROTECT) |
			  KIND_BIT(EXEC) | KIND_BIT(SNAPSHOT) | KIND_BIT(EXIT),
		  self->seen[0].kinds);
	run_all(self->child);
}

TEST_F(sessions, killed_process_is_told_and_gone)
{
	ASSERT_EQ(1, peer_watch(&self->peer[0], self->child[0].pid, false));
	ASSERT_EQ(0, kill(self->child[0].pid, SIGKILL));
	EXPECT_EQ(SIGKILL, WTERMSIG(child_wait(&self->child[0])));
	ASSERT_EQ(0, peer_drain(&self->peer[0], take_event, &self->seen[0]));
	EXPECT_EQ(1, self->seen[0].exits);
	EXPECT_EQ(-ESRCH, peer_watch(&self->peer[0], self->child[0].pid, false));
	child_go(&self->child[1]);
	child_go(&self->child[2]);
	child_wait(&self->child[1]);
	child_wait(&self->child[2]);
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
#define PARAMETER "/sys/module/brkwatch/parameters/gone_max"

static int set_gone_max(int n)
{
	FILE *file = fopen(PARAMETER, "w");

	if (!file)
		return -errno;
	fprintf(file, "%d\n", n);
	return fclose(file);
}

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

/* The debugging kernel needs four minutes for as many, so BRKWATCH_ADDED may set another amount. */
#define ADDED "3000"
#define SPIN 3000

struct dying {
	atomic_int go;
	int spin;
};

/* Forks a process that exits some time after it sees dying->go. */
static pid_t fork_dying(struct dying *dying)
{
	pid_t pid;
	int i;

	dying->go = 0;
	pid = fork();
	if (pid)
		return pid;
	while (!dying->go)
		;
	for (i = 0; i < dying->spin; i++)
		asm volatile("");
	_exit(0);
}

/* Counts how many of @n children that come and go the session did not follow. */
static uint64_t not_followed(struct peer *peer, int n)
{
	uint64_t before = peer_total(peer, BRKWATCH_A_SESSION_LOST_WATCH);
	pid_t pid;

	while (n--) {
		pid = fork();
		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
		if (peer_watches(peer, NULL, NULL))
			abort();
	}
	return peer_total(peer, BRKWATCH_A_SESSION_LOST_WATCH) - before;
}

FIXTURE(adding)
{
	struct dying *dying;
};

FIXTURE_SETUP(adding)
{
	self->dying = mmap(NULL, sizeof(*self->dying), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->dying);
}

FIXTURE_TEARDOWN(adding)
{
	munmap(self->dying, sizeof(*self->dying));
}

/*
 * A process may exit while it is added: the reader then receives the watch and its end,
 * or neither, and the session goes on following children.
 */
TEST_F_TIMEOUT(adding, exit_while_added, 600)
{
	const struct peer_wish wish = {
		.ring_bytes = RING_BYTES,
		.events = KIND_BIT(EXIT),
		.follow = true,
	};
	const char *amount = getenv("BRKWATCH_ADDED");
	int i, added = atoi(amount ?: ADDED), refused = 0, untold = 0, wrong = 0;
	struct dying *dying = self->dying;
	struct peer peer;

	ASSERT_EQ(0, peer_open(&peer));
	ASSERT_EQ(0, peer_session_as(&peer, &wish));
	for (i = 0; i < added; i++) {
		uint64_t made = peer_total(&peer, BRKWATCH_A_SESSION_MADE);
		pid_t pid;
		int id;

		dying->spin = random() % SPIN;
		pid = fork_dying(dying);
		dying->go = 1;
		id = peer_watch(&peer, pid, false);
		waitpid(pid, NULL, 0);
		made = peer_total(&peer, BRKWATCH_A_SESSION_MADE) - made;
		refused += id < 0;
		wrong += id < 0 && id != -ESRCH;
		untold += made != (id > 0);
		if (i % 50 == 0 && peer_watches(&peer, NULL, NULL))
			abort();
	}
	TH_LOG("of %d watches %d were refused, %d not told as they ended", added, refused, untold);
	EXPECT_EQ(0, untold);
	EXPECT_EQ(0, wrong);
	ASSERT_EQ(0, peer_watches(&peer, NULL, NULL));
	ASSERT_LT(0, peer_watch(&peer, getpid(), false));
	ASSERT_EQ(0, set_gone_max(1));
	EXPECT_EQ(0, not_followed(&peer, 20));
	EXPECT_EQ(0, set_gone_max(4096));
	peer_close(&peer);
}

TEST_HARNESS_MAIN
