/* SPDX-License-Identifier: GPL-2.0 */
/* Checks which options go together. */
#ifndef BRKWATCH_OPTIONS_CHECK_H
#define BRKWATCH_OPTIONS_CHECK_H

#include <stddef.h>

struct options;

/* Room for the name of an option. */
#define OPTION_NAME_MAX 32

/**
 * options_flag_name() - the name of a flag as the user would write it
 * @flag: offset in struct options
 * @buf: takes the name
 *
 * Return: @buf.
 */
const char *options_flag_name(size_t flag, char buf[OPTION_NAME_MAX]);

/**
 * options_check() - do they make sense together
 * @options: what the user asked for
 *
 * Says what does not.
 *
 * Return: OPTIONS_GO_ON or the exit status.
 */
int options_check(const struct options *options);

#endif
