// SPDX-License-Identifier: GPL-2.0
/*
 * Starts children; each asks where the break is and moves it by a page.
 *
 *   children N        one after the other, once a line comes
 *   children N held   at the same time: prints their process numbers, then each moves
 *                     its break once stdin is at its end
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raw.h"

#define PAGE 4096

static void move_break(void)
{
	long now = raw(SYS_brk, 0, 0, 0, 0, 0, 0);

	raw(SYS_brk, now + PAGE, 0, 0, 0, 0, 0);
	raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
}

static void await_end(void)
{
	char c;

	while (raw(SYS_read, STDIN_FILENO, (long)&c, 1, 0, 0, 0) > 0)
		;
}

int main(int argc, char **argv)
{
	int i, n = argc > 1 ? atoi(argv[1]) : 0;
	char c;

	if (argc == 2 && read(STDIN_FILENO, &c, 1) != 1)
		return 1;
	for (i = 0; i < n; i++) {
		long pid = raw(SYS_fork, 0, 0, 0, 0, 0, 0);

		if (pid < 0)
			return 1;
		if (!pid) {
			if (argc > 2)
				await_end();
			move_break();
		}
		if (argc > 2)
			dprintf(STDOUT_FILENO, "%ld\n", pid);
		else
			waitpid(pid, NULL, 0);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
