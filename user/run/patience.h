/* SPDX-License-Identifier: GPL-2.0 */
/* Work that a watched process may make as long as it likes. */
#ifndef BRKWATCH_PATIENCE_H
#define BRKWATCH_PATIENCE_H

#include <stdbool.h>

/**
 * patience_call() - have a thread do some work, and wait for it only so long
 * @work: the work; it waits for nothing but the kernel, in calls that SIGKILL ends
 * @drop: frees @arg
 * @arg: what to work on; if the work takes too long, the thread drops it some time
 *
 * Return: whether the work is done, so that the caller still has @arg.
 */
bool patience_call(void (*work)(void *arg), void (*drop)(void *arg), void *arg);

#endif
