// SPDX-License-Identifier: GPL-2.0
/* Memory that the kernel does not promise or does not find, as the reason for a refusal. */
#include <errno.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "reason_fixture.h"

TEST_F(reason, guessed_overcommit)
{
	self->system.overcommit = OVERCOMMIT_GUESS;
	self->system.commit_limit = 0;
	EXPECT_UNKNOWN(no_memory(4000, RW, ANON));
	EXPECT_ONLY("overcommit", PAGES(4000), PAGES(4001), no_memory(4001, RW, ANON));
	EXPECT_UNKNOWN(refused(PAGES(4000)));
	EXPECT_ONLY("overcommit", PAGES(4000), PAGES(4001), refused(PAGES(4000) + 1));
	/* What the kernel does not count is not limited. */
	EXPECT_UNKNOWN(no_memory(4001, PROT_READ, ANON));
	EXPECT_UNKNOWN(no_memory(4001, RW, ANON | MAP_NORESERVE));
	EXPECT_UNKNOWN(no_memory(4001, RW, ANON | MAP_HUGETLB));
	EXPECT_UNKNOWN(no_memory(4001, RW, MAP_SHARED));
	EXPECT_ONLY("overcommit", PAGES(4000), PAGES(4001),
		    no_memory(4001, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS));
	/* It depends on how the memory was mapped. */
	book(self->a, a_mmap(AT(0), 5000, RW, ANON));
	EXPECT_UNKNOWN(an_error(an_mremap(AT(0), 1, 4001, MREMAP_MAYMOVE, 0), ENOMEM));
	EXPECT_GUESS("overcommit", PAGES(4000), PAGES(4001),
		     an_error(an_mremap(AT(0), 1, 4002, MREMAP_MAYMOVE, 0), ENOMEM));
	self->system.overcommit = OVERCOMMIT_ALWAYS;
	EXPECT_UNKNOWN(no_memory(4001, RW, ANON));
}

/* The kernel promises less than the limit, so that 999 more is the most. */
TEST_F(reason, strict_overcommit)
{
	self->system.overcommit = OVERCOMMIT_NEVER;
	EXPECT_UNKNOWN(no_memory(999, RW, ANON));
	EXPECT_ONLY("overcommit", PAGES(1999), PAGES(2000), no_memory(1000, RW, ANON));
	EXPECT_UNKNOWN(refused(PAGES(999)));
	EXPECT_ONLY("overcommit", PAGES(1999), PAGES(2000), refused(PAGES(1000)));
	/* google/sanitizers#1467: MAP_NORESERVE counts. */
	EXPECT_ONLY("overcommit", PAGES(1999), PAGES(2000),
		    no_memory(1000, RW, ANON | MAP_NORESERVE));
	EXPECT_UNKNOWN(no_memory(1000, PROT_NONE, ANON | MAP_NORESERVE));
	book(self->a, a_mmap(AT(0), 1, RW, ANON));
	EXPECT_ONLY("overcommit", PAGES(1999), PAGES(2000),
		    an_error(an_mremap(AT(0), 1, 1001, MREMAP_MAYMOVE, 0), ENOMEM));
	book(self->a, a_mmap(AT(0), 1000, PROT_READ, ANON | MAP_FIXED));
	EXPECT_GUESS("overcommit", PAGES(1999), PAGES(2000),
		     an_error(an_mprotect(AT(0), 1000, RW), ENOMEM));
	/* A 32nd of what the process has is not promised to it, up to the reserve. */
	self->system.user_reserve = PAGES(2);
	EXPECT_UNKNOWN(no_memory(997, RW, ANON));
	EXPECT_ONLY("overcommit", PAGES(1997), PAGES(1998), no_memory(998, RW, ANON));
	self->system.user_reserve = PAGES(4);
	EXPECT_UNKNOWN(no_memory(996, RW, ANON));
	EXPECT_ONLY("overcommit", PAGES(1996), PAGES(1997), no_memory(997, RW, ANON));
	/* Another reserve is only for who has CAP_SYS_ADMIN. */
	self->system.admin_reserve = PAGES(8);
	EXPECT_UNKNOWN(no_memory(988, RW, ANON));
	EXPECT_GUESS("overcommit", PAGES(1988), PAGES(1989), no_memory(989, RW, ANON));
	EXPECT_GUESS("overcommit", PAGES(1988), PAGES(1996), no_memory(996, RW, ANON));
	EXPECT_ONLY("overcommit", PAGES(1996), PAGES(1997), no_memory(997, RW, ANON));
	self->system.commit_limit = 0;
	EXPECT_UNKNOWN(no_memory(2000, RW, ANON));
}

TEST_F(reason, populated_memory)
{
	EXPECT_GUESS("cgroup", NONE, NONE,
		     an_error(an_madvise(AT(0), 1, MADV_POPULATE_WRITE), ENOMEM));
	EXPECT_GUESS("cgroup", NONE, NONE,
		     an_error(an_madvise(AT(0), 1, MADV_POPULATE_READ), ENOMEM));
	EXPECT_GUESS("cgroup", NONE, NONE, an_error(an_madvise(AT(0), 1, 25), EBUSY));
	EXPECT_UNKNOWN(an_error(an_madvise(AT(0), 1, MADV_POPULATE_WRITE), EFAULT));
	EXPECT_UNKNOWN(an_error(an_madvise(AT(0), 1, MADV_DONTNEED), ENOMEM));
	/* mmap succeeds even if it cannot populate. */
	EXPECT_UNKNOWN(no_memory(1, RW, ANON | MAP_POPULATE));
}

TEST_HARNESS_MAIN
