// SPDX-License-Identifier: GPL-2.0
/* Which options go together. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/options.h"
#include "cli/options_check.h"
#include "lib/say.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define PAIR(a, b)                                                       \
	{                                                                \
		offsetof(struct options, a), offsetof(struct options, b) \
	}

/* Of each pair there can be one: they want different outputs, or have no meaning together. */
static const struct {
	size_t a;
	size_t b;
} pairs[] = {
	PAIR(strace, json),	PAIR(strace, summary),	 PAIR(strace, map),
	PAIR(strace, check),	PAIR(strace, normalize), PAIR(strace, relative),
	PAIR(map, summary),	PAIR(map, json),	 PAIR(map, check),
	PAIR(map, all),		PAIR(map, normalize),	 PAIR(check, summary),
	PAIR(check, json),	PAIR(check, all),	 PAIR(check, system),
	PAIR(check, normalize), PAIR(both, summary),	 PAIR(both, strace),
	PAIR(both, json),	PAIR(both, map),	 PAIR(both, check),
	PAIR(plot, summary),	PAIR(plot, both),	 PAIR(plot, json),
	PAIR(plot, strace),	PAIR(plot, map),	 PAIR(plot, check),
	PAIR(plot, normalize),	PAIR(plot, all),	 PAIR(html, summary),
	PAIR(html, both),	PAIR(html, json),	 PAIR(html, strace),
	PAIR(html, map),	PAIR(html, check),	 PAIR(html, plot),
	PAIR(html, normalize),	PAIR(html, all),	 PAIR(top, summary),
	PAIR(top, both),	PAIR(top, json),	 PAIR(top, strace),
	PAIR(top, map),		PAIR(top, check),	 PAIR(top, plot),
	PAIR(top, html),	PAIR(top, normalize),	 PAIR(top, all),
	PAIR(folded, summary),	PAIR(folded, both),	 PAIR(folded, json),
	PAIR(folded, strace),	PAIR(folded, map),	 PAIR(folded, check),
	PAIR(folded, plot),	PAIR(folded, html),	 PAIR(folded, top),
	PAIR(folded, all),	PAIR(folded, normalize), PAIR(stacks, map),
	PAIR(stacks, check),	PAIR(stacks, plot),	 PAIR(stacks, html),
	PAIR(stacks, top),	PAIR(stacks, folded),
};

static void say_apart(const char *a, const char *b)
{
	say("%s and %s do not go together; leave one of them out", a, b);
}

static bool is_set(const struct options *options, size_t flag)
{
	return *(const bool *)((const char *)options + flag);
}

static bool is_paired(const struct options *options)
{
	char a[OPTION_NAME_MAX], b[OPTION_NAME_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (!is_set(options, pairs[i].a) || !is_set(options, pairs[i].b))
			continue;
		say_apart(options_flag_name(pairs[i].a, a), options_flag_name(pairs[i].b, b));
		return true;
	}
	return false;
}

/* Which option wants the whole account of a process, NULL if none does. */
static const char *whole_mode(const struct options *options)
{
	return options->map   ? "--map" :
	       options->check ? "--check" :
	       options->plot  ? "--plot" :
	       options->html  ? "--html" :
	       options->top   ? "--top" :
				NULL;
}

/* Times stand before or behind lines of text, and nowhere else. */
static int check_times(const struct options *options)
{
	const char *times = options->clock ? "-t" : options->relative ? "-r" : "-T";
	const char *other = NULL;

	if (!options->clock && !options->relative && !options->durations)
		return OPTIONS_GO_ON;
	if (options->json)
		other = "--json";
	else if (options->summary)
		other = "-c";
	else if (whole_mode(options))
		other = whole_mode(options);
	else if (options->folded)
		other = "--stacks";
	else if (options->normalize)
		other = "--normalize";
	if (!other)
		return OPTIONS_GO_ON;
	say_apart(times, other);
	return EXIT_FAILURE;
}

/* Modes that look at whole address spaces. */
static int check_whole(const struct options *options)
{
	const char *mode = whole_mode(options);
	const char *once = options->system ? "-a" : "-p";

	if (options->pids.n && options->command)
		say("%s wants either -p or a command; leave one of them out", mode);
	else if (options_look_once(options) && options->follow)
		say("--map %s looks once; leave -f out", once);
	else if (options_look_once(options) && options->duration)
		say("--map %s looks once; leave --duration out", once);
	else if (options->check && options->command && options->duration)
		say("--check compares a command at its exit; leave --duration out");
	else
		return OPTIONS_GO_ON;
	return EXIT_FAILURE;
}

