// SPDX-License-Identifier: GPL-2.0
/* The origins of what an address space has, and who asked for it. */
#include <stdio.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "space_fixture.h"

/* A program whose malloc never moves the break has the same guesses as any other. */
TEST_F(space, origins)
{
	struct event ev;

	book(self->a, a_mmap(AT(0), 2, RW, ANON));
	EXPECT_EQ(ORIGIN_DIRECT, origin_at(self->a, AT(0)));
	EXPECT_TRUE(tag_is_guess(tag_at(self->a, 1, AT(0))));
	book(self->a, a_mmap(AT(1000), 32, RW, ANON));
	EXPECT_EQ(ORIGIN_MALLOC, origin_at(self->a, AT(1000)));
	EXPECT_TRUE(tag_is_guess(tag_at(self->a, 1, AT(1000))));
	book(self->a, a_mmap(AT(2000), 31, RW, ANON));
	EXPECT_EQ(ORIGIN_DIRECT, origin_at(self->a, AT(2000)));
	EXPECT_TRUE(tag_is_guess(tag_at(self->a, 1, AT(2000))));
	book(self->a, a_mmap(AT(3000), 32, PROT_NONE, ANON | MAP_STACK | MAP_NORESERVE));
	EXPECT_EQ(ORIGIN_STACK, origin_at(self->a, AT(3000)));
	EXPECT_TRUE(tag_is_guess(tag_at(self->a, 1, AT(3000))));
	book(self->a, a_mmap(AT(100000), 32768, PROT_NONE, ANON | MAP_NORESERVE));
	EXPECT_EQ(ORIGIN_ARENA, origin_at(self->a, AT(100000)));
	book(self->a, an_mprotect(AT(100000), 33, RW));
	EXPECT_EQ(ORIGIN_ARENA, origin_at(self->a, AT(100000)));
	book(self->a, a_mmap(AT(100020), 13, PROT_NONE, ANON | MAP_FIXED));
	EXPECT_EQ(ORIGIN_ARENA, origin_at(self->a, AT(100020)));
	book(self->a, a_mmap(AT(1001), 1, RW, ANON | MAP_FIXED));
	EXPECT_EQ(ORIGIN_OVERLAY, origin_at(self->a, AT(1001)));
	ev = a_mmap(AT(200000), 256, PROT_NONE, ANON | MAP_NORESERVE);
	book(self->a, ev);
	EXPECT_EQ(ORIGIN_DIRECT, origin_at(self->a, AT(200000)));
	ev.traits = BRKWATCH_TRAIT_COMPAT;
	ev.map.result = AT(210000);
	ev.time = 0;
	book(self->a, ev);
	EXPECT_EQ(ORIGIN_ARENA, origin_at(self->a, AT(210000)));
	EXPECT_STREQ("thread arena", origin_name(ORIGIN_ARENA));
}

/* The loader is at work whenever it asks, also after others have asked. */
TEST_F(space, origins_by_caller)
{
	struct asker *asker = &self->a->ledger.asker;

	*asker = (struct asker){ .owner = OWNER_GO, .program = true, .file = "prog" };
	book(self->a, a_mmap(AT(0), 2, RW, ANON));
	EXPECT_EQ(ORIGIN_GO, origin_at(self->a, AT(0)));
	EXPECT_FALSE(tag_is_guess(tag_at(self->a, 1, AT(0))));
	*asker = (struct asker){ .owner = OWNER_LOADER, .file = "ld-linux-x86-64.so.2" };
	book(self->a, a_mmap(AT(10), 2, RW, ANON));
	EXPECT_EQ(ORIGIN_LOADER, origin_at(self->a, AT(10)));
	*asker = (struct asker){ .owner = OWNER_GLIBC, .file = "libc.so.6" };
	book(self->a, a_brk(HEAP, HEAP + 2 * PAGE, HEAP + 2 * PAGE));
	EXPECT_EQ(ORIGIN_HEAP, origin_at(self->a, HEAP));
	*asker = (struct asker){ .owner = OWNER_OTHER, .file = "libfoo.so" };
	book(self->a, a_brk(HEAP + 2 * PAGE, HEAP + 3 * PAGE, HEAP + 3 * PAGE));
	EXPECT_EQ(ORIGIN_HEAP, origin_at(self->a, HEAP + PAGE));
	EXPECT_EQ(ORIGIN_PROGRAM_HEAP, origin_at(self->a, HEAP + 2 * PAGE));
	EXPECT_STREQ("libfoo.so",
		     asked_of_tag(&self->a->ledger, tag_at(self->a, 1, HEAP + 2 * PAGE)).file);
	EXPECT_EQ(NULL, asked_of_tag(&self->a->ledger, tag_at(self->a, 1, HEAP)).file);
}

