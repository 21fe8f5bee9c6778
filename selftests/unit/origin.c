// SPDX-License-Identifier: GPL-2.0
/* The table of origins: who asks, and what for; and what memory of unknown origin looks like. */
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "calls.h"
#include "ledger/likeness.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define MIB (1ULL << 20)

/*
 * One call of each shape: of brk, a stack, a small one without a guard page, a reserve, an arena of
 * CPython, anything else.
 */
enum { BREAK, STACK, SPAWN, RESERVE, POOL, POOL_OLD, OTHER, GROWTH, CALLS };

static struct event call(int shape)
{
	switch (shape) {
	case BREAK:
		return a_brk(HEAP, HEAP + PAGE, HEAP + PAGE);
	case STACK:
		return a_mmap(AT(0), 2049, PROT_NONE, ANON | MAP_STACK | MAP_NORESERVE);
	case SPAWN:
		return a_mmap(AT(0), 9, RW, ANON | MAP_STACK);
	case RESERVE:
		return a_mmap(AT(0), 32768, PROT_NONE, ANON | MAP_NORESERVE);
	case POOL:
		return a_mmap(AT(0), MIB / PAGE, RW, ANON);
	case POOL_OLD:
		return a_mmap(AT(0), MIB / 4 / PAGE, RW, ANON);
	case GROWTH:
		return an_mremap(AT(0), 1, 2, MREMAP_MAYMOVE, AT(9));
	default:
		return a_mmap(AT(0), 35, RW, ANON);
	}
}

/* What a line says of each shape. Rows are in the order of enum code_owner, without OWNER_UNKNOWN. */
static const struct row {
	enum code_owner owner;
	bool program;
	const char *file;
	const char *text[CALLS];
} rows[] = {
	{ OWNER_LOADER,
	  false,
	  "ld-linux-x86-64.so.2",
	  { "loader", "loader", "loader", "loader", "loader", "loader", "loader", "loader" } },
	{ OWNER_GLIBC,
	  false,
	  "libc.so.6",
	  { "malloc", "thread stack", "spawn stack?", "thread arena", "malloc", "malloc", "malloc",
	    "malloc" } },
	{ OWNER_MUSL,
	  false,
	  "ld-musl-x86_64.so.1",
	  { "musl malloc", "thread stack", "thread stack", "thread stack?", "musl malloc",
	    "musl malloc", "musl malloc", "musl malloc" } },
	{ OWNER_JEMALLOC,
	  false,
	  "libjemalloc.so.2",
	  { "jemalloc (libjemalloc.so.2)", "jemalloc (libjemalloc.so.2)",
	    "jemalloc (libjemalloc.so.2)", "jemalloc (libjemalloc.so.2)",
	    "jemalloc (libjemalloc.so.2)", "jemalloc (libjemalloc.so.2)",
	    "jemalloc (libjemalloc.so.2)", "jemalloc (libjemalloc.so.2)" } },
	{ OWNER_TCMALLOC,
	  false,
	  "libtcmalloc.so.4",
	  { "tcmalloc (libtcmalloc.so.4)", "tcmalloc (libtcmalloc.so.4)",
	    "tcmalloc (libtcmalloc.so.4)", "tcmalloc (libtcmalloc.so.4)",
	    "tcmalloc (libtcmalloc.so.4)", "tcmalloc (libtcmalloc.so.4)",
	    "tcmalloc (libtcmalloc.so.4)", "tcmalloc (libtcmalloc.so.4)" } },
	{ OWNER_MIMALLOC,
	  true,
	  "prog",
	  { "mimalloc (prog)", "mimalloc (prog)", "mimalloc (prog)", "mimalloc (prog)",
	    "mimalloc (prog)", "mimalloc (prog)", "mimalloc (prog)", "mimalloc (prog)" } },
	{ OWNER_GO,
	  true,
	  "prog",
	  { "Go runtime", "Go runtime", "Go runtime", "Go runtime", "Go runtime", "Go runtime",
	    "Go runtime", "Go runtime" } },
	{ OWNER_JVM,
	  false,
	  "libjvm.so",
	  { "JVM", "JVM", "JVM", "JVM", "JVM", "JVM", "JVM", "JVM" } },
	{ OWNER_V8, false, "libnode.so.108", { "V8", "V8", "V8", "V8", "V8", "V8", "V8", "V8" } },
	{ OWNER_PYTHON,
	  true,
	  "python3.11",
	  { "the program", "the program", "the program", "the program", "obmalloc (python3.11)",
	    "obmalloc (python3.11)", "the program", "the program" } },
	{ OWNER_PYTHON,
	  false,
	  "libpython3.11.so.1.0",
	  { "libpython3.11.so.1.0", "libpython3.11.so.1.0", "libpython3.11.so.1.0",
	    "libpython3.11.so.1.0", "obmalloc (libpython3.11.so.1.0)",
	    "obmalloc (libpython3.11.so.1.0)", "libpython3.11.so.1.0", "libpython3.11.so.1.0" } },
	{ OWNER_OTHER,
	  true,
	  "prog",
	  { "the program", "the program", "the program", "the program", "the program",
	    "the program", "the program", "the program" } },
	{ OWNER_OTHER,
	  false,
	  "libfoo.so",
	  { "libfoo.so", "libfoo.so", "libfoo.so", "libfoo.so", "libfoo.so", "libfoo.so",
	    "libfoo.so", "libfoo.so" } },
};

