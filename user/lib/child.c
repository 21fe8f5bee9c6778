// SPDX-License-Identifier: GPL-2.0
/* Children that do what may never end. */
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/timestamp.h"

#define NSEC_PER_MSEC 1000000ULL
/* A disk answers sooner, and what is shorter than this does not add up to much. */
#define LONG_NS (10 * NSEC_PER_MSEC)

__attribute__((noreturn)) static void
be_child(int socket, void (*work)(int socket, const void *arg), const void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A child that never ends must keep nothing open: not the session, not a pipe to a pager. */
	dup2(socket, STDIN_FILENO);
	closefrom(STDIN_FILENO + 1);
	work(STDIN_FILENO, arg);
	_exit(0);
}

bool child_start(struct child *child, int type, void (*work)(int socket, const void *arg),
		 const void *arg)
{
	sigset_t all, before;
	int ends[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends))
		return false;
	/* Signals are for the tool. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	child->pid = fork();
	if (!child->pid)
		be_child(ends[1], work, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	child->socket = ends[0];
	if (child->pid > 0)
		return true;
	close(ends[0]);
	return false;
}

bool child_answers(const struct child *child, uint64_t until, uint64_t *waited)
{
	struct pollfd wait = { .fd = child->socket, .events = POLLIN };
	uint64_t began = timestamp_now(), now = began;
	bool answers = false;

	for (; !answers && now < until; now = timestamp_now())
		answers = poll(&wait, 1, (until - now) / NSEC_PER_MSEC + 1) > 0;
	if (now - began >= LONG_NS)
		*waited += now - began;
	if (!answers)
		kill(child->pid, SIGKILL);
	return answers;
}
