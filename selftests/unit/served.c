// SPDX-License-Identifier: GPL-2.0
/* What the memory of a process came from, in text and in JSON. */
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "ledger/origin.h"
#include "view/json_line.h"
#include "view/summary.h"
#include "view_fixture.h"

#define MIB (1ULL << 20)

/* The figures of a program that reserved 4 GiB, and made 128 MiB of that usable. */
static const struct counters counters = {
	.grown_bytes = 32 * MIB,
	.mapped_bytes = (4096 + 128) * MIB,
	.reserved_bytes = 4096 * MIB,
};

static void give_tag(struct process *p, uint64_t tag, uint64_t bytes)
{
	shares_add(&p->served.by_origin, tag, bytes);
	p->served.committed += bytes;
}

static void give(struct process *p, enum origin from, bool guess, uint64_t bytes)
{
	give_tag(p, tag_of(CLASS_ANONYMOUS, 3, from) | (guess ? TAG_GUESS : 0), bytes);
}

#define FILES 40

/* It has the names of so many files. */
static struct ledger ledger;

/* @file: its number, 0 for a library without a name */
static void give_library(struct process *p, unsigned int file, bool guess, uint64_t bytes)
{
	give_tag(p,
		 tag_of(CLASS_ANONYMOUS, 3, ORIGIN_LIBRARY) | (guess ? TAG_GUESS : 0) |
			 (uint64_t)file << TAG_FILE_SHIFT,
		 bytes);
}

static void __attribute__((constructor)) name_files(void)
{
	static char names[FILES][16];
	static char *files[FILES];
	size_t i;

	for (i = 0; i < FILES; i++) {
		snprintf(names[i], sizeof(names[i]), "lib%zu.so", i + 1);
		files[i] = names[i];
	}
	ledger.files = files;
	ledger.files_n = FILES;
}

static const struct view any_view = { .ledger = &ledger };

/* Returns the lines, which the caller must free. */
static char *lines_of(const struct counters *c, const struct process *p)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const struct view view = { .out = out, .ledger = &ledger };

	if (!out)
		abort();
	put_served(&view, c, p);
	if (fclose(out))
		abort();
	return text;
}

#define EXPECT_LINES(wanted, c, p)           \
	do {                                 \
		char *text = lines_of(c, p); \
		EXPECT_STREQ(wanted, text);  \
		free(text);                  \
	} while (0)

/* Without events: who asked is left out, and addresses are no share of the memory. */
TEST(got)
{
	static const struct process empty;
	struct counters c = counters;

	EXPECT_LINES("got:       brk 32 MiB (20.0 %), mmap 128 MiB (80.0 %)\n"
		     "reserved:  4096 MiB of addresses (PROT_NONE) in all\n",
		     &c, NULL);
	/* The process has no account, because it did nothing. */
	EXPECT_LINES("got:       brk 32 MiB (20.0 %), mmap 128 MiB (80.0 %)\n"
		     "reserved:  4096 MiB of addresses (PROT_NONE) in all\n",
		     &c, &empty);
	c.remapped_bytes = 32 * MIB;
	c.remaps_unknown = 1;
	EXPECT_LINES("got:       brk 32 MiB (16.7 %), mmap 160 MiB (83.3 %) at least\n"
		     "reserved:  4096 MiB of addresses (PROT_NONE) in all\n",
		     &c, NULL);
	c = (struct counters){ 0 };
	EXPECT_LINES("got:       brk 0 bytes (0.0 %), mmap 0 bytes (0.0 %)\n", &c, NULL);
}

