// SPDX-License-Identifier: GPL-2.0
/* Each verdict's limit: one step before it, and one step after it. */
#include <errno.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <kselftest_harness.h>

#include "wire/decode.h"
#include "event/growth.h"
#include "ledger/origin.h"
#include "view/verdict.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define HEAP 0x1000000UL
/* A 32-bit program has no address above this one. */
#define HEAP64 0x100000000UL
#define KIB 1024UL
#define MIB (KIB << 10)
#define SECOND 1000000000UL

/* Without events, and without -k. */
static bool holds(enum verdict verdict, const struct counters *c, char text[VERDICT_MAX])
{
	const struct verdict_basis basis = { .counters = c };

	return verdict_holds(verdict, &basis, text);
}

/* With an account of its events, or NULL. */
static bool holds_for(enum verdict verdict, const struct counters *c, const struct process *account,
		      char text[VERDICT_MAX])
{
	const struct verdict_basis basis = { .counters = c, .account = account };

	return verdict_holds(verdict, &basis, text);
}

static bool says(const char *text, const char *part)
{
	return strstr(text, part);
}

static bool begins(const char *text, const char *part)
{
	return strstr(text, part) == text;
}

/* Does a sentence name glibc's malloc, or what to set in it? */
static bool is_about_malloc(const char *text)
{
	return says(text, "mallopt") || says(text, "malloc_trim") || says(text, "MALLOC_") ||
	       says(text, "M_") || says(text, "glibc");
}

static uint64_t private_of(enum origin origin)
{
	return tag_of(CLASS_ANONYMOUS, 3, origin);
}

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
		EXPECT_EQ(cases[i].holds, holds(VERDICT_FREED, &cases[i].counters, text));
}

/* Only glibc's malloc knows of malloc_trim(3) and M_TRIM_THRESHOLD. */
TEST(whose_heap_is_not_returned)
{
	const struct {
		uint64_t arenas;
		uint64_t who;
		uint64_t grows;
		bool account;
		bool malloc;
	} cases[] = {
		{ .arenas = 0 },
		/* Arenas show that malloc is at work, and not that the heap is its own. */
		{ .arenas = 1 },
		{ .account = true },
		{ .account = true, .arenas = 1 },
		{ .account = true, .who = private_of(ORIGIN_HEAP), .malloc = true },
		/* Most calls are of somebody else. */
		{ .account = true, .who = private_of(ORIGIN_HEAP), .grows = 3 },
		{ .account = true, .who = private_of(ORIGIN_HEAP) | TAG_GUESS },
		{ .account = true, .who = private_of(ORIGIN_MUSL) },
		/* malloc has arenas, but the program moves the break itself. */
		{ .account = true, .who = private_of(ORIGIN_PROGRAM_HEAP), .arenas = 1 },
	};
	char text[VERDICT_MAX];
	size_t i;

	for (i = 0; i < N(cases); i++) {
		struct counters c = heap(128 * KIB, 512 * KIB, 512 * KIB);
		struct process account = { 0 };
		const struct process *known = NULL;

		c.arenas = cases[i].arenas;
		c.knows_arenas = true;
		c.brk_grows = cases[i].grows ?: 1;
		if (cases[i].account)
			known = &account;
		if (cases[i].who)
			makers_brk(&account.makers, cases[i].who);
		ASSERT_TRUE(holds_for(VERDICT_FREED, &c, known, text));
		EXPECT_TRUE(says(text, "128 KiB of the heap's pages were given back, yet the heap "
				       "still spans 512 KiB of at most 512 KiB: brk trimmed "
				       "nothing"));
		EXPECT_EQ(cases[i].malloc, says(text, "nothing; malloc_trim(3) gives back "));
		EXPECT_EQ(cases[i].malloc, says(text, "M_TRIM_THRESHOLD in mallopt(3)"));
		EXPECT_EQ(!cases[i].malloc, says(text, "nothing; -k names the callers"));
		EXPECT_EQ(cases[i].malloc, is_about_malloc(text))
		{
			TH_LOG("case %zu: %s", i, text);
		}
	}
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
	struct counters c = { .heap_start = HEAP64, .knows_arenas = true, .arenas = 1 };
	char text[VERDICT_MAX];

	EXPECT_FALSE(holds(VERDICT_ARENAS, &c, text));
	c.arenas = 2;
	ASSERT_TRUE(holds(VERDICT_ARENAS, &c, text));
	EXPECT_TRUE(begins(text, "malloc has 2 heaps of arenas for threads, 128 MiB of "
				 "addresses; "));
	EXPECT_TRUE(says(text, "MALLOC_ARENA_MAX"));
	EXPECT_TRUE(says(text, "glibc.malloc.arena_max"));
	EXPECT_TRUE(says(text, "M_ARENA_MAX by mallopt(3)"));
	/* Those of a 32-bit program are smaller; a program with a low heap may be one. */
	c.heap_start = HEAP64 - 1;
	ASSERT_TRUE(holds(VERDICT_ARENAS, &c, text));
	EXPECT_TRUE(begins(text, "malloc has 2 heaps of arenas for threads; "));
	EXPECT_FALSE(says(text, "MiB"));
	/* An old capture has no such figure. */
	c.knows_arenas = false;
	EXPECT_FALSE(holds(VERDICT_ARENAS, &c, text));
}

/* Addresses that a program reserves for itself are no arenas, whatever their sizes. */
TEST(own_reservations)
{
	struct counters c = { .heap_start = HEAP64, .knows_arenas = true, .threads = 3 };
	char text[VERDICT_MAX];

	map(&c, BRKWATCH_MEASURE_SIZE, 64 * MIB, 5);
	map(&c, BRKWATCH_MEASURE_RESERVED, 64 * MIB, 5);
	map(&c, BRKWATCH_MEASURE_RESERVED, 128 * MIB, 5);
	c.reserved_bytes = 960 * MIB;
	EXPECT_FALSE(holds(VERDICT_ARENAS, &c, text));
}

