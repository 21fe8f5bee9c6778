// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/brkwatch.h>

#include "options.h"
#include "say.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* What a ring may have by the protocol: powers of two from 4 KiB to 64 MiB. */
#define RING_MIN (4U << 10)
#define RING_MAX (64U << 20)

/* Options without a letter; those with one are known by it. */
enum { KEY_JSON = 256, KEY_ALL, KEY_NORMALIZE, KEY_BUFFER };

/* The one list of options: getopt_long() and --help are made of it. */
static const struct {
	int key;
	const char *name;
	const char *arg;
	const char *help;
} table[] = {
	{ 'p', "pid", "PID[,PID...]", "watch running processes; may be given again" },
	{ 'c', "summary", NULL, "print totals by process and call at the end" },
	{ 'o', "output", "FILE", "write to FILE instead of stderr" },
	{ KEY_JSON, "json", NULL, "write JSON lines, one object an event" },
	{ KEY_ALL, "all", NULL, "show mappings of files too" },
	{ KEY_NORMALIZE, "normalize", NULL, "leave out what differs from run to run" },
	{ KEY_BUFFER, "buffer", "SIZE", "bytes for the events of one CPU; K and M work" },
	{ 'V', "version", NULL, "print the version" },
	{ 'h', "help", NULL, "print this help" },
};

static void print_help(void)
{
	char names[64];
	size_t i;

	printf("usage: brkwatch [OPTION...] -p PID[,PID...]\n"
	       "       brkwatch [OPTION...] [--] CMD [ARG...]\n\n"
	       "Show where a process gets its memory from: program-break moves and mappings.\n\n");
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		bool letter = table[i].key < KEY_JSON;

		snprintf(names, sizeof(names), "%c%c%s--%s%s%s", letter ? '-' : ' ',
			 letter ? table[i].key : ' ', letter ? ", " : "  ", table[i].name,
			 table[i].arg ? " " : "", table[i].arg ? table[i].arg : "");
		printf("  %-26s %s\n", names, table[i].help);
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
		if (table[i].key >= KEY_JSON)
			continue;
		letters[at++] = table[i].key;
		if (table[i].arg)
			letters[at++] = ':';
	}
	letters[at] = '\0';
}

uint32_t options_size(const char *text)
{
	unsigned long long bytes;
	unsigned int shift = 0;
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	bytes = strtoull(text, &end, 10);
	if (*end == 'K' || *end == 'k')
		shift = 10;
	else if (*end == 'M' || *end == 'm')
		shift = 20;
	if (errno || end[shift ? 1 : 0] || bytes > RING_MAX >> shift)
		return 0;
	bytes <<= shift;
	return bytes < RING_MIN || bytes & (bytes - 1) ? 0 : bytes;
}

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

static int set_size(struct options *options, const char *text)
{
	options->ring_bytes = options_size(text);
	if (options->ring_bytes)
		return 0;
	say("--buffer: '%s' is not a power of two from 4K to 64M; try --buffer 4M", text);
	return -EINVAL;
}

static int set_option(struct options *options, int key)
{
	switch (key) {
	case 'p':
		return add_pids(options, optarg);
	case 'c':
		options->summary = true;
		return 0;
	case 'o':
		options->output = optarg;
		return 0;
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_ALL:
		options->all = true;
		return 0;
	case KEY_NORMALIZE:
		options->normalize = true;
		return 0;
	default:
		return set_size(options, optarg);
	}
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

static int check(const struct options *options)
{
	if (!options->pids.n && !options->command)
		say("nothing to watch; give -p PID or a command, or see brkwatch --help");
	else if (options->summary && options->json)
		say("-c and --json do not go together yet; leave one of them out");
	else
		return OPTIONS_GO_ON;
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
