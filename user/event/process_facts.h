/* SPDX-License-Identifier: GPL-2.0 */
/* What the system says of a process, besides its events. */
#ifndef BRKWATCH_PROCESS_FACTS_H
#define BRKWATCH_PROCESS_FACTS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct process_facts - what /proc said of a process when the tool learned of it
 * @watch: id of its watch
 * @pid: its number
 * @executable: path of the file that it runs, NULL if it could not be read
 * @cgroup: its control group, in the hierarchy of version 2, NULL likewise
 * @has_uid: whether @uid could be read
 * @uid: its effective user
 * @has_parent: whether @parent could be read
 * @parent: number of its parent
 * @has_start: whether @start could be read
 * @start: when it began, CLOCK_BOOTTIME in ns, to a tick of the kernel's clock for users
 * @has_seccomp: whether @seccomp could be read
 * @seccomp: mode of seccomp(2) of its main thread: 0 off, 1 strict, 2 filter
 */
struct process_facts {
	uint32_t watch;
	uint32_t pid;
	char *executable;
	char *cgroup;
	bool has_uid;
	uint32_t uid;
	bool has_parent;
	uint32_t parent;
	bool has_start;
	uint64_t start;
	bool has_seccomp;
	uint32_t seccomp;
};

/**
 * process_facts_free() - free the texts of the facts
 * @facts: the facts
 */
void process_facts_free(struct process_facts *facts);

#endif
