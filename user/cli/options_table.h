/* SPDX-License-Identifier: GPL-2.0 */
/* The table of options, and what their values mean. */
#ifndef BRKWATCH_OPTIONS_TABLE_H
#define BRKWATCH_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"

/* The table has no more options. */
#define OPTIONS_MAX 64

/* Keys from here on are not letters. */
#define OPTIONS_LETTERS 256

/**
 * struct option_row - an option
 * @key: its letter, or another number that getopt_long() returns for it
 * @name: name of its long form
 * @arg: name of its value, NULL without one
 * @help: what it does
 * @set: takes the value and reports what is wrong with it; NULL without one
 * @flag: offset of the bool in struct options that it sets, without a value
 * @view: it asks for a view
 * @head: heading of the group that begins here, NULL within a group
 */
struct option_row {
	int key;
	const char *name;
	const char *arg;
	const char *help;
	int (*set)(struct options *options, const char *text);
	size_t flag;
	bool view;
	const char *head;
};

extern const struct option_row options_table[];
extern const size_t options_table_n;

#endif
