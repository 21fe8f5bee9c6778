// SPDX-License-Identifier: GPL-2.0
/* Completion by fish, made of the table of options. */
#include <stdio.h>

#include "cli/completion.h"
#include "lib/names.h"
#include "cli/options.h"

static void put_events(void)
{
	const char *name;
	uint32_t kind;

	printf("set -g __brkwatch_events");
	for (kind = 0; (name = names_event(kind)); kind++)
		printf(" %s", name);
	printf("\n");
}

/* Complete a list behind its last comma. */
static void put_list(void)
{
	printf("\nfunction __brkwatch_list\n"
	       "\tset -l word (commandline -ct | string replace -r -- '^(--[^=]*=|-[a-zA-Z])' '')\n"
	       "\tset -l head (string match -r -- '^(?:trace=)?!?(?:.*,)?' $word)\n"
	       "\tprintf '%%s\\n' $head$argv\n"
	       "end\n\n");
}

static void put_options_with_value(void)
{
	struct option_name option;
	size_t i;

	printf("set -g __brkwatch_valued");
	for (i = 0; options_name(i, &option); i++) {
		if (!option.arg)
			continue;
		printf(" --%s", option.name);
		if (option.letter)
			printf(" -%c", option.letter);
	}
	printf("\n");
}

static void put_options(void)
{
	struct option_name option;
	size_t i;

	for (i = 0; options_name(i, &option); i++) {
		printf("complete -c brkwatch -n __brkwatch_before_command -l %s", option.name);
		if (option.letter)
			printf(" -s %c", option.letter);
		printf("%s%s\n", option.arg ? " " : "",
		       option.arg ? completion_value(option.arg)->fish : "");
	}
}

void completion_fish(void)
{
	printf("# Completion of brkwatch(8) by fish, written by brkwatch --completion fish.\n");
	put_events();
	put_list();
	put_options_with_value();
	printf("\nfunction __brkwatch_before_command\n"
	       "\tset -l value 0\n"
	       "\tfor word in (commandline -opc)[2..]\n"
	       "\t\tif test $value = 1\n"
	       "\t\t\tset value 0\n"
	       "\t\telse if contains -- $word $__brkwatch_valued\n"
	       "\t\t\tset value 1\n"
	       "\t\telse if test \"$word\" = --; or not string match -q -- '-*' $word\n"
	       "\t\t\treturn 1\n"
	       "\t\tend\n"
	       "\tend\n"
	       "end\n\n"
	       "complete -c brkwatch -x "
	       "-a '(__fish_complete_subcommand -- $__brkwatch_valued)'\n");
	put_options();
}
