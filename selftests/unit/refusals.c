// SPDX-License-Identifier: GPL-2.0
/* Failed calls by call and errno. */
#include <errno.h>
#include <kselftest_harness.h>

#include "event/counters.h"
#include "event/refusals.h"

#define MMAP BRKWATCH_EVENT_KIND_MMAP
#define MPROTECT BRKWATCH_EVENT_KIND_MPROTECT

/* The entries, as text. */
static const char *shown(const struct refusals *refusals)
{
	static char text[1024];
	size_t i, len = 0;

	for (i = 0; i < refusals->n; i++)
		len += snprintf(text + len, sizeof(text) - len, "%u:%u=%llu ", refusals->v[i].kind,
				refusals->v[i].error, (unsigned long long)refusals->v[i].calls);
	snprintf(text + len, sizeof(text) - len, "others %llu",
		 (unsigned long long)refusals->others);
	return text;
}

TEST(most_calls_come_first)
{
	struct refusals refusals = { 0 };

	refusals_count(&refusals, MPROTECT, EACCES, 1);
	refusals_count(&refusals, MMAP, ENOMEM, 1);
	/* Equal ones by call, then by errno: 1 is mmap, 4 is mprotect. */
	EXPECT_STREQ("1:12=1 4:13=1 others 0", shown(&refusals));
	refusals_count(&refusals, MPROTECT, EACCES, 1);
	EXPECT_STREQ("4:13=2 1:12=1 others 0", shown(&refusals));
	refusals_count(&refusals, MMAP, EINVAL, 2);
	EXPECT_STREQ("1:22=2 4:13=2 1:12=1 others 0", shown(&refusals));
	refusals_count(&refusals, MMAP, ENOMEM, 2);
	EXPECT_STREQ("1:12=3 1:22=2 4:13=2 others 0", shown(&refusals));
}

TEST(what_is_no_pair)
{
	struct refusals refusals = { 0 };

	refusals_count(&refusals, MMAP, 0, 3);
	refusals_count(&refusals, BRKWATCH_EVENT_KIND_EXIT, ENOMEM, 4);
	refusals_count(&refusals, UINT32_MAX, ENOMEM, 5);
	EXPECT_STREQ("others 12", shown(&refusals));
}

TEST(more_pairs_than_there_is_room_for)
{
	struct refusals refusals = { 0 };
	uint32_t error;

	for (error = 1; error <= REFUSALS_MAX + 3; error++)
		refusals_count(&refusals, MMAP, error, 10);
	EXPECT_EQ(REFUSALS_MAX, refusals.n);
	EXPECT_EQ(30, refusals.others);
	refusals_count(&refusals, MMAP, REFUSALS_MAX, 1);
	refusals_count(&refusals, MMAP, REFUSALS_MAX + 1, 1);
	EXPECT_EQ(11, refusals.v[0].calls);
	EXPECT_EQ(REFUSALS_MAX, refusals.v[0].error);
	EXPECT_EQ(31, refusals.others);
}

TEST(of_several_processes)
{
	struct counters a = { 0 }, b = { 0 }, old = { 0 }, sum = { 0 };

	refusals_count(&a.refusals, MMAP, ENOMEM, 3);
	refusals_count(&b.refusals, MMAP, ENOMEM, 4);
	refusals_count(&b.refusals, MPROTECT, ENOMEM, 5);
	b.refusals.others = 6;
	counters_add(&sum, &a);
	counters_add(&sum, &b);
	EXPECT_STREQ("1:12=7 4:12=5 others 6", shown(&sum.refusals));
	EXPECT_FALSE(sum.refusals.unknown);
	old.refusals.unknown = true;
	counters_add(&sum, &old);
	EXPECT_TRUE(sum.refusals.unknown);
}

TEST_HARNESS_MAIN
