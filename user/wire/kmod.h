/* SPDX-License-Identifier: GPL-2.0 */
/* Loading the module. */
#ifndef BRKWATCH_KMOD_H
#define BRKWATCH_KMOD_H

/**
 * kmod_load() - load the kernel module
 *
 * Says what is wrong if it fails.
 *
 * Return: 0 or a negative errno.
 */
int kmod_load(void);

#endif
