// SPDX-License-Identifier: GPL-2.0
/* Which options go together. */
#include <stdlib.h>
#include <string.h>

#include "cli/filter_options.h"
#include "cli/options.h"
#include "cli/options_check.h"
#include "cli/streams.h"
#include "lib/say.h"

void options_say_apart(const char *a, const char *b)
{
	say("%s and %s do not go together; leave one of them out", a, b);
}

/* Returns the option that asks for the view as the user would write it, or NULL. */
static const char *view_name(const struct options *options)
{
	static char buf[OPTION_NAME_MAX];

	return options->view ? options_shown_name(options->view, buf) : NULL;
}

/* Returns an option that has no meaning with the view, or NULL. */
static const char *meaningless(const struct options *options)
{
	const unsigned int traits = options->traits;

	return options->clock && !(traits & VIEW_TIMES)			  ? "-t" :
	       options->relative && !(traits & VIEW_RELATIVE)		  ? "-r" :
	       options->durations && !(traits & VIEW_TIMES)		  ? "-T" :
	       options->normalize && !(traits & VIEW_NAMES)		  ? "--normalize" :
	       options->all && !(traits & (VIEW_CALLS | VIEW_FILES))	  ? "--all" :
	       options->stacks && !(traits & (VIEW_CALLS | VIEW_HOLDERS)) ? "-k" :
	       options->system && traits & VIEW_COMPARES		  ? "-a" :
									    NULL;
}

/* Returns the option that asks for times, or NULL: times would differ from run to run. */
static const char *varying(const struct options *options)
{
	return options->clock	  ? "-t" :
	       options->relative  ? "-r" :
	       options->durations ? "-T" :
	       options->min_age	  ? "--min-age" :
				    NULL;
}

static int check_view(const struct options *options)
{
	if (meaningless(options))
		options_say_apart(meaningless(options), view_name(options));
	else if (options->normalize && varying(options))
		options_say_apart(varying(options), "--normalize");
	else
		return OPTIONS_GO_ON;
	return EXIT_FAILURE;
}

/* Check the options of a view that looks at running processes. */
static int check_looks(const struct options *options)
{
	const char *once = options->system ? "-a" : "-p";

	if (options->pids.n && options->command)
		say("%s wants either -p or a command; leave one of them out", view_name(options));
	else if (options_look_once(options) && options->follow)
		say("%s %s looks once; leave -f out", view_name(options), once);
	else if (options_look_once(options) && options->duration)
		say("%s %s looks once; leave --duration out", view_name(options), once);
	else if (options->traits & VIEW_COMPARES && options->command && options->duration)
		say("%s compares a command at its exit; leave --duration out", view_name(options));
	else
		return OPTIONS_GO_ON;
	return EXIT_FAILURE;
}

/* Returns an option that has a meaning only while the module watches, or NULL. */
static const char *replay_excludes(const struct options *options)
{
	return options->traits & VIEW_COMPARES ? view_name(options) :
	       options->duration	       ? "--duration" :
	       options->data_limit	       ? "--limit-data" :
	       options->ring_bytes	       ? "--buffer" :
	       options->stack_bytes	       ? "--stack-bytes" :
	       options->status		       ? "--status" :
	       options->mark		       ? "--mark" :
						 NULL;
}

/* An event contains neither the user nor the control group of its thread. */
static int check_replay_filter(const struct options *options)
{
	if (options->filter.by_uid || options->filter.cgroup)
		say("a capture has no user and no control group of a call; give %s when it is made",
		    options->filter.by_uid ? "--uid" : "--cgroup");
	else if (options->capture)
		say("-w copies the whole capture; leave it or %s out",
		    filter_option(&options->filter));
	else
		return OPTIONS_GO_ON;
	return EXIT_FAILURE;
}

/* Returns an option that says how to run CMD, or NULL. */
static const char *of_command(const struct options *options)
{
	return options->user.name ? "-u" : options->environment_n ? "-E" : NULL;
}

static bool is_file(const char *path)
{
	return path && *path != '|' && strcmp(path, STREAMS_STANDARD);
}

/* Totals that a program reads have no table, because they list each process. */
static bool has_table(unsigned int traits)
{
	return traits & VIEW_TOTALS && !(traits & VIEW_STREAM);
}

static bool shows_held(const struct options *options)
{
	return options->folded == FOLDED_HELD ||
	       (options->traits & (VIEW_TOTALS | VIEW_HOLDERS) && options->stacks);
}

/* Without an event it would not be known what the callers hold. */
static bool needs_every_event(const struct options *options)
{
	return options->traits & VIEW_WHOLE || options->folded != FOLDED_GOT;
}

int options_check(const struct options *options)
{
	bool something = options->pids.n || options->command || options->system;
	const unsigned int traits = options->traits;

	if (check_view(options) != OPTIONS_GO_ON)
		return EXIT_FAILURE;
	if (options->mark && (!options->pids.n || options->command || options->system))
		say("--mark marks running processes; give -p PID, and no command");
	else if (options->replay && (something || options->follow))
		say("--read shows what was stored; leave out what to watch");
	else if (options->replay && replay_excludes(options))
		options_say_apart("--read", replay_excludes(options));
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
	else if (of_command(options) && !options->command)
		say("%s is about a command; give one, or leave it out", of_command(options));
	else if (options->append && !is_file(options->output))
		say("-A adds to a file; give -o FILE, or leave it out");
	else if (options->interval && !(traits & VIEW_REPEATS))
		say("--interval repeats the totals; give -c, or leave it out");
	else if ((options->most || options->per_process) && !has_table(traits))
		say("%s is about totals as text; give -c, or leave it out",
		    options->most ? "--most" : "--per-process");
	else if (options->min_age && !shows_held(options))
		say("--min-age is about what callers hold; give -c -k, or leave it out");
	else if (options->replay && filter_option(&options->filter) &&
		 check_replay_filter(options) != OPTIONS_GO_ON)
		return EXIT_FAILURE;
	else if (options->stack_bytes && !options_stacks(options))
		say("--stack-bytes is about stacks; give -k, or leave it out");
	else if (options->count && !(traits & VIEW_COUNT))
		say("--count is about events that are shown; leave it or %s out",
		    view_name(options));
	else if (needs_every_event(options) && filter_option(&options->filter))
		say("%s needs every event; leave %s out", view_name(options),
		    filter_option(&options->filter));
	else if (traits & VIEW_TOTALS && filter_option(&options->filter))
		say("%s counts every call; leave %s out", view_name(options),
		    filter_option(&options->filter));
	else if (traits & VIEW_LOOKS && check_looks(options) != OPTIONS_GO_ON)
		return EXIT_FAILURE;
	else
		return streams_check(options);
	return EXIT_FAILURE;
}
