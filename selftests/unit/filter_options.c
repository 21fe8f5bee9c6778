// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <linux/brkwatch.h>
#include <kselftest_harness.h>

#include "cli/filter_options.h"
#include "message.h"

#define BIT(kind) (1U << BRKWATCH_EVENT_KIND_##kind)

TEST(events)
{
	static const char *const bad[] = { "",	  "brk,", ",brk", "brk,,mmap",
					   "BRK", "brkx", "br",	  "p_m" };
	struct filter filter = { 0 };
	size_t i;

	EXPECT_EQ(0, filter_events(&filter, "brk"));
	EXPECT_EQ(BIT(BRK), filter.events);
	EXPECT_EQ(0, filter_events(&filter, "pkey-mprotect,leave,brk"));
	EXPECT_EQ(BIT(BRK) | BIT(PKEY_MPROTECT) | BIT(LEAVE), filter.events);
	EXPECT_EQ(0, filter_events(&filter, "pkey_mprotect"));
	EXPECT_EQ(BIT(BRK) | BIT(PKEY_MPROTECT) | BIT(LEAVE), filter.events);
	EXPECT_STREQ("--event", filter_option(&filter));
	for (i = 0; i < N(bad); i++) {
		EXPECT_EQ(-EINVAL, filter_events(&filter, bad[i]))
		{
			TH_LOG("'%s'", bad[i]);
		}
	}
}

TEST(as_strace_writes_events)
{
	static const char *const bad[] = { "trace=",	      "!",	    "trace=!",
					   "trace=trace=brk", "!brk,!mmap", "trace",
					   "brk,trace=mmap" };
	struct filter filter = { 0 };
	size_t i;

	EXPECT_EQ(0, filter_events(&filter, "trace=brk,mmap"));
	EXPECT_EQ(BIT(BRK) | BIT(MMAP), filter.events);
	/* "!" excludes from the events that were chosen so far. */
	EXPECT_EQ(0, filter_events(&filter, "!mmap,munmap"));
	EXPECT_EQ(BIT(BRK), filter.events);
	EXPECT_EQ(-EINVAL, filter_events(&filter, "!brk"));
	filter.events = 0;
	EXPECT_EQ(0, filter_events(&filter, "trace=!brk"));
	EXPECT_EQ(ALL_EVENTS & ~BIT(BRK), filter.events);
	EXPECT_EQ(0, filter_events(&filter, "!mark"));
	EXPECT_EQ(ALL_EVENTS & ~(BIT(BRK) | BIT(MARK)), filter.events);
	EXPECT_EQ(0, filter_events(&filter, "mark"));
	EXPECT_EQ(ALL_EVENTS & ~BIT(BRK), filter.events);
	for (i = 0; i < N(bad); i++) {
		EXPECT_EQ(-EINVAL, filter_events(&filter, bad[i]))
		{
			TH_LOG("'%s'", bad[i]);
		}
	}
}

TEST(min_size)
{
	struct filter filter = { 0 };

	EXPECT_EQ(NULL, filter_option(&filter));
	EXPECT_EQ(0, filter_min_size(&filter, "64K"));
	EXPECT_EQ(65536, filter.min_size);
	EXPECT_STREQ("--min-size", filter_option(&filter));
	EXPECT_EQ(-EINVAL, filter_min_size(&filter, "0"));
	EXPECT_EQ(-EINVAL, filter_min_size(&filter, "x"));
}

TEST(users)
{
	static const char *const bad[] = { "", "-1", "no such user", "4294967295", "1x" };
	struct filter filter = { 0 };
	size_t i;

	EXPECT_EQ(0, filter_uid(&filter, "root"));
	EXPECT_TRUE(filter.by_uid);
	EXPECT_EQ(0, filter.uid);
	EXPECT_STREQ("--uid", filter_option(&filter));
	EXPECT_EQ(0, filter_uid(&filter, "4294967294"));
	EXPECT_EQ(4294967294, filter.uid);
	for (i = 0; i < N(bad); i++) {
		EXPECT_EQ(-EINVAL, filter_uid(&filter, bad[i]))
		{
			TH_LOG("'%s'", bad[i]);
		}
	}
}

TEST(names)
{
	struct filter filter = { 0 };
	char longest[FILTER_COMM_MAX + 2] = "";

	memset(longest, 'x', FILTER_COMM_MAX);
	EXPECT_EQ(0, filter_comm(&filter, longest));
	longest[FILTER_COMM_MAX] = 'x';
	EXPECT_EQ(-EINVAL, filter_comm(&filter, longest));
	EXPECT_EQ(-EINVAL, filter_comm(&filter, ""));
	EXPECT_EQ(0, filter_comm(&filter, "py*"));
	EXPECT_STREQ("py*", filter.comm);
	EXPECT_STREQ("--comm", filter_option(&filter));
}

TEST(groups)
{
	static const struct {
		const char *text;
		const char *path;
	} cases[] = {
		{ "/a/b", "/a/b" },	      { "/", "/" },
		{ "/sys/fs/cgroup", "/" },    { "/sys/fs/cgroup/", "/" },
		{ "/sys/fs/cgroup/a", "/a" }, { "/sys/fs/cgroups", "/sys/fs/cgroups" },
	};
	struct filter filter = { 0 };
	size_t i;

	for (i = 0; i < N(cases); i++) {
		EXPECT_EQ(0, filter_cgroup(&filter, cases[i].text));
		EXPECT_STREQ(cases[i].path, filter.cgroup);
	}
	EXPECT_STREQ("--cgroup", filter_option(&filter));
	EXPECT_EQ(-EINVAL, filter_cgroup(&filter, "a"));
}

TEST_HARNESS_MAIN
