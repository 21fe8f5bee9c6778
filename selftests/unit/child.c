// SPDX-License-Identifier: GPL-2.0
/* A child does what may never end, and nobody waits for one that does not answer. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "fake_clock.h"
#include "lib/child.h"
#include "lib/timestamp.h"

/* No machine is so slow. */
#define SOON (timestamp_now() + 60 * SECOND)

/* What a child says of itself. */
struct state {
	int files;
	int death;
	int blocked;
	const void *arg;
};

static int count_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	int n = 0;

	while (folder && (entry = readdir(folder)))
		n += entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(folder);
	if (folder)
		closedir(folder);
	return n;
}

static void describe(int socket, const void *arg)
{
	struct state state = { .files = count_files(), .arg = arg };
	sigset_t blocked;

	prctl(PR_GET_PDEATHSIG, &state.death);
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	state.blocked = sigismember(&blocked, SIGINT);
	send(socket, &state, sizeof(state), 0);
}

static void hang(int socket, const void *arg)
{
	(void)socket;
	(void)arg;
	for (;;)
		pause();
}

static void end(int socket, const void *arg)
{
	(void)socket;
	(void)arg;
}

static int status_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		abort();
	return status;
}

static void expect_state(struct __test_metadata *_metadata, int type)
{
	int more = open("/dev/null", O_RDONLY);
	struct state state = { 0 };
	uint64_t waited = 0;
	struct child child;
	sigset_t blocked;

	ASSERT_LE(0, more);
	ASSERT_TRUE(child_start(&child, type, describe, &state));
	EXPECT_TRUE(child_answers(&child, SOON, &waited));
	ASSERT_EQ(sizeof(state), read(child.socket, &state, sizeof(state)));
	EXPECT_EQ(1, state.files);
	EXPECT_EQ(SIGKILL, state.death);
	EXPECT_EQ(1, state.blocked);
	EXPECT_EQ(&state, state.arg);
	EXPECT_EQ(0, status_of(child.pid));
	EXPECT_TRUE(fcntl(child.socket, F_GETFD) & FD_CLOEXEC);
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	EXPECT_EQ(0, sigismember(&blocked, SIGINT));
	close(child.socket);
	close(more);
}

TEST(nothing_open)
{
	expect_state(_metadata, SOCK_STREAM);
	expect_state(_metadata, SOCK_SEQPACKET);
}

TEST(one_that_ends)
{
	uint64_t waited = 0;
	struct child child;
	char byte;

	ASSERT_TRUE(child_start(&child, SOCK_STREAM, end, NULL));
	EXPECT_TRUE(child_answers(&child, SOON, &waited));
	EXPECT_EQ(0, read(child.socket, &byte, 1));
	EXPECT_EQ(0, status_of(child.pid));
	close(child.socket);
}

TEST(one_that_does_not_answer)
{
	uint64_t waited = 0;
	struct child child;
	int status;

	ASSERT_TRUE(child_start(&child, SOCK_STREAM, hang, NULL));
	EXPECT_FALSE(child_answers(&child, timestamp_now() + 1, &waited));
	status = status_of(child.pid);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	close(child.socket);
}

/* What a wait adds that takes so many ns. */
static uint64_t waited_after(uint64_t ns)
{
	uint64_t waited = 1;
	struct child child;

	if (!child_start(&child, SOCK_STREAM, end, NULL))
		abort();
	fake_clock.wait = ns;
	if (!child_answers(&child, SOON, &waited))
		abort();
	status_of(child.pid);
	close(child.socket);
	return waited - 1;
}

TEST(long_waits)
{
	fake_clock.on = true;
	EXPECT_EQ(0, waited_after(1));
	EXPECT_EQ(0, waited_after(10 * MSEC - 1));
	EXPECT_EQ(10 * MSEC, waited_after(10 * MSEC));
	EXPECT_EQ(1900 * MSEC, waited_after(1900 * MSEC));
}

TEST_HARNESS_MAIN
