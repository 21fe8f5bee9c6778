// SPDX-License-Identifier: GPL-2.0
/* The memory of a process in its summary: what mremap adds, what others share, how it grew. */
#include <json-c/json.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "summary_fixture.h"

/* mapped + by mremap - unmapped = still mapped */
TEST_F(summary, grown_by_mremap)
{
	struct counters some = counters;
	const struct report report = { .events = 3, .counters = &some, .n = 1 };
	json_object *all, *process;
	const char *text;

	some.mremap_calls = 1;
	fixture_event(&self->fixture,
		      mremap_event(MAPS + PAGE, 24 * PAGE, 30 * PAGE, MREMAP_MAYMOVE, 2 * MAPS));
	fixture_end(&self->fixture, &report);
	text = fixture_text(&self->fixture);
	EXPECT_NE(NULL, strstr(text, "\nmremap                1          0           24 KiB  "));
	EXPECT_NE(NULL, strstr(text, "anonymous: mapped 100 KiB, by mremap 24 KiB, "
				     "unmapped 4 KiB, still mapped 120 KiB\n"));
	EXPECT_NE(NULL, strstr(text, "\nserved:    120 KiB at the peak: "));
	self->fixture.view->type = &summary_json_view;
	fixture_end(&self->fixture, &report);
	all = json_tokener_parse(fixture_text(&self->fixture));
	process = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
	EXPECT_EQ(6 * PAGE, json_object_get_int64(JSON_AT(process, "calls", "mremap", "bytes")));
	EXPECT_EQ(6 * PAGE, json_object_get_int64(JSON_AT(process, "anonymous", "mremap_bytes")));
	EXPECT_EQ(31 * PAGE, json_object_get_int64(JSON_AT(process, "served", "mmap_bytes")));
	EXPECT_EQ(31 * PAGE, json_object_get_int64(JSON_AT(process, "got", "mmap_bytes")));
	json_object_put(all);
}

/* Without events the kernel's counters are used, with "at least" where it is unsure. */
TEST_F(summary, grown_by_mremap_as_the_kernel_counts_it)
{
	struct counters some = counters;
	const struct report report = { .events = 0, .counters = &some, .n = 1 };
	json_object *all, *process;
	const char *text;

	self->fixture.view->filtered = self->fixture.view->uncounted = true;
	some.mremap_calls = 3;
	some.remapped_bytes = 6 * PAGE;
	fixture_end(&self->fixture, &report);
	text = fixture_text(&self->fixture);
	EXPECT_NE(NULL, strstr(text, "\nmremap                3          0           24 KiB  "));
	EXPECT_NE(NULL, strstr(text, "anonymous: mapped 100 KiB, by mremap 24 KiB\n"));
	EXPECT_NE(NULL, strstr(text, " mmap 124 KiB (29.2 %)\n"));
	some.remaps_unknown = 1;
	fixture_end(&self->fixture, &report);
	text = fixture_text(&self->fixture);
	EXPECT_NE(NULL, strstr(text, "\nmremap                3          0                -  "));
	EXPECT_NE(NULL, strstr(text, "mapped 100 KiB, by mremap at least 24 KiB\n"));
	EXPECT_NE(NULL, strstr(text, " mmap 124 KiB (29.2 %) at least\n"));
	self->fixture.view->type = &summary_json_view;
	fixture_end(&self->fixture, &report);
	all = json_tokener_parse(fixture_text(&self->fixture));
	process = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
	EXPECT_EQ(NULL, JSON_AT(process, "anonymous", "mremap_bytes"));
	EXPECT_TRUE(json_object_object_get_ex(JSON_AT(process, "got"), "mmap_bytes", NULL));
	EXPECT_EQ(NULL, JSON_AT(process, "got", "mmap_bytes"));
	json_object_put(all);
}

