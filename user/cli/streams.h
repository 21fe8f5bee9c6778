/* SPDX-License-Identifier: GPL-2.0 */
/* Which stream each output goes to; no stream serves two outputs. */
#ifndef BRKWATCH_STREAMS_H
#define BRKWATCH_STREAMS_H

#include <stdbool.h>

#include "cli/options.h"

/* This stands for a standard stream in place of a file. */
#define STREAMS_STANDARD "-"

/**
 * streams_output() - choose the stream that the view writes to
 * @options: the options, with the traits of the view
 *
 * The view goes to standard error if there is a CMD, because CMD has standard output for itself.
 * The messages of a view that writes its own file go there as well, because the user reads them.
 *
 * Return: for output_open(): a file, "|CMD", STREAMS_STANDARD, or NULL for standard error.
 */
const char *streams_output(const struct options *options);

/**
 * streams_check() - check that each file and stream has only one use
 * @options: the options, with the traits of the view
 *
 * Return: OPTIONS_GO_ON, or EXIT_FAILURE after reporting what is wrong.
 */
int streams_check(const struct options *options);

#endif
