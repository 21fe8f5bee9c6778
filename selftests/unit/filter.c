// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/brkwatch.h>
#include <kselftest_harness.h>

#include "event/filter.h"
#include "message.h"

#define BIT(kind) (1U << BRKWATCH_EVENT_KIND_##kind)

#define CALL(event, ...)                                                            \
	{                                                                           \
		.kind = BRKWATCH_EVENT_KIND_##event, .comm = "python3", __VA_ARGS__ \
	}

/* The same rules as in the module's filter, which selftests/tool compares with this one. */
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
