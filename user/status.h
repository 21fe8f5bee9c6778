/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BRKWATCH_STATUS_H
#define BRKWATCH_STATUS_H

/**
 * status_show() - say on stdout whether the module works, and how
 *
 * Return: the exit status, EXIT_SUCCESS when all that is needed is there.
 */
int status_show(void);

#endif
