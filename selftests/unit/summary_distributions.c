// SPDX-License-Identifier: GPL-2.0
/* The sizes of calls and the time that they took, in a summary. */
#include <json-c/json.h>
#include <kselftest_harness.h>

#include "summary_fixture.h"

TEST_F(summary, sizes_and_durations)
{
	struct counters some = counters;
	struct report report = { .events = 2, .counters = &some, .n = 1 };
	struct distribution *all = some.distributions;
	json_object *json, *process;
	const char *text;

	distribution_add(all, BRKWATCH_EVENT_KIND_BRK, BRKWATCH_MEASURE_SIZE, 1000);
	distribution_add(all, BRKWATCH_EVENT_KIND_BRK, BRKWATCH_MEASURE_SIZE, 40 * PAGE);
	distribution_add(all, BRKWATCH_EVENT_KIND_MUNMAP, BRKWATCH_MEASURE_SIZE, 2 * PAGE);
	distribution_add(all, BRKWATCH_EVENT_KIND_BRK, BRKWATCH_MEASURE_DURATION, 700);
	distribution_add(all, BRKWATCH_EVENT_KIND_BRK, BRKWATCH_MEASURE_DURATION, 3000123);
	fixture_end(&self->fixture, &report);
	text = fixture_text(&self->fixture);
	EXPECT_NE(NULL, strstr(text, "size from           brk       mmap     munmap\n"
				     "     < 8 KiB          1          0          0\n"
				     "       8 KiB          0          0          1\n"
				     "      16 KiB          0          0          0\n"));
	EXPECT_NE(NULL, strstr(text, "     128 KiB          1          0          0\n"
				     "time in us            least         median           99 %  "
				     "         most\n"
				     "brk                   0.700           <1.1     <=3000.123  "
				     "     3000.123\nbrk:       "));
	self->fixture.view->type = &summary_json_view;
	fixture_end(&self->fixture, &report);
	json = json_tokener_parse(fixture_text(&self->fixture));
	process = json_object_array_get_idx(JSON_AT(json, "processes"), 0);
	EXPECT_EQ(1000, json_object_get_int64(JSON_AT(process, "sizes", "brk", "least")));
	EXPECT_EQ(NULL, JSON_AT(process, "sizes", "mmap"));
	EXPECT_STREQ("[[0,1],[131072,1]]",
		     json_object_to_json_string_ext(JSON_AT(process, "sizes", "brk", "buckets"),
						    JSON_C_TO_STRING_PLAIN));
	EXPECT_EQ(1024, json_object_get_int64(JSON_AT(process, "durations_ns", "brk", "median")));
	json_object_put(json);
	self->fixture.view->normalize = true;
	self->fixture.view->type = &summary_view;
	fixture_end(&self->fixture, &report);
	EXPECT_EQ(NULL, strstr(fixture_text(&self->fixture), "time in us"));
}

/* The median is known only to a power of two. */
TEST_F(summary, no_more_digits_than_are_known)
{
	static const struct {
		uint64_t ns;
		const char *below;
	} cases[] = { { 90, "        <0.13 " },
		      { 300, "        <0.52 " },
		      { 1500, "         <2.1 " },
		      { 10000, "          <17 " },
		      { 600000, "        <1100 " } };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct counters some = counters;
		const struct report report = { .counters = &some, .n = 1 };
		struct distribution *all = some.distributions;
		int n;

		for (n = 0; n < 99; n++)
			distribution_add(all, BRKWATCH_EVENT_KIND_BRK, BRKWATCH_MEASURE_DURATION,
					 cases[i].ns);
		distribution_add(all, BRKWATCH_EVENT_KIND_BRK, BRKWATCH_MEASURE_DURATION, 1 << 30);
		fixture_end(&self->fixture, &report);
		EXPECT_NE(NULL, strstr(fixture_text(&self->fixture), cases[i].below));
	}
}

/* One call is the only information. */
TEST_F(summary, time_of_one_call)
{
	struct counters some = counters;
	const struct report report = { .counters = &some, .n = 1 };

	distribution_add(some.distributions, BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_DURATION,
			 12345);
	fixture_end(&self->fixture, &report);
	EXPECT_NE(
		NULL,
		strstr(fixture_text(&self->fixture),
		       "mmap                 12.345         12.345         12.345         12.345\n"));
}

TEST_HARNESS_MAIN
