// SPDX-License-Identifier: GPL-2.0
/* What calls, snapshots and lifecycle events do to an address space. */
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "calls.h"

#define RW_AREA (BRKWATCH_AREA_FLAG_ANONYMOUS | BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_WRITE)

FIXTURE(space)
{
	struct account account;
	struct account *a;
	struct address_space *space;
};

FIXTURE_SETUP(space)
{
	self->a = &self->account;
	start(self->a);
	self->space = self->a->p->space;
	ASSERT_TRUE(self->space->exact);
}

FIXTURE_TEARDOWN(space)
{
	ledger_free(&self->account.ledger);
}

static int class_at(const struct account *a, uint32_t watch, uint64_t addr)
{
	return tag_class(tag_at(a, watch, addr));
}

static int prot_at(const struct account *a, uint64_t addr)
{
	return tag_prot(tag_at(a, 1, addr));
}

static int origin_at(const struct account *a, uint64_t addr)
{
	return tag_origin(tag_at(a, 1, addr));
}

TEST_F(space, classes)
{
	book(self->a, a_mmap(AT(0), 1, RW, ANON));
	book(self->a, a_mmap(AT(10), 1, RW, MAP_SHARED | MAP_ANONYMOUS));
	book(self->a, a_mmap(AT(1024), 1, RW, ANON | MAP_HUGETLB));
	book(self->a, a_mmap(AT(20), 1, RW, ANON | MAP_GROWSDOWN));
	book(self->a, a_mmap(AT(30), 1, RW, MAP_PRIVATE));
	book(self->a, a_mmap(AT(40), 1, RW, MAP_ANONYMOUS | 0x08));
	EXPECT_EQ(CLASS_ANONYMOUS, class_at(self->a, 1, AT(0)));
	EXPECT_EQ(CLASS_FILE, class_at(self->a, 1, AT(10)));
	EXPECT_EQ(CLASS_FILE, class_at(self->a, 1, AT(1024)));
	EXPECT_EQ(CLASS_FILE, class_at(self->a, 1, AT(1535)));
	EXPECT_EQ(CLASS_GROWS_DOWN, class_at(self->a, 1, AT(20)));
	EXPECT_EQ(CLASS_FILE, class_at(self->a, 1, AT(30)));
	EXPECT_EQ(CLASS_ANONYMOUS, class_at(self->a, 1, AT(40)));
	EXPECT_EQ(2 * PAGE, self->space->reserved.now);
	/* Shared and huge mappings count with the length that mmap was asked for. */
	EXPECT_EQ((4 + 512) * PAGE, process_anonymous(self->a->p));
}

TEST_F(space, totals_and_their_peaks)
{
	book(self->a, a_mmap(AT(0), 100, PROT_NONE, ANON | MAP_NORESERVE));
	EXPECT_EQ(0, self->space->committed.now);
	book(self->a, an_mprotect(AT(0), 10, RW));
	EXPECT_EQ(10 * PAGE, self->a->change.committed);
	book(self->a, an_madvise(AT(5), 20, MADV_DONTNEED));
	EXPECT_EQ(5 * PAGE, self->a->change.given_back);
	book(self->a, an_madvise(AT(5), 20, MADV_FREE));
	EXPECT_EQ(0, self->a->change.given_back);
	EXPECT_EQ(5 * PAGE, self->space->given_back.now);
	book(self->a, an_mprotect(AT(8), 1, PROT_READ));
	EXPECT_EQ(4 * PAGE, self->space->given_back.now);
	book(self->a, an_mprotect(AT(0), 5, PROT_NONE));
	EXPECT_EQ(5 * PAGE, self->a->change.decommitted);
	EXPECT_EQ(5 * PAGE, self->space->committed.now);
	book(self->a, a_munmap(AT(0), 100));
	EXPECT_EQ(0, self->space->reserved.now);
	EXPECT_EQ(0, self->space->committed.now);
	EXPECT_EQ(0, self->space->given_back.now);
	EXPECT_EQ(100 * PAGE, self->space->reserved.peak);
	EXPECT_EQ(10 * PAGE, self->space->committed.peak);
	EXPECT_EQ(5 * PAGE, self->space->given_back.peak);
}

