/* SPDX-License-Identifier: GPL-2.0 */
/* What the user asked for on the command line. */
#ifndef BRKWATCH_OPTIONS_H
#define BRKWATCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/filter.h"
#include "cli/pidlist.h"
#include "cli/view_trait.h"
#include "lib/terminal.h"
#include "lib/user.h"

/* At most two options ask for a view; a third entry shows that there are too many. */
#define OPTIONS_VIEWS 3

/* Room for the name of an option. */
#define OPTION_NAME_MAX 32

/**
 * struct options - what the user asked for
 * @pids: processes to watch
 * @command: program to start with its arguments, or NULL
 * @output: file to write to, or NULL; see streams_output()
 * @user: user that runs @command
 * @environment: what to change in the environment of @command, VAR=VAL, or VAR to remove it
 * @environment_n: how many
 * @capture: file to store in, or NULL
 * @replay: file to show in place of watching, or NULL
 * @completion: shell that the user wants a completion script for, or NULL
 * @views: long names of the options that ask for a view, in the order of the command line
 * @views_n: how many
 * @view: the one of them that names the view, or NULL; see views_choose()
 * @traits: enum view_trait, traits of the view
 * @view_file: file that the view writes, "-" for the output
 * @mark: what to mark @pids with instead of watching them, or NULL
 * @ring_bytes: ring of one CPU, 0 for the module's default
 * @stack_bytes: bytes of the stack that come with each call, 0 for the default
 * @duration: ns to watch for, 0 for no limit
 * @interval: ns after which the tool prints totals again, 0 to print them only at the end
 * @count: events to show, 0 for no limit
 * @data_limit: bytes of data that the command may have, 0 for no limit of ours
 * @clock: how often -t was given
 * @most: processes in a table of totals at most, 0 for the default
 * @min_age: ns for which callers must have held memory that is shown, 0 to show all that they hold
 * @folded: figure of each stack of --stacks
 * @color: when to colour
 * @filter: which events
 * @follow: children too
 * @system: every process
 * @stacks: show the stacks of calls
 * @status: say what the module can do
 * @append: leave what @output has
 * @all: file mappings too
 * @bytes: sizes in bytes
 * @relative: show the time since the line before
 * @durations: show how long each call took
 * @quiet: do not say what is watched
 * @normalize: leave out what differs from run to run
 * @strict: a loss is a failure
 * @per_process: totals of each process, however many there are
 */
struct options {
	struct pidlist pids;
	char **command;
	const char *output;
	struct user user;
	const char **environment;
	size_t environment_n;
	const char *capture;
	const char *replay;
	const char *completion;
	const char *views[OPTIONS_VIEWS];
	size_t views_n;
	const char *view;
	unsigned int traits;
	const char *view_file;
	const char *mark;
	uint32_t ring_bytes;
	uint32_t stack_bytes;
	uint64_t duration;
	uint64_t interval;
	uint64_t count;
	uint64_t data_limit;
	unsigned int clock;
	uint64_t most;
	uint64_t min_age;
	enum folded folded;
	enum terminal_color color;
	struct filter filter;
	bool follow;
	bool system;
	bool stacks;
	bool status;
	bool bytes;
	bool append;
	bool all;
	bool relative;
	bool durations;
	bool quiet;
	bool normalize;
	bool strict;
	bool per_process;
};

/* options_parse() returns this when there is work to do. */
#define OPTIONS_GO_ON (-1)

/**
 * options_parse() - read the command line
 * @options: filled
 * @argc: as main() has it
 * @argv: as main() has it
 *
 * The function reports what is wrong, or prints what the user asked about the tool itself.
 * options_check() checks whether the options go together, once the view is known.
 *
 * Return: OPTIONS_GO_ON or the exit status.
 */
int options_parse(struct options *options, int argc, char **argv);

/**
 * options_free() - release the memory that options_parse() has allocated
 * @options: the options
 */
void options_free(struct options *options);

/**
 * struct option_name - an option as --help has it
 * @letter: letter of the short form, 0 without one
 * @name: name of the long form
 * @arg: name of its value, NULL without one
 * @help: what it does
 */
struct option_name {
	char letter;
	const char *name;
	const char *arg;
	const char *help;
};

/**
 * options_name() - look up an option by its index
 * @i: which, from 0
 * @option: filled
 *
 * Return: whether there is such an option.
 */
bool options_name(size_t i, struct option_name *option);

/**
 * options_shown_name() - spell an option as the user would write it
 * @name: its long name
 * @buf: takes the text
 *
 * Return: @buf.
 */
const char *options_shown_name(const char *name, char buf[OPTION_NAME_MAX]);

/**
 * options_size() - read a size of the ring
 * @text: bytes, or with K or M behind them KiB or MiB
 *
 * Return: bytes; 0 if no ring can have this size.
 */
uint32_t options_size(const char *text);

/**
 * options_stacks() - check whether the user asked for stacks
 * @options: the options
 *
 * Return: whether the user did, in whatever form.
 */
static inline bool options_stacks(const struct options *options)
{
	return options->stacks || options->traits & VIEW_STACKS;
}

/**
 * options_look_once() - check whether the user wants one look at running processes
 * @options: the options
 *
 * Return: whether the tool ends as soon as it has looked.
 */
static inline bool options_look_once(const struct options *options)
{
	return options->traits & VIEW_ONCE && (options->pids.n || options->system);
}

#endif
