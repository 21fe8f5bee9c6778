// SPDX-License-Identifier: GPL-2.0
/* Why the kernel refused a call: each limit exactly met, and exceeded by one. */
#include <errno.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "reason_fixture.h"

TEST_F(reason, what_was_not_refused)
{
	struct event granted = a_brk(HEAP, HEAP + PAGE, HEAP + PAGE);

	granted.move.kind = BRKWATCH_BRK_KIND_GROW;
	self->limits.limit_as = 0;
	FIND(granted);
	EXPECT_EQ(0, self->n);
	FIND(a_mmap(AT(0), 1, RW, ANON));
	EXPECT_EQ(0, self->n);
	FIND(an_event(BRKWATCH_EVENT_KIND_FAULT));
	EXPECT_EQ(0, self->n);
	/* So it is in an old capture. */
	self->limits.known = false;
	FIND(refused(PAGE));
	EXPECT_EQ(0, self->n);
}

TEST_F(reason, nothing_is_exceeded)
{
	EXPECT_UNKNOWN(refused(PAGE));
	EXPECT_UNKNOWN(refused(-PAGE));
	EXPECT_UNKNOWN(no_memory(1, RW, ANON));
	EXPECT_UNKNOWN(an_error(a_mmap(AT(0), 1, RW, ANON), EINVAL));
	EXPECT_UNKNOWN(an_error(a_munmap(AT(0), 1), ENOMEM));
	EXPECT_UNKNOWN(an_error(an_mprotect(AT(0), 1, RW), ENOMEM));
	EXPECT_UNKNOWN(an_error(an_mremap(AT(0), 1, 2, MREMAP_MAYMOVE, 0), EAGAIN));
	EXPECT_UNKNOWN(an_error(an_madvise(AT(0), 1, MADV_DONTNEED), EINVAL));
	EXPECT_UNKNOWN(an_error(an_event(BRKWATCH_EVENT_KIND_SHMAT), ENOMEM));
	EXPECT_UNKNOWN(an_error(an_event(BRKWATCH_EVENT_KIND_SHMDT), EINVAL));
}

TEST_F(reason, nothing_is_known_of_the_machine)
{
	self->system = (struct system_facts){ 0 };
	EXPECT_UNKNOWN(refused(PAGE));
	EXPECT_UNKNOWN(no_memory(1 << 20, RW, ANON));
	self->limits.mappings = UINT32_MAX;
	EXPECT_UNKNOWN(no_memory(1, RW, ANON));
}

TEST_F(reason, address_space)
{
	self->limits.limit_as = PAGES(103);
	EXPECT_UNKNOWN(refused(PAGES(3)));
	EXPECT_ONLY("RLIMIT_AS", PAGES(103), PAGES(104), refused(PAGES(3) + 1));
	EXPECT_UNKNOWN(no_memory(3, PROT_NONE, ANON));
	EXPECT_ONLY("RLIMIT_AS", PAGES(103), PAGES(104), no_memory(4, PROT_NONE, ANON));
	EXPECT_ONLY("RLIMIT_AS", PAGES(103), PAGES(104), no_memory(4, RW, MAP_SHARED));
	EXPECT_UNKNOWN(an_error(an_mremap(AT(0), 2, 5, MREMAP_MAYMOVE, 0), ENOMEM));
	EXPECT_ONLY("RLIMIT_AS", PAGES(103), PAGES(104),
		    an_error(an_mremap(AT(0), 2, 6, MREMAP_MAYMOVE, 0), ENOMEM));
	EXPECT_ONLY("RLIMIT_AS", PAGES(103), PAGES(104),
		    an_error(an_mremap(AT(0), 4, 4, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0), ENOMEM));
	/* A limit that is no whole number of pages is rounded down. */
	self->limits.limit_as = PAGES(104) - 1;
	EXPECT_ONLY("RLIMIT_AS", PAGES(104) - 1, PAGES(104), no_memory(4, RW, ANON));
	/* Another errno has another reason. */
	EXPECT_UNKNOWN(an_error(a_mmap(AT(0), 4, RW, ANON), ENODEV));
}

TEST_F(reason, segments_have_a_page_at_least)
{
	struct event ev = an_error(an_event(BRKWATCH_EVENT_KIND_SHMAT), ENOMEM);

	self->limits.limit_as = PAGES(101);
	EXPECT_UNKNOWN(ev);
	self->limits.limit_as = PAGES(101) - 1;
	EXPECT_ONLY("RLIMIT_AS", PAGES(101) - 1, NONE, ev);
	ev.error = EAGAIN;
	self->limits.limit_memlock = PAGES(11) - 1;
	EXPECT_UNKNOWN(ev);
	self->limits.lock_future = true;
	EXPECT_ONLY("RLIMIT_MEMLOCK", PAGES(11) - 1, NONE, ev);
	ev.error = ENOMEM;
	self->limits.mappings = 65531;
	self->limits.limit_as = LIMIT_NONE;
	EXPECT_ONLY("max_map_count", 65530, 65532, ev);
}

