/* SPDX-License-Identifier: GPL-2.0 */
/* Reading the machine's settings from /proc and /sys. */
#ifndef BRKWATCH_PROC_SYSTEM_H
#define BRKWATCH_PROC_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "event/system_facts.h"

/**
 * proc_meminfo() - read a figure of /proc/meminfo
 * @name: its name with the colon, such as "MemTotal:"
 * @bytes: set to it, in bytes, if it is there
 *
 * Return: whether it is.
 */
bool proc_meminfo(const char *name, uint64_t *bytes);

/**
 * proc_system_read() - read what the kernel of this machine decides calls by
 * @facts: filled; all zero if a file that every kernel has cannot be read
 */
void proc_system_read(struct system_facts *facts);

#endif
