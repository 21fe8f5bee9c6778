// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <kselftest_harness.h>

#include "message.h"
#include "cli/pidlist.h"

TEST(lists)
{
	static const char *const texts[] = { "1,22,333", "1 22 333", "1\n22\n333\n",
					     " 1, 22,\t333 ", "1,22,1,333,22" };
	const char *bad;
	int bad_len;
	size_t i;

	for (i = 0; i < N(texts); i++) {
		struct pidlist list = { 0 };

		ASSERT_EQ(0, pidlist_add(&list, texts[i], &bad, &bad_len));
		ASSERT_EQ(3, list.n);
		EXPECT_EQ(1, list.v[0]);
		EXPECT_EQ(22, list.v[1]);
		EXPECT_EQ(333, list.v[2]);
		pidlist_free(&list);
	}
}

TEST(given_again)
{
	struct pidlist list = { 0 };
	const char *bad;
	int bad_len;

	EXPECT_EQ(0, pidlist_add(&list, "1", &bad, &bad_len));
	EXPECT_EQ(0, pidlist_add(&list, "2,1", &bad, &bad_len));
	EXPECT_EQ(2, list.n);
	pidlist_free(&list);
}

TEST(what_is_no_id)
{
	static const struct {
		const char *text;
		const char *bad;
	} cases[] = {
		{ "", "" },
		{ " ,\n", "" },
		{ "x", "x" },
		{ "1,2x,3", "2x" },
		{ "-1", "-1" },
		{ "+1", "+1" },
		{ "0", "0" },
		{ "4194305", "4194305" },
		{ "99999999999999999999", "99999999999999999999" },
		{ "0x10", "0x10" },
		{ "1;2", "1;2" },
	};
	const char *bad;
	int bad_len;
	size_t i;

	for (i = 0; i < N(cases); i++) {
		struct pidlist list = { 0 };

		EXPECT_EQ(-EINVAL, pidlist_add(&list, cases[i].text, &bad, &bad_len));
		EXPECT_EQ(strlen(cases[i].bad), bad_len);
		EXPECT_EQ(0, strncmp(cases[i].bad, bad, bad_len));
		pidlist_free(&list);
	}
}

TEST_HARNESS_MAIN
