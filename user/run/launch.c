// SPDX-License-Identifier: GPL-2.0
/* Starting CMD in a child that waits until its watch is ready. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/launch.h"
#include "lib/signals.h"

/* What the shell says of a command that cannot be run. */
#define STATUS_CANNOT_RUN 127

static _Noreturn void child(int go, int failure, char *const argv[], const sigset_t *mask)
{
	char byte;
	int err;

	signals_restore();
	sigprocmask(SIG_SETMASK, mask, NULL);
	/* Nothing to read: the tool is gone before it could watch. */
	if (read(go, &byte, sizeof(byte)) != sizeof(byte))
		_exit(STATUS_CANNOT_RUN);
	execvp(argv[0], argv);
	err = errno;
	/* Nobody else is left to tell when this fails. */
	if (write(failure, &err, sizeof(err)) != sizeof(err))
		_exit(STATUS_CANNOT_RUN);
	_exit(STATUS_CANNOT_RUN);
}

/* What cannot be opened stays as it is: the program is to run all the same. */
static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd;

	for (fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		if (isatty(fd))
			dup2(null, fd);
}

int launch_hold(struct launch *launch, char *const argv[], bool quiet)
{
	int go[2], failure[2];
	sigset_t all, mask;
	int err;

	/* A socket: unlike a pipe it can be written to without risk of SIGPIPE. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, go))
		return -errno;
	if (pipe2(failure, O_CLOEXEC)) {
		err = -errno;
		goto close_go;
	}
	/* No signal may find our handlers in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	launch->pid = fork();
	if (launch->pid == 0) {
		close(go[0]);
		close(failure[0]);
		if (quiet)
			leave_terminal();
		child(go[1], failure[1], argv, &mask);
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
	int err = 0;
	ssize_t n;

	/* If it was killed meanwhile there is nothing to say: its exit is seen as any other. */
	send(launch->go, "", 1, MSG_NOSIGNAL);
	n = TEMP_FAILURE_RETRY(read(launch->failure, &err, sizeof(err)));
	close(launch->go);
	close(launch->failure);
	if (n != sizeof(err))
		return 0;
	/* It failed to start and is about to end. */
	TEMP_FAILURE_RETRY(waitpid(launch->pid, NULL, 0));
	return -err;
}
