/* SPDX-License-Identifier: GPL-2.0 */
/* Which stream each output goes to, and that none is for two of them. */
#ifndef BRKWATCH_STREAMS_H
#define BRKWATCH_STREAMS_H

#include <stdbool.h>

#include "cli/options.h"

/* What stands for a standard stream in place of a file. */
#define STREAMS_STANDARD "-"

/**
 * streams_output() - where the view writes to
 * @options: the options, with the traits of the view
 *
 * CMD has standard output for itself, so the view goes to standard error beside it. What a
 * view that writes a file of its own tells besides is for the user, and goes there as well.
 *
 * Return: for output_open(): a file, "|CMD", STREAMS_STANDARD, or NULL for standard error.
 */
const char *streams_output(const struct options *options);

/**
 * streams_check() - does each file and stream have one use
 * @options: the options, with the traits of the view
 *
 * Says what is wrong.
 *
 * Return: OPTIONS_GO_ON or EXIT_FAILURE.
 */
int streams_check(const struct options *options);

#endif