TEST_F(space, heap)
{
	book(self->a, a_brk(HEAP, 0, HEAP));
	book(self->a, a_brk(HEAP, HEAP + 5, HEAP + 5));
	EXPECT_EQ(PAGE, self->space->reserved.now);
	book(self->a, a_brk(HEAP + 5, HEAP + PAGE, HEAP + PAGE));
	EXPECT_EQ(PAGE, self->space->reserved.now);
	book(self->a, a_brk(HEAP + PAGE, HEAP + 10 * PAGE, HEAP + 10 * PAGE));
	EXPECT_EQ(ORIGIN_HEAP, origin_at(self->a, HEAP + 9 * PAGE));
	EXPECT_EQ(RW, prot_at(self->a, HEAP + 9 * PAGE));
	/* The call is refused: it returns the old break. */
	book(self->a, a_brk(HEAP + 10 * PAGE, 1, HEAP + 10 * PAGE));
	book(self->a, a_brk(HEAP + 10 * PAGE, HEAP + 1, HEAP + 1));
	EXPECT_EQ(PAGE, self->space->reserved.now);
	EXPECT_EQ(0, process_anonymous(self->a->p));
	EXPECT_TRUE(self->space->exact);
	/* No event moved the break there. */
	book(self->a, a_brk(HEAP + 77, 0, HEAP + 77));
	EXPECT_FALSE(self->space->exact);
}

TEST_F(space, readable_is_executable)
{
	struct event ev = a_mmap(AT(0), 1, PROT_READ, ANON);

	ev.traits = BRKWATCH_TRAIT_READ_IMPLIES_EXEC;
	book(self->a, ev);
	EXPECT_EQ(PROT_READ | PROT_EXEC, prot_at(self->a, AT(0)));
	ev = an_mprotect(AT(0), 1, PROT_WRITE);
	ev.traits = BRKWATCH_TRAIT_READ_IMPLIES_EXEC;
	book(self->a, ev);
	EXPECT_EQ(PROT_WRITE, prot_at(self->a, AT(0)));
	ev = a_brk(HEAP, HEAP + 1, HEAP + 1);
	ev.traits = BRKWATCH_TRAIT_READ_IMPLIES_EXEC;
	book(self->a, ev);
	EXPECT_EQ(RW | PROT_EXEC, prot_at(self->a, HEAP));
}

TEST_F(space, mremap_in_place)
{
	book(self->a, a_mmap(AT(0), 4, PROT_READ, ANON));
	book(self->a, an_mremap(AT(0), 4, 10, 0, AT(0)));
	EXPECT_EQ(6 * PAGE, self->a->change.added);
	EXPECT_EQ(PROT_READ, prot_at(self->a, AT(9)));
	book(self->a, an_mremap(AT(0), 10, 3, 0, AT(0)));
	EXPECT_EQ(7 * PAGE, self->a->change.removed);
	EXPECT_EQ(3 * PAGE, self->space->reserved.now);
	EXPECT_EQ(7 * PAGE, self->a->p->unmapped);
}

TEST_F(space, mremap_moves)
{
	book(self->a, a_mmap(AT(0), 4, RW, ANON));
	book(self->a, an_mprotect(AT(1), 1, PROT_READ));
	book(self->a, an_mremap(AT(0), 4, 6, MREMAP_MAYMOVE, AT(50)));
	EXPECT_EQ(2 * PAGE, self->a->change.added);
	EXPECT_EQ(0, self->a->change.removed);
	EXPECT_EQ(0, tag_at(self->a, 1, AT(0)));
	EXPECT_EQ(PROT_READ, prot_at(self->a, AT(51)));
	EXPECT_EQ(RW, prot_at(self->a, AT(55)));
	/* The mapping moves over another one and shrinks. */
	book(self->a, a_mmap(AT(99), 10, PROT_EXEC, ANON));
	book(self->a, an_mremap(AT(50), 6, 3, MREMAP_MAYMOVE | MREMAP_FIXED, AT(100)));
	EXPECT_EQ(0, tag_at(self->a, 1, AT(50)));
	EXPECT_EQ(0, tag_at(self->a, 1, AT(55)));
	EXPECT_EQ(PROT_EXEC, prot_at(self->a, AT(99)));
	EXPECT_EQ(PROT_READ, prot_at(self->a, AT(101)));
	EXPECT_EQ(PROT_EXEC, prot_at(self->a, AT(103)));
	EXPECT_EQ(6 * PAGE, self->a->change.removed);
	/* The source stays mapped, but empty. */
	book(self->a, an_mremap(AT(99), 1, 1, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, AT(200)));
	EXPECT_TRUE(tag_is_given_back(tag_at(self->a, 1, AT(99))));
	EXPECT_EQ(PROT_EXEC, prot_at(self->a, AT(200)));
	EXPECT_EQ(PAGE, self->a->change.added);
	EXPECT_TRUE(self->space->exact);
}

