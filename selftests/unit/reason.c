// SPDX-License-Identifier: GPL-2.0
/* Why the kernel refused a call: each limit exactly met, and exceeded by one. */
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "calls.h"
#include "ledger/reason.h"

#define PAGES(n) ((n)*PAGE)
#define NONE REASON_NO_FIGURE
#define END ((1ULL << 47) - PAGE)

FIXTURE(reason)
{
	struct account account;
	struct account *a;
	struct event_limits limits;
	struct system_facts system;
	struct reason list[REASONS_MAX];
	size_t n;
};

/* A process with a heap of 10 pages and without limits, on a machine that promises anything. */
FIXTURE_SETUP(reason)
{
	self->a = &self->account;
	start(self->a);
	book(self->a, a_brk(HEAP, HEAP + PAGES(10), HEAP + PAGES(10)));
	self->limits = (struct event_limits){
		.known = true,
		.as = PAGES(100),
		.data = PAGES(50),
		.locked = PAGES(10),
		.mappings = 20,
		.limit_as = LIMIT_NONE,
		.limit_data = LIMIT_NONE,
		.limit_memlock = LIMIT_NONE,
		.limit_stack = LIMIT_NONE,
		.committed = PAGES(1000),
	};
	self->system = (struct system_facts){
		.max_map_count = 65530,
		.overcommit = OVERCOMMIT_ALWAYS,
		.commit_limit = PAGES(2000),
		.total = PAGES(4000),
		.guard_gap = PAGES(256),
		.task_size = END,
	};
}

FIXTURE_TEARDOWN(reason)
{
	ledger_free(&self->account.ledger);
}

#define FIND(what)                                                                       \
	do {                                                                             \
		struct event ev_ = what;                                                 \
		struct step step_ = { .ev = &ev_ };                                      \
		ev_.limits = self->limits;                                               \
		book(self->a, ev_);                                                      \
		step_.process = self->a->p;                                              \
		step_.change = self->a->change;                                          \
		self->n = reasons_find(&step_, &self->system, &self->a->ledger.geometry, \
				       self->list);                                      \
	} while (0)

#define EXPECT_ENTRY(i, name, limit_, would_be_)                     \
	do {                                                         \
		ASSERT_LT((size_t)(i), self->n);                     \
		EXPECT_STREQ(name, reason_name(self->list[i].what)); \
		EXPECT_EQ(limit_, self->list[i].limit);              \
		EXPECT_EQ(would_be_, self->list[i].would_be);        \
		EXPECT_FALSE(self->list[i].guess);                   \
	} while (0)

#define EXPECT_ONLY(name, limit, would_be, event)       \
	do {                                            \
		FIND(event);                            \
		EXPECT_EQ(1, self->n);                  \
		EXPECT_ENTRY(0, name, limit, would_be); \
	} while (0)

#define EXPECT_UNKNOWN(event) EXPECT_ONLY("unknown", NONE, NONE, event)

#define EXPECT_GUESS(name, limit_, would_be_, event)                 \
	do {                                                         \
		FIND(event);                                         \
		ASSERT_EQ(1, self->n);                               \
		EXPECT_STREQ(name, reason_name(self->list[0].what)); \
		EXPECT_TRUE(self->list[0].guess);                    \
		EXPECT_EQ(limit_, self->list[0].limit);              \
		EXPECT_EQ(would_be_, self->list[0].would_be);        \
	} while (0)

/* A brk that asks for so many bytes more than the heap has. */
static struct event refused(int64_t more)
{
	struct event ev = a_brk(HEAP + PAGES(10), HEAP + PAGES(10) + more, HEAP + PAGES(10));

	ev.move.kind = BRKWATCH_BRK_KIND_REFUSED;
	return ev;
}

static struct event no_memory(uint64_t pages, uint64_t prot, uint64_t flags)
{
	return an_error(a_mmap(AT(0), pages, prot, flags), ENOMEM);
}

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

