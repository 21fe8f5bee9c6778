/* SPDX-License-Identifier: GPL-2.0 */
/* The stream of -o: a file, a command or a standard stream. */
#ifndef BRKWATCH_OUTPUT_H
#define BRKWATCH_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

/**
 * output_open() - open where the output goes to
 * @path: a file, or after "|" a command for the shell; "-" is stdout, NULL stderr
 * @append: keep what a file has
 *
 * ^C and ^\\ do not interrupt a command, so that it can read the rest. Call this before
 * signals_open(), because the command must not get its handlers. There is one buffer, so close a
 * stream before you open the next one.
 *
 * Return: the stream, or NULL after saying why there is none.
 */
FILE *output_open(const char *path, bool append);

/**
 * output_reserve() - keep files off the numbers of closed standard streams
 *
 * Otherwise the tool would write into a file what is meant for the stream. Call this first of
 * all.
 */
void output_reserve(void);

/**
 * output_standard() - a stream of our own to a standard one
 * @fd: STDOUT_FILENO or STDERR_FILENO
 *
 * stderr itself stays unbuffered, because say() writes to it.
 *
 * Return: the stream, or NULL with errno.
 */
FILE *output_standard(int fd);

/**
 * output_close() - write the rest and, if a command reads it, wait for its end
 * @out: of output_open()
 * @path: the same
 *
 * Return: 0 or a negative errno.
 */
int output_close(FILE *out, const char *path);

#endif
