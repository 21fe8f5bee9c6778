// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/brkwatch.h>

#include "options.h"
#include "say.h"
#include "size.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* What a ring may have by the protocol: powers of two from 4 KiB to 64 MiB. */
#define RING_MIN (4U << 10)
#define RING_MAX (64U << 20)

#define NSEC_PER_SEC 1000000000ULL
#define DURATION_MAX 1e9

/* Options without a letter; those with one are known by it. */
enum {
	KEY_JSON = 256,
	KEY_ALL,
	KEY_NORMALIZE,
	KEY_BUFFER,
	KEY_MAP,
	KEY_CHECK,
	KEY_STATUS,
	KEY_MIN_SIZE,
	KEY_FAILED,
	KEY_UID,
	KEY_COMM,
	KEY_CGROUP,
	KEY_DURATION,
	KEY_STRICT,
};

static int add_pids(struct options *options, const char *text)
{
	const char *bad;
	int bad_len;
	int err = pidlist_add(&options->pids, text, &bad, &bad_len);

	if (err == -ENOMEM)
		say("no memory for the list of processes; name fewer");
	else if (err && !bad_len)
		say("-p got no process id; give one, as in: brkwatch -p 1234");
	else if (err)
		say("-p: '%.*s' is not a process id; give numbers, as in: brkwatch -p 12,34",
		    bad_len, bad);
	return err;
}

static int set_output(struct options *options, const char *text)
{
	options->output = text;
	return 0;
}

static int set_buffer(struct options *options, const char *text)
{
	options->ring_bytes = options_size(text);
	if (options->ring_bytes)
		return 0;
	say("--buffer: '%s' is not a power of two from 4K to 64M; try --buffer 4M", text);
	return -EINVAL;
}

static int set_duration(struct options *options, const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	/* strtod() would take much that is no number of seconds. */
	if (strspn(text, "0123456789.") == strlen(text) && end != text && !*end &&
	    seconds <= DURATION_MAX)
		options->duration = seconds * NSEC_PER_SEC;
	if (options->duration)
		return 0;
	say("--duration: '%s' is not a number of seconds; try --duration 10", text);
	return -EINVAL;
}

static int add_events(struct options *options, const char *text)
{
	return filter_events(&options->filter, text);
}

static int set_min_size(struct options *options, const char *text)
{
	return filter_min_size(&options->filter, text);
}

static int set_uid(struct options *options, const char *text)
{
	return filter_uid(&options->filter, text);
}

static int set_comm(struct options *options, const char *text)
{
	return filter_comm(&options->filter, text);
}

static int set_cgroup(struct options *options, const char *text)
{
	return filter_cgroup(&options->filter, text);
}

#define SET(function) .set = function
#define FLAG(member) .flag = offsetof(struct options, member)

/*
 * The one list of options: getopt_long(), --help and what is said of them are
 * made of it. One with an argument has a function that takes it.
 */
static const struct row {
	int key;
	const char *name;
	const char *arg;
	const char *help;
	int (*set)(struct options *options, const char *text);
	size_t flag;
} table[] = {
	{ 'p', "pid", "PID[,PID...]", "watch running processes; may be given again",
	  SET(add_pids) },
	{ 'f', "follow", NULL, "watch the children of watched processes too", FLAG(follow) },
	{ 'a', "system", NULL, "watch every process", FLAG(system) },
	{ 'c', "summary", NULL, "print totals by process and call at the end", FLAG(summary) },
	{ 'o', "output", "FILE", "write to FILE instead of stderr", SET(set_output) },
	{ KEY_JSON, "json", NULL, "write JSON lines, one object an event", FLAG(json) },
	{ KEY_MAP, "map", NULL, "draw the address space instead", FLAG(map) },
	{ KEY_CHECK, "check", NULL, "compare what is known with /proc/PID/maps", FLAG(check) },
	{ 'e', "event", "NAME[,NAME...]", "only events of these kinds", SET(add_events) },
	{ KEY_MIN_SIZE, "min-size", "BYTES", "only calls about so much memory", SET(set_min_size) },
	{ KEY_FAILED, "failed", NULL, "only calls that failed", FLAG(filter.failed) },
	{ KEY_UID, "uid", "USER", "only threads of this user, a name or number", SET(set_uid) },
	{ KEY_COMM, "comm", "GLOB", "only threads of such a name", SET(set_comm) },
	{ KEY_CGROUP, "cgroup", "PATH", "only threads in this control group or below",
	  SET(set_cgroup) },
	{ KEY_ALL, "all", NULL, "show mappings of files too", FLAG(all) },
	{ KEY_NORMALIZE, "normalize", NULL, "leave out what differs from run to run",
	  FLAG(normalize) },
	{ KEY_DURATION, "duration", "SECONDS", "end after this time", SET(set_duration) },
	{ KEY_STRICT, "strict", NULL, "fail if anything was lost", FLAG(strict) },
	{ KEY_BUFFER, "buffer", "SIZE", "bytes for the events of one CPU; K and M work",
	  SET(set_buffer) },
	{ KEY_STATUS, "status", NULL, "say whether the module works, and how", FLAG(status) },
	{ 'V', "version", NULL, "print the version", SET(NULL) },
	{ 'h', "help", NULL, "print this help", SET(NULL) },
};