TEST_F(reason, private_writable_memory)
{
	self->limits.limit_data = PAGES(53);
	EXPECT_UNKNOWN(refused(PAGES(3)));
	EXPECT_ONLY("RLIMIT_DATA", PAGES(53), PAGES(54), refused(PAGES(3) + 1));
	EXPECT_UNKNOWN(no_memory(3, RW, ANON));
	EXPECT_ONLY("RLIMIT_DATA", PAGES(53), PAGES(54), no_memory(4, RW, ANON));
	EXPECT_ONLY("RLIMIT_DATA", PAGES(53), PAGES(54), no_memory(4, PROT_WRITE, MAP_PRIVATE));
	/* Only private writable memory counts, and no stack. */
	EXPECT_UNKNOWN(no_memory(4, PROT_READ, ANON));
	EXPECT_UNKNOWN(no_memory(4, RW, MAP_SHARED | MAP_ANONYMOUS));
	EXPECT_UNKNOWN(no_memory(4, RW, ANON | MAP_GROWSDOWN));
	self->system.ignores_data = 1;
	EXPECT_UNKNOWN(no_memory(4, RW, ANON));
	/* The hard limit is in force then, and it is not known. */
	self->system.ignores_data = 0;
	self->limits.limit_data = 0;
	EXPECT_UNKNOWN(no_memory(4, RW, ANON));
}

/* brk compares the heap and the initialized data, in bytes, before it looks at VmData. */
TEST_F(reason, data_of_the_program)
{
	self->limits.static_data = 100;
	self->limits.data = 0;
	self->limits.limit_data = PAGES(12) + 100;
	EXPECT_UNKNOWN(refused(PAGES(2)));
	EXPECT_ONLY("RLIMIT_DATA", PAGES(12) + 100, PAGES(12) + 101, refused(PAGES(2) + 1));
	/* It does so even if the break moves down. */
	self->limits.limit_data = PAGES(9) + 100;
	EXPECT_UNKNOWN(refused(-PAGE));
	EXPECT_ONLY("RLIMIT_DATA", PAGES(9) + 100, PAGES(9) + 101, refused(1 - PAGE));
	self->system.ignores_data = 1;
	EXPECT_ONLY("RLIMIT_DATA", PAGES(9) + 100, PAGES(9) + 101, refused(1 - PAGE));
	/* Where both are exceeded, VmData is the figure that everybody knows. */
	self->system.ignores_data = 0;
	self->limits.data = PAGES(50);
	EXPECT_ONLY("RLIMIT_DATA", PAGES(9) + 100, PAGES(53), refused(PAGES(3)));
}

/* DMOJ/judge-server#411: a runtime that reserves memory and then maps it anew, writable. */
TEST_F(reason, data_over_a_reservation)
{
	const uint64_t fixed = ANON | MAP_FIXED;

	self->limits.data = PAGES(20);
	self->limits.limit_data = PAGES(16);
	book(self->a, a_mmap(AT(0), 16, PROT_NONE, ANON));
	EXPECT_ONLY("RLIMIT_DATA", PAGES(16), PAGES(20), no_memory(10, RW, fixed));
	/* The call may have unmapped what was there, so the next one replaces nobody knows what. */
	EXPECT_ONLY("RLIMIT_DATA", PAGES(16), NONE, no_memory(10, RW, fixed));
	self->limits.data = PAGES(16);
	EXPECT_UNKNOWN(no_memory(10, RW, fixed));
	/* A part of the range is free. */
	book(self->a, a_mmap(AT(100), 4, PROT_NONE, ANON));
	EXPECT_ONLY("RLIMIT_DATA", PAGES(16), PAGES(17),
		    an_error(a_mmap(AT(100), 5, RW, fixed), ENOMEM));
	book(self->a, a_mmap(AT(200), 4, PROT_NONE, ANON));
	EXPECT_UNKNOWN(an_error(a_mmap(AT(200), 4, RW, fixed), ENOMEM));
}

