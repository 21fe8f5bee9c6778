// SPDX-License-Identifier: GPL-2.0
/* Whose code made a call: by what files say, by their names, and up the stack. */
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "stack/asker.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Each file of the process lies 16 MiB behind the one before, with code from this offset on. */
#define FILE_AT(number) (0x10000000ULL + (number)*0x1000000ULL)
#define CODE 0x1000
#define CODE_END 0x100000
/* An address in the code of a file, behind an instruction at an offset. */
#define IN(number, offset) (FILE_AT(number) + (offset) + 5)

enum { PROGRAM, LOADER, LIBC, JEMALLOC, OTHER_LIB };

/* Code of a C library: brk() pushes nothing, sbrk() has 32 bytes with its return address. */
static const struct elf_place libc_places[] = {
	{ 0x2000, 0x2040, ELF_PART_CALL, 8 }, /* mmap */
	{ 0x3000, 0x3010, ELF_PART_CALL, 8 }, /* brk */
	{ 0x4000, 0x4010, ELF_PART_CALL, 8 }, /* sbrk, its beginning */
	{ 0x4010, 0x4080, ELF_PART_CALL, 32 }, /* sbrk */
	{ 0x5000, 0x5080, ELF_PART_CALL, 0 }, /* one without tables */
};
#define MALLOC 0x9000

FIXTURE(asker)
{
	struct elf_files files;
	struct exec_maps maps;
	struct event ev;
	struct asker asker;
};

static void map_file(FIXTURE_DATA(asker) * self, int number, const char *path)
{
	const struct image image = {
		.start = FILE_AT(number) + CODE,
		.end = FILE_AT(number) + CODE_END,
		.offset = CODE,
		.file_size = 1000 + number,
		.path = path,
	};

	if (elf_files_add(&self->files, &image) || exec_maps_add(&self->maps, &image))
		abort();
}

static struct elf_facts with_places(struct elf_facts facts, const struct elf_place *v, size_t n)
{
	facts.places = malloc(n * sizeof(*v));
	if (!facts.places)
		abort();
	memcpy(facts.places, v, n * sizeof(*v));
	facts.n = n;
	return facts;
}

static void add_file(FIXTURE_DATA(asker) * self, int number, const char *path,
		     struct elf_facts facts)
{
	map_file(self, number, path);
	elf_files_next(&self->files)->facts = facts;
}

FIXTURE_SETUP(asker)
{
	static const struct elf_facts program = { .read = true,
						  .program = true,
						  .interpreter = "ld-linux-x86-64.so.2" };
	static const struct elf_facts loader = { .read = true, .soname = "ld-linux-x86-64.so.2" };
	static const struct elf_facts libc = { .read = true,
					       .libc = true,
					       .glibc = true,
					       .soname = "libc.so.6",
					       .interpreter = "ld-linux-x86-64.so.2" };
	static const struct elf_facts library = { .read = true, .soname = "lib.so" };

	add_file(self, PROGRAM, "/usr/bin/prog", program);
	add_file(self, LOADER, "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", loader);
	add_file(self, LIBC, "/usr/lib/x86_64-linux-gnu/libc.so.6",
		 with_places(libc, libc_places, N(libc_places)));
	add_file(self, JEMALLOC, "/usr/lib/libjemalloc.so.2", library);
	add_file(self, OTHER_LIB, "/opt/libfoo.so", library);
}

FIXTURE_TEARDOWN(asker)
{
	exec_maps_free(&self->maps);
	elf_files_free(&self->files);
}

static void ask(FIXTURE_DATA(asker) * self, uint64_t ip, const uint64_t *words, size_t n)
{
	self->ev.asker.ip = ip;
	self->ev.asker.n = n;
	if (n)
		memcpy(self->ev.asker.words, words, n * sizeof(*words));
	asker_find(&self->files, &self->maps, &self->ev, &self->asker);
}

#define ASK(ip, ...)                                                     \
	do {                                                             \
		const uint64_t words_[] = { __VA_ARGS__ };               \
		ask(self, ip, words_, sizeof(words_) / sizeof(*words_)); \
	} while (0)

#define EXPECT_CALLER(owner_, file_)                   \
	do {                                           \
		EXPECT_EQ(owner_, self->asker.owner);  \
		EXPECT_STREQ(file_, self->asker.file); \
		EXPECT_FALSE(self->asker.guess);       \
	} while (0)

