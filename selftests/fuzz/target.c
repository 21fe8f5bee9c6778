// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer's way into the tool: the input is a capture, which every view reads in turn.
 * This program contains the whole tool, from its options to its end; only main() has another name.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Each ends with NULL. */
static char *const views[][4] = {
	{ NULL },
	{ "--json" },
	{ "-c" },
	{ "-c", "--json", "--interval=1" },
	{ "-C", "--normalize" },
	{ "--map", "--all" },
	{ "--map", "--json" },
	{ "--strace" },
	{ "--plot", "-" },
	{ "--html", "/dev/null" },
	{ "--html", "/dev/null", "-k" },
	{ "-tT", "--event=brk,mmap,exit", "--min-size=8K" },
	{ "-k" },
	{ "-k", "--json" },
	{ "-k", "-c" },
	{ "--stacks=folded" },
	{ "--stacks=folded-held", "--min-age=0.001" },
	{ "-w", "/dev/null" },
};

static void replay(char *path, char *const *options)
{
	char *argv[10] = { "brkwatch", "--read", path, "-o", "/dev/null" };
	int argc = 5;

	while (*options)
		argv[argc++] = *options++;
	optind = 0;
	brkwatch_main(argc, argv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	char path[32];
	size_t i;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (i = 0; i < N(views); i++)
		replay(path, views[i]);
	close(fd);
	return 0;
}