TEST_F(space, mremap_duplicates)
{
	struct event ev = an_mremap(AT(0), 0, 4, MREMAP_MAYMOVE, AT(50));

	book(self->a, a_mmap(AT(0), 4, RW, MAP_SHARED | MAP_ANONYMOUS));
	book(self->a, ev);
	EXPECT_EQ(CLASS_FILE, class_at(self->a, 1, AT(0)));
	EXPECT_EQ(CLASS_FILE, class_at(self->a, 1, AT(53)));
	/* The kernel rounds this length up to 2^64, so the destination is gone too. */
	ev.map.length = UINT64_MAX;
	ev.map.result = AT(70);
	book(self->a, ev);
	EXPECT_EQ(CLASS_FILE, class_at(self->a, 1, AT(73)));
	EXPECT_TRUE(self->space->exact);
}

TEST_F(space, failures)
{
	book(self->a, a_mmap(AT(0), 8, RW, ANON));
	book(self->a, an_error(a_mmap(0, 4, RW, ANON), ENOMEM));
	book(self->a, an_error(a_mmap(AT(0), 4, RW, ANON | MAP_FIXED_NOREPLACE), EEXIST));
	book(self->a, an_error(a_munmap(AT(0), 4), EINVAL));
	book(self->a, an_error(an_mremap(AT(0), 4, 8, MREMAP_MAYMOVE, 0), ENOMEM));
	book(self->a, an_error(an_mprotect(AT(0), 4, 0x40), EINVAL));
	book(self->a, an_error(an_mprotect(AT(20), 4, PROT_READ), ENOMEM));
	book(self->a, an_error(an_mprotect(AT(0), 20, RW), ENOMEM));
	EXPECT_TRUE(self->space->exact);
	book(self->a, an_error(an_mprotect(AT(6), 4, PROT_READ), ENOMEM));
	EXPECT_EQ(2 * PAGE, self->space->uncertain);
	book(self->a, an_error(a_mmap(AT(0), 1, RW, ANON | MAP_FIXED), ENOMEM));
	EXPECT_EQ(3 * PAGE, self->space->uncertain);
	book(self->a,
	     an_error(an_mremap(AT(50), 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, AT(2)), EFAULT));
	EXPECT_FALSE(self->space->exact);
	EXPECT_EQ(1, self->space->episodes);
}

/* A segment that shmat(2) attached may be larger than its event said. */
TEST_F(space, moved_shared_memory)
{
	book(self->a, a_mmap(AT(0), 8, PROT_NONE, ANON));
	book(self->a, a_mmap(AT(100), 1, RW, MAP_SHARED));
	book(self->a, an_mremap(AT(100), 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, AT(1)));
	EXPECT_EQ(CLASS_FILE, tag_class(tag_at(self->a, 1, AT(1))));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(2))));
	EXPECT_TRUE(tag_is_uncertain(tag_at(self->a, 1, AT(4))));
	EXPECT_FALSE(tag_is_uncertain(tag_at(self->a, 1, AT(5))));
}

/* The kernel has unmapped the destination by then. */
TEST_F(space, an_old_length_beyond_all_addresses)
{
	book(self->a, a_mmap(AT(0), 8, RW, ANON));
	book(self->a,
	     an_error(an_mremap(AT(4), -1, 3, MREMAP_MAYMOVE | MREMAP_FIXED, AT(0)), EINVAL));
	EXPECT_EQ(3 * PAGE, self->space->uncertain);
}

