// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <unistd.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <kselftest_harness.h>

#include "run/proc_system.h"

/* The kernel tells the same by a system call. */
TEST(memory_and_swap)
{
	struct system_facts facts;
	struct sysinfo info;

	proc_system_read(&facts);
	ASSERT_EQ(0, sysinfo(&info));
	EXPECT_EQ((info.totalram + info.totalswap) * info.mem_unit, facts.total);
	EXPECT_LT(0, facts.commit_limit);
}

TEST(settings)
{
	struct system_facts facts;
	FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
	unsigned long long count;

	ASSERT_NE(NULL, file);
	ASSERT_EQ(1, fscanf(file, "%llu", &count));
	fclose(file);
	proc_system_read(&facts);
	EXPECT_EQ(count, facts.max_map_count);
	EXPECT_GE(OVERCOMMIT_NEVER, facts.overcommit);
	EXPECT_EQ(0, facts.admin_reserve % 1024);
	EXPECT_EQ(0, facts.user_reserve % 1024);
	EXPECT_EQ(0, facts.guard_gap % sysconf(_SC_PAGESIZE));
}

/* The last page below the end may be asked for, and the kernel says whether it may be mapped. */
TEST(end_of_addresses)
{
	struct system_facts facts;
	size_t page = sysconf(_SC_PAGESIZE);
	void *last, *behind;

	proc_system_read(&facts);
	if (!facts.task_size)
		SKIP(return, "not known on this architecture");
	last = mmap((void *)(facts.task_size - page), page, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	EXPECT_EQ((void *)(facts.task_size - page), last);
	behind = mmap((void *)facts.task_size, page, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	EXPECT_EQ(MAP_FAILED, behind);
}

TEST_HARNESS_MAIN
