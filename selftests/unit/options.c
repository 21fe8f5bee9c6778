// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdlib.h>
#include <linux/brkwatch.h>
#include <kselftest_harness.h>

#include "message.h"
#include "cli/options.h"
#include "cli/options_check.h"
#include "cli/streams.h"
#include "run/check.h"
#include "views.h"

static int parse(struct options *options, const char *const *argv)
{
	int status, argc = 0;

	while (argv[argc])
		argc++;
	/* 0 makes getopt forget the previous command line. */
	optind = 0;
	status = options_parse(options, argc, (char **)argv);
	if (status != OPTIONS_GO_ON)
		return status;
	return views_choose(options) ? options_check(options) : EXIT_FAILURE;
}

static bool is_view(struct options *options, const struct view_type *type)
{
	return views_choose(options) == type;
}

/* The options point into the command line, so it must outlive the statement. */
#define PARSE(options, ...)                                                             \
	({                                                                              \
		static const char *const argv_[] = { "brkwatch", ##__VA_ARGS__, NULL }; \
		parse(options, argv_);                                                  \
	})

TEST(watch_a_list)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "-p", "1,2", "--pid=3", "-c", "-o", "file", "--all"));
	EXPECT_EQ(3, o.pids.n);
	EXPECT_TRUE(is_view(&o, &summary_view));
	EXPECT_TRUE(o.all);
	EXPECT_STREQ("file", o.output);
	EXPECT_EQ(NULL, o.command);
	pidlist_free(&o.pids);
}

TEST(summary_as_well)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "-C", "-tt", "--all", "ls"));
	EXPECT_TRUE(is_view(&o, &both_view));
}

TEST(one_view)
{
	static const struct {
		const char *line[4];
		const struct view_type *type;
	} cases[] = {
		{ { "ls" }, &text_view },
		{ { "-c", "ls" }, &summary_view },
		{ { "-c", "--json", "ls" }, &summary_json_view },
		{ { "--json", "-c", "ls" }, &summary_json_view },
		{ { "--json", "--json", "ls" }, &json_view },
		{ { "-w", "f", "ls" }, &none_view },
		{ { "--stacks=folded", "ls" }, &folded_view },
		{ { "--stacks", "folded-held", "ls" }, &folded_view },
		{ { "--map", "ls" }, &map_view },
		{ { "--map", "--json", "ls" }, &map_json_view },
		{ { "--json", "--map", "ls" }, &map_json_view },
		{ { "--check", "ls" }, &check_view },
		{ { "-c", "--map", "--json", "ls" }, NULL },
		{ { "-c", "--json", "--map", "ls" }, NULL },
		{ { "--strace", "--json", "ls" }, NULL },
	};
	size_t i, n;

	for (i = 0; i < N(cases); i++) {
		const char *argv[6] = { "brkwatch" };
		struct options o;

		for (n = 0; n < 4 && cases[i].line[n]; n++)
			argv[n + 1] = cases[i].line[n];
		EXPECT_EQ(!cases[i].type, parse(&o, argv) != OPTIONS_GO_ON);
		EXPECT_TRUE(is_view(&o, cases[i].type))
		{
			TH_LOG("case %zu", i);
		}
	}
}

TEST(start_a_command)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "--json", "ls", "-c", "--all"));
	EXPECT_TRUE(is_view(&o, &json_view));
	ASSERT_NE(NULL, o.command);
	EXPECT_STREQ("ls", o.command[0]);
	EXPECT_STREQ("-c", o.command[1]);
	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "--buffer", "64K", "--", "-x"));
	EXPECT_EQ(65536, o.ring_bytes);
	EXPECT_STREQ("-x", o.command[0]);
}

TEST(watch_widely)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "-f", "-p", "1", "--strict", "ls"));
	EXPECT_TRUE(o.follow);
	EXPECT_TRUE(o.strict);
	EXPECT_NE(NULL, o.command);
	pidlist_free(&o.pids);
	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "-a", "-e", "brk,exit", "--failed", "--duration=1.5"));
	EXPECT_TRUE(o.system);
	EXPECT_TRUE(o.filter.failed);
	EXPECT_EQ(1U << BRKWATCH_EVENT_KIND_BRK | 1U << BRKWATCH_EVENT_KIND_EXIT, o.filter.events);
	EXPECT_EQ(1500000000, o.duration);
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "--status"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "--check", "-f", "ls"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "--map", "-f", "ls"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "--map", "--all", "ls"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "--map", "--json", "--normalize", "-f", "ls"));
}