TEST(every_row)
{
	bool seen[OWNERS] = { [OWNER_UNKNOWN] = true };
	char buf[ASKED_MAX];
	size_t i;
	int shape;

	for (i = 0; i < N(rows); i++) {
		const struct asker asker = { rows[i].owner, false, rows[i].program, rows[i].file };

		seen[rows[i].owner] = true;
		for (shape = 0; shape < CALLS; shape++) {
			const struct event ev = call(shape);
			struct asked asked = origin_of_call(&ev, 0, &asker);

			EXPECT_EQ(!!strchr(rows[i].text[shape], '?'), asked.guess);
			EXPECT_STREQ(rows[i].text[shape], asked_text(buf, &asked))
			{
				TH_LOG("row %zu, shape %d", i, shape);
			}
		}
	}
	for (i = 0; i < OWNERS; i++)
		EXPECT_TRUE(seen[i])
		{
			TH_LOG("owner %zu has no row", i);
		}
}

/* What the account says after a call on memory that was there before it. */
static uint64_t tags_after(struct event ev, enum code_owner owner)
{
	struct account account = { 0 };
	uint64_t tags;

	start(&account);
	book(&account, a_mmap(AT(1), 2, RW, ANON));
	account.ledger.asker = (struct asker){ .owner = owner };
	book(&account, ev);
	tags = tag_at(&account, 1, AT(0)) ^ tag_at(&account, 1, AT(1)) << 1 ^
	       tag_at(&account, 1, HEAP) << 2;
	ledger_free(&account.ledger);
	return tags;
}

/* The ledger is the oracle: where nobody needs to know who made a call, nothing depends on it. */
TEST(calls_that_have_no_origin)
{
	struct event refused = a_brk(HEAP, HEAP + PAGE, HEAP);
	const struct event none[] = {
		a_brk(HEAP, 0, HEAP),
		a_mmap(AT(0), 1, RW, MAP_PRIVATE),
		a_munmap(AT(1), 1),
		an_mprotect(AT(1), 1, PROT_NONE),
		an_madvise(AT(1), 1, MADV_DONTNEED),
		an_event(BRKWATCH_EVENT_KIND_EXIT),
	};
	const struct event some[] = {
		a_brk(HEAP, HEAP + PAGE, HEAP + PAGE),
		a_mmap(AT(0), 1, RW, ANON),
	};
	size_t i;

	for (i = 0; i < N(none); i++) {
		EXPECT_FALSE(origin_needs_asker(&none[i])) TH_LOG("%zu", i);
		EXPECT_EQ(tags_after(none[i], OWNER_GLIBC), tags_after(none[i], OWNER_JEMALLOC));
	}
	for (i = 0; i < N(some); i++) {
		EXPECT_TRUE(origin_needs_asker(&some[i])) TH_LOG("%zu", i);
		EXPECT_NE(tags_after(some[i], OWNER_GLIBC), tags_after(some[i], OWNER_JEMALLOC));
	}
	/* A line says who asked for what was refused, and the memory of mremap may have an origin. */
	refused.move.kind = BRKWATCH_BRK_KIND_REFUSED;
	EXPECT_TRUE(origin_needs_asker(&refused));
	for (i = 0; i < CALLS; i++) {
		const struct event ev = call(i);

		EXPECT_TRUE(origin_needs_asker(&ev));
	}
}