TEST_F(reason, locked_memory)
{
	struct event locked = an_error(a_mmap(AT(0), 4, RW, ANON | MAP_LOCKED), EAGAIN);
	struct event future = an_error(a_mmap(AT(0), 4, RW, ANON), EAGAIN);

	self->limits.limit_memlock = PAGES(14);
	EXPECT_UNKNOWN(locked);
	self->limits.limit_memlock = PAGES(14) - 1;
	EXPECT_ONLY("RLIMIT_MEMLOCK", PAGES(14) - 1, PAGES(14), locked);
	EXPECT_UNKNOWN(future);
	EXPECT_UNKNOWN(refused(PAGES(4)));
	self->limits.lock_future = true;
	EXPECT_ONLY("RLIMIT_MEMLOCK", PAGES(14) - 1, PAGES(14), future);
	EXPECT_ONLY("RLIMIT_MEMLOCK", PAGES(14) - 1, PAGES(14), refused(PAGES(4)));
	EXPECT_UNKNOWN(refused(PAGES(3)));
	/* The kernel says EAGAIN of a mapping only if it is locked. */
	self->limits.lock_future = false;
	EXPECT_ONLY("RLIMIT_MEMLOCK", PAGES(14) - 1, PAGES(14),
		    an_error(an_mremap(AT(0), 4, 8, MREMAP_MAYMOVE, 0), EAGAIN));
	locked.error = EPERM;
	EXPECT_UNKNOWN(locked);
	self->limits.limit_memlock = 0;
	EXPECT_ONLY("RLIMIT_MEMLOCK", 0, PAGES(14), locked);
}

TEST_F(reason, number_of_mappings)
{
	const uint64_t fixed = MREMAP_MAYMOVE | MREMAP_FIXED;

	self->system.max_map_count = 100;
	/* mmap and brk look whether there are too many already; others whether one more may be. */
	self->limits.mappings = 100;
	EXPECT_UNKNOWN(no_memory(1, RW, ANON));
	EXPECT_UNKNOWN(refused(PAGE));
	EXPECT_ONLY("max_map_count", 100, 101, an_error(a_munmap(AT(0), 1), ENOMEM));
	EXPECT_ONLY("max_map_count", 100, 101,
		    an_error(an_madvise(AT(0), 1, MADV_DONTFORK), EAGAIN));
	EXPECT_UNKNOWN(an_error(an_madvise(AT(0), 1, MADV_DONTNEED), EAGAIN));
	self->limits.mappings = 101;
	EXPECT_ONLY("max_map_count", 100, 102, no_memory(1, RW, ANON));
	EXPECT_ONLY("max_map_count", 100, 102, refused(PAGE));
	/* mremap wants room for what it may split. */
	self->limits.mappings = 96;
	EXPECT_UNKNOWN(an_error(an_mremap(AT(0), 1, 2, MREMAP_MAYMOVE, 0), ENOMEM));
	self->limits.mappings = 97;
	EXPECT_ONLY("max_map_count", 100, 101,
		    an_error(an_mremap(AT(0), 1, 2, MREMAP_MAYMOVE, 0), ENOMEM));
	self->limits.mappings = 94;
	EXPECT_UNKNOWN(an_error(an_mremap(AT(0), 1, 1, fixed, AT(9)), ENOMEM));
	self->limits.mappings = 95;
	EXPECT_ONLY("max_map_count", 100, 101,
		    an_error(an_mremap(AT(0), 1, 1, fixed, AT(9)), ENOMEM));
	self->limits.mappings = 99;
	EXPECT_UNKNOWN(an_error(an_mremap(AT(0), 2, 1, 0, 0), ENOMEM));
	self->limits.mappings = 100;
	EXPECT_ONLY("max_map_count", 100, 101, an_error(an_mremap(AT(0), 2, 1, 0, 0), ENOMEM));
}

TEST_F(reason, number_of_mappings_of_mprotect)
{
	struct event ev = an_error(an_mprotect(AT(0), 1, PROT_READ), ENOMEM);

	self->system.max_map_count = 100;
	self->limits.mappings = 99;
	book(self->a, a_mmap(AT(0), 8, RW, ANON));
	EXPECT_UNKNOWN(ev);
	self->limits.mappings = 100;
	EXPECT_ONLY("max_map_count", 100, 101, ev);
	ev.kind = BRKWATCH_EVENT_KIND_PKEY_MPROTECT;
	EXPECT_ONLY("max_map_count", 100, 101, ev);
	/* There was nothing to split. */
	book(self->a, a_munmap(AT(0), 8));
	EXPECT_UNKNOWN(ev);
}