TEST(times)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "-tt", "-rTq", "ls"));
	EXPECT_EQ(2, o.clock);
	EXPECT_TRUE(o.relative);
	EXPECT_TRUE(o.durations);
	EXPECT_TRUE(o.quiet);
	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "-tttt", "ls"));
	EXPECT_EQ(3, o.clock);
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "-q", "--json", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-t", "--json", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-r", "-c", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-T", "--map", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-t", "--check", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-T", "--normalize", "ls"));
}

TEST(count_of_events)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "--count", "3", "--json", "ls"));
	EXPECT_EQ(3, o.count);
	EXPECT_EQ(1, PARSE(&o, "--count", "0", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--count", "-1", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--count", "1x", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--count", "99999999999999999999", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--count", "3", "-c", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--count", "3", "--map", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--count", "3", "--check", "ls"));
}

TEST(how_a_command_is_run)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "-u", "root", "-E", "A=b", "-E", "C", "ls"));
	EXPECT_STREQ("root", o.user.name);
	EXPECT_EQ(0, o.user.uid);
	ASSERT_EQ(2, o.environment_n);
	EXPECT_STREQ("A=b", o.environment[0]);
	EXPECT_STREQ("C", o.environment[1]);
	options_free(&o);
	EXPECT_EQ(1, PARSE(&o, "-u", "no such user", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-E", "", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-E", "=b", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-u", "root", "-p", "1"));
	options_free(&o);
	EXPECT_EQ(1, PARSE(&o, "-E", "A=b", "-a"));
	options_free(&o);
	EXPECT_EQ(1, PARSE(&o, "-u", "root", "--read", "/nowhere/f"));
	options_free(&o);
}

TEST(append)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "-A", "-o", "/nowhere/f", "ls"));
	EXPECT_TRUE(o.append);
	EXPECT_EQ(1, PARSE(&o, "-A", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-A", "-o", "-", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-A", "-o", "|cat", "ls"));
}

TEST(limit_of_data)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "--limit-data", "8M", "ls"));
	EXPECT_EQ(8 << 20, o.data_limit);
	EXPECT_EQ(1, PARSE(&o, "--limit-data", "0", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--limit-data", "8x", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--limit-data", "8M", "-a"));
}

TEST(one_file_twice)
{
	struct options o;

	EXPECT_EQ(1, PARSE(&o, "--read", "/proc/self/exe", "-w", "/proc/self/exe"));
	EXPECT_EQ(1, PARSE(&o, "--read", "/proc/self/exe", "-o", "/proc/self/exe"));
	EXPECT_EQ(1, PARSE(&o, "-w", "/nowhere/f", "-o", "/nowhere/f", "ls"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "-w", "/nowhere/f", "-o", "/nowhere/g", "ls"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "-w", "/dev/null", "-o", "/dev/null", "ls"));
}

TEST(where_output_goes)
{
	/* NULL means standard error. */
	static const struct {
		const char *line[5];
		const char *output;
	} cases[] = {
		{ { "ls" }, NULL },
		{ { "--json", "ls" }, NULL },
		{ { "-p", "1", "ls" }, NULL },
		{ { "-p", "1" }, "-" },
		{ { "-a", "-c" }, "-" },
		{ { "--read", "/nowhere/f", "--json" }, "-" },
		{ { "-o", "f", "-p", "1" }, "f" },
		{ { "-o", "-", "ls" }, "-" },
		/* With a file of events, only messages go to the user. */
		{ { "-w", "/nowhere/f", "-p", "1" }, NULL },
		{ { "-w", "/nowhere/f", "-c", "-p", "1" }, "-" },
		{ { "--html", "/nowhere/f", "-p", "1" }, NULL },
		{ { "--html", "-", "-p", "1" }, NULL },
		{ { "--plot", "f.svg", "-p", "1" }, NULL },
		{ { "--plot", "-", "-p", "1" }, "-" },
		{ { "--plot", "-", "ls" }, NULL },
	};
	size_t i, n;

	for (i = 0; i < N(cases); i++) {
		const char *argv[7] = { "brkwatch" };
		struct options o;

		for (n = 0; n < 5 && cases[i].line[n]; n++)
			argv[n + 1] = cases[i].line[n];
		ASSERT_EQ(OPTIONS_GO_ON, parse(&o, argv));
		EXPECT_STREQ(cases[i].output ?: "stderr", streams_output(&o) ?: "stderr")
		{
			TH_LOG("case %zu", i);
		}
		pidlist_free(&o.pids);
	}
}

