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

#include "lib/child.h"
#include "lib/timestamp.h"

/* No machine is so slow. */
#define SOON (timestamp_now() + 60000000000ULL)

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
	struct child child;
	sigset_t blocked;

	ASSERT_LE(0, more);
	ASSERT_TRUE(child_start(&child, type, describe, &state));
	EXPECT_TRUE(child_answers(&child, SOON));
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
	struct child child;
	char byte;

	ASSERT_TRUE(child_start(&child, SOCK_STREAM, end, NULL));
	EXPECT_TRUE(child_answers(&child, SOON));
	EXPECT_EQ(0, read(child.socket, &byte, 1));
	EXPECT_EQ(0, status_of(child.pid));
	close(child.socket);
}

TEST(one_that_does_not_answer)
{
	struct child child;
	int status;

	ASSERT_TRUE(child_start(&child, SOCK_STREAM, hang, NULL));
	EXPECT_FALSE(child_answers(&child, timestamp_now() + 1));
	status = status_of(child.pid);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	close(child.socket);
}

TEST_HARNESS_MAIN
