// SPDX-License-Identifier: GPL-2.0
/* The file that is mapped at an address, as long as that is certain. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <kselftest_harness.h>

#include "stack/elf_files.h"
#include "stack/stacks.h"
#include "message.h"

/* What it is at the end of the test. */
static const char *name_at(const struct stacks *stacks, uint32_t watch, uint64_t addr)
{
	const struct event ev = { .watch = watch, .time = 100 };

	return stacks_file(stacks, &ev, addr);
}

/* stacks_file() names the file whose code lies at an address until a call maps over a part of that. */
TEST(file_of_code)
{
	static const struct image images[] = {
		{ .watch = 1, .time = 10, .start = 0x1000, .end = 0x3000, .path = "/lib/liba.so" },
		{ .watch = 1, .time = 11, .start = 0x4000, .end = 0x6000, .path = "/b (deleted)" },
		{ .watch = 1, .time = 12, .start = 0x7000, .end = 0x8000, .path = "/lib/a\nb" },
		{ .watch = 1, .time = 90, .start = 0x9000, .end = 0xa000, .path = "/late" },
	};
	const struct event clone = {
		.kind = BRKWATCH_EVENT_KIND_CLONE,
		.watch = 1,
		.time = 60,
		.clone = { .kind = BRKWATCH_CLONE_KIND_COPY, .watch = 2 },
	};
	struct event ev = { .kind = BRKWATCH_EVENT_KIND_MMAP, .watch = 1, .time = 20 };
	struct stacks stacks = { 0 };
	size_t i;

	for (i = 0; i < N(images); i++) {
		ASSERT_EQ(0, stacks_image(&stacks, &images[i]));
		ASSERT_EQ(0, elf_files_add(&stacks.files, &images[i]));
	}
	/* A call that failed, and one right above. */
	ev.error = ENOMEM;
	ev.map.result = 0x1000;
	ev.map.length = 0x1000;
	ASSERT_EQ(0, stacks_event(&stacks, &ev));
	ev.error = 0;
	ev.map.result = 0x3000;
	ASSERT_EQ(0, stacks_event(&stacks, &ev));
	EXPECT_STREQ("liba.so", name_at(&stacks, 1, 0x2fff));
	EXPECT_STREQ("b", name_at(&stacks, 1, 0x4000));
	EXPECT_STREQ("a\\012b", name_at(&stacks, 1, 0x7000));
	EXPECT_EQ(NULL, name_at(&stacks, 1, 0x3000));
	EXPECT_EQ(NULL, name_at(&stacks, 1, 0x9000));
	EXPECT_EQ(NULL, name_at(&stacks, 2, 0x1000));
	ev.map.result = 0x2000;
	ev.map.length = 1;
	ASSERT_EQ(0, stacks_event(&stacks, &ev));
	EXPECT_EQ(NULL, name_at(&stacks, 1, 0x1000));
	/* So it is in the copy that a child gets. */
	ASSERT_EQ(0, stacks_event(&stacks, &clone));
	EXPECT_EQ(NULL, name_at(&stacks, 2, 0x1000));
	EXPECT_STREQ("b", name_at(&stacks, 2, 0x4000));
	ev.kind = BRKWATCH_EVENT_KIND_MREMAP;
	ev.map.result = 0x3000;
	ev.map.new_length = 0x1001;
	ASSERT_EQ(0, stacks_event(&stacks, &ev));
	EXPECT_EQ(NULL, name_at(&stacks, 1, 0x4000));
	/* The module noted the code after this call. */
	ev.time = 90;
	ASSERT_EQ(0, stacks_now(&stacks, &images[3]));
	ev.kind = BRKWATCH_EVENT_KIND_SHMAT;
	ev.map.result = 0x5000;
	ASSERT_EQ(0, stacks_event(&stacks, &ev));
	EXPECT_EQ(NULL, name_at(&stacks, 1, 0x7000));
	EXPECT_STREQ("late", name_at(&stacks, 1, 0x9000));
	stacks_free(&stacks);
}

/* A file's code with what lies below it, on three pages each, and the call that may change that. */
static const char *file_after(struct event ev, uint64_t addr)
{
	static const struct image image = {
		.watch = 1,
		.time = 10,
		.below = 0x4000,
		.start = 0x7000,
		.end = 0xa000,
		.path = "/lib/libfoo.so",
	};
	struct stacks stacks = { 0 };
	const char *name;

	ev.watch = 1;
	ev.time = 20;
	if (elf_files_add(&stacks.files, &image) || stacks_now(&stacks, &image) ||
	    stacks_event(&stacks, &ev))
		abort();
	name = name_at(&stacks, 1, addr) ? "libfoo.so" : NULL;
	stacks_free(&stacks);
	return name;
}

static struct event call_of(uint32_t kind, uint64_t start, uint64_t length)
{
	return (struct event){
		.kind = kind,
		.map = { .addr = start, .length = length, .result = start },
	};
}