TEST_F(reason, data_of_mprotect)
{
	struct event ev = an_error(an_mprotect(AT(0), 4, RW), ENOMEM);

	book(self->a, a_mmap(AT(0), 8, PROT_NONE, ANON));
	self->limits.limit_data = PAGES(54);
	EXPECT_UNKNOWN(ev);
	/* It may have changed a part. */
	book(self->a, a_mmap(AT(0), 8, PROT_NONE, ANON | MAP_FIXED));
	self->limits.limit_data = PAGES(53);
	EXPECT_ONLY("RLIMIT_DATA", PAGES(53), PAGES(54), ev);
	EXPECT_UNKNOWN(ev);
	/* Memory that stays read-only is no data, nor is there a limit to what is writable already. */
	book(self->a, a_mmap(AT(0), 8, PROT_NONE, ANON | MAP_FIXED));
	EXPECT_UNKNOWN(an_error(an_mprotect(AT(0), 4, PROT_READ), ENOMEM));
	book(self->a, a_mmap(AT(0), 8, RW, ANON | MAP_FIXED));
	EXPECT_UNKNOWN(ev);
	/* The kernel refuses nothing where RLIMIT_AS would forbid a mapping of that size. */
	book(self->a, a_mmap(AT(0), 8, PROT_NONE, ANON | MAP_FIXED));
	self->limits.limit_as = PAGES(103);
	EXPECT_UNKNOWN(ev);
	self->limits.limit_as = PAGES(104);
	book(self->a, a_mmap(AT(0), 8, PROT_NONE, ANON | MAP_FIXED));
	EXPECT_ONLY("RLIMIT_DATA", PAGES(53), PAGES(54), ev);
}

TEST_F(reason, data_of_mprotect_in_parts)
{
	struct event ev = an_error(an_mprotect(AT(0), 4, RW), ENOMEM);

	book(self->a, a_mmap(AT(0), 2, PROT_NONE, ANON));
	book(self->a, a_mmap(AT(2), 2, PROT_READ, ANON));
	self->limits.limit_data = PAGES(51);
	EXPECT_UNKNOWN(ev);
	book(self->a, a_mmap(AT(0), 2, PROT_NONE, ANON | MAP_FIXED));
	book(self->a, a_mmap(AT(2), 2, PROT_READ, ANON | MAP_FIXED));
	self->limits.limit_data = PAGES(50);
	EXPECT_ONLY("RLIMIT_DATA", PAGES(50), NONE, ev);
	/* With a hole in the range the kernel says the same. */
	book(self->a, a_munmap(AT(0), 4));
	book(self->a, a_mmap(AT(0), 2, PROT_NONE, ANON));
	EXPECT_UNKNOWN(ev);
}

