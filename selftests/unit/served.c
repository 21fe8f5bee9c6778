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

static void give(struct process *p, enum origin from, bool guess, uint64_t bytes)
{
	uint64_t tag = tag_of(CLASS_ANONYMOUS, 3, from) | (guess ? TAG_GUESS : 0);

	p->served.by_origin.bytes[share_of(tag)] += bytes;
	p->served.committed += bytes;
}

/* Returns the lines, which the caller must free. */
static char *lines_of(const struct counters *c, const struct process *p)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	put_served(out, c, p);
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
TEST(counted)
{
	static const struct process empty;
	struct counters c = counters;

	EXPECT_LINES("served:    heap 32 MiB (20.0 %), mmap 128 MiB (80.0 %)\n"
		     "reserved:  4096 MiB of addresses (PROT_NONE) in all\n",
		     &c, NULL);
	/* The process has no account, because it did nothing. */
	EXPECT_LINES("served:    heap 32 MiB (20.0 %), mmap 128 MiB (80.0 %)\n"
		     "reserved:  4096 MiB of addresses (PROT_NONE) in all\n",
		     &c, &empty);
	c.remapped_bytes = 32 * MIB;
	c.remaps_unknown = 1;
	EXPECT_LINES("served:    heap 32 MiB (16.7 %), mmap 160 MiB (83.3 %) at least\n"
		     "reserved:  4096 MiB of addresses (PROT_NONE) in all\n",
		     &c, NULL);
	c = (struct counters){ 0 };
	EXPECT_LINES("served:    heap 0 bytes (0.0 %), mmap 0 bytes (0.0 %)\n", &c, NULL);
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
	json_object *all, *one;
	struct line line;

	give(&p, ORIGIN_STACK, false, 64 * MIB);
	give(&p, ORIGIN_ARENA, true, 16 * MIB);
	give(&p, ORIGIN_UNKNOWN, false, MIB);
	ASSERT_EQ(0, line_begin(&line));
	line_committed(&line, &p);
	ASSERT_EQ(0, line.err);
	EXPECT_EQ(40 * MIB, json_object_get_int64(JSON_AT(line.object, "reserved_bytes")));
	all = JSON_AT(line.object, "committed_by");
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
	json_object_put(line.object);
}

TEST(as_json_without_events)
{
	static const struct process empty;
	const struct process *const unknown[] = { NULL, &empty };
	struct line line;
	size_t i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, line_begin(&line));
		line_committed(&line, unknown[i]);
		ASSERT_EQ(0, line.err);
		EXPECT_STREQ("{\"committed_by\":null,\"reserved_bytes\":null}",
			     json_object_to_json_string_ext(line.object, JSON_C_TO_STRING_PLAIN));
		json_object_put(line.object);
	}
}

TEST_HARNESS_MAIN
