/* SPDX-License-Identifier: GPL-2.0 */
/* Which parts of the module a program has made the kernel run, where the kernel tells. */
#ifndef HOSTILE_KCOV_H
#define HOSTILE_KCOV_H

/**
 * kcov_begin() - collect from now on what this thread's system calls run
 *
 * Without KCOV in the kernel this and all that follows does nothing.
 */
void kcov_begin(void);

/**
 * kcov_take() - note what the last calls ran; to be called now and then
 */
void kcov_take(void);

/**
 * kcov_save() - write the places in the module's text that were run
 * @path: where to; a line each, as an offset in hexadecimal
 */
void kcov_save(const char *path);

#endif
