/* SPDX-License-Identifier: GPL-2.0 */
/* How long to watch, and what ends it. */
#ifndef BRKWATCH_RUN_H
#define BRKWATCH_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "hold.h"
#include "intake.h"
#include "signals.h"

/**
 * struct run - everything that is at work
 * @intake: what the events pass through
 * @signals: what was asked of the tool meanwhile
 * @hold: threads that are held at their exit, or NULL
 * @look: called for each process that runs, on SIGUSR1 and at the end, with
 *	everything up to that moment booked; returns 0 or a negative errno. May be NULL
 * @arg: first argument of @look
 * @once: one look is enough
 * @duration: ns to watch for, 0 for no limit
 * @timer: readable when they are over, -1 without limit
 * @expired: they are over
 * @child: the launched process, 0 when there is none or it is gone
 * @status: its status as wait(2) has it, once it is gone
 */
struct run {
	struct intake intake;
	struct signals *signals;
	struct hold *hold;
	int (*look)(void *arg, const struct counters *watch);
	void *arg;
	bool once;
	uint64_t duration;
	int timer;
	bool expired;
	pid_t child;
	int status;
};

/**
 * run() - show events until there can be no more, or the user has had enough
 * @run: everything
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int run(struct run *run);

#endif
