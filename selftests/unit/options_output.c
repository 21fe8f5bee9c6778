// SPDX-License-Identifier: GPL-2.0
/* Where the command line sends the output. */
#include <stdlib.h>
#include <kselftest_harness.h>

#include "options_fixture.h"
#include "cli/streams.h"

TEST(append)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "-A", "-o", "/nowhere/f", "ls"));
	EXPECT_TRUE(o.append);
	EXPECT_EQ(1, PARSE(&o, "-A", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-A", "-o", "-", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-A", "-o", "|cat", "ls"));
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

TEST_HARNESS_MAIN
