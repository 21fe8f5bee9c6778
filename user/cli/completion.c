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

/* bash splits a word at each =; only the line shows whether there were blanks. */
static void put_words(void)
{
	printf("\tfor ((i = 1; i <= COMP_CWORD; i++)); do\n"
	       "\t\tcur=${COMP_WORDS[i]}\n"
	       "\t\tif [[ $rest != [[:blank:]]* && ($cur == =* || ${words[n]} == *=) ]]; then\n"
	       "\t\t\twords[n]+=$cur\n"
	       "\t\telse\n"
	       "\t\t\twords[++n]=$cur at[n]=$i\n"
	       "\t\tfi\n"
	       "\t\trest=${rest#\"${rest%%%%[![:blank:]]*}\"}\n"
	       "\t\trest=${rest#\"$cur\"}\n"
	       "\tdone\n"
	       "\tcur=${words[n]#[\\'\\\"]}\n");
}

/* Write the options that have @part in the name of their argument. */
static void put_patterns(const char *part)
{
	struct option_name option;
	size_t i, n = 0;

	for (i = 0; options_name(i, &option); i++) {
		if (!option.arg || !strstr(option.arg, part))
			continue;
		printf("%s", n++ ? " | " : "");
		put_pattern(&option);
	}
}

/* Search for the command, or for the word to complete if it comes first. */
static void put_search(void)
{
	printf("\tfor ((i = 1; i < n; i++)); do\n"
	       "\t\tcase ${words[i]} in\n"
	       "\t\t--) options=; ((i++)); break ;;\n"
	       "\t\t");
	put_patterns("");
	printf(") ((i++)) ;;\n"
	       "\t\t-*) ;;\n"
	       "\t\t*) break ;;\n"
	       "\t\tesac\n"
	       "\tdone\n");
}

/* Complete a list behind its last comma; the part that bash split off stays as it is. */
static void put_value_begin(void)
{
	printf("\tif ((i > n)) || [[ $options && $i -eq $n && $cur == --*=* ]]; then\n"
	       "\t\tif ((i > n)); then\n"
	       "\t\t\toption=${words[n - 1]} rest=$cur\n"
	       "\t\telse\n"
	       "\t\t\toption=${cur%%%%=*} rest=${cur#*=}\n"
	       "\t\tfi\n"
	       "\t\tcase $option in\n"
	       "\t\t");
}

static void put_lists_of_values(void)
{
	put_patterns(",");
	printf(") [[ $rest =~ ^(trace=)?!?(.*,)? ]] && rest=${rest#\"${BASH_REMATCH[0]}\"} ;;\n"
	       "\t\tesac\n"
	       "\t\thead=${cur%%\"$rest\"}\n"
	       "\t\t[[ $COMP_WORDBREAKS != *=* ]] || head=${head##*=}\n");
}

static void put_values(void)
{
	struct option_name option;
	size_t i;

	put_value_begin();
	put_lists_of_values();
	printf("\t\tcase $option in\n");
	for (i = 0; options_name(i, &option); i++) {
		const char *how = option.arg ? completion_value(option.arg)->bash : NULL;

		if (!how)
			continue;
		printf("\t\t");
		put_pattern(&option);
		printf(") mapfile -t COMPREPLY < <(compgen -P \"$head\" %s -- \"$rest\") ;;\n",
		       how);
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
	       "\tlocal words=(\"${COMP_WORDS[0]}\") at=(0) rest=${COMP_LINE#*\"${COMP_WORDS[0]}\"}\n"
	       "\tlocal n=0 cur option head i\n");
	put_lists();
	printf("\n\tCOMPREPLY=()\n");
	put_words();
	put_search();
	put_values();
	printf("\telif ((i < n)); then\n"
	       "\t\tif declare -F _command_offset >/dev/null; then\n"
	       "\t\t\t_command_offset \"${at[i]}\"\n"
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
