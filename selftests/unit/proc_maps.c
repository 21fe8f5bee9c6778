// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "lib/timestamp.h"
#include "run/proc_maps.h"
#include "message.h"
#include "ledger/tag.h"

#define RW (PROT_BIT_READ | PROT_BIT_WRITE)

static const char lines[] =
	"00010000-00020000 rwxp 00000000 00:00 0\n"
	"555500000000-555500001000 r-xp 00000000 fe:01 1234                       /usr/bin/a b\n"
	"555500001000-555500002000 rw-p 00000000 00:00 0\n"
	"555500002000-555500023000 rw-p 00000000 00:00 0                          [heap]\n"
	"7f0000000000-7f0000001000 ---p 00000000 00:00 0\n"
	"7f0000001000-7f0000002000 rw-s 00000000 00:01 5    /dev/zero (deleted)\n"
	"7f0000002000-7f0000003000 rw-p 00000000 00:05 7    /dev/zero\n"
	"7f0000003000-7f0000004000 r--p 00000000 00:00 0    [anon:a name]\n"
	"7f0000005000-7f0000006000 rw-p 00000000 00:00 0\n"
	"7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]\n"
	"7ffc00030000-7ffc00034000 r--p 00000000 00:00 0                          [vvar]\n"
	"7ffc00034000-7ffc00036000 r--p 00000000 00:00 0                          [vvar_vclock]\n"
	"7ffc00036000-7ffc00037000 r-xp 00000000 00:00 0                          [vdso]\n"
	"7ffc00040000-7ffc00041000 --xp 00000000 00:00 0                          [uprobes]\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n";

static const char stack[] = "7f0000005000-7f0000006000 rw-p 00000000 00:00 0\n"
			    "Size:                  4 kB\n"
			    "Anonymous:             4 kB\n"
			    "VmFlags: rd wr mr mw me gd ac sd\n"
			    "7f0000006000-7f0000007000 rw-p 00000000 00:00 0\n"
			    "VmFlags: rd wr mr mw me ac sd\n";

static int load(const char *text, struct ranges *set, int (*read)(FILE *file, struct ranges *set))
{
	FILE *file = fmemopen((char *)text, strlen(text), "r");
	int err = read(file, set);

	fclose(file);
	return err;
}

TEST(areas)
{
	static const struct range expected[] = {
		{ 0x10000, 0x20000, RW | PROT_BIT_EXEC },
		{ 0x555500001000, 0x555500023000, RW },
		{ 0x7f0000000000, 0x7f0000001000, 0 },
		{ 0x7f0000003000, 0x7f0000004000, PROT_BIT_READ },
		{ 0x7f0000005000, 0x7f0000006000, RW },
	};
	struct ranges set = { 0 };
	size_t i;

	ASSERT_EQ(0, load(lines, &set, proc_maps_load));
	ASSERT_EQ(N(expected), set.n);
	for (i = 0; i < set.n; i++) {
		EXPECT_EQ(expected[i].start, set.v[i].start);
		EXPECT_EQ(expected[i].end, set.v[i].end);
		EXPECT_EQ(expected[i].tag, set.v[i].tag);
	}
	ASSERT_EQ(0, load(stack, &set, proc_maps_drop_stacks));
	EXPECT_EQ(N(expected) - 1, set.n);
	ranges_free(&set);
}

static const char *name_of(const struct mapped_area *area)
{
	return area->name ?: "none";
}

