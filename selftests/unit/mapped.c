// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "message.h"
#include "view/mapped.h"

#define SHOWN (TAG_CLASS | TAG_PROT)

static int add(struct mapped *mapped, uint64_t start, uint64_t end, char *name)
{
	return mapped_add(mapped, &(struct mapped_area){ start, end, PROT_BIT_EXEC, name });
}

static int put(const struct range *part, const char *name, void *arg)
{
	fprintf(arg, "%lx-%lx %d %s\n", (unsigned long)part->start, (unsigned long)part->end,
		tag_class(part->tag), name ?: "-");
	return 0;
}

static char *walk_some(struct range *ranges, size_t n, const struct mapped *mapped,
		       bool (*is_seen)(uint64_t tag))
{
	const struct mapped_parts parts = { is_seen, SHOWN, 0x1000, put };
	const struct address_space space = { .ranges = { ranges, n, n } };
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	if (mapped_walk(&space, mapped, &parts, out))
		abort();
	fclose(out);
	return text;
}

static char *walk(struct range *ranges, size_t n, const struct mapped *mapped)
{
	return walk_some(ranges, n, mapped, NULL);
}

TEST(parts)
{
	struct range ranges[] = {
		/* Two files and a gap without a name; the second goes on in the next range. */
		{ 0x1000, 0x6000, CLASS_FILE },
		{ 0x6000, 0x8000, CLASS_FILE | PROT_BIT_WRITE << TAG_PROT_SHIFT },
		/* Anonymous memory has no name of a file, whatever /proc says. */
		{ 0x8000, 0x9000, CLASS_ANONYMOUS },
		{ 0x9000, 0xa000, CLASS_ANONYMOUS | TAG_COUNTED },
		{ 0xa000, 0xb000, CLASS_FILE | TAG_COUNTED | TAG_SHARED },
		{ 0xb000, 0xc000, CLASS_NONE | TAG_UNCERTAIN },
		{ 0x10000, 0x20000, CLASS_GROWS_DOWN },
	};
	struct mapped mapped = { 0 };
	char *text;

	ASSERT_EQ(0, add(&mapped, 0x500, 0x800, "gone"));
	ASSERT_EQ(0, add(&mapped, 0x1000, 0x2000, "one"));
	ASSERT_EQ(0, add(&mapped, 0x3000, 0x7000, "two"));
	ASSERT_EQ(0, add(&mapped, 0x8000, 0xc000, "no"));
	ASSERT_EQ(0, add(&mapped, 0x18000, 0x28000, "[stack]"));
	ASSERT_EQ(0, add(&mapped, 0x30000, 0x31000, "[vsyscall]"));
	ASSERT_EQ(0, add(&mapped, 0x40000, 0x41000, NULL));
	text = walk(ranges, N(ranges), &mapped);
	EXPECT_STREQ("1000-2000 2 one\n"
		     "2000-3000 2 -\n"
		     "3000-6000 2 two\n"
		     "6000-7000 2 two\n"
		     "7000-8000 2 -\n"
		     "8000-a000 1 -\n"
		     "a000-b000 2 -\n"
		     "b000-c000 0 -\n"
		     "10000-18000 3 -\n"
		     "18000-20000 3 [stack]\n"
		     "30000-31000 4 [vsyscall]\n",
		     text);
	free(text);
	text = walk(ranges, N(ranges), NULL);
	EXPECT_STREQ("1000-6000 2 -\n"
		     "6000-8000 2 -\n"
		     "8000-a000 1 -\n"
		     "a000-b000 2 -\n"
		     "b000-c000 0 -\n"
		     "10000-20000 3 -\n",
		     text);
	free(text);
	mapped_free(&mapped);
}

static bool is_anonymous(uint64_t tag)
{
	return tag_class(tag) == CLASS_ANONYMOUS;
}

