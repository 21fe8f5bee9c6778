// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <kselftest_harness.h>

#include "message.h"
#include "ledger/ranges.h"

#define PAGES 64
#define STEPS 200000

/* The naive model has one tag per page; the set must give the same, bit by bit. */
static bool agrees(const struct ranges *set, const uint64_t *model)
{
	size_t i;

	for (i = 0; i < PAGES; i++) {
		const struct range *range = ranges_find(set, i);

		if ((range ? range->tag : 0) != model[i])
			return false;
	}
	for (i = 0; i < set->n; i++) {
		if (set->v[i].start >= set->v[i].end)
			return false;
		if (i && set->v[i - 1].end > set->v[i].start)
			return false;
		if (i && set->v[i - 1].end == set->v[i].start && set->v[i - 1].tag == set->v[i].tag)
			return false;
	}
	return true;
}

TEST(random_against_a_page_model)
{
	const unsigned int seed = 2;
	uint64_t model[PAGES] = { 0 };
	struct ranges set = { 0 };
	int step;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (step = 0; step < STEPS; step++) {
		uint64_t start = random() % PAGES;
		uint64_t end = start + random() % (PAGES - start + 1);
		uint64_t tag = random() % 4;
		uint64_t i;

		for (i = start; i < end; i++)
			model[i] = tag;
		ASSERT_EQ(0,
			  tag ? ranges_set(&set, start, end, tag) : ranges_clear(&set, start, end));
		ASSERT_TRUE(agrees(&set, model))
		{
			TH_LOG("step %d", step);
		}
	}
	ranges_free(&set);
}

static uint64_t bump(uint64_t tag, void *arg)
{
	const uint64_t *by = arg;

	return tag / *by + 1;
}

TEST(random_changes_and_copies)
{
	const unsigned int seed = 4;
	uint64_t model[PAGES] = { 0 };
	struct ranges set = { 0 };
	int step;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (step = 0; step < STEPS / 4; step++) {
		uint64_t start = random() % PAGES;
		uint64_t end = start + random() % (PAGES - start + 1);
		uint64_t part[PAGES] = { 0 };
		uint64_t by = 1 + random() % 3;
		struct ranges copy;
		uint64_t i;

		if (random() % 2) {
			ASSERT_EQ(0, ranges_set(&set, start, end, by));
			for (i = start; i < end; i++)
				model[i] = by;
		} else {
			ASSERT_EQ(0, ranges_change(&set, start, end, bump, &by));
			for (i = start; i < end; i++)
				model[i] = model[i] ? bump(model[i], &by) : 0;
		}
		if (!(random() % 4)) {
			ASSERT_EQ(0, ranges_clear(&set, end, end + 3));
			for (i = end; i < end + 3 && i < PAGES; i++)
				model[i] = 0;
		}
		ASSERT_TRUE(agrees(&set, model));
		for (i = start; i < end; i++)
			part[i] = model[i];
		ASSERT_EQ(0, ranges_copy(&copy, &set, start, end));
		ASSERT_TRUE(agrees(&copy, part));
		ranges_free(&copy);
	}
	ranges_free(&set);
}

TEST(ends_of_the_address_space)
{
	struct ranges set = { 0 };

	ASSERT_EQ(0, ranges_set(&set, 0, UINT64_MAX, 1));
	ASSERT_EQ(0, ranges_clear(&set, 1, UINT64_MAX - 1));
	EXPECT_EQ(2, set.n);
	EXPECT_EQ(1, set.v[0].end);
	EXPECT_EQ(UINT64_MAX - 1, set.v[1].start);
	EXPECT_EQ(NULL, ranges_find(&set, UINT64_MAX));
	ASSERT_EQ(0, ranges_set(&set, 5, 5, 1));
	ASSERT_EQ(0, ranges_set(&set, 9, 5, 1));
	EXPECT_EQ(2, set.n);
	ranges_free(&set);
}

TEST_HARNESS_MAIN
