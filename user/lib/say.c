// SPDX-License-Identifier: GPL-2.0
/* Messages to the user, on standard error. */
#include <stdarg.h>
#include <stdio.h>

#include "lib/say.h"

static void (*first)(void);

void say_after(void (*before)(void))
{
	first = before;
}

void say(const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (first)
		first();
	/* Print the line in one write, so that a program on the same terminal cannot cut it. */
	fprintf(stderr, "brkwatch: %s\n", line);
}
