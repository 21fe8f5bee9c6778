/* SPDX-License-Identifier: GPL-2.0 */
/* A process to watch that waits until the test lets it begin. */
#ifndef CHILD_H
#define CHILD_H

#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/**
 * struct child - a held process
 * @pid: its number
 * @go: write end of the pipe that it waits on
 */
struct child {
	pid_t pid;
	int go;
};

static inline struct child child_fork(int (*run)(void *), void *arg)
{
	struct child child;
	int gate[2];
	char c;

	if (pipe(gate))
		abort();
	child.pid = fork();
	if (child.pid < 0)
		abort();
	if (!child.pid) {
		close(gate[1]);
		if (read(gate[0], &c, 1) != 1)
			_exit(125);
		_exit(run(arg));
	}
	close(gate[0]);
	child.go = gate[1];
	return child;
}

static inline void child_go(struct child *child)
{
	if (write(child->go, "", 1) != 1)
		abort();
	close(child->go);
}

static inline int child_wait(const struct child *child)
{
	int status;

	if (waitpid(child->pid, &status, 0) != child->pid)
		abort();
	return status;
}

#endif
