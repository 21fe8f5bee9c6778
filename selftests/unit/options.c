// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <linux/brkwatch.h>
#include <kselftest_harness.h>

#include "options_fixture.h"
#include "run/check.h"

static bool is_view(struct options *options, const struct view_type *type)
{
	return views_choose(options) == type;
}

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

TEST(limit_of_data)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "--limit-data", "8M", "ls"));
	EXPECT_EQ(8 << 20, o.data_limit);
	EXPECT_EQ(1, PARSE(&o, "--limit-data", "0", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--limit-data", "8x", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--limit-data", "8M", "-a"));
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
