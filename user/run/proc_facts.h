/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What /proc says of a process: the file that it runs, its control group, user, parent, age and
 * mode of seccomp(2).
 */
#ifndef BRKWATCH_PROC_FACTS_H
#define BRKWATCH_PROC_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "event/process_facts.h"

/**
 * proc_facts_read() - read all of it
 * @facts: with @pid; the rest is filled as far as it can be read, and must be freed with
 *	process_facts_free()
 * @time: when the process was there, CLOCK_MONOTONIC in ns; a process that began later only has
 *	its number, so that nothing is filled
 */
void proc_facts_read(struct process_facts *facts, uint64_t time);

/**
 * proc_facts_is_since() - check whether a number still belongs to the process that had it
 * @pid: the number
 * @time: when the process was there, CLOCK_MONOTONIC in ns
 *
 * Return: whether there is a process of that number, and it did not begin later.
 */
bool proc_facts_is_since(uint32_t pid, uint64_t time);

/**
 * proc_facts_cgroup() - find the control group
 * @file: in the format of /proc/PID/cgroup
 * @facts: @cgroup is filled if the file has one
 */
void proc_facts_cgroup(FILE *file, struct process_facts *facts);

/**
 * proc_facts_status() - find the user and the mode of seccomp(2)
 * @file: in the format of /proc/PID/status
 * @facts: @uid and @seccomp are filled if the file has them
 */
void proc_facts_status(FILE *file, struct process_facts *facts);

/**
 * proc_facts_stat() - find the parent and the age
 * @file: in the format of /proc/PID/stat
 * @facts: @parent and @start are filled if the file has them
 */
void proc_facts_stat(FILE *file, struct process_facts *facts);

#endif
