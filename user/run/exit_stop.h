/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place where the tool stops a process that it watches. It holds a command under
 * --check at its exit, because the process makes no more calls then and its memory is still
 * there.
 */
#ifndef BRKWATCH_EXIT_STOP_H
#define BRKWATCH_EXIT_STOP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct held - a thread that is traced
 * @tid: its id
 * @pid: its process
 * @leaving: it makes no more calls
 */
struct held {
	pid_t tid;
	pid_t pid;
	bool leaving;
};

/**
 * struct exit_stop - the threads that are traced
 * @child: the command's process
 * @follow: hold its children too
 * @ended: the command has ended
 * @status: its status as of wait(2), once it has ended
 * @last: called when the last thread of a process is held at its exit; @there is false if the
 *	process is gone without having been held. Returns 0 or a negative errno.
 * @arg: second argument of @last
 * @v: the threads
 * @n: how many
 * @cap: room in @v
 */
struct exit_stop {
	pid_t child;
	bool follow;
	bool ended;
	int status;
	int (*last)(pid_t pid, bool there, void *arg);
	void *arg;
	struct held *v;
	size_t n;
	size_t cap;
};

/**
 * exit_stop_begin() - trace a process that is about to become the command
 * @exit_stop: @follow, @last and @arg filled; the rest zero
 * @pid: the process
 *
 * Return: 0 or a negative errno.
 */
int exit_stop_begin(struct exit_stop *exit_stop, pid_t pid);

/**
 * exit_stop_serve() - handle every thread that has stopped, and let it go on
 * @exit_stop: the threads
 *
 * Call it on SIGCHLD. It does not wait.
 *
 * Return: 0, -ENOMEM or what @last returned.
 */
int exit_stop_serve(struct exit_stop *exit_stop);

/**
 * exit_stop_free() - forget the threads; they are let go when the tool ends
 * @exit_stop: the threads
 */
void exit_stop_free(struct exit_stop *exit_stop);

#endif