TEST(names)
{
	static const struct mapped_area expected[] = {
		{ 0x10000, 0x20000, RW | PROT_BIT_EXEC, "none" },
		{ 0x555500000000, 0x555500001000, PROT_BIT_READ | PROT_BIT_EXEC, "/usr/bin/a b" },
		{ 0x555500001000, 0x555500002000, RW, "none" },
		{ 0x555500002000, 0x555500023000, RW, "none" },
		{ 0x7f0000000000, 0x7f0000001000, 0, "none" },
		{ 0x7f0000001000, 0x7f0000002000, RW, "/dev/zero (deleted)", .shared = true },
		{ 0x7f0000002000, 0x7f0000003000, RW, "/dev/zero" },
		{ 0x7f0000003000, 0x7f0000004000, PROT_BIT_READ, "[anon:a name]" },
		{ 0x7f0000005000, 0x7f0000006000, RW, "none" },
		{ 0x7ffc00000000, 0x7ffc00021000, RW, "[stack]" },
		{ 0x7ffc00030000, 0x7ffc00034000, PROT_BIT_READ, "[vvar]" },
		{ 0x7ffc00034000, 0x7ffc00036000, PROT_BIT_READ, "[vvar_vclock]" },
		{ 0x7ffc00036000, 0x7ffc00037000, PROT_BIT_READ | PROT_BIT_EXEC, "[vdso]" },
		{ 0x7ffc00040000, 0x7ffc00041000, PROT_BIT_EXEC, "[uprobes]" },
		{ 0xffffffffff600000, 0xffffffffff601000, PROT_BIT_EXEC, "[vsyscall]" },
	};
	struct mapped mapped = { 0 };
	size_t i;

	ASSERT_EQ(0, proc_maps_areas(lines, &mapped));
	ASSERT_EQ(N(expected), mapped.n);
	for (i = 0; i < mapped.n; i++) {
		EXPECT_EQ(expected[i].start, mapped.v[i].start);
		EXPECT_EQ(expected[i].end, mapped.v[i].end);
		EXPECT_EQ(expected[i].prot, mapped.v[i].prot);
		EXPECT_STREQ(expected[i].name, name_of(&mapped.v[i]));
		EXPECT_EQ(expected[i].shared, mapped.v[i].shared);
		EXPECT_FALSE(mapped.v[i].sized);
	}
	mapped_free(&mapped);
}

/* The kernel takes 79 bytes, of which it refuses only backslash, grave, dollar and brackets. */
TEST(names_that_processes_give)
{
	static const char text[] =
		"1000-2000 rw-p 00000000 00:00 0                 [anon: a  b ]\n"
		"Rss: 4 kB\n"
		"2000-3000 rw-p 00000000 00:00 0                 [anon:]\n"
		"3000-4000 rw-s 00000000 00:01 9                 [anon_shmem:/x\"(deleted)]\n"
		"4000-5000 rw-p 00000000 00:00 0                 "
		"[anon:7f00-7f01 rw-p 0 0:0 0 /a23456789012345678901234567890123456789012345678901]\n"
		"5000-6000 rw-p 00000000 00:00 0                 [heap]\n"
		"6000-7000 rw-p 00000000 00:00 0                 [anonymous]\n";
	static const char *const expected[] = {
		"[anon: a  b ]",
		"[anon:]",
		"[anon_shmem:/x\"(deleted)]",
		"[anon:7f00-7f01 rw-p 0 0:0 0 /a23456789012345678901234567890123456789012345678901]",
		"none",
		"none",
	};
	struct mapped mapped = { 0 };
	size_t i;

	ASSERT_EQ(0, proc_maps_areas(text, &mapped));
	ASSERT_EQ(N(expected), mapped.n);
	for (i = 0; i < mapped.n; i++)
		EXPECT_STREQ(expected[i], name_of(&mapped.v[i]));
	EXPECT_EQ(4 << 10, mapped.v[0].resident);
	mapped_free(&mapped);
}

