// SPDX-License-Identifier: GPL-2.0
/* The command line, read by the table of options. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/brkwatch.h>

#include "cli/options.h"
#include "cli/options_table.h"
#include "lib/say.h"

/* Each letter may have a colon; two characters stand before the letters, a NUL behind them. */
#define LETTERS_MAX (2 * OPTIONS_MAX + 3)

static bool has_letter(const struct option_row *row)
{
	return row->key < OPTIONS_LETTERS;
}

bool options_name(size_t i, struct option_name *option)
{
	if (i >= options_table_n)
		return false;
	option->letter = has_letter(&options_table[i]) ? options_table[i].key : 0;
	option->name = options_table[i].name;
	option->arg = options_table[i].arg;
	option->help = options_table[i].help;
	return true;
}

static void print_help(void)
{
	char names[64];
	size_t i;

	printf("usage: brkwatch [OPTION...] -p PID[,PID...]\n"
	       "       brkwatch [OPTION...] [--] CMD [ARG...]\n"
	       "       brkwatch [OPTION...] -a\n"
	       "       brkwatch [OPTION...] --read FILE\n\n"
	       "Show where a process gets its memory from: program-break moves and mappings.\n");
	for (i = 0; i < options_table_n; i++) {
		const struct option_row *row = &options_table[i];
		bool letter = has_letter(row);

		if (row->head)
			printf("\n%s:\n", row->head);
		snprintf(names, sizeof(names), "%c%c%s--%s%s%s", letter ? '-' : ' ',
			 letter ? row->key : ' ', letter ? ", " : "  ", row->name,
			 row->arg ? " " : "", row->arg ? row->arg : "");
		printf("  %-27s %s\n", names, row->help);
	}
}

/* A leading "+" makes getopt stop at CMD, because the options of CMD are not ours. */
static void make_getopt(char letters[LETTERS_MAX], struct option *longs)
{
	size_t i, at = 0;

	letters[at++] = '+';
	letters[at++] = ':';
	for (i = 0; i < options_table_n; i++) {
		longs[i] = (struct option){
			.name = options_table[i].name,
			.has_arg = options_table[i].arg ? required_argument : no_argument,
			.val = options_table[i].key,
		};
		if (!has_letter(&options_table[i]))
			continue;
		letters[at++] = options_table[i].key;
		if (options_table[i].arg)
			letters[at++] = ':';
	}
	letters[at] = '\0';
}

static void add_view(struct options *options, const char *name)
{
	size_t i;

	for (i = 0; i < options->views_n; i++)
		if (!strcmp(options->views[i], name))
			return;
	if (options->views_n < OPTIONS_VIEWS)
		options->views[options->views_n++] = name;
}

static int set_option(struct options *options, int key)
{
	const struct option_row *row = options_table;

	while (row->key != key)
		row++;
	if (row->view)
		add_view(options, row->name);
	if (row->set)
		return row->set(options, optarg);
	if (!row->view)
		*(bool *)((char *)options + row->flag) = true;
	return 0;
}

/* Report which options a long one may stand for. Returns whether there are several. */
static bool is_ambiguous(const char *word)
{
	size_t length = strcspn(word, "="), at = 0, n = 0, i;
	char list[256] = "";

	for (i = 0; i < options_table_n && at < sizeof(list); i++) {
		if (strncmp(word + 2, options_table[i].name, length - 2))
			continue;
		at += snprintf(list + at, sizeof(list) - at, "%s--%s", n++ ? ", " : "",
			       options_table[i].name);
	}
	if (n > 1)
		say("option '%.*s' could be any of %s; write more of it", (int)length, word, list);
	return n > 1;
}

/* Report what getopt_long() could not read, and in which word. */
static void complain(int what, const char *word)
{
	bool is_long = !strncmp(word, "--", 2);

	if (what == '?' && is_long && !optopt && is_ambiguous(word))
		return;

	if (what == ':' && is_long)
		say("option '%s' wants a value; see brkwatch --help", word);
	else if (what == ':')
		say("option '-%c' wants a value; see brkwatch --help", optopt);
	else if (is_long && optopt && strchr(word, '='))
		say("option '%s' takes no value; see brkwatch --help", word);
	else if (optopt)
		say("unknown option '-%c'; see brkwatch --help", optopt);
	else
		say("unknown option '%s'; see brkwatch --help", word);
}

const char *options_shown_name(const char *name, char buf[OPTION_NAME_MAX])
{
	const struct option_row *row = options_table;

	while (strcmp(row->name, name))
		row++;
	if (has_letter(row))
		snprintf(buf, OPTION_NAME_MAX, "-%c", row->key);
	else
		snprintf(buf, OPTION_NAME_MAX, "--%s", row->name);
	return buf;
}

void options_free(struct options *options)
{
	pidlist_free(&options->pids);
	user_free(&options->user);
	free(options->environment);
	options->environment = NULL;
}

int options_parse(struct options *options, int argc, char **argv)
{
	struct option longs[OPTIONS_MAX + 1] = { 0 };
	char letters[LETTERS_MAX];
	int key, at = optind;

	memset(options, 0, sizeof(*options));
	make_getopt(letters, longs);
	for (; (key = getopt_long(argc, argv, letters, longs, NULL)) != -1; at = optind) {
		if (key == 'h') {
			print_help();
			return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
		}
		if (key == 'V') {
			printf("brkwatch %s, protocol %d\n", BRKWATCH_VERSION,
			       BRKWATCH_PROTOCOL_VERSION);
			return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
		}
		if (key == '?' || key == ':') {
			complain(key, argv[at]);
			return EXIT_FAILURE;
		}
		if (set_option(options, key))
			return EXIT_FAILURE;
		if (options->completion)
			break;
	}
	if (optind < argc)
		options->command = argv + optind;
	return OPTIONS_GO_ON;
}
