// SPDX-License-Identifier: GPL-2.0
#include <kselftest_harness.h>

#include "message.h"
#include "lib/size.h"

TEST(sizes)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0 },
		{ "4095", 4095 },
		{ "4k", 4096 },
		{ "4K", 4096 },
		{ "3M", 3 << 20 },
		{ "5g", 5ULL << 30 },
		{ "18446744073709551615", UINT64_MAX },
		{ "17179869183G", 17179869183ULL << 30 },
	};
	uint64_t bytes;
	size_t i;

	for (i = 0; i < N(cases); i++) {
		ASSERT_TRUE(size_read(cases[i].text, &bytes));
		EXPECT_EQ(cases[i].bytes, bytes);
	}
}

TEST(no_sizes)
{
	static const char *const bad[] = {
		"",    "K",  "-1",   "+1",   " 1",    "1 ",	      "1KB",
		"1kk", "1T", "0x10", "1.5K", "4K096", "17179869184G", "18446744073709551616"
	};
	uint64_t bytes;
	size_t i;

	for (i = 0; i < N(bad); i++) {
		EXPECT_FALSE(size_read(bad[i], &bytes))
		{
			TH_LOG("'%s'", bad[i]);
		}
	}
}

TEST_HARNESS_MAIN