TEST_F(space, origins)
{
	struct event ev;

	book(self->a, a_mmap(AT(0), 2, RW, ANON));
	EXPECT_EQ(ORIGIN_LOADER, origin_at(self->a, AT(0)));
	EXPECT_TRUE(tag_is_guess(tag_at(self->a, 1, AT(0))));
	book(self->a, a_brk(HEAP, 0, HEAP));
	book(self->a, a_brk(HEAP, 0, HEAP));
	book(self->a, a_mmap(AT(1000), 32, RW, ANON));
	EXPECT_EQ(ORIGIN_MALLOC, origin_at(self->a, AT(1000)));
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

/* The loader is at work as long as it asks, and not until the second brk. */
TEST_F(space, origins_by_caller)
{
	struct asker *asker = &self->a->ledger.asker;

	*asker = (struct asker){ .owner = OWNER_GO, .program = true, .file = "prog" };
	book(self->a, a_mmap(AT(0), 2, RW, ANON));
	EXPECT_EQ(ORIGIN_GO, origin_at(self->a, AT(0)));
	EXPECT_FALSE(tag_is_guess(tag_at(self->a, 1, AT(0))));
	*asker = (struct asker){ .owner = OWNER_LOADER, .file = "ld-linux-x86-64.so.2" };
	book(self->a, a_brk(HEAP, 0, HEAP));
	book(self->a, a_brk(HEAP, 0, HEAP));
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

TEST_F(space, snapshot_after_exec)
{
	const struct area areas[] = {
		{ HEAP - 10 * PAGE, HEAP - 5 * PAGE, BRKWATCH_AREA_FLAG_READ },
		{ HEAP - 5 * PAGE, HEAP, RW_AREA },
		{ AT(0), AT(4), RW_AREA },
		{ AT(10), AT(20), BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_GROWS_DOWN },
		{ AT(30), AT(31), BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_SPECIAL },
	};
	uint32_t watch;

	book(self->a, an_event(BRKWATCH_EVENT_KIND_EXEC));
	EXPECT_FALSE(self->a->p->space->exact);
	/* Its snapshot arrives without a request. */
	EXPECT_FALSE(ledger_wants(&self->a->ledger, &watch));
	load(self->a, 1, self->a->time + 1, areas, 5);
	EXPECT_TRUE(self->a->p->space->exact);
	EXPECT_EQ(0, self->a->p->space->episodes);
	EXPECT_EQ(9 * PAGE, self->a->p->space->reserved.now);
	EXPECT_EQ(ORIGIN_EXEC, origin_at(self->a, AT(0)));
	EXPECT_FALSE(tag_is_guess(tag_at(self->a, 1, AT(0))));
	EXPECT_EQ(CLASS_SPECIAL, class_at(self->a, 1, AT(30)));
	EXPECT_EQ(0, process_anonymous(self->a->p));
}

TEST_F(space, snapshot_of_an_exec_that_got_lost)
{
	uint32_t watch;

	book(self->a, an_event(BRKWATCH_EVENT_KIND_EXEC));
	book(self->a, a_mmap(AT(0), 2, RW, ANON));
	EXPECT_TRUE(ledger_wants(&self->a->ledger, &watch));
}

TEST_F(space, snapshot_keeps_origins)
{
	const struct area areas[] = {
		{ AT(0), AT(32), RW_AREA },
		{ AT(32), AT(40), RW_AREA | BRKWATCH_AREA_FLAG_DONT_FORK },
	};

	book(self->a, a_brk(HEAP, 0, HEAP));
	book(self->a, a_brk(HEAP, 0, HEAP));
	book(self->a, a_mmap(AT(0), 32, RW, ANON));
	book(self->a, an_madvise(AT(0), 1, MADV_DONTNEED));
	load(self->a, 1, self->a->time + 1, areas, 2);
	EXPECT_EQ(ORIGIN_MALLOC, origin_at(self->a, AT(0)));
	EXPECT_EQ(ORIGIN_UNKNOWN, origin_at(self->a, AT(32)));
	EXPECT_EQ(32 * PAGE, process_anonymous(self->a->p));
	EXPECT_EQ(PAGE, self->space->given_back.now);
	EXPECT_TRUE(tag_at(self->a, 1, AT(32)) & TAG_DONT_FORK);
	/* A snapshot that is older than the known state changes nothing. */
	load(self->a, 1, 1, NULL, 0);
	EXPECT_EQ(40 * PAGE, self->space->reserved.now);
}

TEST_F(space, fork_gets_a_copy)
{
	struct process *child;

	book(self->a, a_mmap(AT(0), 10, RW, ANON));
	book(self->a, an_error(an_madvise(AT(5), 10, MADV_DONTFORK), ENOMEM));
	book(self->a, an_madvise(AT(6), 1, MADV_DOFORK));
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_COPY, 2));
	child = ledger_find(&self->a->ledger, 2);
	ASSERT_NE(NULL, child);
	EXPECT_TRUE(child->space->exact);
	EXPECT_EQ(6 * PAGE, child->space->reserved.now);
	EXPECT_EQ(0, tag_at(self->a, 2, AT(5)));
	EXPECT_EQ(CLASS_ANONYMOUS, class_at(self->a, 2, AT(6)));
	book(self->a, of_watch(a_munmap(AT(0), 2), 2));
	EXPECT_EQ(4 * PAGE, child->space->reserved.now);
	EXPECT_EQ(10 * PAGE, self->space->reserved.now);
}