TEST(churn)
{
	struct counters c = { 0 };
	char text[VERDICT_MAX];

	map(&c, BRKWATCH_MEASURE_SIZE, 200 * KIB, 129);
	map(&c, BRKWATCH_MEASURE_AGAIN, 200 * KIB, 63);
	map(&c, BRKWATCH_MEASURE_AGAIN, 100 * KIB, 63);
	EXPECT_FALSE(holds(VERDICT_CHURN, &c, text));
	map(&c, BRKWATCH_MEASURE_AGAIN, 200 * KIB, 1);
	ASSERT_TRUE(holds(VERDICT_CHURN, &c, text));
	EXPECT_EQ(0, strncmp("64 of 129 anonymous mappings of 128 KiB and more", text, 48));
	map(&c, BRKWATCH_MEASURE_SIZE, 200 * KIB, 1);
	EXPECT_FALSE(holds(VERDICT_CHURN, &c, text));
}

/* A process whose mappings of 200 KiB some origins made. */
static struct process made_by(uint64_t first, int n, uint64_t second, int m)
{
	struct process account = { 0 };

	while (n--)
		makers_mmap(&account.makers, first, 200 * KIB);
	while (m--)
		makers_mmap(&account.makers, second, 200 * KIB);
	return account;
}

/* Half of 100 mappings that came again is 50, so others may have made 50 of all 120. */
TEST(who_churns)
{
	const struct asked foo = { ORIGIN_LIBRARY, false, "libfoo.so" };
	const struct asked bar = { ORIGIN_LIBRARY, false, "libbar.so" };
	const uint64_t glibc = private_of(ORIGIN_MALLOC), program = private_of(ORIGIN_PROGRAM);
	const char *by_malloc = "unmapped; malloc maps them: M_MMAP_THRESHOLD in mallopt(3)";
	const char *by_program = "unmapped; origin: the program; -k names the callers";
	const char *unknown = "unmapped; -k names the callers";
	struct ledger ledger = { 0 };
	const uint64_t of_foo = private_of(ORIGIN_LIBRARY) | ledger_origin(&ledger, &foo);
	const uint64_t of_bar = private_of(ORIGIN_LIBRARY) | ledger_origin(&ledger, &bar);
	const struct {
		struct process account;
		const char *end;
	} cases[] = {
		{ made_by(glibc, 120, 0, 0), by_malloc },
		{ made_by(glibc, 95, program, 25), by_malloc },
		{ made_by(glibc, 94, program, 26), unknown },
		{ made_by(glibc, 70, 0, 0), by_malloc },
		{ made_by(glibc, 69, 0, 0), unknown },
		{ made_by(glibc | TAG_GUESS, 120, 0, 0), unknown },
		{ made_by(private_of(ORIGIN_UNKNOWN), 120, 0, 0), unknown },
		{ made_by(program, 95, glibc, 25), by_program },
		{ made_by(of_foo, 60, of_bar, 60), unknown },
		{ made_by(of_bar, 120, 0, 0), "unmapped; origin: libbar.so; -k names the callers" },
	};
	struct counters c = { .knows_arenas = true, .arenas = 4 };
	char text[VERDICT_MAX];
	size_t i;

	map(&c, BRKWATCH_MEASURE_SIZE, 200 * KIB, 120);
	map(&c, BRKWATCH_MEASURE_AGAIN, 200 * KIB, 100);
	for (i = 0; i < N(cases); i++) {
		const struct verdict_basis basis = {
			.counters = &c,
			.account = &cases[i].account,
			.ledger = &ledger,
		};

		ASSERT_TRUE(verdict_holds(VERDICT_CHURN, &basis, text));
		EXPECT_TRUE(says(text, cases[i].end))
		{
			TH_LOG("case %zu: %s", i, text);
		}
		EXPECT_EQ(cases[i].end == by_malloc, is_about_malloc(text));
	}
	/* Arenas say only that malloc is there. */
	ASSERT_TRUE(holds(VERDICT_CHURN, &c, text));
	EXPECT_TRUE(says(text, unknown));
	EXPECT_FALSE(is_about_malloc(text));
	ledger_free(&ledger);
}

TEST(growing)
{
	struct counters c = { .growth = grown(8, MIB, (1 << 17) - 1) };
	struct verdict_basis basis = { .counters = &c };
	char text[VERDICT_MAX];

	EXPECT_FALSE(verdict_holds(VERDICT_GROWING, &basis, text));
	c.growth = grown(8, MIB, 1 << 17);
	ASSERT_TRUE(verdict_holds(VERDICT_GROWING, &basis, text));
	EXPECT_STREQ("private memory rose in each quarter of the run, from 1024 KiB to 2048 KiB; "
		     "what malloc or another allocator holds free inside it cannot be seen from "
		     "outside; -k names the callers",
		     text);
	EXPECT_FALSE(is_about_malloc(text));
	basis.callers = true;
	ASSERT_TRUE(verdict_holds(VERDICT_GROWING, &basis, text));
	EXPECT_TRUE(says(text, "; the callers are named below"));
	EXPECT_FALSE(says(text, "-k"));
	/* No two runs take equally long. */
	EXPECT_TRUE(verdict_is_told(VERDICT_GROWING, &basis, false, text));
	EXPECT_FALSE(verdict_is_told(VERDICT_GROWING, &basis, true, text));
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
