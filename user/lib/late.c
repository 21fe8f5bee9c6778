// SPDX-License-Identifier: GPL-2.0
/* Loading a library when a run needs it. */
#include <dlfcn.h>
#include <errno.h>

#include "lib/late.h"
#include "lib/say.h"

/* The loader looks where it would have looked at the tool's start. The library stays to the end. */
int late_load(const char *soname, const char *const names[], void *functions[], size_t n)
{
	void *library = dlopen(soname, RTLD_LAZY), *last = library;
	size_t i;

	for (i = 0; i < n && last; i++)
		last = functions[i] = dlsym(library, names[i]);
	if (last)
		return 0;
	say("%s; install that library", dlerror());
	return -ELIBACC;
}