TEST_F(space, vfork_shares_until_exec)
{
	struct process *child;

	book(self->a, a_clone(BRKWATCH_CLONE_KIND_SHARED, 2));
	child = ledger_find(&self->a->ledger, 2);
	EXPECT_EQ(self->space, child->space);
	EXPECT_EQ(2, self->space->users);
	book(self->a, of_watch(a_mmap(AT(0), 4, RW, ANON), 2));
	EXPECT_EQ(4 * PAGE, self->space->reserved.now);
	book(self->a, of_watch(an_event(BRKWATCH_EVENT_KIND_EXEC), 2));
	EXPECT_NE(self->space, child->space);
	EXPECT_EQ(1, self->space->users);
	EXPECT_EQ(0, self->a->change.removed);
	EXPECT_EQ(4 * PAGE, self->space->reserved.now);
}

TEST_F(space, a_stranger_shares)
{
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_SHARED, 0));
	EXPECT_FALSE(self->space->exact);
}

TEST_F(space, the_last_state_stays)
{
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_SHARED, 2));
	book(self->a, a_mmap(AT(0), 4, RW, ANON));
	book(self->a, an_event(BRKWATCH_EVENT_KIND_EXIT));
	EXPECT_TRUE(self->a->p->gone);
	EXPECT_EQ(1, self->a->p->space->users);
	EXPECT_EQ(4 * PAGE, process_anonymous(self->a->p));
	ledger_drop(&self->a->ledger, 1);
	EXPECT_EQ(NULL, self->a->p->space);
	EXPECT_EQ(4 * PAGE, process_anonymous(self->a->p));
	EXPECT_EQ(4 * PAGE, ledger_find(&self->a->ledger, 2)->space->reserved.now);
	book(self->a, of_watch(an_event(BRKWATCH_EVENT_KIND_EXIT), 2));
	ledger_drop(&self->a->ledger, 2);
}

/* A capture may have events in any order; live, an account has no time after a loss. */
TEST_F(space, a_child_that_was_dropped_before_its_clone)
{
	struct process *child = ledger_process(&self->a->ledger, 2);

	ASSERT_NE(NULL, child);
	ledger_drop(&self->a->ledger, 2);
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_COPY, 2));
	EXPECT_EQ(NULL, child->space);
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_SHARED, 2));
	EXPECT_EQ(NULL, child->space);
	EXPECT_EQ(1, self->space->users);
}

TEST_F(space, loss_from_when_to_when)
{
	struct event ev = a_mmap(AT(0), 4, RW, ANON);
	uint64_t before;
	uint32_t watch;

	book(self->a, ev);
	before = self->a->time;
	ev.lost = 3;
	ev.map.result = AT(10);
	book(self->a, ev);
	EXPECT_FALSE(self->space->exact);
	EXPECT_TRUE(self->a->p->unknown);
	EXPECT_EQ(before, self->space->inexact_since);
	ASSERT_TRUE(ledger_wants(&self->a->ledger, &watch));
	load(self->a, 1, self->a->time + 5, (struct area[]){ { AT(0), AT(14), RW_AREA } }, 1);
	EXPECT_TRUE(self->space->exact);
	EXPECT_EQ(self->a->time, self->space->inexact_until);
	ev.map.result = AT(20);
	book(self->a, ev);
	EXPECT_TRUE(self->space->exact);
	EXPECT_EQ(1, self->space->episodes);
}

TEST_F(space, a_lost_exec_shows_by_the_heap)
{
	struct event ev = a_mmap(AT(0), 4, RW, ANON);

	book(self->a, ev);
	ev.lost = 1;
	ev.heap_start = HEAP + 77 * PAGE;
	ev.map.result = AT(10);
	book(self->a, ev);
	EXPECT_EQ(0, tag_at(self->a, 1, AT(0)));
	EXPECT_EQ(CLASS_ANONYMOUS, class_at(self->a, 1, AT(10)));
	EXPECT_FALSE(self->a->p->space->exact);
}

