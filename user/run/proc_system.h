/* SPDX-License-Identifier: GPL-2.0 */
/* Reading the machine's settings from /proc and /sys. */
#ifndef BRKWATCH_PROC_SYSTEM_H
#define BRKWATCH_PROC_SYSTEM_H

#include "event/system_facts.h"

/**
 * proc_system_read() - read what the kernel of this machine decides calls by
 * @facts: filled; all zero if a file that every kernel has cannot be read
 */
void proc_system_read(struct system_facts *facts);

#endif
