/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BRKWATCH_COMPLETION_H
#define BRKWATCH_COMPLETION_H

/**
 * completion_print() - write what makes a shell complete our options
 * @shell: its name; bash, fish and zsh are known
 *
 * Return: 0 or a negative errno, after saying what is wrong.
 */
int completion_print(const char *shell);

/**
 * completion_fish() - the same for fish
 */
void completion_fish(void);

/**
 * completion_zsh() - the same for zsh
 */
void completion_zsh(void);

#endif
