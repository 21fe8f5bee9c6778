// SPDX-License-Identifier: GPL-2.0
/* Completion by bash, made of the table of options. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/completion.h"
#include "lib/names.h"
#include "cli/options.h"
#include "lib/say.h"

static void put_pattern(const struct option_name *option)
{
	if (option->letter)
		printf("-%c | ", option->letter);
	printf("--%s", option->name);
}

static void put_lists(void)
{
	struct option_name option;
	const char *name;
	uint32_t kind;
	size_t i;

	printf("\tlocal events='");
	for (kind = 0; (name = names_event(kind)); kind++)
		printf("%s%s", kind ? " " : "", name);
	printf("'\n\tlocal options='");
	for (i = 0; options_name(i, &option); i++) {
		printf("%s--%s", i ? " " : "", option.name);
		if (option.letter)
			printf(" -%c", option.letter);
	}
	printf("'\n");
}

/* Goes to the command, or to the word to complete where that comes first. */
static void put_search(void)
{
	struct option_name option;
	size_t i, n = 0;

	printf("\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\tcase ${COMP_WORDS[i]} in\n"
	       "\t\t--) options=; ((i++)); break ;;\n"
	       "\t\t");
	for (i = 0; options_name(i, &option); i++) {
		if (!option.arg)
			continue;
		printf("%s", n++ ? " | " : "");
		put_pattern(&option);
	}
	printf(") ((i++)) ;;\n"
	       "\t\t-*) ;;\n"
	       "\t\t*) break ;;\n"
	       "\t\tesac\n"
	       "\tdone\n");
}

static void put_values(void)
{
	struct option_name option;
	size_t i;

	printf("\t\tcase ${COMP_WORDS[COMP_CWORD - 1]} in\n");
	for (i = 0; options_name(i, &option); i++) {
		const char *how = option.arg ? completion_value(option.arg)->bash : NULL;

		if (!how)
			continue;
		printf("\t\t");
		put_pattern(&option);
		printf(") mapfile -t COMPREPLY < <(compgen %s -- \"$cur\") ;;\n", how);
	}
	printf("\t\tesac\n");
}

int completion_print(const char *shell)
{
	if (!strcmp(shell, "fish")) {
		completion_fish();
		return 0;
	}
	if (!strcmp(shell, "zsh")) {
		completion_zsh();
		return 0;
	}
	if (strcmp(shell, "bash")) {
		say("--completion: '%s' is no shell that is known; try --completion bash, fish or "
		    "zsh",
		    shell);
		return -EINVAL;
	}
	printf("# Completion of brkwatch(8) by bash, written by brkwatch --completion bash.\n"
	       "_brkwatch()\n"
	       "{\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} i\n");
	put_lists();
	printf("\n\tCOMPREPLY=()\n");
	put_search();
	printf("\tif ((i > COMP_CWORD)); then\n");
	put_values();
	printf("\telif ((i < COMP_CWORD)); then\n"
	       "\t\tif declare -F _command_offset >/dev/null; then\n"
	       "\t\t\t_command_offset \"$i\"\n"
	       "\t\telse\n"
	       "\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	       "\t\tfi\n"
	       "\telif [[ $options && $cur == -* ]]; then\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
	       "\telse\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
	       "\tfi\n"
	       "}\n"
	       "complete -F _brkwatch brkwatch\n");
	return 0;
}