TEST(divided)
{
	struct process p = { 0 };
	char wanted[512];

	give(&p, ORIGIN_HEAP, false, 16 * MIB);
	give(&p, ORIGIN_STACK, false, 64 * MIB);
	give(&p, ORIGIN_ARENA, true, 15 * MIB);
	give(&p, ORIGIN_ARENA, false, 33 * MIB);
	snprintf(wanted, sizeof(wanted),
		 "served:    128 MiB at the peak: %s 64 MiB (50.0 %%), %s 33 MiB (25.8 %%), "
		 "%s 16 MiB (12.5 %%), %s? 15 MiB (11.7 %%)\n",
		 origin_name(ORIGIN_STACK), origin_name(ORIGIN_ARENA), origin_name(ORIGIN_HEAP),
		 origin_name(ORIGIN_ARENA));
	EXPECT_LINES(wanted, &counters, &p);
}

TEST(libraries_by_name)
{
	struct process p = { 0 };

	give_library(&p, 1, false, 30 * MIB);
	give_library(&p, 2, true, 20 * MIB);
	give_library(&p, 1, false, 10 * MIB);
	give(&p, ORIGIN_STACK, false, 25 * MIB);
	give(&p, ORIGIN_JEMALLOC, false, 15 * MIB);
	EXPECT_LINES("served:    100 MiB at the peak: library (lib1.so) 40 MiB (40.0 %), "
		     "thread stack 25 MiB (25.0 %), library? (lib2.so) 20 MiB (20.0 %), "
		     "jemalloc 15 MiB (15.0 %)\n",
		     &counters, &p);
}

/* A library whose name is not known stands alone as "library". */
TEST(libraries_without_a_name)
{
	struct process p = { 0 };

	give_library(&p, 0, false, 100 * MIB);
	EXPECT_LINES("served:    100 MiB at the peak: library 100 MiB (100.0 %)\n", &counters, &p);
	give_library(&p, 3, false, 100 * MIB);
	EXPECT_LINES("served:    200 MiB at the peak: other libraries 100 MiB (50.0 %), "
		     "library (lib3.so) 100 MiB (50.0 %)\n",
		     &counters, &p);
}

/* Eight are named, those that got most; libraries that found no place are among the others. */
TEST(many_libraries)
{
	struct process p = { 0 };
	char wanted[1024] = "", *at = wanted;
	unsigned int i;

	for (i = 1; i <= FILES; i++)
		give_library(&p, i, false, i * MIB);
	at += sprintf(at, "served:    820 MiB at the peak: other libraries 592 MiB (72.2 %%)");
	for (i = SHARES_LIBRARIES; i > SHARES_LIBRARIES - 8; i--)
		at += sprintf(at, ", library (lib%u.so) %u MiB (%.1f %%)", i, i, 100 * i / 820.0);
	sprintf(at, "\n");
	EXPECT_LINES(wanted, &counters, &p);
	/* What is gone is taken out of its place, and no other library takes that. */
	for (i = 1; i <= FILES; i++)
		give_library(&p, i, false, -(i * MIB));
	EXPECT_EQ(0, p.served.committed);
	for (i = 0; i < SHARES; i++)
		EXPECT_EQ(0, p.served.by_origin.bytes[i]);
	for (i = 0; i < SHARES_LIBRARIES; i++)
		EXPECT_EQ(0, p.served.by_origin.libraries[i].bytes);
	give_library(&p, FILES, false, 20 * MIB);
	give_library(&p, 7, false, 10 * MIB);
	EXPECT_LINES("served:    30 MiB at the peak: other libraries 20 MiB (66.7 %), "
		     "library (lib7.so) 10 MiB (33.3 %)\n",
		     &counters, &p);
}

/* The more of two moments counts: of the peak, and of the end. */
TEST(reserved)
{
	struct process p = { .served.unusable = 40 * MIB, .unusable = 30 * MIB };
	char served[256], wanted[512];

	give(&p, ORIGIN_HEAP, false, 16 * MIB);
	snprintf(served, sizeof(served), "served:    16 MiB at the peak: %s 16 MiB (100.0 %%)\n",
		 origin_name(ORIGIN_HEAP));
	snprintf(wanted, sizeof(wanted), "%sreserved:  40 MiB of addresses (PROT_NONE)\n", served);
	EXPECT_LINES(wanted, &counters, &p);
	p.unusable = 50 * MIB;
	snprintf(wanted, sizeof(wanted), "%sreserved:  50 MiB of addresses (PROT_NONE)\n", served);
	EXPECT_LINES(wanted, &counters, &p);
	p.served.unusable = p.unusable = 0;
	EXPECT_LINES(served, &counters, &p);
}

