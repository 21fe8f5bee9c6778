// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "view/map.h"
#include "view/mapped.h"
#include "message.h"

#define RW (PROT_BIT_READ | PROT_BIT_WRITE)
/* tag_of() is no constant. */
#define ANONYMOUS(prot, origin) \
	(CLASS_ANONYMOUS | (prot) << TAG_PROT_SHIFT | ORIGIN_##origin << TAG_ORIGIN_SHIFT)

/* A small process: its file, heap, an arena that is half committed, a file, the stack. */
static struct range ranges[] = {
	{ 0x10000, 0x12000, CLASS_FILE },
	{ 0x20000, 0x41000, ANONYMOUS(RW, HEAP) },
	{ 0x100000, 0x120000, ANONYMOUS(RW, ARENA) | TAG_GUESS | TAG_COUNTED },
	{ 0x120000, 0x140000, ANONYMOUS(RW, ARENA) | TAG_GUESS },
	{ 0x140000, 0x180000, ANONYMOUS(0, ARENA) | TAG_GUESS },
	{ 0x180000, 0x190000, CLASS_FILE | TAG_UNCERTAIN },
	{ 0x200000, 0x210000, CLASS_FILE | RW << TAG_PROT_SHIFT | TAG_COUNTED | TAG_SHARED },
	{ 0x210000, 0x220000,
	  CLASS_FILE | RW << TAG_PROT_SHIFT | TAG_COUNTED | TAG_SHARED | TAG_GUESS },
	{ 0x400000, 0x600000, CLASS_FILE | TAG_COUNTED | TAG_HUGE },
	{ 0x600000, 0x800000, CLASS_FILE | TAG_COUNTED | TAG_HUGE | TAG_SHARED | TAG_UNCERTAIN },
	{ 0x8fe000, 0x900000, CLASS_GROWS_DOWN | TAG_GREW },
	{ 0x900000, 0x901000, CLASS_GROWS_DOWN | TAG_COUNTED },
	{ 0x1000000, 0x1021000, CLASS_GROWS_DOWN },
};

static const struct address_space space = {
	.ranges = { ranges, N(ranges), N(ranges) },
	.heap_start = 0x20000,
	.brk = 0x40800,
	.reserved = { 0xa1000, 0xa2000 },
	.committed = { 0x61000, 0x61000 },
	.whole = true,
	.uncertain = 0x10000,
};

static const char expected[] =
	"pid 7 (a)\n"
	"         start-end            prot        size     pages  origin\n"
	"       0x20000-0x41000        rw-      132 KiB        33  heap\n"
	"      0x100000-0x140000       rw-      256 KiB        64  thread arena?\n"
	"      0x140000-0x180000       ---      256 KiB        64  thread arena?\n"
	"      0x180000-0x190000       ---       64 KiB        16  file, uncertain\n"
	"reserved:   161 pages (644 KiB), peak 162 pages (648 KiB)\n"
	"committed:  97 pages (388 KiB), peak 97 pages (388 KiB)\n"
	"given back: 0 pages, peak 0 pages\n"
	"apart:      1059 pages (4236 KiB), in none of these totals\n"
	"      0x200000-0x220000       rw-      128 KiB        32  shared\n"
	"      0x400000-0x600000       ---     2048 KiB       512  huge pages\n"
	"      0x600000-0x800000       ---     2048 KiB       512  shared huge pages, uncertain\n"
	"      0x8fe000-0x900000       ---        8 KiB         2  growing down, by page faults\n"
	"      0x900000-0x901000       ---        4 KiB         1  growing down\n"
	"uncertain: 64 KiB, where calls of threads overlapped or failed\n"
	"\n"
	"         0x1021000 +----------------------+\n"
	"                   | stack                |\n"
	"         0x1000000 +----------------------+\n"
	"                             :\n"
	"          0x901000 +----------------------+\n"
	"                   | growing down         |\n"
	"          0x8fe000 +----------------------+\n"
	"                             :\n"
	"          0x800000 +----------------------+\n"
	"                   | shared huge pages    |\n"
	"          0x600000 +----------------------+\n"
	"                   | huge pages           |\n"
	"          0x400000 +----------------------+\n"
	"                             :\n"
	"          0x220000 +----------------------+\n"
	"                   | shared               |\n"
	"          0x200000 +----------------------+\n"
	"                             :\n"
	"          0x190000 +----------------------+\n"
	"                   | files                |\n"
	"          0x180000 +----------------------+\n"
	"                   | thread arena?        |\n"
	"          0x100000 +----------------------+\n"
	"                             :\n"
	"           0x41000 +----------------------+  <- program break\n"
	"                   | heap                 |\n"
	"           0x20000 +----------------------+\n"
	"                             :\n"
	"           0x12000 +----------------------+\n"
	"                   | files                |\n"
	"           0x10000 +----------------------+\n"
	"\n";

static char *shown_of(struct view *view, const struct address_space *of)
{
	size_t size;
	char *text;

	view->out = open_memstream(&text, &size);
	if (!view->out)
		abort();
	map_show(view, 7, "a", of);
	fclose(view->out);
	return text;
}

static char *shown(struct view *view)
{
	return shown_of(view, &space);
}

TEST(table_and_picture)
{
	struct ledger ledger = { 0 };
	struct view view = { .page = 4096, .ledger = &ledger };
	char *text = shown(&view);

	EXPECT_STREQ(expected, text);
	free(text);
}

/* What stands between two lines of the whole text. */
static char *between(char *text, const char *from, const char *to)
{
	char *start = strstr(text, from), *end = start ? strstr(start, to) : NULL;

	if (!end)
		return text;
	end[strlen(to)] = '\0';
	return start;
}

/* --all lists files as well, and the table and the totals stay as they are. */
TEST(all)
{
	struct ledger ledger = { 0 };
	struct view view = { .page = 4096, .all = true, .ledger = &ledger };
	char *text = shown(&view);

	EXPECT_EQ(0, strncmp(text, expected, strstr(expected, "uncertain:") - expected));
	EXPECT_STREQ("the rest:   35 pages (140 KiB), in none of these totals\n"
		     "       0x10000-0x12000        ---        8 KiB         2  file\n"
		     "     0x1000000-0x1021000      ---      132 KiB        33  stack\n"
		     "uncertain:",
		     between(text, "the rest:", "uncertain:"));
	free(text);
}

/* The columns of what is in memory, where no size is known. */
#define UNSIZED "           -           -  "

TEST(names)
{
	struct ledger ledger = { 0 };
	struct view view = { .page = 4096, .ledger = &ledger };
	struct mapped mapped = { 0 };
	char *text;

	ASSERT_EQ(0,
		  mapped_add(&mapped, &(struct mapped_area){ 0x10000, 0x11000, 0, "/bin/\033a" }));
	ASSERT_EQ(0, mapped_add(&mapped, &(struct mapped_area){ 0x11000, 0x12000, 0, "/lib" }));
	ASSERT_EQ(0,
		  mapped_add(&mapped, &(struct mapped_area){ 0x1000000, 0x1021000, 0, "[stack]" }));
	ASSERT_EQ(0, mapped_add(&mapped, &(struct mapped_area){ 0x2000000, 0x2001000, PROT_BIT_EXEC,
								"[vsyscall]" }));
	view.mapped = &mapped;
	text = shown(&view);
	EXPECT_NE(NULL, strstr(text, "committed:  97 pages (388 KiB), peak 97 pages (388 KiB)\n"));
	EXPECT_STREQ(
		"the rest:   36 pages (144 KiB), in none of these totals\n"
		"       0x10000-0x11000        ---        4 KiB         1" UNSIZED "/bin/\\033a\n"
		"       0x11000-0x12000        ---        4 KiB         1" UNSIZED "/lib\n"
		"     0x1000000-0x1021000      ---      132 KiB        33" UNSIZED "[stack]\n"
		"     0x2000000-0x2001000      --x        4 KiB         1" UNSIZED "[vsyscall]\n"
		"uncertain:",
		between(text, "the rest:", "uncertain:"));
	free(text);
	mapped_free(&mapped);
}

/* What a process says of its memory divides rows, stands behind the origin and breaks no line. */
TEST(names_that_processes_give)
{
	static const char *const rows[] = {
		"       0x20000-0x30000        rw-       64 KiB        16" UNSIZED "heap\n",
		"  0x30000-0x31000        rw-        4 KiB         1" UNSIZED
		"heap [anon:a, given back]\n",
		"  0x31000-0x41000        rw-       64 KiB        16" UNSIZED "heap\n",
		" 0x100000-0x140000       rw-      256 KiB        64" UNSIZED
		"thread arena? [anon:\\012\\042]\n",
		" 0x140000-0x180000       ---      256 KiB        64" UNSIZED "thread arena?\n",
		" 0x200000-0x210000       rw-       64 KiB        16" UNSIZED
		"shared [anon_shmem:s]\n",
		" 0x210000-0x220000       rw-       64 KiB        16" UNSIZED "shared\n",
		" 0x900000-0x901000       ---        4 KiB         1" UNSIZED
		"growing down [anon:d]\n",
	};
	struct ledger ledger = { 0 };
	struct view view = { .page = 4096, .ledger = &ledger };
	struct mapped mapped = { 0 };
	char *text;
	size_t i;

	ASSERT_EQ(0, mapped_add(&mapped, &(struct mapped_area){ 0x30000, 0x31000, 0,
								"[anon:a, given back]" }));
	ASSERT_EQ(0, mapped_add(&mapped,
				&(struct mapped_area){ 0x100000, 0x140000, 0, "[anon:\n\"]" }));
	ASSERT_EQ(0, mapped_add(&mapped,
				&(struct mapped_area){ 0x200000, 0x210000, 0, "[anon_shmem:s]" }));
	ASSERT_EQ(0, mapped_add(&mapped, &(struct mapped_area){ 0x210000, 0x220000, 0,
								"/dev/zero (deleted)" }));
	ASSERT_EQ(0,
		  mapped_add(&mapped, &(struct mapped_area){ 0x900000, 0x901000, 0, "[anon:d]" }));
	view.mapped = &mapped;
	text = shown(&view);
	for (i = 0; i < N(rows); i++) {
		const char *row = strstr(text, rows[i]);

		EXPECT_NE(NULL, row) TH_LOG("%s%s", rows[i], text);
	}
	/* The picture and the totals stay as they are. */
	EXPECT_STREQ(strstr(expected, "uncertain: "), strstr(text, "uncertain: "));
	EXPECT_NE(NULL,
		  strstr(text, "reserved:   161 pages (644 KiB), peak 162 pages (648 KiB)\n"));
	free(text);
	mapped_free(&mapped);
}

/* Files by their number, and what only looks like something. */
TEST(names_and_likeness)
{
	struct range all[] = {
		{ 0x10000, 0x12000, ANONYMOUS(RW, JEMALLOC) | 1ULL << TAG_FILE_SHIFT },
		{ 0x12000, 0x14000, ANONYMOUS(RW, LIBRARY) | 2ULL << TAG_FILE_SHIFT },
		{ 0x14000, 0x16000, ANONYMOUS(RW, LIBRARY) | 3ULL << TAG_FILE_SHIFT },
		{ 0x20000, 0x21000, ANONYMOUS(0, UNKNOWN) },
		{ 0x21000, 0x821000, ANONYMOUS(RW, UNKNOWN) },
		{ 0x7f0004000000, 0x7f0004021000, ANONYMOUS(RW, UNKNOWN) },
		{ 0x7f0004021000, 0x7f0008000000, ANONYMOUS(0, UNKNOWN) },
		{ 0x7f0009000000, 0x7f0009001000, ANONYMOUS(RW, UNKNOWN) },
	};
	const struct address_space late = { .ranges = { all, N(all), N(all) }, .exact = true };
	char *files[3] = { "libjemalloc.so.2", "libfoo.so", "libbar.so" };
	struct ledger ledger = { .files = files, .files_n = N(files) };
	struct view view = { .page = 4096, .ledger = &ledger };
	char *text = shown_of(&view, &late);

	EXPECT_NE(NULL, strstr(text, " 2  jemalloc (libjemalloc.so.2)\n"));
	EXPECT_NE(NULL, strstr(text, " 2  libfoo.so\n"));
	EXPECT_NE(NULL, strstr(text, " 2  libbar.so\n"));
	EXPECT_NE(NULL, strstr(text, " 1  thread stack?\n"));
	EXPECT_NE(NULL, strstr(text, " 2048  thread stack?\n"));
	EXPECT_NE(NULL, strstr(text, " 33  thread arena?\n"));
	EXPECT_NE(NULL, strstr(text, " 16351  thread arena?\n"));
	EXPECT_NE(NULL, strstr(text, " 1  unknown\n"));
	EXPECT_NE(NULL, strstr(text, " | jemalloc             |\n"));
	EXPECT_NE(NULL, strstr(text, " | libfoo.so            |\n"));
	EXPECT_NE(NULL, strstr(text, " | thread stack?        |\n"));
	EXPECT_NE(NULL, strstr(text, " | thread arena?        |\n"));
	free(text);
}

/* Two columns have what pmap -x has; the kernel counts a mapping that is two rows as one. */
TEST(in_memory)
{
	static const struct mapped_area areas[] = {
		{ 0x10000, 0x12000, 0, "/bin/a", true, 4096, 0 },
		{ 0x20000, 0x41000, RW, NULL, true, 8192, 4096 },
		{ 0x100000, 0x180000, RW, NULL, true, 20480, 0 },
		{ 0x200000, 0x220000, RW, "/dev/zero (deleted)", true, 0, 0, true },
	};
	static const char *const rows[] = {
		" prot        size     pages    resident       dirty  origin\n",
		"0x20000-0x41000        rw-      132 KiB        33       8 KiB       4 KiB  heap\n",
		"0x100000-0x140000       rw-      256 KiB        64" UNSIZED "thread arena?\n",
		"0x200000-0x220000       rw-s     128 KiB        32     0 bytes     0 bytes  shared\n",
		"0x10000-0x12000        ---        8 KiB         2       4 KiB     0 bytes  /bin/a\n",
		"in memory:  8 pages (32 KiB) of all mappings, dirty 1 page (4 KiB)\n",
	};
	struct ledger ledger = { 0 };
	struct mapped mapped = { 0 };
	struct view view = { .page = 4096, .ledger = &ledger, .mapped = &mapped };
	char *text;
	size_t i;

	for (i = 0; i < N(areas); i++)
		ASSERT_EQ(0, mapped_add(&mapped, &areas[i]));
	text = shown(&view);
	for (i = 0; i < N(rows); i++) {
		const char *row = strstr(text, rows[i]);

		EXPECT_NE(NULL, row) TH_LOG("%s%s", rows[i], text);
	}
	free(text);
	/* The sum needs the size of each. */
	mapped.v[0].sized = false;
	text = shown(&view);
	EXPECT_EQ(NULL, strstr(text, "in memory:"));
	free(text);
	mapped_free(&mapped);
}

/* Nothing was lost, so the reason is another. */
TEST(heap_moved)
{
	struct address_space moved = space;
	struct ledger ledger = { 0 };
	struct view view = { .page = 4096, .ledger = &ledger };
	size_t size;
	char *text;

	moved.whole = false;
	moved.heap_moved = true;
	view.out = open_memstream(&text, &size);
	ASSERT_NE(NULL, view.out);
	map_show(&view, 7, "a", &moved);
	fclose(view.out);
	EXPECT_NE(NULL, strstr(text, "\nnot exact: something else than brk moved the heap\n"));
	EXPECT_EQ(NULL, strstr(text, "lost"));
	free(text);
}

TEST_HARNESS_MAIN