/* The headers of a file, until one of them is unmapped or has something else in its place. */
TEST(file_of_headers)
{
	const struct event above = call_of(BRKWATCH_EVENT_KIND_MMAP, 0x7000, 0x1000);
	const struct event lowest = call_of(BRKWATCH_EVENT_KIND_MMAP, 0x4000, 1);
	const struct event highest = call_of(BRKWATCH_EVENT_KIND_MMAP, 0x6000, 0x1000);

	EXPECT_EQ(NULL, file_after(above, 0x3fff));
	EXPECT_STREQ("libfoo.so", file_after(above, 0x4000));
	EXPECT_STREQ("libfoo.so", file_after(above, 0x6fff));
	EXPECT_EQ(NULL, file_after(above, 0x7000));
	EXPECT_EQ(NULL, file_after(lowest, 0x4000));
	EXPECT_STREQ("libfoo.so", file_after(lowest, 0x5000));
	EXPECT_STREQ("libfoo.so", file_after(lowest, 0x7000));
	/* What is below such a place might be known, but no view needs it. */
	EXPECT_EQ(NULL, file_after(highest, 0x4000));
	EXPECT_EQ(NULL, file_after(highest, 0x6000));
	EXPECT_STREQ("libfoo.so", file_after(highest, 0x7000));
}

/* Other files can come to such places without an event. */
TEST(file_of_what_is_unmapped)
{
	struct event ev = call_of(BRKWATCH_EVENT_KIND_MUNMAP, 0x4000, 0x4000);

	EXPECT_EQ(NULL, file_after(ev, 0x6000));
	EXPECT_EQ(NULL, file_after(ev, 0x7000));
	ev.kind = BRKWATCH_EVENT_KIND_MREMAP;
	ev.map.result = 0x20000;
	EXPECT_EQ(NULL, file_after(ev, 0x6000));
	ev.kind = BRKWATCH_EVENT_KIND_MADVISE;
	ev.map.advice = MADV_DONTNEED;
	EXPECT_STREQ("libfoo.so", file_after(ev, 0x6000));
	ev.map.advice = MADV_DONTFORK;
	EXPECT_EQ(NULL, file_after(ev, 0x6000));
}

/* A call at a fixed address unmaps what is there, and can fail after that. */
TEST(file_where_a_call_failed)
{
	struct event ev = call_of(BRKWATCH_EVENT_KIND_MMAP, 0x4000, 0x4000);

	ev.error = ENOMEM;
	ev.map.result = -ENOMEM;
	EXPECT_STREQ("libfoo.so", file_after(ev, 0x6000));
	ev.map.flags = MAP_FIXED_NOREPLACE;
	EXPECT_STREQ("libfoo.so", file_after(ev, 0x6000));
	ev.map.flags = MAP_FIXED;
	EXPECT_EQ(NULL, file_after(ev, 0x6000));
	ev.kind = BRKWATCH_EVENT_KIND_SHMAT;
	ev.map.flags = SHM_RDONLY;
	EXPECT_STREQ("libfoo.so", file_after(ev, 0x6000));
	ev.map.flags = SHM_REMAP;
	EXPECT_EQ(NULL, file_after(ev, 0x6000));
	ev.kind = BRKWATCH_EVENT_KIND_MREMAP;
	ev.map.addr = 0x20000;
	ev.map.new_addr = 0x4000;
	ev.map.new_length = 0x4000;
	ev.map.flags = MREMAP_MAYMOVE;
	EXPECT_STREQ("libfoo.so", file_after(ev, 0x6000));
	ev.map.flags |= MREMAP_FIXED;
	EXPECT_EQ(NULL, file_after(ev, 0x6000));
}

/* The tool asks for what lies where when it has the first event in hand. */
TEST(file_before_an_image)
{
	static const struct image image = { .watch = 1,
					    .time = 10,
					    .below = 0x4000,
					    .start = 0x7000,
					    .end = 0xa000,
					    .path = "/a.so" };
	struct event ev = { .watch = 1, .time = 10 };
	struct stacks stacks = { 0 };

	ASSERT_EQ(0, elf_files_add(&stacks.files, &image));
	ASSERT_EQ(0, stacks_now(&stacks, &image));
	EXPECT_EQ(NULL, stacks_file(&stacks, &ev, 0x4000));
	EXPECT_EQ(NULL, stacks_file(&stacks, &ev, 0x7000));
	ev.time++;
	EXPECT_STREQ("a.so", stacks_file(&stacks, &ev, 0x4000));
	EXPECT_STREQ("a.so", stacks_file(&stacks, &ev, 0x7000));
	stacks_free(&stacks);
}

/* Of an image without it, as from a module of before, nothing below is known. */
TEST(file_without_headers)
{
	static const struct image image = {
		.watch = 1, .time = 10, .start = 0x7000, .end = 0xa000, .path = "/lib/libfoo.so"
	};
	struct event ev = call_of(BRKWATCH_EVENT_KIND_MMAP, 0x4000, 0x1000);
	struct stacks stacks = { 0 };

	ASSERT_EQ(0, elf_files_add(&stacks.files, &image));
	ASSERT_EQ(0, stacks_now(&stacks, &image));
	EXPECT_EQ(NULL, name_at(&stacks, 1, 0x6fff));
	ev.watch = 1;
	ev.time = 20;
	ASSERT_EQ(0, stacks_event(&stacks, &ev));
	EXPECT_EQ(NULL, name_at(&stacks, 1, 0x6fff));
	EXPECT_STREQ("libfoo.so", name_at(&stacks, 1, 0x7000));
	stacks_free(&stacks);
}

TEST_HARNESS_MAIN
