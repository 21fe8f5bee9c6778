// SPDX-License-Identifier: GPL-2.0
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "run/exit_stop.h"
#include "run/proc_maps.h"
#include "message.h"

/* Processes that were stopped at their exit. */
struct seen {
	pid_t pid[16];
	bool there[16];
	size_t n;
	size_t mapped;
};

static int note(pid_t pid, bool there, void *arg)
{
	struct seen *seen = arg;
	struct ranges maps = { 0 };

	if (seen->n == N(seen->pid))
		return -1;
	seen->pid[seen->n] = pid;
	seen->there[seen->n++] = there;
	/* The process's memory still exists. */
	seen->mapped += !proc_maps_read(pid, true, &maps);
	ranges_free(&maps);
	return 0;
}

/* Run a function in a process that is stopped at its exit, until all have ended. */
static int run(struct seen *seen, bool follow, void (*work)(void))
{
	struct exit_stop exit_stop = { .follow = follow, .last = note, .arg = seen };
	int go[2], status, err;
	sigset_t set, before;
	char byte;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &before);
	if (pipe(go))
		return -1;
	pid = fork();
	if (!pid) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		if (read(go[0], &byte, 1) == 1)
			work();
		_exit(99);
	}
	err = exit_stop_begin(&exit_stop, pid);
	if (write(go[1], "", 1) != 1)
		return -1;
	while (!err && exit_stop.n) {
		err = exit_stop_serve(&exit_stop);
		if (exit_stop.n)
			sigwaitinfo(&set, NULL);
	}
	status = exit_stop.ended && exit_stop.child == pid ? exit_stop.status : -1;
	exit_stop_free(&exit_stop);
	close(go[0]);
	close(go[1]);
	return err ? -1 : status;
}

static void shell(const char *script)
{
	execl("/bin/sh", "sh", "-c", script, NULL);
}

static void children(void)
{
	/* One after the other, at the same time, and one in another. */
	shell("(exit 1); (exit 2) & (exit 3) & (/bin/true; exit 4); wait; exit 7");
}

/* Job control works as before: the parent sees its child stop. */
static void stops(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		raise(SIGSTOP);
		_exit(3);
	}
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		_exit(1);
	kill(pid, SIGCONT);
	if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 3)
		_exit(2);
	_exit(8);
}

static void is_killed(void)
{
	shell("kill -TERM $$");
}

/* The raw call avoids exit handlers, because a sanitizer cannot work in a traced process. */
static void *thread(void *arg)
{
	syscall(SYS_exit, 0);
	return arg;
}

/* The first thread may end before the others. */
static void threads(void)
{
	pthread_t t;
	int i;

	for (i = 0; i < 50; i++)
		if (pthread_create(&t, NULL, thread, NULL))
			_exit(98);
	thread(NULL);
}

static void *execs(void *arg)
{
	shell("exit 9");
	return arg;
}

static void thread_execs(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, execs, NULL))
		_exit(98);
	pthread_join(t, NULL);
}

TEST(one_process)
{
	struct seen seen = { 0 };
	int status = run(&seen, false, children);

	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(7, WEXITSTATUS(status));
	EXPECT_EQ(1, seen.n);
	EXPECT_EQ(1, seen.mapped);
}

TEST(with_children)
{
	struct seen seen = { 0 };
	int status = run(&seen, true, children);
	size_t i;

	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(7, WEXITSTATUS(status));
	/* The shell, four children, and the child of one. */
	EXPECT_EQ(6, seen.n);
	EXPECT_EQ(6, seen.mapped);
	for (i = 0; i < seen.n; i++)
		EXPECT_TRUE(seen.there[i]);
}

TEST(stopped_and_continued)
{
	struct seen seen = { 0 };
	int status = run(&seen, true, stops);

	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(8, WEXITSTATUS(status));
}

TEST(killed)
{
	struct seen seen = { 0 };
	int status = run(&seen, false, is_killed);

	ASSERT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGTERM, WTERMSIG(status));
	EXPECT_EQ(1, seen.n);
	EXPECT_EQ(1, seen.mapped);
}

TEST(many_threads)
{
	struct seen seen = { 0 };
	int status = run(&seen, false, threads);

	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_EQ(1, seen.n);
	EXPECT_EQ(1, seen.mapped);
}

TEST(exec_of_a_thread)
{
	struct seen seen = { 0 };
	int status = run(&seen, false, thread_execs);

	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(9, WEXITSTATUS(status));
	EXPECT_EQ(1, seen.n);
	EXPECT_EQ(1, seen.mapped);
}

TEST_HARNESS_MAIN