TEST_F(asker, the_file_that_makes_the_call_itself)
{
	ASK(IN(PROGRAM, 0x1000), 0);
	EXPECT_CALLER(OWNER_OTHER, "prog");
	EXPECT_TRUE(self->asker.program);
	ASK(IN(LOADER, 0x2000), IN(PROGRAM, 0x1000));
	EXPECT_CALLER(OWNER_LOADER, "ld-linux-x86-64.so.2");
	ASK(IN(JEMALLOC, 0x2000), 0);
	EXPECT_CALLER(OWNER_JEMALLOC, "libjemalloc.so.2");
	ASK(IN(LIBC, MALLOC), IN(PROGRAM, 0x1000));
	EXPECT_CALLER(OWNER_GLIBC, "libc.so.6");
}

TEST_F(asker, the_caller_of_the_c_library)
{
	ASK(IN(LIBC, 0x2000), IN(PROGRAM, 0x1000));
	EXPECT_CALLER(OWNER_OTHER, "prog");
	ASK(IN(LIBC, 0x2000), IN(LIBC, MALLOC));
	EXPECT_CALLER(OWNER_GLIBC, "libc.so.6");
	ASK(IN(LIBC, 0x2000), IN(JEMALLOC, 0x1000));
	EXPECT_CALLER(OWNER_JEMALLOC, "libjemalloc.so.2");
	ASK(IN(LIBC, 0x2000), IN(OTHER_LIB, 0x1000));
	EXPECT_CALLER(OWNER_OTHER, "libfoo.so");
	EXPECT_FALSE(self->asker.program);
	ASK(IN(LIBC, 0x2000), IN(LOADER, 0x1000));
	EXPECT_CALLER(OWNER_LOADER, "ld-linux-x86-64.so.2");
}

/* The return address is behind the call, where the next function may begin. */
TEST_F(asker, an_address_behind_a_call)
{
	ASK(FILE_AT(LIBC) + 0x2040, IN(PROGRAM, 0x1000));
	EXPECT_CALLER(OWNER_OTHER, "prog");
	ASK(FILE_AT(LIBC) + 0x2000, IN(PROGRAM, 0x1000));
	EXPECT_CALLER(OWNER_GLIBC, "libc.so.6");
}

/* sbrk() is a system-call function as well, and who called it stands 32 bytes further. */
TEST_F(asker, one_frame_up_for_brk)
{
	ASK(IN(LIBC, 0x3000), IN(LIBC, 0x4020), 1, 2, 3, IN(PROGRAM, 0x1000));
	EXPECT_CALLER(OWNER_OTHER, "prog");
	ASK(IN(LIBC, 0x3000), IN(LIBC, 0x4020), IN(PROGRAM, 0x1000), 2, 3, IN(LIBC, MALLOC));
	EXPECT_CALLER(OWNER_GLIBC, "libc.so.6");
	ASK(IN(LIBC, 0x3000), IN(LIBC, 0x4000), IN(JEMALLOC, 0x1000));
	EXPECT_CALLER(OWNER_JEMALLOC, "libjemalloc.so.2");
}

/* Nothing shows who asked, so nobody did. */
TEST_F(asker, unknown)
{
	ASK(IN(LIBC, 0x3000), IN(LIBC, 0x4020), 1, 2, 3);
	EXPECT_EQ(OWNER_UNKNOWN, self->asker.owner);
	ASK(IN(LIBC, 0x5000), IN(PROGRAM, 0x1000));
	EXPECT_EQ(OWNER_UNKNOWN, self->asker.owner);
	ASK(IN(LIBC, 0x2000), 0x1234);
	EXPECT_EQ(OWNER_UNKNOWN, self->asker.owner);
	EXPECT_EQ(NULL, self->asker.file);
	ask(self, IN(LIBC, 0x2000), NULL, 0);
	EXPECT_EQ(OWNER_UNKNOWN, self->asker.owner);
	/* [vdso] and code that a program made. */
	ASK(0x7fff00001234, IN(PROGRAM, 0x1000));
	EXPECT_EQ(OWNER_UNKNOWN, self->asker.owner);
}

/* Two words of a 32-bit program lie in one of ours, and the lower one is at its stack pointer. */
TEST_F(asker, calls_that_a_loader_makes_for_others)
{
	const uint64_t above = 0x1234ULL << 32;

	self->ev.traits = BRKWATCH_TRAIT_COMPAT;
	ASK(IN(LOADER, 0x2000), above | IN(LIBC, 0x2000));
	EXPECT_EQ(OWNER_UNKNOWN, self->asker.owner);
	EXPECT_EQ(NULL, self->asker.file);
	ASK(IN(LOADER, 0x2000), above | IN(LOADER, 0x3000));
	EXPECT_CALLER(OWNER_LOADER, "ld-linux-x86-64.so.2");
	ASK(IN(LOADER, 0x2000), above | 5);
	EXPECT_CALLER(OWNER_LOADER, "ld-linux-x86-64.so.2");
	ASK(IN(PROGRAM, 0x1000), above | IN(LIBC, 0x2000));
	EXPECT_CALLER(OWNER_OTHER, "prog");
}