/* What was mapped keeps its origin, whoever changes it later. */
TEST_F(space, origins_stay)
{
	const struct area areas[] = { { AT(100), AT(164), RW_AREA } };
	struct asker *asker = &self->a->ledger.asker;
	struct process *child;

	*asker = (struct asker){ .owner = OWNER_JEMALLOC, .file = "libjemalloc.so.2" };
	book(self->a, a_mmap(AT(0), 32, RW, ANON));
	*asker = (struct asker){ .owner = OWNER_OTHER, .program = true, .file = "prog" };
	book(self->a, an_mprotect(AT(0), 8, PROT_READ));
	book(self->a, an_mremap(AT(0), 32, 64, MREMAP_MAYMOVE, AT(100)));
	EXPECT_EQ(ORIGIN_PROGRAM, self->a->ledger.asked.origin);
	EXPECT_EQ(ORIGIN_JEMALLOC, origin_at(self->a, AT(100)));
	EXPECT_EQ(ORIGIN_JEMALLOC, origin_at(self->a, AT(163)));
	load(self->a, 1, self->a->time + 1, areas, 1);
	EXPECT_STREQ("libjemalloc.so.2",
		     asked_of_tag(&self->a->ledger, tag_at(self->a, 1, AT(163))).file);
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_COPY, 2));
	child = ledger_find(&self->a->ledger, 2);
	ASSERT_NE(NULL, child);
	EXPECT_EQ(ORIGIN_JEMALLOC, tag_origin(tag_at(self->a, 2, AT(100))));
	/* Nothing shows who asks now, so what the memory was is a guess. */
	*asker = (struct asker){ .owner = OWNER_UNKNOWN };
	book(self->a, an_mremap(AT(100), 64, 65, 0, AT(100)));
	EXPECT_EQ(ORIGIN_JEMALLOC, self->a->ledger.asked.origin);
	EXPECT_TRUE(self->a->ledger.asked.guess);
}

/* A tag has no room for more files than this. */
TEST_F(space, too_many_files)
{
	struct asker *asker = &self->a->ledger.asker;
	char name[32];
	int i;

	for (i = 0; i <= LEDGER_FILES_MAX; i++) {
		snprintf(name, sizeof(name), "lib%d.so", i);
		*asker = (struct asker){ .owner = OWNER_OTHER, .file = name };
		book(self->a, a_mmap(AT(2 * i), 1, RW, ANON));
	}
	EXPECT_EQ(LEDGER_FILES_MAX, self->a->ledger.files_n);
	EXPECT_STREQ("lib0.so", asked_of_tag(&self->a->ledger, tag_at(self->a, 1, AT(0))).file);
	EXPECT_STREQ("lib4093.so",
		     asked_of_tag(&self->a->ledger, tag_at(self->a, 1, AT(2 * 4093))).file);
	EXPECT_STREQ(LEDGER_FILE_OTHER,
		     asked_of_tag(&self->a->ledger, tag_at(self->a, 1, AT(2 * 4094))).file);
	EXPECT_STREQ(LEDGER_FILE_OTHER,
		     asked_of_tag(&self->a->ledger, tag_at(self->a, 1, AT(2 * 4095))).file);
}

TEST_HARNESS_MAIN
