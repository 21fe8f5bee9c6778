// SPDX-License-Identifier: GPL-2.0
/* Reading what /proc says of a process. */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "run/proc_facts.h"
#include "run/patience.h"

#define NSEC_PER_SEC 1000000000ULL
/* The line has a name and 51 numbers. */
#define STAT_MAX 2048

static char *executable_of(uint32_t pid)
{
	char path[32], target[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/exe", pid);
	len = readlink(path, target, sizeof(target));
	return len < 0 ? NULL : strndup(target, len);
}

/* The line of version 2 begins with "0::"; others are of hierarchies of version 1. */
void proc_facts_cgroup(FILE *file, struct process_facts *facts)
{
	char *line = NULL;
	size_t room = 0;

	while (!facts->cgroup && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "0::/", strlen("0::/")))
			facts->cgroup = strdup(line + strlen("0::"));
	}
	free(line);
}

void proc_facts_status(FILE *file, struct process_facts *facts)
{
	char line[128];

	while (!(facts->has_uid && facts->has_seccomp) && fgets(line, sizeof(line), file)) {
		/* The second number is the effective user. */
		facts->has_uid |= sscanf(line, "Uid: %*u %" SCNu32, &facts->uid) == 1;
		facts->has_seccomp |= sscanf(line, "Seccomp: %" SCNu32, &facts->seccomp) == 1;
	}
}

/* Numbers 5 to 21 of the line, between the parent and the start. */
#define STAT_SKIPPED "%*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "

/* The name may have any byte, so look for the parenthesis behind it from the end. */
void proc_facts_stat(FILE *file, struct process_facts *facts)
{
	char text[STAT_MAX];
	size_t len = fread(text, 1, sizeof(text) - 1, file);
	uint64_t ticks;
	char *end;

	text[len] = '\0';
	end = memrchr(text, ')', len);
	if (!end ||
	    sscanf(end, ") %*c %" SCNu32 STAT_SKIPPED "%" SCNu64, &facts->parent, &ticks) != 2)
		return;
	facts->has_parent = true;
	facts->has_start = true;
	facts->start = ticks * (NSEC_PER_SEC / sysconf(_SC_CLK_TCK));
}

static void read_file(struct process_facts *facts, const char *name,
		      void (*take)(FILE *file, struct process_facts *facts))
{
	char path[32];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/%s", facts->pid, name);
	file = fopen(path, "re");
	if (!file)
		return;
	take(file, facts);
	fclose(file);
}

/* How much CLOCK_BOOTTIME is ahead, because only that one goes on while the machine sleeps. */
static uint64_t slept(void)
{
	struct timespec boot, now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (boot.tv_sec - now.tv_sec) * NSEC_PER_SEC + boot.tv_nsec - now.tv_nsec;
}

static void read_all(void *arg)
{
	struct process_facts *facts = arg;

	facts->executable = executable_of(facts->pid);
	read_file(facts, "cgroup", proc_facts_cgroup);
	read_file(facts, "status", proc_facts_status);
	read_file(facts, "stat", proc_facts_stat);
}

static void drop(void *arg)
{
	process_facts_free(arg);
	free(arg);
}

/* The kernel lets some of these files wait for a process that is in execve(). */
static void read_in_time(struct process_facts *facts)
{
	struct process_facts *copy = malloc(sizeof(*copy));

	if (!copy)
		return;
	*copy = *facts;
	if (!patience_call(read_all, drop, copy))
		return;
	*facts = *copy;
	free(copy);
}

static bool began_by(const struct process_facts *facts, uint64_t time)
{
	return facts->start <= time + slept();
}

bool proc_facts_is_since(uint32_t pid, uint64_t time)
{
	struct process_facts facts = { .pid = pid };

	read_file(&facts, "stat", proc_facts_stat);
	return facts.has_start && began_by(&facts, time);
}

void proc_facts_read(struct process_facts *facts, uint64_t time)
{
	const struct process_facts none = { .watch = facts->watch, .pid = facts->pid };

	read_in_time(facts);
	if (!facts->has_start || began_by(facts, time))
		return;
	process_facts_free(facts);
	*facts = none;
}
