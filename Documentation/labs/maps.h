/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel says about this process: /proc/self/maps and smaps. */
#ifndef MAPS_H
#define MAPS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline FILE *open_or_die(const char *path)
{
	FILE *file = fopen(path, "r");

	if (!file) {
		perror(path);
		exit(1);
	}
	return file;
}

/* Whether a line of maps or smaps begins a mapping that holds @p. */
static inline int holds(const char *line, const void *p)
{
	uintptr_t start, end;

	return sscanf(line, "%lx-%lx ", &start, &end) == 2 && start <= (uintptr_t)p &&
	       (uintptr_t)p < end;
}

/* Print the line of /proc/self/maps that holds @p. */
static inline void print_mapping(const void *p)
{
	FILE *maps = open_or_die("/proc/self/maps");
	char line[512];

	while (fgets(line, sizeof(line), maps))
		if (holds(line, p))
			printf("%s", line);
	fclose(maps);
}

/* Print how large the mapping that holds @p is, and how much of it is in memory. */
static inline void print_residency(const void *p)
{
	FILE *smaps = open_or_die("/proc/self/smaps");
	unsigned long size = 0, rss = 0;
	char line[512];
	int found = 0;

	while (fgets(line, sizeof(line), smaps)) {
		found |= holds(line, p);
		if (found && sscanf(line, "Size: %lu kB", &size) == 1)
			continue;
		if (found && sscanf(line, "Rss: %lu kB", &rss) == 1)
			break;
	}
	printf("  mapped %5lu kB, resident %4lu kB\n", size, rss);
	fclose(smaps);
}

#endif
