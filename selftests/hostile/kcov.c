// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/kcov.h>

#include "kcov.h"

/* The kernel can record so many places between two calls of kcov_take(). */
#define PLACES (1UL << 18)
/* The module's text has fewer bytes. */
#define TEXT_MAX (1UL << 20)

static unsigned long *noted;
static unsigned long text;
static unsigned char seen[TEXT_MAX];

static unsigned long text_of_module(void)
{
	FILE *file = fopen("/sys/module/brkwatch/sections/.text", "r");
	unsigned long at = 0;

	if (!file || fscanf(file, "%lx", &at) != 1)
		at = 0;
	if (file)
		fclose(file);
	return at;
}

void kcov_begin(void)
{
	int fd = open("/sys/kernel/debug/kcov", O_RDWR);

	text = text_of_module();
	if (fd < 0 || !text || ioctl(fd, KCOV_INIT_TRACE, PLACES))
		return;
	noted = mmap(NULL, PLACES * sizeof(*noted), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (noted == MAP_FAILED || ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC))
		noted = NULL;
}

void kcov_take(void)
{
	unsigned long i, n = noted ? __atomic_load_n(&noted[0], __ATOMIC_RELAXED) : 0;

	for (i = 1; i <= n; i++)
		if (noted[i] - text < TEXT_MAX)
			seen[noted[i] - text] = 1;
	if (noted)
		__atomic_store_n(&noted[0], 0, __ATOMIC_RELAXED);
}

void kcov_save(const char *path)
{
	FILE *file = fopen(path, "a");
	unsigned long i;

	if (!file)
		return;
	for (i = 0; i < TEXT_MAX; i++)
		if (seen[i])
			fprintf(file, "%lx\n", i);
	fclose(file);
}
