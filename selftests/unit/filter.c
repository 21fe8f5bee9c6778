// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <linux/brkwatch.h>
#include <kselftest_harness.h>

#include "event/filter.h"
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

#define CALL(event, ...)                                                            \
	{                                                                           \
		.kind = BRKWATCH_EVENT_KIND_##event, .comm = "python3", __VA_ARGS__ \
	}

/* As the module would have it, whose own filter selftests/tool compares with this one. */
TEST(matches)
{
	static const struct {
		struct filter filter;
		struct event ev;
		bool matches;
	} cases[] = {
		{ {}, CALL(BRK), true },
		{ { .events = BIT(BRK) | BIT(EXIT) }, CALL(BRK), true },
		{ { .events = BIT(BRK) | BIT(EXIT) }, CALL(MMAP), false },
		{ { .events = BIT(BRK) }, CALL(MARK), false },
		{ { .min_size = 9 },
		  CALL(BRK, .move = { BRKWATCH_BRK_KIND_QUERY, 0, 99, 99 }),
		  false },
		{ { .min_size = 9 }, CALL(BRK, .move = { BRKWATCH_BRK_KIND_GROW, 108, 99 }), true },
		{ { .min_size = 9 }, CALL(BRK, .move = { BRKWATCH_BRK_KIND_SHRINK, 90, 99 }), true },
		{ { .min_size = 9 },
		  CALL(BRK, .move = { BRKWATCH_BRK_KIND_SHRINK, 91, 99 }),
		  false },
		{ { .min_size = 9 }, CALL(MMAP, .map.length = 9), true },
		{ { .min_size = 9 }, CALL(MUNMAP, .map.length = 8), false },
		{ { .min_size = 9 }, CALL(MREMAP, .map = { .length = 8, .new_length = 9 }), true },
		{ { .min_size = 9 }, CALL(MREMAP, .map = { .length = 9, .new_length = 8 }), true },
		{ { .min_size = 9 }, CALL(SHMDT), true },
		{ { .min_size = 9 }, CALL(CLONE), true },
		{ { .failed = true }, CALL(BRK, .move.kind = BRKWATCH_BRK_KIND_REFUSED), true },
		{ { .failed = true }, CALL(BRK, .move.kind = BRKWATCH_BRK_KIND_GROW), false },
		{ { .failed = true }, CALL(MMAP, .error = ENOMEM), true },
		{ { .failed = true }, CALL(MMAP), false },
		{ { .failed = true }, CALL(EXIT), true },
		{ { .failed = true }, CALL(FAULT), true },
		{ { .failed = true }, CALL(MARK), true },
		{ { .comm = "python?" }, CALL(MMAP), true },
		{ { .comm = "perl" }, CALL(MMAP), false },
		{ { .comm = "perl" }, CALL(MARK), true },
		{ { .comm = "perl" }, CALL(LEAVE), true },
	};
	size_t i;

	for (i = 0; i < N(cases); i++) {
		EXPECT_EQ(cases[i].matches, filter_matches(&cases[i].filter, &cases[i].ev))
		{
			TH_LOG("case %zu", i);
		}
	}
}

TEST_HARNESS_MAIN
