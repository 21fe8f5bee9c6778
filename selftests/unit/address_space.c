// SPDX-License-Identifier: GPL-2.0
/* What calls do to an address space. */
#include <errno.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "space_fixture.h"

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

TEST_F(space, what_does_not_fit_shows)
{
	book(self->a, an_mprotect(AT(0), 4, RW));
	EXPECT_FALSE(self->space->exact);
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
