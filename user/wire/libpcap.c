// SPDX-License-Identifier: GPL-2.0
/* Loading libpcap. */
#include "wire/libpcap.h"

void *libpcap[LIBPCAP_N];

int libpcap_load(void)
{
	static const char *const names[] = { LIBPCAP_FUNCTIONS(LATE_NAME) };

	return late_load(LIBPCAP_SONAME, names, libpcap, LIBPCAP_N);
}
