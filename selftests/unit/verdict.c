// SPDX-License-Identifier: GPL-2.0
/* Each verdict's limit: one step before it, and one step after it. */
#include <errno.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <kselftest_harness.h>

#include "wire/decode.h"
#include "event/growth.h"
#include "view/verdict.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define HEAP 0x1000000UL
#define KIB 1024UL
#define MIB (KIB << 10)
#define SECOND 1000000000UL

static struct growth grown(unsigned int n, uint64_t first, uint64_t step)
{
	struct growth growth = { .first = first, .step = SECOND, .duration = n * SECOND, .n = n };
	unsigned int i;

	for (i = 0; i < n; i++)
		growth.least[i] = first + i * step;
	growth.now = growth.peak = first + n * step;
	return growth;
}

TEST(growth_of_any_figures)
{
	EXPECT_EQ(-2048, growth_between(4096, 3072, SECOND / 2));
	EXPECT_EQ(INT64_MAX, growth_between(0, UINT64_MAX, 1));
	EXPECT_EQ(-INT64_MAX, growth_between(UINT64_MAX, 0, 1));
	EXPECT_EQ(0, growth_between(0, UINT64_MAX, 0));
}

TEST(steady_growth)
{
	struct growth growth = grown(16, 1 << 20, 1 << 16);

	EXPECT_TRUE(growth_is_steady(&growth));
	EXPECT_EQ(65536, growth_rate(&growth));
	/* One quarter of the run has no growth. */
	memset(&growth.least[8], 0, 4 * sizeof(*growth.least));
	EXPECT_FALSE(growth_is_steady(&growth));
	/* The run is too short, grows too little, or is back at the end. */
	growth = grown(7, 1 << 20, 1 << 20);
	EXPECT_FALSE(growth_is_steady(&growth));
	growth = grown(8, 1 << 20, (1 << 17) - 1);
	EXPECT_FALSE(growth_is_steady(&growth));
	growth = grown(8, 1 << 20, 1 << 17);
	EXPECT_TRUE(growth_is_steady(&growth));
	growth.now = growth.first;
	EXPECT_FALSE(growth_is_steady(&growth));
}

static struct counters heap(uint64_t given_back, uint64_t now, uint64_t peak)
{
	return (struct counters){ .heap_given_back = given_back,
				  .heap_start = HEAP,
				  .brk = HEAP + now,
				  .brk_peak = HEAP + peak };
}

static struct counters untrimmed(uint64_t refused, uint64_t now, uint64_t peak)
{
	struct counters c = heap(0, now, peak);

	c.shrinks_refused = refused;
	return c;
}

TEST(freed_but_not_returned)
{
	const struct {
		struct counters counters;
		bool holds;
	} cases[] = {
		{ heap(128 * KIB, 512 * KIB, 512 * KIB), true },
		{ heap(128 * KIB - 1, 256 * KIB, 256 * KIB), false },
		{ heap(128 * KIB, 520 * KIB, 520 * KIB), false },
		{ heap(4 * MIB, 3 * MIB, 4 * MIB), true },
		{ heap(4 * MIB, 3 * MIB - 1, 4 * MIB), false },
		{ untrimmed(1, 128 * KIB, 128 * KIB), true },
		{ untrimmed(0, 128 * KIB, 128 * KIB), false },
		{ untrimmed(1, 128 * KIB - 1, 128 * KIB - 1), false },
		{ untrimmed(1, 3 * MIB - 1, 4 * MIB), false },
	};
	char text[VERDICT_MAX];
	size_t i;

	for (i = 0; i < N(cases); i++)
		EXPECT_EQ(cases[i].holds, verdict_holds(VERDICT_FREED, &cases[i].counters, text));
}

static void map(struct counters *c, uint32_t measure, uint64_t bytes, int calls)
{
	while (calls--)
		distribution_add(c->distributions, BRKWATCH_EVENT_KIND_MMAP, measure, bytes);
}

static void unmap(struct counters *c, uint64_t bytes, int calls)
{
	while (calls--)
		distribution_add(c->distributions, BRKWATCH_EVENT_KIND_MUNMAP,
				 BRKWATCH_MEASURE_SIZE, bytes);
}