TEST_F(reason, sealed_memory)
{
	struct event fixed = an_error(a_mmap(AT(0), 1, RW, ANON | MAP_FIXED), EPERM);

	EXPECT_ONLY("sealed", NONE, NONE, an_error(a_munmap(AT(0), 1), EPERM));
	EXPECT_ONLY("sealed", NONE, NONE, an_error(an_mprotect(AT(0), 1, PROT_READ), EPERM));
	EXPECT_ONLY("sealed", NONE, NONE, an_error(an_mremap(AT(0), 1, 2, 0, 0), EPERM));
	EXPECT_ONLY("sealed", NONE, NONE, an_error(an_madvise(AT(0), 1, MADV_DONTNEED), EPERM));
	/* Each of these can have another reason. */
	EXPECT_UNKNOWN(an_error(an_mprotect(AT(0), 1, PROT_EXEC), EPERM));
	EXPECT_UNKNOWN(
		an_error(an_mremap(AT(0), 1, 1, MREMAP_MAYMOVE | MREMAP_FIXED, PAGE), EPERM));
	EXPECT_UNKNOWN(an_error(an_madvise(AT(0), 1, MADV_HWPOISON), EPERM));
	EXPECT_UNKNOWN(fixed);
	book(self->a, a_mmap(AT(0), 1, RW, ANON));
	EXPECT_ONLY("sealed", NONE, NONE, fixed);
	EXPECT_UNKNOWN(an_error(a_mmap(AT(0), 1, RW, ANON), EPERM));
}

/* rvaiya/keyd#1195: all but 6 pages of the kernel's own are locked. */
TEST_F(reason, advice_on_locked_memory)
{
	self->limits.locked = PAGES(94);
	book(self->a, a_mmap(AT(0), 8, RW, ANON));
	EXPECT_UNKNOWN(an_error(an_madvise(AT(0), 6, MADV_DONTNEED), EINVAL));
	EXPECT_ONLY("locked", NONE, NONE, an_error(an_madvise(AT(0), 7, MADV_DONTNEED), EINVAL));
	EXPECT_ONLY("locked", NONE, NONE, an_error(an_madvise(AT(0), 7, MADV_FREE), EINVAL));
	EXPECT_ONLY("locked", NONE, NONE, an_error(an_madvise(AT(0), 7, MADV_PAGEOUT), EINVAL));
	EXPECT_UNKNOWN(an_error(an_madvise(AT(0), 7, MADV_MERGEABLE), EINVAL));
	EXPECT_UNKNOWN(an_error(an_madvise(AT(0) + 1, 7, MADV_DONTNEED), EINVAL));
	/* Memory of a file may have another reason. */
	book(self->a, a_mmap(AT(100), 8, RW, MAP_PRIVATE));
	EXPECT_UNKNOWN(an_error(an_madvise(AT(100), 8, MADV_FREE), EINVAL));
}

TEST_F(reason, several_limits)
{
	self->limits.limit_as = PAGES(100);
	self->limits.limit_data = PAGES(50);
	self->limits.limit_memlock = PAGES(10);
	self->limits.lock_future = true;
	self->limits.mappings = 101;
	self->system.max_map_count = 100;
	self->system.overcommit = OVERCOMMIT_GUESS;
	self->system.total = 0;
	FIND(no_memory(1, RW, ANON));
	ASSERT_EQ(3, self->n);
	EXPECT_ENTRY(0, "max_map_count", 100, 102);
	EXPECT_ENTRY(1, "RLIMIT_AS", PAGES(100), PAGES(101));
	EXPECT_ENTRY(2, "RLIMIT_DATA", PAGES(50), PAGES(51));
	book(self->a, a_mmap(HEAP + PAGES(10), 1, PROT_READ, ANON));
	self->system.overcommit = OVERCOMMIT_NEVER;
	self->limits.committed = self->system.commit_limit;
	FIND(refused(PAGE));
	ASSERT_EQ(6, self->n);
	EXPECT_ENTRY(0, "RLIMIT_DATA", PAGES(50), PAGES(51));
	EXPECT_ENTRY(1, "RLIMIT_MEMLOCK", PAGES(10), PAGES(11));
	EXPECT_ENTRY(2, "occupied", 0, PAGE);
	EXPECT_ENTRY(3, "RLIMIT_AS", PAGES(100), PAGES(101));
	EXPECT_ENTRY(4, "max_map_count", 100, 102);
	EXPECT_ENTRY(5, "overcommit", PAGES(1999), PAGES(2001));
}

TEST_HARNESS_MAIN
