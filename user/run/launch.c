// SPDX-License-Identifier: GPL-2.0
/* Starting CMD in a child that waits until its watch is ready. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/launch.h"
#include "lib/signals.h"

/* The shell exits with this status if it cannot run a command. */
#define STATUS_CANNOT_RUN 127

/**
 * struct failure - what the child reports
 * @err: the errno
 * @no_user: it could not become the user, rather than the program
 */
struct failure {
	int err;
	bool no_user;
};

static int set_environment(const struct launch_order *order)
{
	size_t i;

	for (i = 0; i < order->environment_n; i++) {
		const char *variable = order->environment[i];

		if (strchr(variable, '=') ? putenv((char *)variable) : unsetenv(variable))
			return -errno;
	}
	return 0;
}

/* Returns only if it fails. */
static struct failure become(const struct launch_order *order)
{
	int err = order->user->name ? user_become(order->user) : 0;

	if (err)
		return (struct failure){ -err, true };
	err = set_environment(order);
	if (err)
		return (struct failure){ -err, false };
	execvp(order->argv[0], order->argv);
	return (struct failure){ errno, false };
}

static _Noreturn void child(int go, int failure, const struct launch_order *order,
			    const sigset_t *mask)
{
	struct failure why;
	char byte;

	signals_restore();
	sigprocmask(SIG_SETMASK, mask, NULL);
	/* There is no byte to read if the tool ended before it could watch. */
	if (read(go, &byte, sizeof(byte)) != sizeof(byte))
		_exit(STATUS_CANNOT_RUN);
	why = become(order);
	/* The child has no other way to report that this failed. */
	if (write(failure, &why, sizeof(why)) != sizeof(why))
		_exit(STATUS_CANNOT_RUN);
	_exit(STATUS_CANNOT_RUN);
}

/* The terminal stays if /dev/null cannot be opened, because the program should run all the same. */
static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd;

	for (fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		if (isatty(fd))
			dup2(null, fd);
}

int launch_hold(struct launch *launch, const struct launch_order *order)
{
	int go[2], failure[2];
	sigset_t all, mask;
	int err;

	/* This is a socket, because send() can avoid SIGPIPE, unlike a write to a pipe. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, go))
		return -errno;
	if (pipe2(failure, O_CLOEXEC)) {
		err = -errno;
		goto close_go;
	}
	/* Block all signals, so that none finds our handlers in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	launch->pid = fork();
	if (launch->pid == 0) {
		close(go[0]);
		close(failure[0]);
		if (order->quiet)
			leave_terminal();
		child(go[1], failure[1], order, &mask);
	}
	err = -errno;
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (launch->pid < 0)
		goto close_failure;
	close(go[1]);
	close(failure[1]);
	launch->go = go[0];
	launch->failure = failure[0];
	return 0;

close_failure:
	close(failure[0]);
	close(failure[1]);
close_go:
	close(go[0]);
	close(go[1]);
	return err;
}

int launch_release(struct launch *launch)
{
	struct failure why = { 0 };
	ssize_t n;

	/* If it was killed meanwhile, ignore that: the tool sees its exit like any other. */
	send(launch->go, "", 1, MSG_NOSIGNAL);
	n = TEMP_FAILURE_RETRY(read(launch->failure, &why, sizeof(why)));
	close(launch->go);
	close(launch->failure);
	if (n != sizeof(why))
		return 0;
	/* The process failed to start and is about to end. */
	TEMP_FAILURE_RETRY(waitpid(launch->pid, NULL, 0));
	launch->no_user = why.no_user;
	return -why.err;
}
