/* SPDX-License-Identifier: GPL-2.0 */
/* What makes bash, fish and zsh complete the options. */
#ifndef BRKWATCH_COMPLETION_H
#define BRKWATCH_COMPLETION_H

/**
 * struct completion_value - how shells find what an option takes
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
 * completion_value() - how shells find a value
 * @arg: what --help calls it
 *
 * Return: that, or what is right for all others.
 */
const struct completion_value *completion_value(const char *arg);

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