TEST(sizes)
{
	struct mapped mapped = { 0 };

	ASSERT_EQ(0, proc_maps_areas("1000-9000 rw-p 0 00:00 1 /a\n"
				     "Size:                 32 kB\n"
				     "Rss:                  16 kB\n"
				     "Pss:                   8 kB\n"
				     "Shared_Dirty:          4 kB\n"
				     "Private_Dirty:         8 kB\n"
				     "a000-b000 rw-p 0 00:00 0\n",
				     &mapped));
	ASSERT_EQ(2, mapped.n);
	EXPECT_TRUE(mapped.v[0].sized);
	EXPECT_EQ(16 << 10, mapped.v[0].resident);
	EXPECT_EQ(12 << 10, mapped.v[0].dirty);
	EXPECT_FALSE(mapped.v[1].sized);
	mapped_free(&mapped);
}

/* A capture may have any text in the place of the kernel's. */
TEST(crafted_areas)
{
	struct mapped mapped = { 0 };

	ASSERT_EQ(0, proc_maps_areas("", &mapped));
	ASSERT_EQ(0, proc_maps_areas("Rss: 4 kB\n\n-\n12-34\n2000-1000 rw-p 0 00:00 1 /turned\n"
				     "Rss: 4 kB\n",
				     &mapped));
	EXPECT_EQ(0, mapped.n);
	/* One lies below the one before, so its size is left out too; the last line has no end. */
	ASSERT_EQ(0, proc_maps_areas("5000-6000 rw-p 0 00:00 1 /a\n1000-2000 rw-p 0 00:00 1 /b\n"
				     "Rss: 4 kB\n8000-9000 rw-p 0 00:00 1 /c\nRss: x kB\nRss: 4 kB",
				     &mapped));
	ASSERT_EQ(2, mapped.n);
	EXPECT_STREQ("/a", name_of(&mapped.v[0]));
	EXPECT_FALSE(mapped.v[0].sized);
	EXPECT_STREQ("/c", name_of(&mapped.v[1]));
	EXPECT_EQ(4 << 10, mapped.v[1].resident);
	mapped_free(&mapped);
}

TEST(no_areas)
{
	struct ranges set = { 0 };

	EXPECT_EQ(-ENODATA, load("\n", &set, proc_maps_load));
	EXPECT_EQ(-ENODATA,
		  load("nonsense\n12-34\n2000-1000 rw-p 0 00:00 0\n", &set, proc_maps_load));
	EXPECT_EQ(0, set.n);
	EXPECT_NE(0, proc_maps_read(-1, true, &set));
}

/* Our own process shows the kernel's format, with and without smaps. */
TEST(this_process)
{
	struct ranges all = { 0 }, some = { 0 };
	int local;

	ASSERT_EQ(0, proc_maps_read(getpid(), true, &all));
	EXPECT_NE(0, all.n);
	EXPECT_EQ(NULL, ranges_find(&all, (uintptr_t)&local));
	ASSERT_EQ(0, proc_maps_read(getpid(), false, &some));
	EXPECT_NE(0, some.n);
	ranges_free(&all);
	ranges_free(&some);
}

TEST(text_of_this_process)
{
	struct mapped mapped = { 0 };
	bool is_there = false;
	char *text;
	size_t i;

	ASSERT_EQ(0, proc_maps_text(getpid(), timestamp_now(), &text));
	EXPECT_EQ(NULL, strstr(text, "VmFlags"));
	ASSERT_EQ(0, proc_maps_areas(text, &mapped));
	for (i = 0; i < mapped.n; i++) {
		EXPECT_TRUE(mapped.v[i].sized || !strcmp(name_of(&mapped.v[i]), "[vsyscall]"));
		is_there |= !!strstr(name_of(&mapped.v[i]), "unit_proc_maps");
	}
	EXPECT_TRUE(is_there);
	mapped_free(&mapped);
	free(text);
	EXPECT_NE(0, proc_maps_text(-1, timestamp_now(), &text));
	EXPECT_EQ(NULL, text);
}

/* A process of this number that was there when the machine started was another one. */
TEST(text_of_another_process)
{
	char *text = "";

	EXPECT_EQ(-ESRCH, proc_maps_text(getpid(), 0, &text));
	EXPECT_EQ(NULL, text);
}

TEST_HARNESS_MAIN
