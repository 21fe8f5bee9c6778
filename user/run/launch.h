/* SPDX-License-Identifier: GPL-2.0 */
/* Starting CMD in a child that waits until its watch is ready. */
#ifndef BRKWATCH_LAUNCH_H
#define BRKWATCH_LAUNCH_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct launch - a program that is held before it starts
 * @pid: its process
 * @go: our end of what it waits on; when it closes the process ends
 * @failure: tells the errno of an exec that failed
 */
struct launch {
	pid_t pid;
	int go;
	int failure;
};

/**
 * launch_hold() - make a process that waits to become a program
 * @launch: filled
 * @argv: the program and its arguments
 * @quiet: it gets nothing of our terminal, which it would draw over
 *
 * Call it before the netlink socket is opened: the process must not keep a copy.
 *
 * Return: 0 or a negative errno.
 */
int launch_hold(struct launch *launch, char *const argv[], bool quiet);

/**
 * launch_release() - let it become the program
 * @launch: the held process
 *
 * Return: 0, or the negative errno that tells why it could not.
 */
int launch_release(struct launch *launch);

#endif
