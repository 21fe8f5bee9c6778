// SPDX-License-Identifier: GPL-2.0
/* The library that stacks.c loads: it calls back. */
int plugin(int (*ask)(int depth))
{
	volatile int done = ask(2);

	return done;
}
