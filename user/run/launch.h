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
 * @user: the user that it runs as; without a name, the user of the tool
 * @environment: changes to its environment: VAR=VAL sets, VAR removes a variable
 * @environment_n: how many
 * @quiet: keep it off our terminal, because it would draw over it
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
 * @go: our end of the socket that it waits on; the process ends when this closes
 * @failure: the process reports here what failed
 * @no_user: it could not become the user
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
 * @order: what to start
 *
 * Call it before the netlink socket is opened: the process must not keep a copy.
 *
 * Return: 0 or a negative errno.
 */
int launch_hold(struct launch *launch, const struct launch_order *order);

/**
 * launch_release() - let it become the program
 * @launch: the held process; @no_user is set if it could not become the user
 *
 * Return: 0, or a negative errno: the reason why it could not.
 */
int launch_release(struct launch *launch);

#endif