/* What is mapped has another name than who asked for it, where that tells more. */
TEST(places)
{
	static const struct {
		struct asked asked;
		const char *place;
	} all[] = {
		{ { ORIGIN_UNKNOWN }, "unknown" },
		{ { ORIGIN_HEAP }, "heap" },
		{ { ORIGIN_HEAP, true }, "heap?" },
		{ { ORIGIN_PROGRAM_HEAP }, "program heap" },
		{ { ORIGIN_PROGRAM_HEAP, false, "libfoo.so" }, "program heap (libfoo.so)" },
		{ { ORIGIN_EXEC }, "kernel at exec" },
		{ { ORIGIN_MALLOC }, "malloc mmap" },
		{ { ORIGIN_LIBRARY }, "library" },
		{ { ORIGIN_LIBRARY, true, "libfoo.so" }, "libfoo.so?" },
		{ { ORIGIN_OBMALLOC, false, "python3.11" }, "obmalloc (python3.11)" },
		{ { ORIGIN_JEMALLOC, true, "prog" }, "jemalloc? (prog)" },
	};
	char buf[ASKED_MAX];
	size_t i;

	for (i = 0; i < N(all); i++)
		EXPECT_STREQ(all[i].place, asked_place(buf, &all[i].asked));
	for (i = 0; i < ORIGINS; i++)
		EXPECT_NE(NULL, origin_name(i));
}

/* Without a caller everything is a guess, and it names what the call looks like. */
TEST(guesses)
{
	static const char *const texts[CALLS] = {
		"heap?",	"thread stack?", "thread stack?", "thread arena?",
		"malloc mmap?", "malloc mmap?",	 "malloc mmap?",  "unknown",
	};
	const struct asker nobody = { .owner = OWNER_UNKNOWN };
	char buf[ASKED_MAX];
	int shape;

	for (shape = 0; shape < CALLS; shape++) {
		const struct event ev = call(shape);
		struct asked asked = origin_of_call(&ev, 0, &nobody);

		EXPECT_STREQ(texts[shape], asked_text(buf, &asked));
	}
}

/* A program may call the C library, so that a call of musl's looks like one of the program's. */
TEST(a_guess_by_caller)
{
	const struct asker musl = { .owner = OWNER_MUSL, .guess = true };
	const struct event ev = call(OTHER);
	struct asked asked = origin_of_call(&ev, 0, &musl);
	char buf[ASKED_MAX];

	EXPECT_STREQ("musl malloc?", asked_text(buf, &asked));
}

/* pthread_create() makes a stack closed at first, or a large one. */
TEST(stacks)
{
	const struct asker glibc = { .owner = OWNER_GLIBC };
	struct event ev = a_mmap(AT(0), 9, RW, ANON | MAP_STACK);
	struct asked asked = origin_of_call(&ev, 0, &glibc);
	char buf[ASKED_MAX];

	EXPECT_STREQ("spawn stack?", asked_text(buf, &asked));
	ev = a_mmap(AT(0), 9, PROT_NONE, ANON | MAP_STACK);
	asked = origin_of_call(&ev, 0, &glibc);
	EXPECT_STREQ("thread stack", asked_text(buf, &asked));
	ev = a_mmap(AT(0), 257, RW, ANON | MAP_STACK);
	asked = origin_of_call(&ev, 0, &glibc);
	EXPECT_STREQ("thread stack", asked_text(buf, &asked));
}