TEST_F(space, no_snapshot_counts_in_a_lossy_batch)
{
	uint32_t watch;

	ledger_lossy(&self->a->ledger, true);
	EXPECT_TRUE(ledger_wants(&self->a->ledger, &watch));
	load(self->a, 1, self->a->time + 5, NULL, 0);
	EXPECT_FALSE(self->space->exact);
	ledger_lossy(&self->a->ledger, false);
	EXPECT_TRUE(ledger_wants(&self->a->ledger, &watch));
	load(self->a, 1, self->a->time + 5, NULL, 0);
	EXPECT_TRUE(self->space->exact);
	book(self->a, a_clone(BRKWATCH_CLONE_KIND_SHARED, 0));
	EXPECT_TRUE(ledger_wants(&self->a->ledger, &watch));
	ledger_unwanted(&self->a->ledger, watch);
	EXPECT_FALSE(ledger_wants(&self->a->ledger, &watch));
}

TEST_F(space, what_does_not_fit_shows)
{
	book(self->a, an_mprotect(AT(0), 4, RW));
	EXPECT_FALSE(self->space->exact);
}

#define PAGES 64
#define STEPS 40000

/* The naive model: the bits of a tag that are compared, for each page. */
struct model {
	uint64_t v[PAGES];
};

static void model_set(struct model *model, uint64_t from, uint64_t n, uint64_t tag)
{
	while (n--)
		model->v[from++] = tag;
}

static bool is_mapped(const struct model *model, uint64_t from, uint64_t n)
{
	while (n && model->v[from]) {
		from++;
		n--;
	}
	return !n;
}

/* Change some bits of each mapped page. */
static void model_change(struct model *model, uint64_t from, uint64_t n, uint64_t mask,
			 uint64_t tag)
{
	for (; n--; from++)
		model->v[from] = model->v[from] ? (model->v[from] & ~mask) | tag : 0;
}

static void model_move(struct model *model, uint64_t from, uint64_t to, uint64_t n)
{
	for (; n--; from++, to++) {
		/* Holes do not move. */
		if (model->v[from])
			model->v[to] = model->v[from];
		model->v[from] = 0;
	}
}

/* Make one random call; both models apply it. */
static void random_call(struct account *a, struct model *model)
{
	uint64_t from = random() % PAGES;
	uint64_t n = 1 + random() % (PAGES - from < 20 ? PAGES - from : 20);
	uint64_t to = random() % (PAGES - n + 1);
	int prot = random() % 8;

	switch (random() % 6) {
	case 0:
		book(a, a_mmap(AT(from), n, prot, ANON | MAP_FIXED));
		model_set(model, from, n, tag_of(CLASS_ANONYMOUS, prot, 0));
		break;
	case 1:
		book(a, a_mmap(AT(from), n, prot, MAP_SHARED | MAP_FIXED));
		model_set(model, from, n, tag_of(CLASS_FILE, prot, 0));
		break;
	case 2:
		book(a, a_munmap(AT(from), n));
		model_set(model, from, n, 0);
		break;
	case 3:
		if (!is_mapped(model, from, n))
			break;
		book(a, an_mprotect(AT(from), n, prot));
		model_change(model, from, n, TAG_PROT, tag_of(0, prot, 0));
		break;
	case 4:
		book(a, an_madvise(AT(from), n, MADV_DONTFORK));
		model_change(model, from, n, TAG_DONT_FORK, TAG_DONT_FORK);
		break;
	default:
		if (!model->v[from] || (from < to + n && to < from + n))
			break;
		book(a, an_mremap(AT(from), n, n, MREMAP_MAYMOVE | MREMAP_FIXED, AT(to)));
		model_move(model, from, to, n);
		break;
	}
}

TEST_F(space, random_against_a_page_model)
{
	const unsigned int seed = 5;
	struct model model = { .v = { 0 } };
	int step, i;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (step = 0; step < STEPS; step++) {
		uint64_t reserved = 0, committed = 0;
		struct shares shares = { 0 };

		random_call(self->a, &model);
		for (i = 0; i < PAGES; i++) {
			uint64_t tag = tag_at(self->a, 1, AT(i));

			ASSERT_EQ(model.v[i], tag & (TAG_CLASS | TAG_PROT | TAG_DONT_FORK))
			{
				TH_LOG("step %d, page %d", step, i);
			}
			if (tag_class(model.v[i]) != CLASS_ANONYMOUS)
				continue;
			reserved += PAGE;
			committed += tag_prot(model.v[i]) ? PAGE : 0;
			shares_add(&shares, tag, tag_prot(model.v[i]) ? PAGE : 0);
		}
		ASSERT_EQ(reserved, self->space->reserved.now);
		ASSERT_EQ(committed, self->space->committed.now);
		ASSERT_EQ(0, memcmp(&shares, &self->space->by_origin, sizeof(shares)));
	}
	EXPECT_TRUE(self->space->exact);
}

