/* SPDX-License-Identifier: GPL-2.0 */
/* --mark: send a mark to processes. */
#ifndef BRKWATCH_MARK_H
#define BRKWATCH_MARK_H

#include "cli/pidlist.h"

/**
 * mark_all() - put a mark among the events of processes
 * @pids: the processes
 * @text: the mark, of BRKWATCH_MARK_MAX bytes at most
 *
 * Says what went wrong; the other processes are marked all the same.
 *
 * Return: 0 or the first negative errno.
 */
int mark_all(const struct pidlist *pids, const char *text);

#endif
