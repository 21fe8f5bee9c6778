// SPDX-License-Identifier: GPL-2.0
/* How the tool reads sizes such as 4K and 8M. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/size.h"

#define UNITS "kKmMgG"
#define SHIFT_OF_A_UNIT 10

bool size_read(const char *text, uint64_t *bytes)
{
	unsigned int shift = 0;
	const char *unit;
	char *end;

	/* strtoull() would also accept a sign, and spaces before it. */
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*bytes = strtoull(text, &end, 10);
	if (errno)
		return false;
	unit = *end ? strchr(UNITS, *end) : NULL;
	if (unit) {
		shift = ((unit - UNITS) / 2 + 1) * SHIFT_OF_A_UNIT;
		end++;
	}
	if (*end || *bytes > UINT64_MAX >> shift)
		return false;
	*bytes <<= shift;
	return true;
}
