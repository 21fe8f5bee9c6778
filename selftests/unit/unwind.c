// SPDX-License-Identifier: GPL-2.0
/* This program's own stack, compared with the one that libgcc's unwinder finds. */
#include <elf.h>
#include <execinfo.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "message.h"
#include "stack/exec_map.h"
#include "stack/stacks.h"
#include "stack/unwind.h"

#define COPY 16384
#define DEEP 64
#define KEEP __attribute__((noinline, noclone))

/* look() takes it; it is compared after look() has returned. */
static struct {
	size_t len;
	uint64_t registers[EVENT_REGISTERS];
	unsigned char bytes[COPY];
	void *back[DEEP];
	int n;
} seen;

/* The stack contains bytes that ASan lets nobody read. */
__attribute__((no_sanitize("address"))) static void copy_stack(uint64_t from)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uint64_t start, end = 0;
	char line[1024];
	size_t i;

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[stack]") &&
		    sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) == 2)
			break;
	if (maps)
		fclose(maps);
	seen.len = end - from < COPY ? end - from : COPY;
	for (i = 0; i < seen.len; i++)
		seen.bytes[i] = ((const unsigned char *)from)[i];
}

/* The registers of getcontext(3), in DWARF's order. */
static const int order[EVENT_REGISTERS] = {
	REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
	REG_R9,	 REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
};

KEEP static int look(int depth)
{
	volatile int frame[8] = { depth };
	ucontext_t context;
	size_t i;

	if (depth)
		return look(depth - 1) + frame[0];
	getcontext(&context);
	for (i = 0; i < EVENT_REGISTERS; i++)
		seen.registers[i] = context.uc_mcontext.gregs[order[i]];
	copy_stack(seen.registers[7]);
	seen.n = backtrace(seen.back, DEEP);
	return frame[0];
}

KEEP static int look_from(int depth)
{
	volatile int frame[4] = { depth };

	return look(depth) + frame[0];
}

static struct event event_of(uint32_t len)
{
	return (struct event){
		.kind = BRKWATCH_EVENT_KIND_BRK,
		.watch = 1,
		.pid = getpid(),
		.time = 100,
		.stack = { seen.registers, seen.bytes, len },
	};
}

/* All code of this process, in the form in which the module reports it. */
static int take_images(int (*take)(void *arg, const struct image *image), void *arg)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[1024], path[512], flags[8];
	struct image image = { .watch = 1, .time = 50, .path = path };
	int n = 0;

	while (maps && fgets(line, sizeof(line), maps)) {
		struct stat found;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %*s %*s %511[^\n]",
			   &image.start, &image.end, flags, &image.offset, path) != 5 ||
		    flags[2] != 'x' || path[0] != '/' || stat(path, &found))
			continue;
		image.file_size = found.st_size;
		image.file_time = found.st_mtim.tv_sec * 1000000000ULL + found.st_mtim.tv_nsec;
		n += !take(arg, &image);
	}
	if (maps)
		fclose(maps);
	return n;
}

static int to_unwinder(void *arg, const struct image *image)
{
	return unwind_image(arg, image);
}

static int to_stacks(void *arg, const struct image *image)
{
	return stacks_image(arg, image);
}

static int frames_called(const struct trace *trace, const char *name)
{
	int found = 0;
	size_t i;

	for (i = 0; i < trace->n; i++)
		found += trace->frames[i]->function && !strcmp(trace->frames[i]->function, name);
	return found;
}

TEST(like_libgcc)
{
	struct unwinder *unwinder = unwind_new();
	struct event ev;
	struct trace trace;
	size_t i, at = 0;

	ASSERT_NE(NULL, unwinder);
	EXPECT_TRUE(unwind_is_empty(unwinder));
	ASSERT_LT(2, take_images(to_unwinder, unwinder));
	EXPECT_FALSE(unwind_is_empty(unwinder));
	look_from(5);
	ev = event_of(seen.len);
	ASSERT_EQ(0, unwind(unwinder, &ev, &trace));
	EXPECT_EQ(TRACE_WHOLE, trace.end);
	ASSERT_LT(8, trace.n);
	/* The innermost frames differ: one is at getcontext(), the other at its caller. */
	while (at < (size_t)seen.n && (uintptr_t)seen.back[at] != trace.frames[1]->address)
		at++;
	ASSERT_EQ((size_t)seen.n, at + trace.n - 1);
	for (i = 1; i < trace.n; i++)
		EXPECT_EQ((uintptr_t)seen.back[at + i - 1], trace.frames[i]->address)
	TH_LOG("%zu", i);
	EXPECT_EQ(6, frames_called(&trace, "look"));
	EXPECT_EQ(1, frames_called(&trace, "look_from"));
	EXPECT_NE(NULL, strstr(trace.frames[0]->source, "unwind.c"));
	unwind_free(unwinder);
}

