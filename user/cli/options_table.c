// SPDX-License-Identifier: GPL-2.0
/* The table of options, and what their values mean. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/brkwatch.h>

#include "cli/filter_options.h"
#include "cli/options_table.h"
#include "lib/say.h"
#include "lib/size.h"
#include "lib/timestamp.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The protocol allows rings of a power of two from 4 KiB to 64 MiB. */
#define RING_MIN (4U << 10)
#define RING_MAX (64U << 20)

/* The protocol allows so many bytes of a stack. */
#define STACK_MIN 256
#define STACK_MAX 8192

#define NSEC_PER_SEC 1000000000ULL
#define DURATION_MAX 1e9

/* Options without a letter have these keys; all others have their letter. */
enum {
	KEY_JSON = OPTIONS_LETTERS,
	KEY_ALL,
	KEY_NORMALIZE,
	KEY_BUFFER,
	KEY_MAP,
	KEY_CHECK,
	KEY_PLOT,
	KEY_HTML,
	KEY_TOP,
	KEY_STACKS,
	KEY_MIN_AGE,
	KEY_STACK_BYTES,
	KEY_STATUS,
	KEY_MIN_SIZE,
	KEY_FAILED,
	KEY_UID,
	KEY_COMM,
	KEY_CGROUP,
	KEY_DURATION,
	KEY_STRICT,
	KEY_LIMIT_DATA,
	KEY_COUNT,
	KEY_MARK,
	KEY_COLOR,
	KEY_BYTES,
	KEY_STRACE,
	KEY_READ,
	KEY_INTERVAL,
	KEY_MOST,
	KEY_PER_PROCESS,
	KEY_COMPLETION,
};

uint32_t options_size(const char *text)
{
	uint64_t bytes;

	if (!size_read(text, &bytes) || bytes < RING_MIN || bytes > RING_MAX)
		return 0;
	return bytes & (bytes - 1) ? 0 : bytes;
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

static int set_output(struct options *options, const char *text)
{
	options->output = text;
	return 0;
}

static int set_capture(struct options *options, const char *text)
{
	options->capture = text;
	return 0;
}

static int set_replay(struct options *options, const char *text)
{
	options->replay = text;
	return 0;
}

static int set_completion(struct options *options, const char *text)
{
	options->completion = text;
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

static int set_stacks(struct options *options, const char *text)
{
	static const char *const names[] = {
		[FOLDED_GOT] = "folded",
		[FOLDED_HELD] = "folded-held",
		[FOLDED_PEAK] = "folded-peak",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(text, names[i]))
			continue;
		options->folded = i;
		return 0;
	}
	say("--stacks: '%s' is none of folded, folded-held and folded-peak; try --stacks=folded, "
	    "or -k for text and JSON",
	    text);
	return -EINVAL;
}

static int set_stack_bytes(struct options *options, const char *text)
{
	uint64_t bytes;

	if (size_read(text, &bytes) && bytes >= STACK_MIN && bytes <= STACK_MAX) {
		options->stack_bytes = bytes;
		return 0;
	}
	say("--stack-bytes: '%s' is not a number of bytes from 256 to 8K; try --stack-bytes 4K",
	    text);
	return -EINVAL;
}

/* Returns seconds as ns, or 0 if @text is no number of seconds. */
static uint64_t seconds_of(const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	/* strtod() would take much that is no number of seconds. */
	if (strspn(text, "0123456789.") == strlen(text) && end != text && !*end &&
	    seconds <= DURATION_MAX)
		return seconds * NSEC_PER_SEC;
	return 0;
}

static int set_seconds(uint64_t *ns, const char *option, const char *text, int example)
{
	*ns = seconds_of(text);
	if (*ns)
		return 0;
	say("%s: '%s' is not a number of seconds; try %s %d", option, text, option, example);
	return -EINVAL;
}

static int set_duration(struct options *options, const char *text)
{
	return set_seconds(&options->duration, "--duration", text, 10);
}

static int set_interval(struct options *options, const char *text)
{
	return set_seconds(&options->interval, "--interval", text, 1);
}

static int set_min_age(struct options *options, const char *text)
{
	return set_seconds(&options->min_age, "--min-age", text, 60);
}

static int set_view_file(struct options *options, const char *text)
{
	options->view_file = text;
	return 0;
}

static int set_clock(struct options *options, const char *text)
{
	(void)text;
	if (options->clock < CLOCK_OF_EPOCH)
		options->clock++;
	return 0;
}

static int set_data_limit(struct options *options, const char *text)
{
	if (size_read(text, &options->data_limit) && options->data_limit)
		return 0;
	say("--limit-data: '%s' is not a number of bytes from 1; try --limit-data 8M", text);
	return -EINVAL;
}

static int set_user(struct options *options, const char *text)
{
	int err = user_find(&options->user, text);

	if (err == -ENOENT)
		say("-u: there is no user '%s'; give a name or number, see: getent passwd", text);
	else if (err)
		say("no memory for the groups of user '%s'; end some other programs", text);
	return err;
}

static int add_variable(struct options *options, const char *text)
{
	size_t n = options->environment_n;
	const char **v;

	if (!*text || *text == '=') {
		say("-E: '%s' names no variable; give VAR=VAL, or VAR to remove it", text);
		return -EINVAL;
	}
	v = reallocarray(options->environment, n + 1, sizeof(*v));
	if (!v) {
		say("no memory for -E %s; end some other programs", text);
		return -ENOMEM;
	}
	v[n] = text;
	options->environment = v;
	options->environment_n = n + 1;
	return 0;
}

/* Returns 0 if @text is no number from 1 on. */
static uint64_t number_of(const char *text)
{
	uint64_t number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	/* strtoull() would take signs and spaces. */
	return *text >= '0' && *text <= '9' && !*end && !errno ? number : 0;
}

static int set_count(struct options *options, const char *text)
{
	options->count = number_of(text);
	if (options->count)
		return 0;
	say("--count: '%s' is not a number from 1; try --count 100", text);
	return -EINVAL;
}

static int set_most(struct options *options, const char *text)
{
	options->most = number_of(text);
	if (options->most)
		return 0;
	say("--most: '%s' is not a number from 1; try --most 50", text);
	return -EINVAL;
}

static int set_color(struct options *options, const char *text)
{
	static const char *const names[] = {
		[COLOR_AUTO] = "auto",
		[COLOR_ALWAYS] = "always",
		[COLOR_NEVER] = "never",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(text, names[i]))
			continue;
		options->color = i;
		return 0;
	}
	say("--color: '%s' is none of auto, always and never; try --color auto", text);
	return -EINVAL;
}

