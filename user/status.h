/* SPDX-License-Identifier: GPL-2.0 */
/* --status: report whether the module works, and how. */
#ifndef BRKWATCH_STATUS_H
#define BRKWATCH_STATUS_H

#include <stdbool.h>

/* The switch of all kprobes of the kernel. */
#define KPROBES_ENABLED "/sys/kernel/debug/kprobes/enabled"

/**
 * status_show() - say on stdout whether the module works, and how
 *
 * Return: the exit status, EXIT_SUCCESS when all that is needed is there.
 */
int status_show(void);

/**
 * status_is_disarmed() - has somebody switched all kprobes of the kernel off
 *
 * Return: true if it is so and can be seen, which takes root and debugfs.
 */
bool status_is_disarmed(void);

#endif
