// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "view/timeline.h"

static struct sample sample(uint64_t time, uint64_t heap)
{
	struct sample s = { .from = time, .to = time, .grows = 1 };
	int i;

	for (i = 0; i < FIGURES; i++)
		s.of[i] = (struct spread){ 7, 7, 7 };
	s.of[FIGURE_HEAP] = (struct spread){ heap, heap, heap };
	return s;
}

TEST(few)
{
	struct timeline t = {};
	struct sample s;
	size_t i;

	for (i = 0; i < 100; i++) {
		s = sample(10 * i, i);
		ASSERT_EQ(0, timeline_add(&t, &s));
	}
	ASSERT_EQ(100, t.n);
	EXPECT_EQ(990, t.v[99].to);
	EXPECT_EQ(99, t.v[99].of[FIGURE_HEAP].last);
	free(t.v);
}

/* Any number of events gives at most so many samples, in order, with all extremes. */
TEST(many)
{
	const uint64_t all = 10 * TIMELINE_SAMPLES + 123;
	struct timeline t = {};
	struct sample s;
	uint64_t i;

	for (i = 0; i < all; i++) {
		s = sample(i, i == 77777 % all ? 1 << 30 : 1000 + i % 5);
		ASSERT_EQ(0, timeline_add(&t, &s));
		ASSERT_LE(t.n, TIMELINE_SAMPLES);
	}
	EXPECT_LT(TIMELINE_SAMPLES / 2 - 1, t.n);
	EXPECT_EQ(0, t.v[0].from);
	for (i = 1; i < t.n; i++)
		ASSERT_EQ(t.v[i - 1].to + 1, t.v[i].from);
	s = timeline_whole(&t);
	EXPECT_EQ(all - 1, s.to);
	EXPECT_EQ(all, s.grows);
	EXPECT_EQ(1000, s.of[FIGURE_HEAP].least);
	EXPECT_EQ(1 << 30, s.of[FIGURE_HEAP].most);
	EXPECT_EQ(1000 + (all - 1) % 5, s.of[FIGURE_HEAP].last);
	free(t.v);
}

TEST(disorder)
{
	struct sample a = sample(9, 1), b = sample(5, 2);

	sample_merge(&a, &b);
	EXPECT_EQ(9, a.to);
	EXPECT_EQ(2, a.of[FIGURE_HEAP].last);
}

TEST(unknown)
{
	struct sample a = sample(1, 5), b = sample(2, 9), c;

	a.of[FIGURE_HEAP].last = TIMELINE_UNKNOWN;
	c = a;
	sample_merge(&c, &b);
	EXPECT_EQ(9, c.of[FIGURE_HEAP].least);
	EXPECT_EQ(9, c.of[FIGURE_HEAP].last);
	sample_merge(&b, &a);
	EXPECT_EQ(9, b.of[FIGURE_HEAP].last);
	EXPECT_EQ(2, b.grows);
	c = sample_after(&b);
	EXPECT_EQ(9, c.of[FIGURE_HEAP].last);
	EXPECT_EQ(0, c.grows);
}

TEST(marks)
{
	struct timeline t = {};
	char text[2 * TIMELINE_TEXT];
	int i;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < TIMELINE_MARKS + 5; i++)
		timeline_mark(&t, i, i ? text : "first");
	EXPECT_EQ(TIMELINE_MARKS + 5, t.marks_n);
	EXPECT_STREQ("first", t.marks[0].text);
	EXPECT_EQ(TIMELINE_TEXT - 1, strlen(t.marks[TIMELINE_MARKS - 1].text));
}

TEST_HARNESS_MAIN
