// SPDX-License-Identifier: GPL-2.0
/* Which stream each output goes to; no stream serves two outputs. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/streams.h"
#include "lib/say.h"

/* The tool reads the first of these, and writes the others. */
enum {
	REPLAY,
	CAPTURE,
	VIEW_FILE,
	OUTPUT,
	USES,
};

/**
 * struct use - a file or a standard stream, and its use
 * @path: its name, NULL if there is none
 * @what: name of the use in messages
 * @option: option that names another file
 */
struct use {
	const char *path;
	const char *what;
	const char *option;
};

static bool is_standard(const char *path)
{
	return path && !strcmp(path, STREAMS_STANDARD);
}

/* A view in letters goes where text goes. */
static bool has_view_file(const struct options *options)
{
	return options->view_file &&
	       !(options->traits & VIEW_LETTERS && is_standard(options->view_file));
}

const char *streams_output(const struct options *options)
{
	bool aside = options->traits & VIEW_ASIDE || has_view_file(options);

	if (options->output)
		return options->output;
	return options->command || aside ? NULL : STREAMS_STANDARD;
}

static bool look(const struct use *use, int standard, struct stat *stat_)
{
	return !(is_standard(use->path) ? fstat(standard, stat_) : stat(use->path, stat_));
}

/* If a file is opened twice, one use destroys what the other reads or writes. */
static bool is_one_file(const struct use *a, int standard, const struct use *b)
{
	struct stat first, second;

	if (!a->path || !b->path || *b->path == '|')
		return false;
	if (!look(a, standard, &first) || !look(b, STDOUT_FILENO, &second))
		return !is_standard(a->path) && !strcmp(a->path, b->path);
	/* Many may read and write a terminal or /dev/null. */
	if (S_ISCHR(first.st_mode) || first.st_dev != second.st_dev ||
	    first.st_ino != second.st_ino)
		return false;
	/* A socket can be standard input and output at once. */
	return standard == STDOUT_FILENO || S_ISREG(first.st_mode);
}

static int check_two(const struct use *a, const struct use *b, bool reads)
{
	if (!reads && is_standard(a->path) && is_standard(b->path))
		say("%s and %s cannot both go to standard output; name a file with %s", a->what,
		    b->what, b->option);
	else if (is_one_file(a, reads ? STDIN_FILENO : STDOUT_FILENO, b))
		say("%s and %s cannot share a file; name another one with %s", a->what, b->what,
		    b->option);
	else
		return OPTIONS_GO_ON;
	return EXIT_FAILURE;
}

int streams_check(const struct options *options)
{
	const char *file = has_view_file(options) ? options->view_file : NULL;
	char buf[OPTION_NAME_MAX];
	const char *view = file ? options_shown_name(options->view, buf) : NULL;
	const struct use uses[USES] = {
		[REPLAY] = { options->replay, "--read", "--read" },
		[CAPTURE] = { options->capture, "-w", "-w" },
		[VIEW_FILE] = { file, view, view },
		[OUTPUT] = { streams_output(options), options->output ? "-o" : "what is shown",
			     "-o" },
	};
	size_t i, j;

	for (i = 0; i < USES; i++)
		for (j = i + 1; j < USES; j++)
			if (check_two(&uses[i], &uses[j], i == REPLAY) != OPTIONS_GO_ON)
				return EXIT_FAILURE;
	return OPTIONS_GO_ON;
}
