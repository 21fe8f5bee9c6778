// SPDX-License-Identifier: GPL-2.0
/*
 * Makes numbered calls: the n-th call unmaps n bytes where nothing is.
 *
 *   migrate CALLS [PINS]   on one CPU after the other, PINS times in all
 *
 * The program begins when a line comes, reports when it is done, and ends with its input.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "raw.h"

#define NOWHERE (1L << 40)

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		_exit(1);
}

int main(int argc, char **argv)
{
	long calls = argc > 1 ? atol(argv[1]) : 0, pins = argc > 2 ? atol(argv[2]) : 0, i;
	char c;

	if (read(STDIN_FILENO, &c, 1) != 1)
		return 1;
	for (i = 1; i <= calls; i++) {
		if (pins && i % (calls / pins) == 0)
			pin(i / (calls / pins) % 2);
		raw(SYS_munmap, NOWHERE, i, 0, 0, 0, 0);
	}
	if (write(STDOUT_FILENO, "done\n", 5) != 5)
		return 1;
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