/* What the process named divides ranges, and only it has a name where no file is mapped. */
TEST(claims)
{
	struct range ranges[] = {
		{ 0x1000, 0x4000, CLASS_ANONYMOUS },
		{ 0x4000, 0x6000, CLASS_ANONYMOUS | TAG_COUNTED },
		{ 0x6000, 0x8000, CLASS_FILE | TAG_COUNTED | TAG_SHARED },
		{ 0x8000, 0x9000, CLASS_NONE | TAG_UNCERTAIN },
		{ 0x9000, 0xa000, CLASS_FILE },
		{ 0xb000, 0xc000, CLASS_GROWS_DOWN | TAG_COUNTED },
	};
	struct mapped mapped = { 0 };
	char *text;

	ASSERT_EQ(0, add(&mapped, 0x1000, 0x2000, NULL));
	ASSERT_EQ(0, add(&mapped, 0x2000, 0x3000, "[anon:a b]"));
	ASSERT_EQ(0, add(&mapped, 0x3000, 0x5000, "[anon:]"));
	ASSERT_EQ(0, add(&mapped, 0x5000, 0x6000, "[heap]"));
	ASSERT_EQ(0, add(&mapped, 0x6000, 0x7000, "[anon_shmem:s]"));
	ASSERT_EQ(0, add(&mapped, 0x7000, 0x8000, "/dev/zero (deleted)"));
	ASSERT_EQ(0, add(&mapped, 0x8000, 0x9000, "[anon:perhaps]"));
	ASSERT_EQ(0, add(&mapped, 0x9000, 0xa000, "[anon_shmem:t]"));
	ASSERT_EQ(0, add(&mapped, 0xb000, 0xc000, "[anon:down]"));
	/* Of what the account does not have, the process says nothing. */
	ASSERT_EQ(0, add(&mapped, 0xd000, 0xe000, "[anon:unknown]"));
	ASSERT_EQ(0, add(&mapped, 0xe000, 0xf000, "[vsyscall]"));
	text = walk(ranges, N(ranges), &mapped);
	EXPECT_STREQ("1000-2000 1 -\n"
		     "2000-3000 1 [anon:a b]\n"
		     "3000-5000 1 [anon:]\n"
		     "5000-6000 1 -\n"
		     "6000-7000 2 [anon_shmem:s]\n"
		     "7000-8000 2 -\n"
		     "8000-9000 0 -\n"
		     "9000-a000 2 [anon_shmem:t]\n"
		     "b000-c000 3 [anon:down]\n"
		     "e000-f000 4 [vsyscall]\n",
		     text);
	free(text);
	text = walk_some(ranges, N(ranges), &mapped, is_anonymous);
	EXPECT_STREQ("1000-2000 1 -\n"
		     "2000-3000 1 [anon:a b]\n"
		     "3000-5000 1 [anon:]\n"
		     "5000-6000 1 -\n",
		     text);
	free(text);
	mapped_free(&mapped);
}

TEST(what_is_a_claim)
{
	EXPECT_TRUE(mapped_is_claim("[anon:glibc: malloc]"));
	EXPECT_TRUE(mapped_is_claim("[anon_shmem:a/b]"));
	EXPECT_FALSE(mapped_is_claim(NULL));
	EXPECT_FALSE(mapped_is_claim(""));
	EXPECT_FALSE(mapped_is_claim("[anon"));
	EXPECT_FALSE(mapped_is_claim("[heap]"));
	EXPECT_FALSE(mapped_is_claim("anon_inode:[perf_event]"));
	EXPECT_FALSE(mapped_is_claim("/tmp/[anon:a]"));
}

/* One file mapped twice is two rows, as in /proc/PID/maps. */
TEST(neighbours)
{
	struct range ranges[] = { { 0x1000, 0x3000, CLASS_FILE } };
	struct mapped mapped = { 0 };
	char *text;

	ASSERT_EQ(0, add(&mapped, 0x1000, 0x2000, "one"));
	ASSERT_EQ(0, add(&mapped, 0x2000, 0x3000, "one"));
	text = walk(ranges, N(ranges), &mapped);
	EXPECT_STREQ("1000-2000 2 one\n2000-3000 2 one\n", text);
	free(text);
	mapped_free(&mapped);
	text = walk(NULL, 0, &mapped);
	EXPECT_STREQ("", text);
	free(text);
}