/* Nothing says how large a part of the stack musl's functions have. */
TEST_F(asker, a_c_library_without_tables)
{
	static const struct elf_facts musl = { .read = true, .libc = true };
	static const struct elf_place places[] = { { 0x2000, 0x2040, ELF_PART_CALL, 0 } };

	add_file(self, 9, "/lib/ld-musl-x86_64.so.1", with_places(musl, places, N(places)));
	ASK(IN(9, 0x2000), IN(PROGRAM, 0x1000));
	EXPECT_EQ(OWNER_MUSL, self->asker.owner);
	EXPECT_TRUE(self->asker.guess);
	ASK(IN(9, MALLOC), IN(PROGRAM, 0x1000));
	EXPECT_CALLER(OWNER_MUSL, "ld-musl-x86_64.so.1");
}

/* Programs can contain an allocator, or the whole C library. */
TEST_F(asker, parts_of_a_program)
{
	static const struct elf_facts program = {
		.read = true, .program = true, .libc = true, .glibc = true
	};
	static const struct elf_place places[] = {
		{ 0x2000, 0x2040, ELF_PART_CALL, 8 },	  { 0x3000, 0x3100, ELF_PART_GLIBC, 0 },
		{ 0x4000, 0x4100, ELF_PART_MUSL, 0 },	  { 0x5000, 0x5100, ELF_PART_JEMALLOC, 0 },
		{ 0x6000, 0x6100, ELF_PART_TCMALLOC, 0 }, { 0x7000, 0x7100, ELF_PART_MIMALLOC, 0 },
	};

	add_file(self, 9, "/usr/bin/whole", with_places(program, places, N(places)));
	ASK(IN(9, 0x2000), IN(9, 0x3000));
	EXPECT_CALLER(OWNER_GLIBC, "whole");
	ASK(IN(9, 0x2000), IN(9, 0x4000));
	EXPECT_CALLER(OWNER_MUSL, "whole");
	ASK(IN(9, 0x2000), IN(9, 0x5000));
	EXPECT_CALLER(OWNER_JEMALLOC, "whole");
	ASK(IN(9, 0x2000), IN(9, 0x6000));
	EXPECT_CALLER(OWNER_TCMALLOC, "whole");
	ASK(IN(9, 0x2000), IN(9, 0x7000));
	EXPECT_CALLER(OWNER_MIMALLOC, "whole");
	ASK(IN(9, 0x2000), IN(9, 0x8000));
	EXPECT_CALLER(OWNER_OTHER, "whole");
	EXPECT_TRUE(self->asker.program);
}

/* In Go a program makes system calls by packages of its own, and only symbols show these. */
TEST_F(asker, system_calls_in_go)
{
	static const struct elf_facts go = { .read = true, .program = true, .go = true };
	static const struct elf_place places[] = {
		{ 0x2000, 0x2040, ELF_PART_GO_SYSCALL, 0 },
	};

	add_file(self, 9, "/opt/prog", with_places(go, places, N(places)));
	ASK(IN(9, 0x2000), 0);
	EXPECT_CALLER(OWNER_OTHER, "prog");
	EXPECT_TRUE(self->asker.program);
	ASK(IN(9, 0x3000), 0);
	EXPECT_CALLER(OWNER_GO, "prog");
	add_file(self, 10, "/opt/stripped", go);
	ASK(IN(10, 0x3000), 0);
	EXPECT_EQ(OWNER_GO, self->asker.owner);
	EXPECT_TRUE(self->asker.guess);
}

/* Such a program may contain any C library, and nothing shows which of its code asks. */
TEST_F(asker, static_without_symbols)
{
	static const struct elf_facts whole = { .read = true, .program = true };
	static const struct elf_facts dynamic = { .read = true,
						  .program = true,
						  .interpreter = "ld-linux-x86-64.so.2" };

	add_file(self, 9, "/opt/static", whole);
	ASK(IN(9, 0x2000), 0);
	EXPECT_EQ(OWNER_OTHER, self->asker.owner);
	EXPECT_TRUE(self->asker.guess);
	add_file(self, 10, "/opt/dynamic", dynamic);
	ASK(IN(10, 0x2000), 0);
	EXPECT_CALLER(OWNER_OTHER, "dynamic");
}

/* A program may ask for a loader of any name, and a link may lead there. */
TEST_F(asker, a_loader_by_another_name)
{
	static const struct elf_facts program = { .read = true,
						  .program = true,
						  .interpreter = "my-loader" };
	static const struct elf_facts loader = { .read = true };
	static const struct elf_facts named = { .read = true, .soname = "my-loader" };

	add_file(self, 9, "/opt/my-loader", loader);
	add_file(self, 10, "/opt/loader-7", named);
	ASK(IN(9, 0x2000), 0);
	EXPECT_CALLER(OWNER_OTHER, "my-loader");
	add_file(self, 11, "/opt/prog", program);
	ASK(IN(9, 0x2000), 0);
	EXPECT_CALLER(OWNER_LOADER, "my-loader");
	ASK(IN(10, 0x2000), 0);
	EXPECT_CALLER(OWNER_LOADER, "loader-7");
}

