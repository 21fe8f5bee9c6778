/* SPDX-License-Identifier: GPL-2.0 */
/* Starting CMD in a child that waits until its watch is ready. */
#ifndef BRKWATCH_LAUNCH_H
#define BRKWATCH_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/user.h"

/**
 * struct launch_order - what to start, and how
 * @argv: the program and its arguments
 * @user: whom it runs as; one without a name is the tool's
 * @environment: what is changed for it, VAR=VAL, or VAR to remove it
 * @environment_n: how many
 * @quiet: it gets nothing of our terminal, which it would draw over
 */
struct launch_order {
	char *const *argv;
	const struct user *user;
	const char *const *environment;
	size_t environment_n;
	bool quiet;
};

/**
 * struct launch - a program that is held before it starts
 * @pid: its process
 * @go: our end of what it waits on; when it closes the process ends
 * @failure: tells what failed
 * @no_user: it was to become the user
 */
struct launch {
	pid_t pid;
	int go;
	int failure;
	bool no_user;
};

/**
 * launch_hold() - make a process that waits to become a program
 * @launch: filled
 * @order: what is to be started
 *
 * Call it before the netlink socket is opened: the process must not keep a copy.
 *
 * Return: 0 or a negative errno.
 */
int launch_hold(struct launch *launch, const struct launch_order *order);

/**
 * launch_release() - let it become the program
 * @launch: the held process; it tells whether it was the user that it could not become
 *
 * Return: 0, or the negative errno that tells why it could not.
 */
int launch_release(struct launch *launch);

#endif