/* Two processes in one address space have each mapped a part of it. */
TEST_F(summary, an_address_space_of_two)
{
	struct counters child = counters;
	const struct report report = { .events = 3, .counters = &child, .n = 1 };
	json_object *all, *process;

	fixture_event(&self->fixture, clone_event(BRKWATCH_CLONE_KIND_SHARED, 50, 2));
	fixture_end(&self->fixture, &report);
	EXPECT_NE(NULL, strstr(fixture_text(&self->fixture), "still mapped 96 KiB\n"));
	child.id = 2;
	child.mapped_bytes = 0;
	fixture_end(&self->fixture, &report);
	EXPECT_NE(NULL, strstr(fixture_text(&self->fixture),
			       "anonymous: mapped 0 bytes, unmapped 0 bytes, still mapped 96 KiB "
			       "in an address space that others use\n"));
	self->fixture.view->type = &summary_json_view;
	fixture_end(&self->fixture, &report);
	all = json_tokener_parse(fixture_text(&self->fixture));
	process = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
	EXPECT_TRUE(json_object_get_boolean(JSON_AT(process, "anonymous", "shared")));
	json_object_put(all);
}

/* The parent's mappings do not belong to the child, and count apart. */
TEST_F(summary, a_copy_of_the_parents)
{
	struct counters child = counters;
	const struct report report = { .events = 3, .counters = &child, .n = 1 };

	fixture_event(&self->fixture, clone_event(BRKWATCH_CLONE_KIND_COPY, 50, 2));
	child.id = 2;
	child.mapped_bytes = 0;
	fixture_end(&self->fixture, &report);
	EXPECT_NE(NULL, strstr(fixture_text(&self->fixture),
			       "anonymous: mapped 0 bytes, unmapped 0 bytes, still mapped 0 bytes; "
			       "inherited 96 KiB\n"));
}

TEST_F(summary, data_and_growth)
{
	struct counters some = counters;
	const struct report report = { .counters = &some, .n = 1 };
	json_object *all, *data;
	const char *text;

	some.growth = (struct growth){ .duration = 8 * SECOND,
				       .first = 3 * PAGE,
				       .peak = 20 * PAGE,
				       .now = 11 * PAGE,
				       .step = SECOND };
	fixture_end(&self->fixture, &report);
	text = fixture_text(&self->fixture);
	EXPECT_NE(
		NULL,
		strstr(text,
		       "data:      start 3 pages (12 KiB), peak 20 pages (80 KiB), end 11 pages (44 KiB)\n"));
	EXPECT_NE(NULL, strstr(text, "growth:    +32 KiB in 8.000000 s, +4 KiB/s\n\n"));
	self->fixture.view->type = &summary_json_view;
	fixture_end(&self->fixture, &report);
	all = json_tokener_parse(fixture_text(&self->fixture));
	data = JSON_AT(json_object_array_get_idx(JSON_AT(all, "processes"), 0), "data");
	EXPECT_EQ(11 * PAGE, json_object_get_int64(JSON_AT(data, "end_bytes")));
	EXPECT_EQ(PAGE, json_object_get_int64(JSON_AT(data, "bytes_per_second")));
	json_object_put(all);
}

/* It reserves 4 GiB and makes 128 MiB of that usable; nothing of it is an arena's. */
TEST_F(summary, a_managed_heap)
{
	const uint64_t reserved = 4096ULL << 20, committed = 128ULL << 20;
	struct event ev = mmap_event(0, reserved, ANON | MAP_NORESERVE, 2 * MAPS);
	struct counters some = counters;
	const struct report report = { .events = 4, .counters = &some, .n = 1 };
	const char *text;

	ev.map.prot = PROT_NONE;
	fixture_event(&self->fixture, ev);
	fixture_event(&self->fixture,
		      mmap_event(2 * MAPS, committed, ANON | MAP_NORESERVE | MAP_FIXED, 2 * MAPS));
	some.mapped_bytes += reserved + committed;
	some.reserved_bytes = reserved;
	fixture_end(&self->fixture, &report);
	text = fixture_text(&self->fixture);
	EXPECT_NE(NULL, strstr(text, "\nserved:    128.1 MiB at the peak: "));
	EXPECT_NE(NULL, strstr(text, "\nreserved:  3968 MiB of addresses (PROT_NONE)\n"));
	EXPECT_EQ(NULL, strstr(text, "arena"));
	self->fixture.view->filtered = self->fixture.view->uncounted = true;
	fixture_end(&self->fixture, &report);
	text = fixture_text(&self->fixture);
	EXPECT_NE(NULL, strstr(text, "\ngot:       brk 300 KiB (0.2 %), mmap 128.1 MiB (99.8 %)\n"
				     "reserved:  4096 MiB of addresses (PROT_NONE) in all\n"));
	EXPECT_EQ(NULL, strstr(text, "arena"));
}

TEST_HARNESS_MAIN
