// SPDX-License-Identifier: GPL-2.0
/*
 * Work that a watched process may make as long as it likes. A thread does it, and the tool waits for
 * that thread only so long. A thread that still works ends with the tool.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "run/patience.h"

/* A process that keeps the tool waiting must not do so again and again, nor may all of its user. */
#define PATIENCE_NS 1000000000L
#define PATIENCE_LATE_NS 50000000L
#define LATE_MAX 64
#define NSEC_PER_SEC 1000000000L

/**
 * struct worker - a thread that does one piece of work at a time
 * @lock: for all of it
 * @changed: @arg or @left was set, or @arg is done
 * @work: the work
 * @drop: frees @arg
 * @arg: what to work on, NULL once it is done
 * @left: nobody waits any more
 */
struct worker {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	void (*work)(void *arg);
	void (*drop)(void *arg);
	void *arg;
	bool left;
};

static struct worker *worker;
static int late;

/* Works without the lock, because that can take for ever. Returns whether somebody waited. */
static bool work_once(struct worker *mine)
{
	bool left;

	mine->work(mine->arg);
	pthread_mutex_lock(&mine->lock);
	left = mine->left;
	if (left)
		mine->drop(mine->arg);
	mine->arg = NULL;
	pthread_cond_signal(&mine->changed);
	pthread_mutex_unlock(&mine->lock);
	return !left;
}

static void *serve(void *arg)
{
	struct worker *mine = arg;

	do {
		pthread_mutex_lock(&mine->lock);
		while (!mine->arg)
			pthread_cond_wait(&mine->changed, &mine->lock);
		pthread_mutex_unlock(&mine->lock);
	} while (work_once(mine));
	pthread_cond_destroy(&mine->changed);
	pthread_mutex_destroy(&mine->lock);
	free(mine);
	return NULL;
}

static struct worker *start(void)
{
	struct worker *made = calloc(1, sizeof(*made));
	pthread_condattr_t clock;
	sigset_t all, before;
	pthread_t thread;
	int err;

	if (!made)
		return NULL;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_mutex_init(&made->lock, NULL);
	pthread_cond_init(&made->changed, &clock);
	pthread_condattr_destroy(&clock);
	/* Signals are for the tool. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&thread, NULL, serve, made);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err) {
		free(made);
		return NULL;
	}
	pthread_detach(thread);
	return made;
}

static struct timespec deadline(void)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += late ? PATIENCE_LATE_NS : PATIENCE_NS;
	until.tv_sec += until.tv_nsec / NSEC_PER_SEC;
	until.tv_nsec %= NSEC_PER_SEC;
	return until;
}

static bool ask(struct worker *of, void (*work)(void *arg), void (*drop)(void *arg), void *arg)
{
	struct timespec until = deadline();
	bool done;

	pthread_mutex_lock(&of->lock);
	of->work = work;
	of->drop = drop;
	of->arg = arg;
	pthread_cond_signal(&of->changed);
	while (of->arg && pthread_cond_timedwait(&of->changed, &of->lock, &until) != ETIMEDOUT)
		continue;
	done = !of->arg;
	of->left = !done;
	pthread_mutex_unlock(&of->lock);
	return done;
}

bool patience_call(void (*work)(void *arg), void (*drop)(void *arg), void *arg)
{
	if (!worker && late < LATE_MAX)
		worker = start();
	if (!worker) {
		drop(arg);
		return false;
	}
	if (ask(worker, work, drop, arg))
		return true;
	/* The thread frees it. */
	worker = NULL;
	late++;
	return false;
}
