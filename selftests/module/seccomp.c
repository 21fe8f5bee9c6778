// SPDX-License-Identifier: GPL-2.0
/* The module reports seccomp, because a filter denies calls before any probe sees them. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

#define RING_BYTES (1 << 20)

#define DENY (SECCOMP_RET_ERRNO | EPERM)

/* Answers getppid() and brk() like this; all other calls pass. */
static void filter(uint32_t getppid_answer, uint32_t brk_answer)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, getppid_answer),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_brk, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, brk_answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		abort();
}

static int do_nothing(void *arg)
{
	(void)arg;
	return 0;
}

static int denied(void *arg)
{
	(void)arg;
	filter(SECCOMP_RET_ALLOW, DENY);
	return syscall(SYS_brk, 0) != -1;
}

static int filtered_exec(void *arg)
{
	(void)arg;
	filter(SECCOMP_RET_ALLOW, DENY);
	execl("/bin/true", "true", NULL);
	return 1;
}

static int plain_exec(void *arg)
{
	(void)arg;
	execl("/bin/true", "true", NULL);
	return 1;
}

static int killed_by_filter(void *arg)
{
	(void)arg;
	filter(SECCOMP_RET_KILL_PROCESS, DENY);
	syscall(SYS_getppid);
	return 1;
}

/* A process in this mode may not even end by exit_group(). */
static int strict(void *arg)
{
	(void)arg;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		abort();
	syscall(SYS_exit, 0);
	return 1;
}

static int killed_in_strict_mode(void *arg)
{
	(void)arg;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		abort();
	syscall(SYS_getppid);
	return 1;
}

/* Sets a filter, says so, and waits. */
static int filtered_and_waiting(void *arg)
{
	const int *pipes = arg;
	char c;

	filter(SECCOMP_RET_ALLOW, DENY);
	if (write(pipes[1], "", 1) != 1)
		return 1;
	return read(pipes[2], &c, 1) != 1;
}

/**
 * struct told - what the module told of a process
 * @mode: attribute seccomp of the watch
 * @exec: the same of its exec
 * @calls: calls of brk
 */
struct told {
	uint32_t mode;
	uint32_t exec;
	uint64_t calls;
};

static void take_watch(struct nlattr **tb, void *arg)
{
	struct told *told = arg;

	told->mode = peer_u32(tb, BRKWATCH_A_WATCH_SECCOMP);
	told->calls = peer_u64(tb, BRKWATCH_A_WATCH_BRK_CALLS);
}

static void take_event(struct nlattr **tb, void *arg)
{
	struct told *told = arg;

	if (peer_u32(tb, BRKWATCH_A_EVENT_KIND) == BRKWATCH_EVENT_KIND_EXEC)
		told->exec = peer_u32(tb, BRKWATCH_A_EVENT_SECCOMP);
	else if (tb[BRKWATCH_A_EVENT_SECCOMP])
		abort();
}

FIXTURE(seccomp)
{
	struct peer peer;
	struct told told;
};

FIXTURE_SETUP(seccomp)
{
	memset(&self->told, -1, sizeof(self->told));
	ASSERT_EQ(0, peer_open(&self->peer));
	ASSERT_EQ(0, peer_session(&self->peer, RING_BYTES, ALL_KINDS));
}

FIXTURE_TEARDOWN(seccomp)
{
	peer_close(&self->peer);
}

static int watch(struct peer *peer, pid_t pid, struct told *told)
{
	struct nl_msg *msg = peer_request(peer, BRKWATCH_CMD_WATCH_NEW, 0);

	nla_put_u32(msg, BRKWATCH_A_WATCH_PID, pid);
	return peer_call(peer, msg, take_watch, told);
}

/* Watches a child that runs this to its end; returns its status, or -1. */
static int tell(struct peer *peer, int (*run)(void *arg), struct told *told)
{
	struct child child = child_fork(run, NULL);
	int status;

	if (watch(peer, child.pid, told))
		return -1;
	child_go(&child);
	status = child_wait(&child);
	if (peer_drain(peer, take_event, told) || peer_watches(peer, take_watch, told))
		return -1;
	return status;
}

TEST_F(seccomp, off)
{
	ASSERT_EQ(0, tell(&self->peer, plain_exec, &self->told));
	EXPECT_EQ(SECCOMP_MODE_DISABLED, self->told.mode);
	EXPECT_EQ(SECCOMP_MODE_DISABLED, self->told.exec);
}

/* The call that the filter denies is not counted: that is why a reader must know of it. */
TEST_F(seccomp, filter_of_its_own)
{
	ASSERT_EQ(0, tell(&self->peer, denied, &self->told));
	EXPECT_EQ(SECCOMP_MODE_FILTER, self->told.mode);
	EXPECT_EQ(0, self->told.calls);
}

TEST_F(seccomp, filter_before_an_exec)
{
	ASSERT_EQ(0, tell(&self->peer, filtered_exec, &self->told));
	EXPECT_EQ(SECCOMP_MODE_FILTER, self->told.exec);
	EXPECT_EQ(SECCOMP_MODE_FILTER, self->told.mode);
}

TEST_F(seccomp, filter_before_the_watch)
{
	struct child child;

	/* The test itself goes on with this filter, and needs its heap. */
	filter(SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW);
	child = child_fork(do_nothing, NULL);
	ASSERT_EQ(0, watch(&self->peer, child.pid, &self->told));
	EXPECT_EQ(SECCOMP_MODE_FILTER, self->told.mode);
	child_go(&child);
	EXPECT_EQ(0, child_wait(&child));
}

TEST_F(seccomp, filter_of_a_running_process)
{
	int up[2], down[2];
	int pipes[3];
	struct child child;
	char c;

	ASSERT_EQ(0, pipe(up));
	ASSERT_EQ(0, pipe(down));
	pipes[0] = up[0];
	pipes[1] = up[1];
	pipes[2] = down[0];
	child = child_fork(filtered_and_waiting, pipes);
	ASSERT_EQ(0, watch(&self->peer, child.pid, &self->told));
	EXPECT_EQ(SECCOMP_MODE_DISABLED, self->told.mode);
	child_go(&child);
	ASSERT_EQ(1, read(up[0], &c, 1));
	ASSERT_EQ(0, peer_watches(&self->peer, take_watch, &self->told));
	EXPECT_EQ(SECCOMP_MODE_FILTER, self->told.mode);
	ASSERT_EQ(1, write(down[1], "", 1));
	EXPECT_EQ(0, child_wait(&child));
}

/* The kernel gives a thread that seccomp kills a mode that is neither of both. */
TEST_F(seccomp, killed_by_a_filter)
{
	EXPECT_EQ(SIGSYS, tell(&self->peer, killed_by_filter, &self->told) & 0x7f);
	EXPECT_EQ(SECCOMP_MODE_FILTER, self->told.mode);
}

TEST_F(seccomp, strict_mode)
{
	ASSERT_EQ(0, tell(&self->peer, strict, &self->told));
	EXPECT_EQ(SECCOMP_MODE_STRICT, self->told.mode);
}

TEST_F(seccomp, killed_in_strict_mode)
{
	EXPECT_EQ(SIGKILL, tell(&self->peer, killed_in_strict_mode, &self->told) & 0x7f);
	EXPECT_EQ(SECCOMP_MODE_STRICT, self->told.mode);
}

TEST_HARNESS_MAIN