TEST_F(reason, data_of_mremap)
{
	self->limits.limit_data = PAGES(53);
	book(self->a, a_mmap(AT(0), 4, RW, ANON));
	EXPECT_UNKNOWN(an_error(an_mremap(AT(0), 4, 7, MREMAP_MAYMOVE, 0), ENOMEM));
	EXPECT_ONLY("RLIMIT_DATA", PAGES(53), PAGES(54),
		    an_error(an_mremap(AT(0), 4, 8, MREMAP_MAYMOVE, 0), ENOMEM));
	/* Nobody knows whether the mapping of a file is private. */
	book(self->a, a_mmap(AT(100), 4, RW, MAP_PRIVATE));
	EXPECT_UNKNOWN(an_error(an_mremap(AT(100), 4, 8, MREMAP_MAYMOVE, 0), ENOMEM));
	book(self->a, a_mmap(AT(200), 4, PROT_READ, ANON));
	EXPECT_UNKNOWN(an_error(an_mremap(AT(200), 4, 8, MREMAP_MAYMOVE, 0), ENOMEM));
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

/* The break is at page 10; the first page above must stay free. */
TEST_F(reason, a_mapping_above_the_break)
{
	book(self->a, a_mmap(HEAP + PAGES(14), 1, PROT_READ, ANON));
	EXPECT_UNKNOWN(refused(PAGES(3)));
	EXPECT_ONLY("occupied", PAGES(3), PAGES(4), refused(PAGES(3) + 1));
	EXPECT_EQ(HEAP + PAGES(14), self->list[0].at);
	EXPECT_EQ(tag_at(self->a, 1, HEAP + PAGES(14)), self->list[0].tag);
	/* riscv-software-src/riscv-pk#124: right at the break. */
	book(self->a, a_mmap(HEAP + PAGES(10), 1, PROT_READ, ANON));
	EXPECT_ONLY("occupied", 0, PAGES(1), refused(1));
	EXPECT_EQ(HEAP + PAGES(10), self->list[0].at);
	EXPECT_UNKNOWN(refused(-PAGE));
	/* What is not sure to be there does not stand in the way. */
	book(self->a, an_error(a_mmap(HEAP + PAGES(10), 1, RW, ANON | MAP_FIXED), ENOMEM));
	EXPECT_UNKNOWN(refused(PAGE));
}

TEST_F(reason, a_stack_above_the_break)
{
	book(self->a, a_mmap(HEAP + PAGES(300), 10, RW, ANON | MAP_GROWSDOWN));
	/* 300 - 256 - 1 */
	EXPECT_UNKNOWN(refused(PAGES(33)));
	EXPECT_ONLY("occupied", PAGES(33), PAGES(34), refused(PAGES(34)));
	EXPECT_EQ(HEAP + PAGES(300), self->list[0].at);
	self->system.guard_gap = 0;
	EXPECT_UNKNOWN(refused(PAGES(289)));
	EXPECT_ONLY("occupied", PAGES(289), PAGES(290), refused(PAGES(290)));
}

TEST_F(reason, an_account_that_is_not_whole)
{
	book(self->a, a_mmap(HEAP + PAGES(10), 1, PROT_READ, ANON));
	self->a->p->space->whole = false;
	EXPECT_UNKNOWN(refused(PAGE));
	EXPECT_UNKNOWN(an_error(an_mprotect(HEAP + PAGES(10), 1, RW), ENOMEM));
}

TEST_F(reason, a_mapping_behind_the_range)
{
	book(self->a, a_mmap(AT(0), 2, RW, ANON));
	book(self->a, a_mmap(AT(5), 1, PROT_READ, ANON));
	EXPECT_UNKNOWN(an_error(an_mremap(AT(0), 2, 5, 0, 0), ENOMEM));
	EXPECT_ONLY("occupied", PAGES(3), PAGES(4), an_error(an_mremap(AT(0), 2, 6, 0, 0), ENOMEM));
	EXPECT_EQ(AT(5), self->list[0].at);
	EXPECT_ONLY("occupied", 0, PAGES(1), an_error(an_mremap(AT(0), 1, 2, 0, 0), ENOMEM));
	/* It could have moved. */
	EXPECT_UNKNOWN(an_error(an_mremap(AT(0), 2, 6, MREMAP_MAYMOVE, 0), ENOMEM));
}

static struct event in_the_way(uint64_t addr, uint64_t pages)
{
	struct event ev = an_error(a_mmap(0, pages, RW, ANON | MAP_FIXED_NOREPLACE), EEXIST);

	ev.map.addr = addr;
	return ev;
}

TEST_F(reason, a_mapping_in_the_way)
{
	book(self->a, a_mmap(AT(2), 2, PROT_READ, ANON));
	book(self->a, a_mmap(AT(5), 1, RW, MAP_SHARED));
	/* The first of several. */
	EXPECT_ONLY("occupied", NONE, NONE, in_the_way(AT(0), 6));
	EXPECT_EQ(AT(2), self->list[0].at);
	EXPECT_EQ(tag_at(self->a, 1, AT(2)), self->list[0].tag);
	EXPECT_ONLY("occupied", NONE, NONE, in_the_way(AT(3), 9));
	EXPECT_EQ(AT(3), self->list[0].at);
	EXPECT_ONLY("occupied", NONE, NONE, in_the_way(AT(4), 2));
	EXPECT_EQ(AT(5), self->list[0].at);
	EXPECT_EQ(CLASS_FILE, tag_class(self->list[0].tag));
	/* The account does not have what the kernel found. */
	EXPECT_ONLY("occupied", NONE, NONE, in_the_way(AT(0), 2));
	EXPECT_EQ(0, self->list[0].at);
	EXPECT_EQ(0, self->list[0].tag);
	book(self->a, an_error(a_mmap(AT(2), 1, RW, ANON | MAP_FIXED), ENOMEM));
	EXPECT_ONLY("occupied", NONE, NONE, in_the_way(AT(2), 1));
	EXPECT_EQ(0, self->list[0].tag);
}

TEST_F(reason, out_of_reach)
{
	struct event ev = no_memory(1, RW, ANON);

	/* The last page that a break can reach. */
	EXPECT_UNKNOWN(refused(END - HEAP - PAGES(10)));
	EXPECT_ONLY("out_of_reach", NONE, NONE, refused(END - HEAP - PAGES(10) + 1));
	EXPECT_ONLY("out_of_reach", NONE, NONE, refused(UINT64_MAX - HEAP - PAGES(10)));
	/* The first one. */
	EXPECT_UNKNOWN(refused(-PAGES(10)));
	EXPECT_ONLY("out_of_reach", NONE, NONE, refused(-PAGES(10) - 1));
	ev.map.length = END;
	EXPECT_UNKNOWN(ev);
	ev.map.length++;
	EXPECT_ONLY("out_of_reach", NONE, NONE, ev);
	ev.map.length = UINT64_MAX;
	EXPECT_ONLY("out_of_reach", NONE, NONE, ev);
	ev = an_error(a_mmap(END - PAGE, 1, RW, ANON | MAP_FIXED), ENOMEM);
	EXPECT_UNKNOWN(ev);
	ev.map.addr = END;
	EXPECT_ONLY("out_of_reach", NONE, NONE, ev);
	EXPECT_UNKNOWN(an_error(an_mprotect(END - PAGE, 1, RW), ENOMEM));
	EXPECT_ONLY("out_of_reach", NONE, NONE, an_error(an_mprotect(END, 1, RW), ENOMEM));
	EXPECT_ONLY("out_of_reach", NONE, NONE, an_error(an_mprotect(-PAGE, 1, RW), ENOMEM));
	ev = an_error(an_mremap(AT(0), 1, 1, MREMAP_MAYMOVE | MREMAP_FIXED, END - PAGE), EINVAL);
	EXPECT_UNKNOWN(ev);
	ev.map.new_addr = END;
	EXPECT_ONLY("out_of_reach", NONE, NONE, ev);
	ev = an_error(an_mremap(AT(0), 1, END / PAGE + 1, MREMAP_MAYMOVE, 0), ENOMEM);
	EXPECT_ONLY("out_of_reach", NONE, NONE, ev);
}

TEST_F(reason, out_of_reach_of_32_bits)
{
	struct event ev = refused(0);

	ev.heap_start = 0x8000000;
	ev.move.before = ev.move.after = ev.heap_start;
	ev.move.requested = 0xffffe000;
	EXPECT_UNKNOWN(ev);
	ev.traits = BRKWATCH_TRAIT_COMPAT;
	EXPECT_UNKNOWN(ev);
	ev.move.requested++;
	EXPECT_ONLY("out_of_reach", NONE, NONE, ev);
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