TEST(a_copy_that_is_too_short)
{
	struct unwinder *unwinder = unwind_new();
	struct event ev;
	struct trace whole, cut;
	size_t i;

	take_images(to_unwinder, unwinder);
	look_from(5);
	ev = event_of(seen.len);
	ASSERT_EQ(0, unwind(unwinder, &ev, &whole));
	ev = event_of(1024);
	ASSERT_EQ(0, unwind(unwinder, &ev, &cut));
	EXPECT_EQ(TRACE_TRUNCATED, cut.end);
	EXPECT_LT(0, cut.n);
	EXPECT_LT(cut.n, whole.n);
	for (i = 0; i < cut.n; i++)
		EXPECT_EQ(whole.frames[i], cut.frames[i]);
	ev = event_of(0);
	ASSERT_EQ(0, unwind(unwinder, &ev, &cut));
	EXPECT_EQ(1, cut.n);
	EXPECT_EQ(TRACE_TRUNCATED, cut.end);
	unwind_free(unwinder);
}

TEST(nothing_is_known)
{
	struct unwinder *unwinder = unwind_new();
	struct image image = { .watch = 1, .path = "/no/such\nfile" };
	struct event ev;
	struct trace trace;

	look_from(1);
	ev = event_of(seen.len);
	ASSERT_EQ(0, unwind(unwinder, &ev, &trace));
	ASSERT_EQ(1, trace.n);
	EXPECT_EQ(TRACE_UNKNOWN, trace.end);
	EXPECT_EQ(NULL, trace.frames[0]->path);

	image.start = seen.registers[16] & -4096;
	image.end = image.start + 4096;
	image.offset = 0x7000;
	ASSERT_EQ(0, unwind_image(unwinder, &image));
	ASSERT_EQ(0, unwind(unwinder, &ev, &trace));
	ASSERT_EQ(1, trace.n);
	EXPECT_STREQ("/no/such\\012file", trace.frames[0]->path);
	EXPECT_TRUE(trace.frames[0]->unread);
	EXPECT_EQ(0x7000 + seen.registers[16] % 4096, trace.frames[0]->offset);
	unwind_free(unwinder);
}

/* This program's code ends with the linker's parts of .fini, which have no tables. */
static uint64_t end_of_code(void)
{
	uint64_t bias = 0, end = 0, at = getauxval(AT_PHDR);
	size_t n = getauxval(AT_PHNUM);
	Elf64_Phdr header;

	for (; n--; at += sizeof(header)) {
		memcpy(&header, (const void *)at, sizeof(header));
		if (header.p_type == PT_PHDR)
			bias = at - header.p_vaddr;
		if (header.p_type == PT_LOAD && header.p_flags & PF_X)
			end = header.p_vaddr + header.p_memsz;
	}
	return bias + end;
}

/* Checks that a stack has one frame; returns why no second one follows. */
static enum trace_end end_at(struct __test_metadata *_metadata, struct unwinder *unwinder,
			     uint64_t address)
{
	struct event ev;
	struct trace trace;

	look_from(1);
	seen.registers[16] = address;
	ev = event_of(seen.len);
	ASSERT_EQ(0, unwind(unwinder, &ev, &trace));
	EXPECT_EQ(1, trace.n);
	EXPECT_EQ(address, trace.frames[0]->address);
	return trace.end;
}