TEST(one_stream_twice)
{
	struct options o;

	EXPECT_EQ(1, PARSE(&o, "-w", "-", "-o", "-", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-w", "-", "-c", "-p", "1"));
	EXPECT_EQ(1, PARSE(&o, "-w", "-", "--html", "-", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--html", "-", "-o", "-", "ls"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "-w", "-", "-c", "ls"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "-w", "-", "-p", "1"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "-w", "-", "--read", "-"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "--plot", "-", "-o", "-", "ls"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "--read", "-", "--html", "-"));
}

TEST(intervals)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "-c", "--interval", "0.5", "ls"));
	EXPECT_EQ(500000000, o.interval);
	EXPECT_EQ(1, PARSE(&o, "-c", "--interval", "0", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-c", "--interval", "1s", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--interval", "1", "ls"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "-c", "--interval", "1", "-w", "/nowhere/f", "ls"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "-c", "--interval", "1", "--read", "/nowhere/f"));
	EXPECT_EQ(1, PARSE(&o, "--interval", "1", "--read", "/nowhere/f"));
}

TEST(refused)
{
	struct options o;

	EXPECT_EQ(1, PARSE(&o));
	EXPECT_EQ(1, PARSE(&o, "-C", "--json", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-x", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--nonsense", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--json=yes", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-p"));
	EXPECT_EQ(1, PARSE(&o, "-p", "x"));
	EXPECT_EQ(1, PARSE(&o, "--buffer", "1000", "ls"));
}

TEST(not_together)
{
	/* Each ends with NULL; a number is a process to watch. */
	static const char *const lines[][6] = {
		{ "-a", "ls" },
		{ "-a", "-p", "1" },
		{ "-a", "--map", "-f" },
		{ "-a", "--map", "--duration", "1" },
		{ "-a", "--check" },
		{ "--map", "--check", "ls" },
		{ "--map", "--normalize", "ls" },
		{ "--map", "--json", "--all", "ls" },
		{ "--map", "--json", "-e", "brk", "ls" },
		{ "--map", "--json", "-f", "-p", "1" },
		{ "--map", "--json", "-k", "ls" },
		{ "--check", "-c", "ls" },
		{ "--check", "--normalize", "ls" },
		{ "--check", "-e", "brk", "ls" },
		{ "--map", "--min-size", "1K", "ls" },
		{ "-c", "--failed", "ls" },
		{ "-C", "-c", "ls" },
		{ "-C", "--json", "ls" },
		{ "-C", "--strace", "ls" },
		{ "-C", "--map", "ls" },
		{ "-C", "--check", "ls" },
		{ "-C", "--failed", "ls" },
		{ "-C", "--count", "3", "ls" },
		{ "--map", "-p", "1", "ls" },
		{ "--map", "-f", "-p", "1" },
		{ "--check", "--duration", "1", "ls" },
		{ "--plot", "-", "-c", "ls" },
		{ "--plot", "-", "--json", "ls" },
		{ "--plot", "-", "--map", "ls" },
		{ "--plot", "-", "--normalize", "ls" },
		{ "--plot", "-", "-t", "ls" },
		{ "--plot", "-", "--failed", "ls" },
		{ "--plot", "-", "--count", "3", "ls" },
		{ "--html", "x", "-c", "ls" },
		{ "--html", "x", "-C", "ls" },
		{ "--html", "x", "--json", "ls" },
		{ "--html", "x", "--strace", "ls" },
		{ "--html", "x", "--map", "ls" },
		{ "--html", "x", "--check", "ls" },
		{ "--html", "x", "--plot", "-", "ls" },
		{ "--html", "x", "--normalize", "ls" },
		{ "--html", "x", "--all", "ls" },
		{ "--html", "x", "-T", "ls" },
		{ "--html", "x", "--failed", "ls" },
		{ "--html", "x", "-o", "x", "ls" },
		{ "--html", "x", "-w", "x", "ls" },
		{ "--html", "x", "--read", "x" },
		{ "--top", "-c", "ls" },
		{ "--top", "-C", "ls" },
		{ "--top", "--json", "ls" },
		{ "--top", "--strace", "ls" },
		{ "--top", "--map", "ls" },
		{ "--top", "--check", "ls" },
		{ "--top", "--plot", "-", "ls" },
		{ "--top", "--html", "x", "ls" },
		{ "--top", "--normalize", "ls" },
		{ "--top", "--all", "ls" },
		{ "--top", "-r", "ls" },
		{ "--top", "-e", "brk", "ls" },
		{ "--status", "ls" },
		{ "--status", "-a" },
	};
	size_t i, n;

	for (i = 0; i < N(lines); i++) {
		const char *argv[8] = { "brkwatch" };
		struct options o;

		for (n = 0; lines[i][n]; n++)
			argv[n + 1] = lines[i][n];
		EXPECT_EQ(1, parse(&o, argv))
		{
			TH_LOG("%s %s", lines[i][0], lines[i][1]);
		}
		pidlist_free(&o.pids);
	}
}

TEST(durations)
{
	static const char *const bad[] = { "",	  "0",	"-1", "1s",	   "inf",
					   "1e3", " 1", ".",  "9999999999" };
	struct options o;
	size_t i;

	for (i = 0; i < N(bad); i++) {
		const char *const argv[] = { "brkwatch", "--duration", bad[i], "ls", NULL };

		EXPECT_EQ(1, parse(&o, argv))
		{
			TH_LOG("'%s'", bad[i]);
		}
	}
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "--duration", "10", "ls"));
	EXPECT_EQ(10000000000, o.duration);
}