TEST(arenas)
{
	struct counters c = { .threads = 3 };
	char text[VERDICT_MAX];

	map(&c, BRKWATCH_MEASURE_RESERVED, 128 * MIB, 1);
	EXPECT_FALSE(verdict_holds(VERDICT_ARENAS, &c, text));
	map(&c, BRKWATCH_MEASURE_RESERVED, 64 * MIB, 1);
	ASSERT_TRUE(verdict_holds(VERDICT_ARENAS, &c, text));
	EXPECT_NE(NULL, strstr(text, "for 3 threads malloc holds 128 MiB of addresses, 2 heaps"));
	/* One of these may be the half by which the first mapping was too large. */
	unmap(&c, 64 * MIB, 1);
	EXPECT_TRUE(verdict_holds(VERDICT_ARENAS, &c, text));
	unmap(&c, 64 * MIB, 1);
	EXPECT_FALSE(verdict_holds(VERDICT_ARENAS, &c, text));
	unmap(&c, 64 * MIB, 10);
	EXPECT_FALSE(verdict_holds(VERDICT_ARENAS, &c, text));
	map(&c, BRKWATCH_MEASURE_RESERVED, 128 * MIB, 10);
	c.threads = 0;
	EXPECT_FALSE(verdict_holds(VERDICT_ARENAS, &c, text));
	c.threads = 1;
	EXPECT_TRUE(verdict_holds(VERDICT_ARENAS, &c, text));
	/* Another program's mapping may have the same size. */
	c = (struct counters){ .threads = 1 };
	map(&c, BRKWATCH_MEASURE_RESERVED, 1024 * MIB, 9);
	EXPECT_FALSE(verdict_holds(VERDICT_ARENAS, &c, text));
}

TEST(churn)
{
	struct counters c = { 0 };
	char text[VERDICT_MAX];

	map(&c, BRKWATCH_MEASURE_SIZE, 200 * KIB, 129);
	map(&c, BRKWATCH_MEASURE_AGAIN, 200 * KIB, 63);
	map(&c, BRKWATCH_MEASURE_AGAIN, 100 * KIB, 63);
	EXPECT_FALSE(verdict_holds(VERDICT_CHURN, &c, text));
	map(&c, BRKWATCH_MEASURE_AGAIN, 200 * KIB, 1);
	ASSERT_TRUE(verdict_holds(VERDICT_CHURN, &c, text));
	EXPECT_EQ(0, strncmp("64 of 129 anonymous mappings of 128 KiB and more", text, 48));
	map(&c, BRKWATCH_MEASURE_SIZE, 200 * KIB, 1);
	EXPECT_FALSE(verdict_holds(VERDICT_CHURN, &c, text));
}

/* Only memory that was unmapped before, is anonymous, and has not been replaced yet. */
TEST(comes_again)
{
	struct counters c = { 0 };
	const struct distribution *all = c.distributions;

	EXPECT_FALSE(distribution_comes_again(all, 200 * KIB));
	unmap(&c, 250 * KIB, 2);
	EXPECT_TRUE(distribution_comes_again(all, 200 * KIB));
	EXPECT_FALSE(distribution_comes_again(all, 256 * KIB));
	map(&c, BRKWATCH_MEASURE_FILE, 130 * KIB, 1);
	EXPECT_TRUE(distribution_comes_again(all, 200 * KIB));
	map(&c, BRKWATCH_MEASURE_AGAIN, 200 * KIB, 1);
	EXPECT_FALSE(distribution_comes_again(all, 200 * KIB));
}

/* Growth in the format of a watch's message; a step or bytes below 0 are left out. */
static int decode(int64_t step, int bytes, struct growth *growth)
{
	static const uint64_t least[GROWTH_STEPS + 1] = { 7, 8, 9 };
	struct nl_msg *msg = nlmsg_alloc();
	struct nlattr *nest;
	int attr, err;

	if (!msg || !nlmsg_put(msg, 1, 1, 100, 0, 0))
		abort();
	nest = nla_nest_start(msg, BRKWATCH_A_WATCH_GROWTH);
	for (attr = BRKWATCH_A_GROWTH_DURATION; attr <= BRKWATCH_A_GROWTH_NOW; attr++)
		nla_put_u64(msg, attr, 100 + attr);
	if (step >= 0)
		nla_put_u64(msg, BRKWATCH_A_GROWTH_STEP, step);
	if (bytes >= 0)
		nla_put(msg, BRKWATCH_A_GROWTH_LEAST, bytes, least);
	nla_nest_end(msg, nest);
	err = decode_growth(nest, growth);
	nlmsg_free(msg);
	return err;
}

TEST(growth_as_told)
{
	struct growth growth = { 0 };

	EXPECT_EQ(0, decode_growth(NULL, &growth));
	EXPECT_FALSE(growth_is_known(&growth));
	ASSERT_EQ(0, decode(64, 3 * 8, &growth));
	EXPECT_TRUE(growth_is_known(&growth));
	EXPECT_EQ(3, growth.n);
	EXPECT_EQ(9, growth.least[2]);
	EXPECT_EQ(100 + BRKWATCH_A_GROWTH_NOW, growth.now);
	EXPECT_EQ(0, decode(64, GROWTH_STEPS * 8, &growth));
}

TEST(growth_told_wrongly)
{
	const struct {
		int64_t step;
		int bytes;
	} some[] = { { 0, 24 }, { -1, 24 }, { 64, 0 }, { 64, -1 }, { 64, 12 }, { 64, 17 * 8 } };
	struct growth growth;
	size_t i;

	for (i = 0; i < N(some); i++)
		EXPECT_EQ(-EBADMSG, decode(some[i].step, some[i].bytes, &growth));
}

TEST_HARNESS_MAIN