TEST(where_programs_begin)
{
	const uint64_t base = getauxval(AT_BASE);
	struct unwinder *unwinder = unwind_new();
	Elf64_Ehdr loader;

	ASSERT_NE(0, base);
	memcpy(&loader, (const void *)base, sizeof(loader));
	take_images(to_unwinder, unwinder);
	EXPECT_EQ(TRACE_WHOLE, end_at(_metadata, unwinder, getauxval(AT_ENTRY) + 4));
	EXPECT_EQ(TRACE_WHOLE, end_at(_metadata, unwinder, base + loader.e_entry));
	EXPECT_EQ(TRACE_WHOLE, end_at(_metadata, unwinder, base + loader.e_entry + 8));
	EXPECT_EQ(TRACE_UNKNOWN, end_at(_metadata, unwinder, end_of_code() - 1));
	unwind_free(unwinder);
}

/* Which file is mapped where at which moment. */
TEST(in_the_order_of_time)
{
	struct stacks stacks = { 0 };
	struct event ev, exec = { .kind = BRKWATCH_EVENT_KIND_EXEC, .watch = 1, .time = 200 };
	const struct event clone = {
		.kind = BRKWATCH_EVENT_KIND_CLONE,
		.watch = 1,
		.time = 150,
		.clone = { .kind = BRKWATCH_CLONE_KIND_COPY, .watch = 2 },
	};

	look_from(2);
	take_images(to_stacks, &stacks);
	ev = event_of(seen.len);
	/* Before they are mapped. */
	ev.time = 40;
	ASSERT_EQ(0, stacks_event(&stacks, &ev));
	EXPECT_EQ(NULL, stacks_trace(&stacks, &ev)->frames[0]->path);
	ev.time = 100;
	ASSERT_EQ(0, stacks_event(&stacks, &ev));
	EXPECT_EQ(3, frames_called(stacks_trace(&stacks, &ev), "look"));
	/* The child inherits its parent's mappings. */
	ASSERT_EQ(0, stacks_event(&stacks, &clone));
	ASSERT_EQ(0, stacks_event(&stacks, &exec));
	ev.time = 250;
	ASSERT_EQ(0, stacks_event(&stacks, &ev));
	EXPECT_EQ(1, stacks_trace(&stacks, &ev)->n);
	EXPECT_TRUE(stacks_wants(&stacks, 1));
	EXPECT_FALSE(stacks_wants(&stacks, 1));
	EXPECT_FALSE(stacks_wants(&stacks, 2));
	stacks_drop(&stacks, 1);
	ev.watch = 2;
	ASSERT_EQ(0, stacks_event(&stacks, &ev));
	EXPECT_EQ(3, frames_called(stacks_trace(&stacks, &ev), "look"));
	/* Without a stack nothing is reported. */
	EXPECT_EQ(NULL, stacks_trace(&stacks, &clone));
	/* A process that was dropped begins anew, although it is the one of the latest event. */
	stacks_drop(&stacks, 2);
	EXPECT_TRUE(stacks_wants(&stacks, 2));
	stacks_free(&stacks);
}

static struct image at(uint64_t start, uint64_t end, uint64_t time)
{
	return (struct image){ .start = start, .end = end, .time = time, .path = "/a" };
}

TEST(what_lies_where)
{
	struct exec_maps codes = { 0 };
	struct image a = at(0x1000, 0x3000, 1), b = at(0x4000, 0x5000, 2),
		     c = at(0x2000, 0x4001, 3);

	ASSERT_EQ(0, exec_maps_add(&codes, &a));
	ASSERT_EQ(0, exec_maps_add(&codes, &b));
	EXPECT_EQ(0x1000, exec_maps_at(&codes, 0x2fff)->image.start);
	EXPECT_EQ(NULL, exec_maps_at(&codes, 0x3000));
	EXPECT_FALSE(codes.stale);
	codes.v[0].told = true;
	ASSERT_EQ(0, exec_maps_add(&codes, &c));
	EXPECT_TRUE(codes.stale);
	EXPECT_EQ(1, codes.n);
	EXPECT_EQ(0x2000, exec_maps_at(&codes, 0x4000)->image.start);
	exec_maps_forget(&codes, 3);
	EXPECT_EQ(1, codes.n);
	exec_maps_forget(&codes, 4);
	EXPECT_EQ(0, codes.n);
	exec_maps_free(&codes);
}

TEST_HARNESS_MAIN