TEST(the_end_of_an_arena_mapped_anew)
{
	const uint64_t arena = tag_of(CLASS_ANONYMOUS, RW, ORIGIN_ARENA);
	const struct event ev = a_mmap(AT(0), 2, PROT_NONE, ANON | MAP_FIXED);
	struct asker asker = { .owner = OWNER_GLIBC };
	struct asked asked = origin_of_call(&ev, arena, &asker);

	EXPECT_EQ(ORIGIN_ARENA, asked.origin);
	EXPECT_FALSE(asked.guess);
	asker.owner = OWNER_UNKNOWN;
	asked = origin_of_call(&ev, arena | TAG_GUESS, &asker);
	EXPECT_EQ(ORIGIN_ARENA, asked.origin);
	EXPECT_TRUE(asked.guess);
	asker.owner = OWNER_GO;
	EXPECT_EQ(ORIGIN_GO, origin_of_call(&ev, arena, &asker).origin);
}

#define CLOSED tag_of(CLASS_ANONYMOUS, 0, ORIGIN_UNKNOWN)
#define OPEN tag_of(CLASS_ANONYMOUS, RW, ORIGIN_UNKNOWN)

static enum origin likeness(struct range *v, size_t n, size_t at)
{
	const struct ranges set = { v, n, n };
	uint64_t tag = likeness_tag(&set, at, PAGE);

	return tag_is_guess(tag) ? tag_origin(tag) : ORIGIN_UNKNOWN;
}

TEST(looks_like_a_stack)
{
	struct range v[] = {
		{ AT(0), AT(1), CLOSED },	{ AT(1), AT(2049), OPEN },
		{ AT(3000), AT(3001), OPEN },	{ AT(3001), AT(3099), OPEN },
		{ AT(4000), AT(4002), CLOSED }, { AT(4002), AT(4099), OPEN },
	};

	EXPECT_EQ(ORIGIN_STACK, likeness(v, N(v), 0));
	EXPECT_EQ(ORIGIN_STACK, likeness(v, N(v), 1));
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 2));
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 3));
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 4));
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 5));
	/* A gap, a small one, a large one, and one whose origin is known. */
	v[1].start = AT(2);
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 1));
	v[1] = (struct range){ AT(1), AT(4), OPEN };
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 1));
	v[1] = (struct range){ AT(1), AT(2050), OPEN };
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 1));
	v[1] = (struct range){ AT(1), AT(2049), tag_of(CLASS_ANONYMOUS, RW, ORIGIN_GO) };
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 0));
	EXPECT_EQ(v[1].tag, likeness_tag(&(struct ranges){ v, N(v), N(v) }, 1, PAGE));
	/* The guard page of the next stack may follow, but no reserve. */
	v[1] = (struct range){ AT(1), AT(2049), OPEN };
	v[2] = (struct range){ AT(2049), AT(2050), CLOSED };
	EXPECT_EQ(ORIGIN_STACK, likeness(v, N(v), 1));
	v[2].end = AT(2051);
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 0));
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 1));
}

TEST(looks_like_an_arena)
{
	const uint64_t at = 0x7f0000000000;
	struct range v[] = {
		{ at, at + 33 * PAGE, OPEN },
		{ at + 33 * PAGE, at + 64 * MIB, CLOSED },
		{ at + 64 * MIB, at + 65 * MIB, OPEN },
	};

	EXPECT_EQ(ORIGIN_ARENA, likeness(v, N(v), 0));
	EXPECT_EQ(ORIGIN_ARENA, likeness(v, N(v), 1));
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 2));
	v[1].end -= PAGE;
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 0));
	v[0].start += PAGE;
	v[1].end += 2 * PAGE;
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 0));
	/* Go asks for this address. */
	v[0] = (struct range){ 0xc000000000, 0xc000000000 + 33 * PAGE, OPEN };
	v[1] = (struct range){ v[0].end, 0xc000000000 + 64 * MIB, CLOSED };
	EXPECT_EQ(ORIGIN_UNKNOWN, likeness(v, N(v), 0));
}

TEST_HARNESS_MAIN