/* The name of a file that is gone is all that is left of it. */
TEST_F(asker, files_that_are_gone)
{
	map_file(self, 9, "/usr/lib/libjemalloc.so.2 (deleted)");
	map_file(self, 10, "/usr/lib/libc.so.6 (deleted)");
	map_file(self, 11, "/usr/lib/a\tb (deleted)");
	ASK(IN(9, 0x2000), 0);
	EXPECT_CALLER(OWNER_OTHER, "libjemalloc.so.2");
	ASK(IN(10, 0x2000), IN(PROGRAM, 0x1000));
	EXPECT_EQ(OWNER_UNKNOWN, self->asker.owner);
	ASK(IN(11, 0x2000), 0);
	EXPECT_CALLER(OWNER_OTHER, "a\\011b");
}

TEST(owners_by_name_and_facts)
{
	static const struct {
		const char *name;
		struct elf_facts facts;
		enum code_owner owner;
	} rows[] = {
		{ "libc.so.6", { .libc = true, .glibc = true }, OWNER_GLIBC },
		{ "libc-2.31.so", { .libc = true, .glibc = true }, OWNER_GLIBC },
		{ "x", { .libc = true, .glibc = true, .soname = "libc.so.6" }, OWNER_GLIBC },
		{ "libc.so", { .libc = true }, OWNER_MUSL },
		{ "ld-musl-x86_64.so.1", { .libc = true }, OWNER_MUSL },
		{ "libc.musl-x86_64.so.1", { .libc = true }, OWNER_MUSL },
		/* Only its contents make it a C library. */
		{ "libc.so.6", { .glibc = false }, OWNER_OTHER },
		{ "libpreload.so", { .libc = true }, OWNER_OTHER },
		{ "ld-linux-x86-64.so.2", { .read = true }, OWNER_LOADER },
		{ "ld-2.31.so", { .read = true }, OWNER_LOADER },
		{ "ld.so.1", { .read = true }, OWNER_LOADER },
		{ "ld64.so.2", { .read = true }, OWNER_LOADER },
		{ "x", { .soname = "ld-linux.so.2" }, OWNER_LOADER },
		{ "libpthread.so.0", { .read = true }, OWNER_GLIBC },
		{ "libpthread-2.31.so", { .read = true }, OWNER_GLIBC },
		{ "libjemalloc.so.2", { .read = true }, OWNER_JEMALLOC },
		{ "libtcmalloc.so.4", { .read = true }, OWNER_TCMALLOC },
		{ "libtcmalloc_minimal.so.4", { .read = true }, OWNER_TCMALLOC },
		{ "libmimalloc.so.2.0", { .read = true }, OWNER_MIMALLOC },
		{ "libjvm.so", { .read = true }, OWNER_JVM },
		{ "libnode.so.108", { .read = true }, OWNER_V8 },
		{ "libv8.so", { .read = true }, OWNER_V8 },
		{ "node", { .program = true, .v8 = true }, OWNER_V8 },
		{ "python3.11", { .program = true }, OWNER_PYTHON },
		{ "libpython3.11.so.1.0", { .read = true }, OWNER_PYTHON },
		{ "prog", { .program = true, .go = true }, OWNER_GO },
		{ "prog", { .program = true }, OWNER_OTHER },
		{ "libfoo.so", { .read = true }, OWNER_OTHER },
	};
	size_t i;

	for (i = 0; i < N(rows); i++) {
		struct elf_facts facts = rows[i].facts;

		facts.read = true;
		EXPECT_EQ(rows[i].owner, owner_of_file(rows[i].name, &facts))
		{
			TH_LOG("row %zu, %s", i, rows[i].name);
		}
	}
}

/* Without its contents a file proves no allocator. */
TEST(owners_of_unread_files)
{
	static const struct elf_facts unread;

	EXPECT_EQ(OWNER_UNKNOWN, owner_of_file("libc.so.6", &unread));
	EXPECT_EQ(OWNER_UNKNOWN, owner_of_file("ld-linux-x86-64.so.2", &unread));
	EXPECT_EQ(OWNER_UNKNOWN, owner_of_file("ld-musl-x86_64.so.1", &unread));
	EXPECT_EQ(OWNER_OTHER, owner_of_file("libjemalloc.so.2", &unread));
	EXPECT_EQ(OWNER_OTHER, owner_of_file("prog", &unread));
}

TEST_HARNESS_MAIN