/* What has a meaning only while the module watches. */
static const char *replay_excludes(const struct options *options)
{
	return options->check	    ? "--check" :
	       options->duration    ? "--duration" :
	       options->data_limit  ? "--limit-data" :
	       options->ring_bytes  ? "--buffer" :
	       options->stack_bytes ? "--stack-bytes" :
	       options->status	    ? "--status" :
	       options->mark	    ? "--mark" :
				      NULL;
}

/* Which option shows something else, NULL if none does. */
static const char *shows_no_events(const struct options *options)
{
	return options->summary ? "-c" :
	       options->both	? "-C" :
	       options->folded	? "--stacks" :
				  whole_mode(options);
}

/* An event tells neither the user nor the control group of its thread. */
static int check_replay_filter(const struct options *options)
{
	if (options->filter.by_uid || options->filter.cgroup)
		say("a capture does not tell who made a call; give %s when it is made",
		    options->filter.by_uid ? "--uid" : "--cgroup");
	else if (options->capture)
		say("-w copies the whole capture; leave it or %s out",
		    filter_option(&options->filter));
	else
		return OPTIONS_GO_ON;
	return EXIT_FAILURE;
}

/* Opened twice, one would destroy what the other reads or writes. */
static bool is_one_file(const char *a, const char *b)
{
	struct stat first, second;

	if (!a || !b)
		return false;
	if (stat(a, &first) || stat(b, &second))
		return strcmp(a, "-") && !strcmp(a, b);
	return S_ISREG(first.st_mode) && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

static bool has_one_file_twice(const struct options *options)
{
	return is_one_file(options->replay, options->capture) ||
	       is_one_file(options->replay, options->output) ||
	       is_one_file(options->replay, options->html_file) ||
	       is_one_file(options->capture, options->output) ||
	       is_one_file(options->capture, options->html_file) ||
	       is_one_file(options->output, options->html_file);
}

int options_check(const struct options *options)
{
	bool something = options->pids.n || options->command || options->system;

	if (is_paired(options) || check_times(options) != OPTIONS_GO_ON)
		return EXIT_FAILURE;
	if (options->mark && (!options->pids.n || options->command || options->system))
		say("--mark marks running processes; give -p PID, and no command");
	else if (options->replay && (something || options->follow))
		say("--read shows what was stored; leave out what to watch");
	else if (options->replay && replay_excludes(options))
		say_apart("--read", replay_excludes(options));
	else if (has_one_file_twice(options))
		say("--read, -w, -o and --html cannot share a file; name another one");
	else if (options->status && something)
		say("--status watches nothing; leave out what to watch");
	else if (!something && !options->status && !options->replay)
		say("nothing to watch; give -p PID or a command, or see brkwatch --help");
	else if (options->system && options->pids.n)
		say("-a watches every process; leave -p out");
	else if (options->system && options->command)
		say("-a watches every process; leave it or the command out");
	else if (options->data_limit && !options->command)
		say("--limit-data limits a command; give one, or leave it out");
	else if (options->interval && !options->summary && !options->top)
		say("--interval repeats the totals; give -c, or leave it out");
	else if (options->replay && filter_option(&options->filter) &&
		 check_replay_filter(options) != OPTIONS_GO_ON)
		return EXIT_FAILURE;
	else if (options->stack_bytes && !options_stacks(options))
		say("--stack-bytes is about stacks; give -k, or leave it out");
	else if (options->count && shows_no_events(options))
		say("--count is about events that are shown; leave it or %s out",
		    shows_no_events(options));
	else if (whole_mode(options) && filter_option(&options->filter))
		say("%s needs every event; leave %s out", whole_mode(options),
		    filter_option(&options->filter));
	else if ((options->summary || options->both) && filter_option(&options->filter))
		say("%s counts every call; leave %s out", options->summary ? "-c" : "-C",
		    filter_option(&options->filter));
	else
		return options->map || options->check ? check_whole(options) : OPTIONS_GO_ON;
	return EXIT_FAILURE;
}
