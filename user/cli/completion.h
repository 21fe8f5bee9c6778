/* SPDX-License-Identifier: GPL-2.0 */
/* Scripts that let bash, fish and zsh complete the options. */
#ifndef BRKWATCH_COMPLETION_H
#define BRKWATCH_COMPLETION_H

/**
 * struct completion_value - how shells find the values of an option
 * @arg: what --help calls it
 * @bash: options of compgen, NULL for nothing to offer
 * @fish: options of complete
 * @zsh: action of _arguments
 */
struct completion_value {
	const char *arg;
	const char *bash;
	const char *fish;
	const char *zsh;
};

/**
 * completion_value() - look up how shells find a value
 * @arg: what --help calls it
 *
 * Return: the entry for @arg, or the one for all other values.
 */
const struct completion_value *completion_value(const char *arg);

/**
 * completion_print() - write the script that lets a shell complete our options
 * @shell: its name; bash, fish and zsh are known
 *
 * Return: 0, or a negative errno that has already been reported.
 */
int completion_print(const char *shell);

/**
 * completion_fish() - write the script for fish
 */
void completion_fish(void);

/**
 * completion_zsh() - write the script for zsh
 */
void completion_zsh(void);

#endif
