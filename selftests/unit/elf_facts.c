// SPDX-License-Identifier: GPL-2.0
/* What ELF files say: this program and its libraries are the samples. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "stack/elf_facts.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* The file whose code lies at an address of this process, and the offset of the address in it. */
static bool find_file(const void *code, char path[512], uint64_t *offset)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end, from;
	bool found = false;
	char line[1024];

	while (maps && !found && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %*s %lx %*s %*s %511s", &start, &end, &from, path) != 4)
			continue;
		found = (unsigned long)code >= start && (unsigned long)code < end;
		*offset = (unsigned long)code - start + from;
	}
	if (maps)
		fclose(maps);
	return found;
}

static struct elf_facts facts_of(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct elf_facts facts;

	if (fd < 0 || elf_facts_read(&facts, fd))
		abort();
	close(fd);
	return facts;
}

TEST(this_program)
{
	struct elf_facts facts = facts_of("/proc/self/exe");

	EXPECT_TRUE(facts.read);
	EXPECT_TRUE(facts.program);
	EXPECT_FALSE(facts.libc);
	EXPECT_FALSE(facts.go);
	EXPECT_FALSE(facts.v8);
	EXPECT_STREQ("", facts.soname);
	EXPECT_EQ(0, strncmp("ld-", facts.interpreter, 3));
	EXPECT_EQ(0, facts.n);
	elf_facts_free(&facts);
}

/* The C library's functions of system calls push nothing, as far as the tables of this one say. */
TEST(the_c_library)
{
	/* ASan takes mmap's name, but not the one of sbrk. */
	char path[512] = "";
	uint64_t offset;
	const struct elf_place *place;
	struct elf_facts facts;
	size_t i;

	ASSERT_TRUE(find_file(sbrk, path, &offset));
	facts = facts_of(path);
	EXPECT_TRUE(facts.read);
	EXPECT_FALSE(facts.program);
	EXPECT_TRUE(facts.libc);
	EXPECT_TRUE(facts.glibc);
	EXPECT_STREQ("libc.so.6", facts.soname);
	place = elf_facts_place(&facts, offset);
	ASSERT_NE(NULL, place);
	EXPECT_EQ(ELF_PART_CALL, place->part);
	/* Only the return address is there when a function begins. */
	EXPECT_EQ(sizeof(void *), place->frame);
	EXPECT_EQ(NULL, elf_facts_place(&facts, 0));
	EXPECT_EQ(NULL, elf_facts_place(&facts, UINT64_MAX));
	for (i = 0; i < facts.n; i++) {
		EXPECT_LT(facts.places[i].start, facts.places[i].end);
		if (i)
			EXPECT_LE(facts.places[i - 1].end, facts.places[i].start);
	}
	elf_facts_free(&facts);
}

TEST(no_elf_file)
{
	struct elf_facts facts = facts_of("/proc/self/status");

	EXPECT_FALSE(facts.read);
	elf_facts_free(&facts);
}

TEST(names_of_functions)
{
	static const struct {
		const char *name;
		enum elf_part part;
	} rows[] = {
		{ "mmap", ELF_PART_CALL },
		{ "mmap64", ELF_PART_CALL },
		{ "__mmap64", ELF_PART_CALL },
		{ "munmap", ELF_PART_CALL },
		{ "mremap", ELF_PART_CALL },
		{ "mprotect", ELF_PART_CALL },
		{ "pkey_mprotect", ELF_PART_CALL },
		{ "madvise", ELF_PART_CALL },
		{ "brk", ELF_PART_CALL },
		{ "sbrk", ELF_PART_CALL },
		{ "__sbrk", ELF_PART_CALL },
		{ "shmat", ELF_PART_CALL },
		{ "syscall", ELF_PART_CALL },
		{ "_dl_sysinfo_int80", ELF_PART_CALL },
		{ "mmap@@GLIBC_2.2.5", ELF_PART_CALL },
		{ "sysmalloc", ELF_PART_GLIBC },
		{ "sysmalloc.part.0", ELF_PART_GLIBC },
		{ "new_heap", ELF_PART_GLIBC },
		{ "_int_malloc", ELF_PART_GLIBC },
		{ "allocate_stack", ELF_PART_GLIBC },
		{ "__pthread_create_2_1", ELF_PART_GLIBC },
		{ "__spawnix", ELF_PART_GLIBC },
		{ "__expand_heap", ELF_PART_MUSL },
		{ "alloc_group", ELF_PART_MUSL },
		{ "__pthread_create", ELF_PART_MUSL },
		{ "je_pages_map", ELF_PART_JEMALLOC },
		{ "_rjem_je_pages_map", ELF_PART_JEMALLOC },
		{ "os_pages_map", ELF_PART_JEMALLOC },
		{ "_ZN8tcmalloc8PageHeap7GrowHeapEm", ELF_PART_TCMALLOC },
		{ "_Z20TCMalloc_SystemAllocmPmm", ELF_PART_TCMALLOC },
		{ "_mi_os_alloc", ELF_PART_MIMALLOC },
		{ "unix_mmap", ELF_PART_MIMALLOC },
		{ "syscall.Syscall6", ELF_PART_GO_SYSCALL },
		{ "runtime/internal/syscall.Syscall6", ELF_PART_GO_SYSCALL },
		{ "internal/runtime/syscall.Syscall6", ELF_PART_GO_SYSCALL },
		{ "golang.org/x/sys/unix.mmap", ELF_PART_GO_SYSCALL },
		{ "runtime.sysMmap.abi0", ELF_PARTS },
		{ "main", ELF_PARTS },
		{ "mmapper", ELF_PARTS },
		{ "mma", ELF_PARTS },
		{ "malloc", ELF_PARTS },
		{ "", ELF_PARTS },
		{ ".cold", ELF_PARTS },
	};
	size_t i;

	for (i = 0; i < N(rows); i++)
		EXPECT_EQ(rows[i].part, elf_part_of(rows[i].name))
		{
			TH_LOG("row %zu", i);
		}
}

TEST(packed_and_unpacked)
{
	static struct elf_place places[] = {
		{ 0x1000, 0x1010, ELF_PART_CALL, 8 },
		{ 0x1010, 0x1020, ELF_PART_MIMALLOC, 0 },
	};
	const struct elf_facts facts = {
		.read = true,
		.program = true,
		.glibc = true,
		.v8 = true,
		.soname = "a",
		.interpreter = "b",
		.places = places,
		.n = 2,
	};
	struct elf_facts copy;
	size_t len, i;
	char *block = elf_facts_pack(&facts, &len);

	ASSERT_NE(NULL, block);
	ASSERT_EQ(0, elf_facts_unpack(&copy, block, len));
	EXPECT_TRUE(copy.read && copy.program && copy.glibc && copy.v8);
	EXPECT_FALSE(copy.libc || copy.go);
	EXPECT_STREQ("a", copy.soname);
	EXPECT_STREQ("b", copy.interpreter);
	ASSERT_EQ(2, copy.n);
	EXPECT_EQ(0, memcmp(places, copy.places, sizeof(places)));
	elf_facts_free(&copy);
	for (i = 0; i < len; i++)
		EXPECT_EQ(-EBADMSG, elf_facts_unpack(&copy, block, i));
	/* Places that overlap. */
	places[1].start = 0x100f;
	free(block);
	block = elf_facts_pack(&facts, &len);
	ASSERT_NE(NULL, block);
	EXPECT_EQ(-EBADMSG, elf_facts_unpack(&copy, block, len));
	free(block);
}

TEST_HARNESS_MAIN
