/* SPDX-License-Identifier: GPL-2.0 */
/* The module's parameter gone_max: how many dead watches of a session it keeps. */
#ifndef GONE_MAX_H
#define GONE_MAX_H

#include <errno.h>
#include <stdio.h>

#define GONE_MAX_PARAMETER "/sys/module/brkwatch/parameters/gone_max"

static inline int set_gone_max(int n)
{
	FILE *file = fopen(GONE_MAX_PARAMETER, "w");

	if (!file)
		return -errno;
	fprintf(file, "%d\n", n);
	return fclose(file);
}

#endif
