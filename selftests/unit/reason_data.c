// SPDX-License-Identifier: GPL-2.0
/* RLIMIT_DATA as the reason for a refusal, exactly met and exceeded by one. */
#include <errno.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "reason_fixture.h"

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

TEST_HARNESS_MAIN