static bool has_letter(const struct row *row)
{
	return row->key < KEY_JSON;
}

static void print_help(void)
{
	char names[64];
	size_t i;

	printf("usage: brkwatch [OPTION...] -p PID[,PID...]\n"
	       "       brkwatch [OPTION...] [--] CMD [ARG...]\n"
	       "       brkwatch [OPTION...] -a\n\n"
	       "Show where a process gets its memory from: program-break moves and mappings.\n\n");
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		const struct row *row = &table[i];
		bool letter = has_letter(row);

		snprintf(names, sizeof(names), "%c%c%s--%s%s%s", letter ? '-' : ' ',
			 letter ? row->key : ' ', letter ? ", " : "  ", row->name,
			 row->arg ? " " : "", row->arg ? row->arg : "");
		printf("  %-27s %s\n", names, row->help);
	}
}

/* A leading "+" stops at CMD, whose own options are not ours. */
static void make_getopt(char letters[2 * ARRAY_SIZE(table) + 3], struct option *longs)
{
	size_t i, at = 0;

	letters[at++] = '+';
	letters[at++] = ':';
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		longs[i] = (struct option){
			.name = table[i].name,
			.has_arg = table[i].arg ? required_argument : no_argument,
			.val = table[i].key,
		};
		if (!has_letter(&table[i]))
			continue;
		letters[at++] = table[i].key;
		if (table[i].arg)
			letters[at++] = ':';
	}
	letters[at] = '\0';
}

uint32_t options_size(const char *text)
{
	uint64_t bytes;

	if (!size_read(text, &bytes) || bytes < RING_MIN || bytes > RING_MAX)
		return 0;
	return bytes & (bytes - 1) ? 0 : bytes;
}

static bool *flag_of(const struct options *options, size_t flag)
{
	return (bool *)((char *)options + flag);
}

static int set_option(struct options *options, int key)
{
	const struct row *row = table;

	while (row->key != key)
		row++;
	if (row->set)
		return row->set(options, optarg);
	*flag_of(options, row->flag) = true;
	return 0;
}

/* What getopt_long() could not read, and in which word. */
static void complain(int what, const char *word)
{
	bool is_long = !strncmp(word, "--", 2);

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

/* The name of a flag as the user would write it. */
static const char *name_of(size_t flag, char buf[32])
{
	const struct row *row = table;

	while (row->set || row->flag != flag)
		row++;
	if (has_letter(row))
		snprintf(buf, 32, "-%c", row->key);
	else
		snprintf(buf, 32, "--%s", row->name);
	return buf;
}

#define PAIR(a, b)                                                       \
	{                                                                \
		offsetof(struct options, a), offsetof(struct options, b) \
	}

/* Of each pair there can be one: they want different outputs, or have no meaning together. */
static const struct {
	size_t a;
	size_t b;
} pairs[] = {
	PAIR(summary, json), PAIR(map, summary), PAIR(map, json),      PAIR(map, check),
	PAIR(map, all),	     PAIR(map, system),	 PAIR(map, normalize), PAIR(check, summary),
	PAIR(check, json),   PAIR(check, all),	 PAIR(check, system),  PAIR(check, normalize),
};

static bool is_paired(const struct options *options)
{
	char a[32], b[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (!*flag_of(options, pairs[i].a) || !*flag_of(options, pairs[i].b))
			continue;
		say("%s and %s do not go together; leave one of them out", name_of(pairs[i].a, a),
		    name_of(pairs[i].b, b));
		return true;
	}
	return false;
}

/* Modes that look at whole address spaces. */
static int check_whole(const struct options *options)
{
	const char *mode = options->map ? "--map" : "--check";

	if (filter_option(&options->filter))
		say("%s needs every event; leave %s out", mode, filter_option(&options->filter));
	else if (options->pids.n && options->command)
		say("%s wants either -p or a command; leave one of them out", mode);
	else if (options->map && options->pids.n && options->follow)
		say("--map -p looks once; leave -f out");
	else if (options->map && options->pids.n && options->duration)
		say("--map -p looks once; leave --duration out");
	else if (options->check && options->command && options->duration)
		say("--check compares a command at its exit; leave --duration out");
	else
		return OPTIONS_GO_ON;
	return EXIT_FAILURE;
}

static int check(const struct options *options)
{
	bool something = options->pids.n || options->command || options->system;

	if (is_paired(options))
		return EXIT_FAILURE;
	if (options->status && something)
		say("--status watches nothing; leave out what to watch");
	else if (!something && !options->status)
		say("nothing to watch; give -p PID or a command, or see brkwatch --help");
	else if (options->system && options->pids.n)
		say("-a watches every process; leave -p out");
	else if (options->system && options->command)
		say("-a watches every process; leave it or the command out");
	else if (options->summary && filter_option(&options->filter))
		say("-c counts every call; leave %s out", filter_option(&options->filter));
	else
		return options->map || options->check ? check_whole(options) : OPTIONS_GO_ON;
	return EXIT_FAILURE;
}

int options_parse(struct options *options, int argc, char **argv)
{
	struct option longs[ARRAY_SIZE(table) + 1] = { 0 };
	char letters[2 * ARRAY_SIZE(table) + 3];
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
	}
	if (optind < argc)
		options->command = argv + optind;
	return check(options);
}