TEST(in_memory)
{
	static const struct {
		struct range range;
		bool known;
		uint64_t resident;
		uint64_t dirty;
	} cases[] = {
		{ { 0x1000, 0x2000, 0 }, true, 1, 2 },
		{ { 0x1000, 0x4000, 0 }, true, 5, 8 },
		/* A hole counts for nothing, and neither does what lies beyond. */
		{ { 0x0, 0x5000, 0 }, true, 5, 8 },
		{ { 0x1000, 0x3000, 0 }, false, 0, 0 },
		{ { 0x3000, 0x4000, 0 }, false, 0, 0 },
		{ { 0x4000, 0x5000, 0 }, false, 0, 0 },
		{ { 0x8000, 0x9000, 0 }, false, 0, 0 },
		{ { 0x1000, 0x9000, 0 }, false, 0, 0 },
	};
	struct mapped mapped = { 0 };
	uint64_t resident, dirty;
	size_t i;

	ASSERT_EQ(0, mapped_add(&mapped,
				&(struct mapped_area){ 0x1000, 0x2000, 0, NULL, true, 1, 2 }));
	ASSERT_EQ(0, mapped_add(&mapped,
				&(struct mapped_area){ 0x2000, 0x4000, 0, NULL, true, 4, 6 }));
	ASSERT_EQ(0, mapped_add(&mapped,
				&(struct mapped_area){ 0x8000, 0x9000, 0, NULL, false, 0, 0 }));
	for (i = 0; i < N(cases); i++) {
		EXPECT_EQ(cases[i].known,
			  mapped_resident(&mapped, &cases[i].range, &resident, &dirty))
		{
			TH_LOG("case %zu", i);
		}
		if (!cases[i].known)
			continue;
		EXPECT_EQ(cases[i].resident, resident);
		EXPECT_EQ(cases[i].dirty, dirty);
	}
	EXPECT_FALSE(mapped_resident(NULL, &cases[0].range, &resident, &dirty));
	mapped_free(&mapped);
}

/* A capture may have any text. */
TEST(crafted)
{
	struct mapped mapped = { 0 };

	ASSERT_EQ(0, add(&mapped, 0x3000, 0x2000, "turned"));
	ASSERT_EQ(0, add(&mapped, 0x3000, 0x3000, "empty"));
	EXPECT_EQ(0, mapped.n);
	ASSERT_EQ(0, add(&mapped, 0x3000, 0x5000, "one"));
	ASSERT_EQ(0, add(&mapped, 0x1000, 0x2000, "below"));
	ASSERT_EQ(0, add(&mapped, 0x4000, 0x6000, "overlaps"));
	EXPECT_EQ(1, mapped.n);
	mapped_free(&mapped);
	EXPECT_EQ(0, mapped.n);
}

static int fail(const struct range *part, const char *name, void *arg)
{
	(void)part;
	(void)name;
	++*(int *)arg;
	return -ENOMEM;
}

TEST(no_memory)
{
	struct range ranges[] = { { 0x1000, 0x2000, CLASS_FILE },
				  { 0x3000, 0x4000, CLASS_FILE },
				  { 0x5000, 0x6000, CLASS_FILE } };
	const struct address_space space = { .ranges = { ranges, N(ranges), N(ranges) } };
	const struct mapped_parts parts = { .differ = SHOWN, .page = 0x1000, .put = fail };
	int calls = 0;

	EXPECT_EQ(-ENOMEM, mapped_walk(&space, NULL, &parts, &calls));
	EXPECT_EQ(1, calls);
}

TEST_HARNESS_MAIN
