/* SPDX-License-Identifier: GPL-2.0 */
/* --status: report whether the module works, and how. */
#ifndef BRKWATCH_STATUS_H
#define BRKWATCH_STATUS_H

#include <stdbool.h>

/* The switch of all kprobes of the kernel. */
#define KPROBES_ENABLED "/sys/kernel/debug/kprobes/enabled"

/**
 * status_show() - report on stdout whether the module works, and how
 *
 * Return: the exit status, EXIT_SUCCESS when all that is needed is there.
 */
int status_show(void);

/**
 * status_is_disarmed() - are all kprobes of the kernel switched off
 *
 * Return: true if they are and the tool can see it, which takes root and debugfs.
 */
bool status_is_disarmed(void);

#endif
