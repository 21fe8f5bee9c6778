// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "signals.h"

static void quit(int sig)
{
	(void)sig;
	_exit(STATUS_INTERRUPTED);
}

/* nohup ignores SIGHUP for us; SIGINT is ignored by any shell that runs us with "&". */
static bool is_ignored(int sig)
{
	struct sigaction action;

	return !sigaction(sig, NULL, &action) && action.sa_handler == SIG_IGN;
}

int signals_open(struct signals *signals)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (!is_ignored(SIGHUP))
		sigaddset(&set, SIGHUP);
	/* A parent that ignores its children would have us lose CMD's status. */
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return -errno;
	if (sigprocmask(SIG_BLOCK, &set, &signals->before))
		return -errno;
	signals->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return signals->fd < 0 ? -errno : 0;
}

/* The second ^C must work even while we are deep in a drain. */
static void arm_quit(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	signal(SIGINT, quit);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void signals_take(struct signals *signals)
{
	struct signalfd_siginfo info;

	while (read(signals->fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGINT) {
			signals->interrupted = true;
			arm_quit();
		} else if (info.ssi_signo != SIGCHLD) {
			signals->deadly = info.ssi_signo;
		}
	}
}

void signals_die(int sig)
{
	const struct rlimit none = { 0, 0 };
	sigset_t set;

	/* The core of interest is the other process's. */
	setrlimit(RLIMIT_CORE, &none);
	sigemptyset(&set);
	sigaddset(&set, sig);
	signal(sig, SIG_DFL);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
