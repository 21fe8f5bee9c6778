// SPDX-License-Identifier: GPL-2.0
/* Each of several sessions at once sees its own processes and no others. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <netlink/attr.h>

#include "sessions.h"

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

TEST_HARNESS_MAIN
