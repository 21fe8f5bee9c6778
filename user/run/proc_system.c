// SPDX-License-Identifier: GPL-2.0
/* Reading the machine's settings from /proc and /sys. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/proc_system.h"

/* The kernel's default for the gap below a stack, in pages. */
#define GUARD_PAGES 256

static bool read_number(const char *path, uint64_t *value)
{
	FILE *file = fopen(path, "re");
	unsigned long long number;
	bool found;

	if (!file)
		return false;
	found = fscanf(file, "%llu", &number) == 1;
	fclose(file);
	if (found)
		*value = number;
	return found;
}

/* The first line of a file that begins with a word; the caller frees it. NULL without one. */
static char *line_with(const char *path, const char *word)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	if (!file)
		return NULL;
	while (!found && getline(&line, &size, file) > 0)
		found = !strncmp(line, word, strlen(word));
	fclose(file);
	if (found)
		return line;
	free(line);
	return NULL;
}

bool proc_meminfo(const char *name, uint64_t *bytes)
{
	char *line = line_with("/proc/meminfo", name);
	unsigned long long kib;
	bool found = line && sscanf(line + strlen(name), "%llu", &kib) == 1;

	free(line);
	if (found)
		*bytes = kib << 10;
	return found;
}

static uint64_t guard_gap(uint64_t page)
{
	static const char name[] = " stack_guard_gap=";
	char *line = line_with("/proc/cmdline", "");
	const char *option = line ? strstr(line, name) : NULL;
	uint64_t pages = option ? strtoull(option + strlen(name), NULL, 10) : GUARD_PAGES;

	free(line);
	return pages * page;
}

/* Processors with five levels of page tables have 56 bits of user addresses, all others 47. */
static uint64_t task_size(uint64_t page)
{
#ifdef __x86_64__
	char *flags = line_with("/proc/cpuinfo", "flags");
	uint64_t end = 1ULL << (flags && strstr(flags, " la57") ? 56 : 47);

	free(flags);
	return end - page;
#else
	(void)page;
	return 0;
#endif
}

static uint64_t ignores_data(void)
{
	char *line = line_with("/sys/module/kernel/parameters/ignore_rlimit_data", "Y");

	free(line);
	return !!line;
}

static bool read_all(struct system_facts *facts)
{
	return read_number("/proc/sys/vm/max_map_count", &facts->max_map_count) &&
	       read_number("/proc/sys/vm/overcommit_memory", &facts->overcommit) &&
	       read_number("/proc/sys/vm/admin_reserve_kbytes", &facts->admin_reserve) &&
	       read_number("/proc/sys/vm/user_reserve_kbytes", &facts->user_reserve) &&
	       proc_meminfo("CommitLimit:", &facts->commit_limit);
}

void proc_system_read(struct system_facts *facts)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	uint64_t memory, swap;

	*facts = (struct system_facts){ 0 };
	if (!read_all(facts) || !proc_meminfo("MemTotal:", &memory) ||
	    !proc_meminfo("SwapTotal:", &swap)) {
		*facts = (struct system_facts){ 0 };
		return;
	}
	facts->total = memory + swap;
	facts->admin_reserve <<= 10;
	facts->user_reserve <<= 10;
	facts->guard_gap = guard_gap(page);
	facts->task_size = task_size(page);
	facts->ignores_data = ignores_data();
}
