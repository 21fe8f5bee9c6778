/* SPDX-License-Identifier: GPL-2.0 */
/* Records which parts of the module the kernel ran for a program, where KCOV is there. */
#ifndef HOSTILE_KCOV_H
#define HOSTILE_KCOV_H

/**
 * kcov_begin() - collect from now on what this thread's system calls run
 *
 * Without KCOV in the kernel, this function and the following ones do nothing.
 */
void kcov_begin(void);

/**
 * kcov_take() - note what the last calls ran; must be called now and then
 */
void kcov_take(void);

/**
 * kcov_save() - write the places in the module's text that were run
 * @path: output file; each line is an offset in hexadecimal
 */
void kcov_save(const char *path);

#endif