TEST(what_callers_hold)
{
	static const char *const lines[][6] = {
		{ "-c", "-k", "--min-age", "0", "ls" },
		{ "-c", "-k", "--min-age", "1m", "ls" },
		{ "-c", "--min-age", "1", "ls" },
		{ "-k", "--min-age", "1", "ls" },
		{ "--json", "-k", "--min-age", "1", "ls" },
		{ "--html", "x", "--min-age", "1", "ls" },
		{ "--stacks=folded", "--min-age", "1", "ls" },
		{ "--stacks=folded-peak", "--min-age", "1", "ls" },
		{ "--stacks=folded-held", "--failed", "ls" },
		{ "--stacks=folded-peak", "-e", "mmap", "ls" },
		{ "--stacks=folded-most", "ls" },
		{ "--stacks=", "ls" },
	};
	struct options o;
	size_t i, n;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "-c", "-k", "--min-age", "0.25", "ls"));
	EXPECT_EQ(250000000, o.min_age);
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "-c", "-k", "--json", "--min-age", "2", "ls"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "-C", "-k", "--min-age", "2", "ls"));
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "--html", "x", "-k", "--min-age", "2", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-c", "-k", "--min-age", "2", "--normalize", "ls"));
	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "--stacks=folded", "--failed", "ls"));
	EXPECT_EQ(FOLDED_GOT, o.folded);
	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "--stacks=folded-held", "--min-age", "2", "ls"));
	EXPECT_EQ(FOLDED_HELD, o.folded);
	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "--stacks=folded-peak", "ls"));
	EXPECT_EQ(FOLDED_PEAK, o.folded);
	for (i = 0; i < N(lines); i++) {
		const char *argv[7] = { "brkwatch" };

		for (n = 0; n < 6 && lines[i][n]; n++)
			argv[n + 1] = lines[i][n];
		EXPECT_EQ(1, parse(&o, argv))
		{
			TH_LOG("case %zu", i);
		}
	}
}

TEST(totals_of_many)
{
	static const char *const bad[] = { "", "0", "-1", "1x", " 1", "99999999999999999999" };
	struct options o;
	size_t i;

	for (i = 0; i < N(bad); i++) {
		const char *const argv[] = { "brkwatch", "-c", "--most", bad[i], "ls", NULL };

		EXPECT_EQ(1, parse(&o, argv))
		{
			TH_LOG("'%s'", bad[i]);
		}
	}
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "-c", "--most", "7", "ls"));
	EXPECT_EQ(7, o.most);
	EXPECT_EQ(OPTIONS_GO_ON, PARSE(&o, "-C", "--per-process", "ls"));
	EXPECT_TRUE(o.per_process);
	EXPECT_EQ(0, o.most);
	EXPECT_EQ(1, PARSE(&o, "--most", "7", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--per-process", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-c", "--json", "--per-process", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--top", "--most", "7", "ls"));
}

TEST(sizes_of_rings)
{
	static const char *const bad[] = {
		"",   "0",   "4095", "5000", "-4096", "1K",	"128M",
		"4G", "4KB", "K",    " 4K",  "4096M", "4K4096", "99999999999999999999999"
	};
	size_t i;

	EXPECT_EQ(4096, options_size("4096"));
	EXPECT_EQ(4096, options_size("4K"));
	EXPECT_EQ(4096, options_size("4k"));
	EXPECT_EQ(1 << 20, options_size("1M"));
	EXPECT_EQ(64 << 20, options_size("64m"));
	for (i = 0; i < N(bad); i++) {
		EXPECT_EQ(0, options_size(bad[i]))
		{
			TH_LOG("'%s'", bad[i]);
		}
	}
}

TEST_HARNESS_MAIN
