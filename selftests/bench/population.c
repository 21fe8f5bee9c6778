// SPDX-License-Identifier: GPL-2.0
/*
 * Many processes, most of which sleep:
 *	population SLEEPERS BIRTHS
 * has so many children that sleep and prints "ready". Then so many children a second are born,
 * move the break and end, until stdin is closed.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000L
#define STEP 65536

static pid_t born(void)
{
	pid_t child = fork();

	if (child < 0) {
		perror("fork");
		exit(1);
	}
	return child;
}

static void sleeper(void)
{
	pid_t mother = getpid();

	if (born())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == mother)
		pause();
	_exit(0);
}

static void short_life(void)
{
	pid_t child = born();

	if (!child)
		_exit(sbrk(STEP) == (void *)-1 || sbrk(-STEP) == (void *)-1);
	waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
	int sleepers = argc == 3 ? atoi(argv[1]) : 0, births = argc == 3 ? atoi(argv[2]) : 0, i;
	struct pollfd in = { .fd = STDIN_FILENO };
	struct timespec next;

	if (sleepers < 1 || births < 1)
		return 2;
	for (i = 0; i < sleepers; i++)
		sleeper();
	puts("ready");
	fflush(stdout);
	clock_gettime(CLOCK_MONOTONIC, &next);
	while (!poll(&in, 1, 0)) {
		short_life();
		next.tv_nsec += SECOND / births;
		if (next.tv_nsec >= SECOND) {
			next.tv_sec++;
			next.tv_nsec -= SECOND;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	return 0;
}
