// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <kselftest_harness.h>

#include "message.h"
#include "options.h"

static int parse(struct options *options, const char *const *argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	/* 0 makes getopt forget the last command line. */
	optind = 0;
	return options_parse(options, argc, (char **)argv);
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
	EXPECT_TRUE(o.summary);
	EXPECT_TRUE(o.all);
	EXPECT_FALSE(o.json);
	EXPECT_STREQ("file", o.output);
	EXPECT_EQ(NULL, o.command);
	pidlist_free(&o.pids);
}

TEST(start_a_command)
{
	struct options o;

	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "--json", "ls", "-c", "--all"));
	EXPECT_TRUE(o.json);
	EXPECT_FALSE(o.summary);
	ASSERT_NE(NULL, o.command);
	EXPECT_STREQ("ls", o.command[0]);
	EXPECT_STREQ("-c", o.command[1]);
	ASSERT_EQ(OPTIONS_GO_ON, PARSE(&o, "--buffer", "64K", "--", "-x"));
	EXPECT_EQ(65536, o.ring_bytes);
	EXPECT_STREQ("-x", o.command[0]);
}

TEST(refused)
{
	struct options o;

	EXPECT_EQ(1, PARSE(&o));
	EXPECT_EQ(1, PARSE(&o, "-c", "--json", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-x", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--nonsense", "ls"));
	EXPECT_EQ(1, PARSE(&o, "--json=yes", "ls"));
	EXPECT_EQ(1, PARSE(&o, "-p"));
	EXPECT_EQ(1, PARSE(&o, "-p", "x"));
	EXPECT_EQ(1, PARSE(&o, "--buffer", "1000", "ls"));
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
