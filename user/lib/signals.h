/* SPDX-License-Identifier: GPL-2.0 */
/* Signals as something to poll. */
#ifndef BRKWATCH_SIGNALS_H
#define BRKWATCH_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* A shell reports this status for a command that ^C ended. */
#define STATUS_INTERRUPTED 130

/**
 * struct signals - what signals asked of the tool
 * @fd: readable when a signal has arrived
 * @interrupted: ^C or ^\\; once more quits at once
 * @deadly: the signal to stop and then die by, or 0
 * @look: SIGUSR1 came since the last time
 */
struct signals {
	int fd;
	bool interrupted;
	int deadly;
	bool look;
};

/**
 * signals_open() - report signals from now on; a second one ends the tool
 * @signals: filled
 * @look: SIGUSR1 as well; otherwise it does what it does to any program
 *
 * Return: 0 or a negative errno.
 */
int signals_open(struct signals *signals, bool look);

/**
 * signals_restore() - treat signals as before signals_open(), in a forked child
 */
void signals_restore(void);

/**
 * signals_take() - take what has arrived so far
 * @signals: updated
 */
void signals_take(struct signals *signals);

/**
 * signals_die() - end by a signal as if it had never been caught
 * @sig: the signal
 *
 * Returns only if the signal does not kill.
 */
void signals_die(int sig);

#endif
