// SPDX-License-Identifier: GPL-2.0
/* The module watches each child, however fast children come. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "kselftest_harness.h"
#include "peer.h"

#define CHILDREN 600
#define THREADS 8
#define GENERATIONS 100

FIXTURE(family)
{
	struct peer peer;
};

FIXTURE_SETUP(family)
{
	const struct peer_wish wish = { .ring_bytes = 4 << 20,
					.events = ALL_KINDS,
					.follow = true };

	ASSERT_EQ(0, peer_open(&self->peer));
	ASSERT_EQ(0, peer_session_as(&self->peer, &wish));
}

FIXTURE_TEARDOWN(family)
{
	peer_close(&self->peer);
}

static int make_children(int n)
{
	int i;

	for (i = 0; i < n; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (pid < 0)
			return 1;
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	return 0;
}

/* Takes a CPU of its own, so that no kernel worker runs there before all wait. */
static int take_cpu(void)
{
	const struct sched_param highest = { .sched_priority = sched_get_priority_max(SCHED_FIFO) };
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	return sched_setaffinity(0, sizeof(first), &first) ||
	       sched_setscheduler(0, SCHED_FIFO, &highest);
}

static int run_fork(void *arg)
{
	return take_cpu() || make_children(CHILDREN);
}

static void *thread_run(void *arg)
{
	return (void *)(long)make_children(CHILDREN / THREADS);
}

static int run_threads(void *arg)
{
	pthread_t threads[THREADS];
	void *failed;
	int i, err = 0;

	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, thread_run, NULL))
			return 1;
	for (i = 0; i < THREADS; i++)
		err |= pthread_join(threads[i], &failed) || failed;
	return err;
}

static char stacks[GENERATIONS][16384];

/* Each parent lends its memory, and goes on when all its descendants are gone. */
static int lend(void *arg)
{
	char(*stack)[sizeof(*stacks)] = arg;
	pid_t pid;

	if (stack == stacks + GENERATIONS)
		return 0;
	pid = clone(lend, stack + 1, CLONE_VM | CLONE_VFORK | SIGCHLD, stack + 1);
	return pid < 0 || waitpid(pid, NULL, 0) != pid;
}

static int run_vfork(void *arg)
{
	int i;

	if (take_cpu())
		return 1;
	for (i = 0; i < CHILDREN / GENERATIONS; i++)
		if (lend(stacks))
			return 1;
	return 0;
}

/* clang-format off */
FIXTURE_VARIANT(family)
{
	int (*run)(void *arg);
};

FIXTURE_VARIANT_ADD(family, of_fork) {
	.run = run_fork,
};

FIXTURE_VARIANT_ADD(family, of_threads) {
	.run = run_threads,
};

FIXTURE_VARIANT_ADD(family, of_vfork) {
	.run = run_vfork,
};
/* clang-format on */

TEST_F_TIMEOUT(family, each_is_watched, 120)
{
	struct child child = child_fork(variant->run, NULL);

	ASSERT_EQ(1, peer_watch(&self->peer, child.pid, false));
	child_go(&child);
	ASSERT_EQ(0, child_wait(&child));
	EXPECT_EQ(0, peer_total(&self->peer, BRKWATCH_A_SESSION_LOST_WATCH));
	EXPECT_EQ(CHILDREN + 1, peer_total(&self->peer, BRKWATCH_A_SESSION_WATCHES));
}

TEST_HARNESS_MAIN