static int set_mark(struct options *options, const char *text)
{
	options->mark = text;
	if (*text && strlen(text) <= BRKWATCH_MARK_MAX)
		return 0;
	say("--mark: a mark has 1 to %d bytes; make it %s", BRKWATCH_MARK_MAX,
	    *text ? "shorter" : "longer");
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
#define VIEW .view = true
#define HEAD(text) .head = text
#define FLAG(member) .flag = offsetof(struct options, member)

/*
 * This is the only list of options: getopt_long(), --help and messages use it. An option with
 * an argument has a function that takes it. The option of a view names the view. The first
 * option of a group has the heading of the group.
 */
const struct option_row options_table[] = {
	{ 'p', "pid", "PID[,PID...]", "watch running processes; may be given again", SET(add_pids),
	  HEAD("What to watch") },
	{ 'f', "follow", NULL, "watch the children of watched processes too", FLAG(follow) },
	{ 'a', "system", NULL, "watch every process", FLAG(system) },
	{ KEY_READ, "read", "FILE", "show what was stored with -w", SET(set_replay) },
	{ 'u', "user", "USER", "run the command as this user", SET(set_user) },
	{ 'E', "env", "VAR[=VAL]", "run the command with this variable, or without VAR",
	  SET(add_variable) },
	{ KEY_LIMIT_DATA, "limit-data", "SIZE", "let the command have no more data than this",
	  SET(set_data_limit) },
	{ KEY_DURATION, "duration", "SECONDS", "end after this time", SET(set_duration) },
	{ KEY_COUNT, "count", "N", "end after so many events", SET(set_count) },
	{ 'c', "summary", NULL, "print totals by process and call at the end", VIEW,
	  HEAD("What to show") },
	{ 'C', "summary-too", NULL, "print events and, at the end, such totals", VIEW },
	{ KEY_STRACE, "strace", NULL, "write the lines of strace -f -ttt -T", VIEW },
	{ KEY_JSON, "json", NULL, "write JSON lines, one object an event", VIEW },
	{ KEY_MAP, "map", NULL, "draw the address space instead", VIEW },
	{ KEY_PLOT, "plot", "FILE", "draw how memory grew: FILE.svg, FILE.png, or - for text",
	  SET(set_view_file), VIEW },
	{ KEY_HTML, "html", "FILE", "write a page for a browser that shows the run, step by step",
	  SET(set_view_file), VIEW },
	{ KEY_TOP, "top", NULL, "keep a screen up to date: which process grows, by how much",
	  VIEW },
	{ 'k', "stack-trace", NULL, "print the stack of each call, as strace -k does",
	  FLAG(stacks) },
	{ KEY_STACKS, "stacks", "FORM", "stacks for flame graphs: folded, folded-held, folded-peak",
	  SET(set_stacks), VIEW },
	{ KEY_CHECK, "check", NULL, "compare the account with /proc/PID/maps", VIEW },
	{ 'e', "event", "NAME[,NAME...]", "only events of these kinds; after ! all other kinds",
	  SET(add_events), HEAD("Which events") },
	{ KEY_MIN_SIZE, "min-size", "BYTES", "only calls about so much memory", SET(set_min_size) },
	{ KEY_FAILED, "failed", NULL, "only calls that failed", FLAG(filter.failed) },
	{ KEY_UID, "uid", "USER", "only threads of this user, a name or number", SET(set_uid) },
	{ KEY_COMM, "comm", "GLOB", "only threads of such a name", SET(set_comm) },
	{ KEY_CGROUP, "cgroup", "PATH", "only threads in this control group or below",
	  SET(set_cgroup) },
	{ KEY_ALL, "all", NULL, "show mappings of files too", FLAG(all) },
	{ 't', "time", NULL, "print the time of day; -tt to the us, -ttt since 1970",
	  SET(set_clock), HEAD("How to show it") },
	{ 'r', "relative", NULL, "print the time since the line before", FLAG(relative) },
	{ 'T', "durations", NULL, "print how long each call took", FLAG(durations) },
	{ KEY_BYTES, "bytes", NULL, "write sizes in bytes, not in KiB and MiB", FLAG(bytes) },
	{ KEY_COLOR, "color", "WHEN", "colour lines: auto (on a terminal), always, never",
	  SET(set_color) },
	{ KEY_NORMALIZE, "normalize", NULL, "leave out what differs from run to run",
	  FLAG(normalize) },
	{ KEY_INTERVAL, "interval", "SECONDS", "with -c, print the totals again and again",
	  SET(set_interval) },
	{ KEY_MOST, "most", "N", "with -c, show so many processes in the table (20)",
	  SET(set_most) },
	{ KEY_MIN_AGE, "min-age", "SECONDS", "with -c -k, only memory that is held for so long",
	  SET(set_min_age) },
	{ KEY_PER_PROCESS, "per-process", NULL, "with -c, print the totals of each process",
	  FLAG(per_process) },
	{ 'q', "quiet", NULL, "do not say what is watched", FLAG(quiet) },
	{ 'o', "output", "FILE", "write to FILE, to '|CMD', or with - to standard output",
	  SET(set_output), HEAD("Where to") },
	{ 'A', "append", NULL, "add to FILE of -o what it writes", FLAG(append) },
	{ 'w', "write", "FILE", "store in FILE what the module reports, for --read",
	  SET(set_capture) },
	{ KEY_STACK_BYTES, "stack-bytes", "SIZE", "with -k, copy so much of the stack (2K)",
	  SET(set_stack_bytes), HEAD("The module") },
	{ KEY_BUFFER, "buffer", "SIZE", "bytes for the events of one CPU; K and M work",
	  SET(set_buffer) },
	{ KEY_STRICT, "strict", NULL, "fail if anything was lost", FLAG(strict) },
	{ KEY_MARK, "mark", "TEXT", "put a mark among the events of -p", SET(set_mark) },
	{ KEY_STATUS, "status", NULL, "say whether the module works, and how", FLAG(status) },
	{ KEY_COMPLETION, "completion", "SHELL", "print what makes a shell complete all this",
	  SET(set_completion), HEAD("The tool") },
	{ 'V', "version", NULL, "print the version", SET(NULL) },
	{ 'h', "help", NULL, "print this help", SET(NULL) },
};

const size_t options_table_n = ARRAY_SIZE(options_table);
_Static_assert(ARRAY_SIZE(options_table) <= OPTIONS_MAX, "more options than OPTIONS_MAX");
