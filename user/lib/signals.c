// SPDX-License-Identifier: GPL-2.0
/* Signals as something to poll. */
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/signals.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* timeout(1) signals its child and then its group, so two signals this close are one. */
#define TWICE_MS 50

static const int caught[] = { SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 };
static struct sigaction before[ARRAY_SIZE(caught)];

/* What the handler reports. */
static struct {
	int fd;
	volatile sig_atomic_t interrupted;
	volatile sig_atomic_t deadly;
	volatile sig_atomic_t look;
	struct timespec first;
} told;

static bool is_again(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - told.first.tv_sec) * 1000 +
		       (now.tv_nsec - told.first.tv_nsec) / 1000000 >=
	       TWICE_MS;
}

/* The terminal sends ^C and ^\\ to CMD as well, and the tool ends after CMD. */
static bool is_of_keyboard(int sig)
{
	return sig == SIGINT || sig == SIGQUIT;
}

/* The second signal must work even while we wait for the reader of our output. */
static void handle(int sig)
{
	int err = errno;

	if (sig == SIGUSR1) {
		told.look = 1;
	} else if (sig != SIGCHLD) {
		if (!told.interrupted && !told.deadly)
			clock_gettime(CLOCK_MONOTONIC, &told.first);
		else if (is_again())
			is_of_keyboard(sig) ? _exit(STATUS_INTERRUPTED) : signals_die(sig);
		if (is_of_keyboard(sig))
			told.interrupted = 1;
		else
			told.deadly = sig;
	}
	/* The write can only fail if the eventfd is readable already. */
	eventfd_write(told.fd, 1);
	errno = err;
}

int signals_open(struct signals *signals, bool look)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };
	size_t i;

	told.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (told.fd < 0)
		return -errno;
	signals->fd = told.fd;
	for (i = 0; i < ARRAY_SIZE(caught); i++) {
		if (sigaction(caught[i], NULL, &before[i]))
			return -errno;
		/* nohup makes us ignore it; a shell's "&" is only about the terminal's SIGINT. */
		if (caught[i] == SIGHUP && before[i].sa_handler == SIG_IGN)
			continue;
		if (caught[i] == SIGUSR1 && !look)
			continue;
		if (sigaction(caught[i], &action, NULL))
			return -errno;
	}
	return 0;
}

void signals_restore(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(caught); i++)
		sigaction(caught[i], &before[i], NULL);
}

void signals_take(struct signals *signals)
{
	eventfd_t n;

	signals->look = false;
	/* The eventfd is empty if no signal has arrived since. */
	if (eventfd_read(signals->fd, &n))
		return;
	signals->interrupted = told.interrupted;
	signals->deadly = told.deadly;
	signals->look = told.look;
	told.look = 0;
}

void signals_die(int sig)
{
	const struct rlimit none = { 0, 0 };
	sigset_t set;

	/* Write no core, because the user wants only the one of the other process. */
	setrlimit(RLIMIT_CORE, &none);
	sigemptyset(&set);
	sigaddset(&set, sig);
	signal(sig, SIG_DFL);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