TEST(as_json)
{
	struct process p = { .served.unusable = 40 * MIB };
	json_object *object, *all, *one;
	struct line line;

	give(&p, ORIGIN_STACK, false, 64 * MIB);
	give(&p, ORIGIN_ARENA, true, 16 * MIB);
	give(&p, ORIGIN_UNKNOWN, false, MIB);
	ASSERT_EQ(0, line_begin(&line));
	line_committed(&line, &any_view, &p);
	line_end_object(&line);
	object = json_of(&line);
	EXPECT_EQ(40 * MIB, json_object_get_int64(JSON_AT(object, "reserved_bytes")));
	all = JSON_AT(object, "committed_by");
	ASSERT_EQ(3, json_object_array_length(all));
	one = json_object_array_get_idx(all, 0);
	EXPECT_STREQ(origin_name(ORIGIN_STACK), json_object_get_string(JSON_AT(one, "origin")));
	EXPECT_EQ(NULL, JSON_AT(one, "origin_guess"));
	EXPECT_TRUE(json_object_object_get_ex(one, "origin_guess", NULL));
	EXPECT_EQ(64 * MIB, json_object_get_int64(JSON_AT(one, "bytes")));
	one = json_object_array_get_idx(all, 1);
	EXPECT_EQ(NULL, JSON_AT(one, "origin"));
	EXPECT_STREQ(origin_name(ORIGIN_ARENA),
		     json_object_get_string(JSON_AT(one, "origin_guess")));
	one = json_object_array_get_idx(all, 2);
	EXPECT_TRUE(json_object_object_get_ex(one, "origin", NULL));
	EXPECT_EQ(NULL, JSON_AT(one, "origin"));
	EXPECT_EQ(NULL, JSON_AT(one, "origin_guess"));
	json_object_put(object);
}

/* The parts of a share are its sum; other origins have none. */
TEST(libraries_as_json)
{
	struct process p = { 0 };
	json_object *object;
	struct line line;

	give_library(&p, 1, false, 3);
	give_library(&p, 2, false, 5);
	give_library(&p, 0, false, 4);
	give_library(&p, 2, true, 1);
	give(&p, ORIGIN_STACK, false, 2);
	ASSERT_EQ(0, line_begin(&line));
	line_committed(&line, &any_view, &p);
	line_end_object(&line);
	object = json_of(&line);
	EXPECT_STREQ("[{\"origin\":\"library\",\"origin_guess\":null,\"bytes\":12,\"files\":["
		     "{\"file\":\"lib2.so\",\"bytes\":5},{\"file\":\"lib1.so\",\"bytes\":3},"
		     "{\"file\":null,\"bytes\":4}]},"
		     "{\"origin\":\"thread stack\",\"origin_guess\":null,\"bytes\":2},"
		     "{\"origin\":null,\"origin_guess\":\"library\",\"bytes\":1,\"files\":["
		     "{\"file\":\"lib2.so\",\"bytes\":1}]}]",
		     json_object_to_json_string_ext(JSON_AT(object, "committed_by"),
						    JSON_C_TO_STRING_PLAIN));
	json_object_put(object);
}

TEST(as_json_without_events)
{
	static const struct process empty;
	const struct process *const unknown[] = { NULL, &empty };
	json_object *object;
	struct line line;
	size_t i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, line_begin(&line));
		line_committed(&line, &any_view, unknown[i]);
		line_end_object(&line);
		object = json_of(&line);
		EXPECT_STREQ("{\"committed_by\":null,\"reserved_bytes\":null}",
			     json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
		json_object_put(object);
	}
}

TEST_HARNESS_MAIN
