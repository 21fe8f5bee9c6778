/* SPDX-License-Identifier: GPL-2.0 */
/* Checks which options go together. */
#ifndef BRKWATCH_OPTIONS_CHECK_H
#define BRKWATCH_OPTIONS_CHECK_H

struct options;

/**
 * options_say_apart() - say that two options do not go together
 * @a: one, as the user would write it
 * @b: the other
 */
void options_say_apart(const char *a, const char *b);

/**
 * options_check() - check whether the options make sense together
 * @options: what the user asked for, with the traits of the view
 *
 * Return: OPTIONS_GO_ON, or the exit status after reporting what does not.
 */
int options_check(const struct options *options);

#endif