/* The differences that were reported, as numbers. */
struct told {
	uint64_t v[8][4];
	int n;
};

static int tell(uint64_t start, uint64_t end, int ours, int theirs, void *arg)
{
	struct told *told = arg;
	uint64_t *v = told->v[told->n++];

	v[0] = start;
	v[1] = end;
	v[2] = ours;
	v[3] = theirs;
	return 0;
}

TEST_F(space, differences)
{
	struct ranges maps = { 0 };
	struct told told = { .n = 0 };

	book(self->a, a_mmap(AT(0), 4, RW, ANON));
	book(self->a, a_mmap(AT(4), 4, RW, ANON | MAP_STACK));
	book(self->a, a_mmap(AT(8), 2, RW, MAP_SHARED));
	book(self->a, a_mmap(AT(20), 1, PROT_NONE, ANON));
	ASSERT_EQ(0, ranges_set(&maps, AT(0), AT(8), RW));
	ASSERT_EQ(0, ranges_set(&maps, AT(20), AT(21), 0));
	EXPECT_EQ(0, address_space_compare(self->space, &maps, tell, &told));
	ASSERT_EQ(0, ranges_set(&maps, AT(2), AT(6), PROT_READ));
	ASSERT_EQ(0, ranges_set(&maps, AT(9), AT(11), PROT_READ));
	ASSERT_EQ(0, ranges_clear(&maps, AT(20), AT(21)));
	EXPECT_EQ(3, address_space_compare(self->space, &maps, tell, &told));
	ASSERT_EQ(3, told.n);
	EXPECT_EQ(AT(2), told.v[0][0]);
	EXPECT_EQ(AT(6), told.v[0][1]);
	EXPECT_EQ(RW, told.v[0][2]);
	EXPECT_EQ(PROT_READ, told.v[0][3]);
	EXPECT_EQ(AT(9), told.v[1][0]);
	EXPECT_EQ(AT(11), told.v[1][1]);
	EXPECT_EQ(-1ULL, told.v[1][2]);
	EXPECT_EQ(0, told.v[2][2]);
	EXPECT_EQ(-1ULL, told.v[2][3]);
	ranges_free(&maps);
}

TEST_F(space, what_a_failed_call_covers)
{
	const struct event late = an_error(a_mmap(AT(3), 2, RW, ANON | MAP_FIXED), ENOMEM);
	const struct covered *covered = &self->account.change.covered;

	book(self->a, a_mmap(AT(0), 4, RW, ANON));
	book(self->a, a_mmap(AT(4), 4, PROT_NONE, ANON));
	book(self->a, a_mmap(AT(8), 2, RW, MAP_SHARED));
	EXPECT_FALSE(covered->known);
	book(self->a, an_error(a_munmap(AT(2), 10), EINVAL));
	EXPECT_TRUE(covered->known);
	EXPECT_EQ(3, covered->ranges);
	EXPECT_EQ(8 * PAGE, covered->mapped);
	EXPECT_EQ(2 * PAGE, covered->writable);
	EXPECT_EQ(4 * PAGE, covered->readonly);
	/* Without MAP_FIXED the address is a mere hint. */
	book(self->a, an_error(a_mmap(AT(2), 10, RW, ANON), ENOMEM));
	EXPECT_FALSE(covered->known);
	/* It says what was there before, although the kernel may have unmapped it since. */
	book(self->a, late);
	EXPECT_TRUE(covered->known);
	EXPECT_EQ(2 * PAGE, covered->mapped);
	book(self->a, late);
	EXPECT_FALSE(covered->known);
	book(self->a, an_error(an_mprotect(AT(0), 1, PROT_READ), ENOMEM));
	EXPECT_TRUE(covered->known);
	EXPECT_EQ(1, covered->ranges);
	EXPECT_EQ(PAGE, covered->writable);
}

TEST_HARNESS_MAIN
