/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Children that do what may never end, such as reading a file whose server (FUSE) need not answer:
 * a thread that waits for such a server may survive SIGKILL, so that its process would never end.
 */
#ifndef BRKWATCH_CHILD_H
#define BRKWATCH_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct child - a child and the way to it
 * @pid: the child
 * @socket: our end of the socket between us; the caller closes it
 */
struct child {
	pid_t pid;
	int socket;
};

/**
 * child_start() - start a child that has nothing open but a socket to us
 * @child: filled
 * @type: SOCK_STREAM or SOCK_SEQPACKET
 * @work: what the child does; the child ends when it returns
 * @arg: of @work
 *
 * The child blocks all signals and is killed when we end.
 *
 * Return: whether there is a child.
 */
bool child_start(struct child *child, int type, void (*work)(int socket, const void *arg),
		 const void *arg);

/**
 * child_answers() - wait until a child has sent something or has ended
 * @child: the child; it is killed if it does neither in time
 * @until: CLOCK_MONOTONIC in ns
 * @waited: grows by the ns of this wait if it was a long one (10 ms or more)
 *
 * Do not wait for the end of a child that was killed: it may not even die.
 *
 * Return: whether the child has answered.
 */
bool child_answers(const struct child *child, uint64_t until, uint64_t *waited);

#endif
