// SPDX-License-Identifier: GPL-2.0
/* The script that lets zsh complete the options, made from the table of options. */
#include <stdio.h>
#include <string.h>

#include "cli/completion.h"
#include "lib/names.h"
#include "cli/options.h"

/* Write a text in square brackets, quoted so that it can also stand between single quotes. */
static void put_help(const char *help)
{
	putchar('[');
	for (; *help; help++) {
		if (*help == '\'')
			fputs("'\\''", stdout);
		else if (*help == ']' || *help == '[' || *help == '\\')
			printf("\\%c", *help);
		else
			putchar(*help);
	}
	putchar(']');
}

/* zsh shows the name of the value, up to its first "[" or ":", above the values to choose from. */
static void put_value(const char *arg)
{
	printf(":%.*s:%s", (int)strcspn(arg, "[:"), arg, completion_value(arg)->zsh);
}

static void put_option(const struct option_name *option)
{
	printf("\t\t");
	if (option->letter)
		printf("'*'{-%c%s,--%s%s}'", option->letter, option->arg ? "+" : "", option->name,
		       option->arg ? "=" : "");
	else
		printf("'*--%s%s", option->name, option->arg ? "=" : "");
	put_help(option->help);
	if (option->arg)
		put_value(option->arg);
	printf("' \\\n");
}

void completion_zsh(void)
{
	struct option_name option;
	const char *name;
	uint32_t kind;
	size_t i;

	printf("#compdef brkwatch\n"
	       "# Completion of brkwatch(8) by zsh, written by brkwatch --completion zsh.\n"
	       "_brkwatch()\n"
	       "{\n"
	       "\tlocal -a events=(");
	for (kind = 0; (name = names_event(kind)); kind++)
		printf("%s%s", kind ? " " : "", name);
	printf(")\n"
	       "\tlocal -a pids=(/proc/<1->(N:t))\n\n"
	       "\t_arguments -s -S -A '-*' : \\\n");
	for (i = 0; options_name(i, &option); i++)
		put_option(&option);
	printf("\t\t'(-)1:command:_command_names -e' '*::arguments:_normal'\n"
	       "}\n"
	       "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
	       "\t_brkwatch \"$@\"\n"
	       "else\n"
	       "\tcompdef _brkwatch brkwatch\n"
	       "fi\n");
}
