// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <json-c/json.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "ledger/address_space.h"
#include "ledger/origin.h"
#include "view_fixture.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static const struct counters counters = {
	.id = 1,
	.pid = 42,
	.heap_start = HEAP,
	.brk_first = HEAP,
	.brk_peak = HEAP + 73 * PAGE,
	.brk = HEAP + 70 * PAGE + 1,
	.brk_calls = 7,
	.brk_queries = 2,
	.brk_grows = 3,
	.brk_shrinks = 1,
	.brk_refused = 1,
	.grown_bytes = 75 * PAGE,
	.shrunk_bytes = 5 * PAGE - 1,
	.grown_largest = 40 * PAGE,
	.mmap_calls = 10,
	.mmap_failed = 2,
	.mmap_anonymous = 5,
	.mapped_bytes = 25 * PAGE,
	.mapped_largest = 9 * PAGE,
	.mapped_file_bytes = 3 * PAGE,
	.munmap_calls = 2,
	.munmap_failed = 1,
	.unmapped_bytes = PAGE,
	.unmapped_largest = PAGE,
	.comm = "lab",
};

#define CALLS                                                                    \
	"call              calls   failures             size  largest granted\n" \
	"brk                   7          1          300 KiB          160 KiB\n" \
	"mmap                 10          2          112 KiB                -\n" \
	"  anonymous           5          -          100 KiB           36 KiB\n" \
	"  file                3          -           12 KiB                -\n" \
	"munmap                2          1            4 KiB            4 KiB\n" \
	"brk:       queries 2, grows 3, shrinks 1, refused 1; "                  \
	"grown 300 KiB, shrunk 20479 bytes\n"                                    \
	"heap:      start 0 pages, peak 73 pages (292 KiB), end 286721 bytes (71 pages)\n"
#define SERVED "served:    heap 300 KiB (75.0 %), mmap 100 KiB (25.0 %)\n\n"

FIXTURE(summary)
{
	struct fixture fixture;
};

FIXTURE_SETUP(summary)
{
	fixture_begin(&self->fixture, &summary_view);
	fixture_event(&self->fixture, mmap_event(0, 25 * PAGE, ANON, MAPS));
	fixture_event(&self->fixture, munmap_event(MAPS, PAGE));
}

/* What is still mapped was the most; what it came from is the ledger's matter. */
static const char *served_by(const struct fixture *fixture, char text[512])
{
	const struct process *p = ledger_find(&fixture->ledger, 1);
	uint64_t tag = ranges_find(&p->space->ranges, MAPS + PAGE)->tag;

	snprintf(text, 512, "served:    100 KiB at the peak: %s%s 100 KiB (100.0 %%)\n\n",
		 origin_name(tag_origin(tag)), tag_is_guess(tag) ? "?" : "");
	return text;
}

FIXTURE_TEARDOWN(summary)
{
	fixture_free(&self->fixture);
}

TEST_F(summary, one_process)
{
	const struct report report = { .events = 2, .counters = &counters, .n = 1 };
	char served[512], wanted[4096];

	fixture_end(&self->fixture, &report);
	snprintf(wanted, sizeof(wanted),
		 "pid 42 (lab)\n" CALLS "anonymous: mapped 100 KiB, unmapped 4 KiB, "
		 "still mapped 96 KiB\n"
		 "%sevents 2, lost 0 (ring 0, probe 0, watch 0, socket 0)\n",
		 served_by(&self->fixture, served));
	EXPECT_STREQ(wanted, fixture_text(&self->fixture));
}

TEST_F(summary, as_json)
{
	const struct report report = {
		.events = 2, .losses.ring = 4, .counters = &counters, .n = 1
	};
	json_object *all, *process;

	self->fixture.view->type = &summary_json_view;
	fixture_end(&self->fixture, &report);
	all = json_tokener_parse(fixture_text(&self->fixture));
	ASSERT_NE(NULL, all);
	EXPECT_EQ(2, json_object_get_int64(JSON_AT(all, "events")));
	EXPECT_EQ(4, json_object_get_int64(JSON_AT(all, "lost", "ring")));
	EXPECT_EQ(1, json_object_array_length(JSON_AT(all, "processes")));
	process = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
	EXPECT_EQ(42, json_object_get_int64(JSON_AT(process, "pid")));
	EXPECT_STREQ("lab", json_object_get_string(JSON_AT(process, "comm")));
	EXPECT_EQ(7, json_object_get_int64(JSON_AT(process, "calls", "brk", "calls")));
	EXPECT_EQ(40 * PAGE, json_object_get_int64(JSON_AT(process, "calls", "brk", "largest")));
	EXPECT_EQ(3, json_object_get_int64(JSON_AT(process, "calls", "mmap_file", "calls")));
	EXPECT_EQ(70 * PAGE + 1, json_object_get_int64(JSON_AT(process, "heap", "end_bytes")));
	EXPECT_EQ(24 * PAGE,
		  json_object_get_int64(JSON_AT(process, "anonymous", "still_mapped_bytes")));
	EXPECT_EQ(75 * PAGE, json_object_get_int64(JSON_AT(process, "served", "heap_bytes")));
	EXPECT_EQ(1, json_object_array_length(JSON_AT(process, "committed_by")));
	EXPECT_EQ(0, json_object_get_int64(JSON_AT(process, "reserved_bytes")));
	json_object_put(all);
}

TEST_F(summary, at_an_interval)
{
	const struct report report = { .time = 3 * SECOND, .counters = &counters, .n = 1 };
	const char *begins = "after 2.500000 s\n\npid 42 (lab)\n";
	json_object *all;

	self->fixture.view->timestamp.began = SECOND / 2;
	fixture_end(&self->fixture, &report);
	EXPECT_EQ(0, strncmp(begins, fixture_text(&self->fixture), strlen(begins)));
	self->fixture.view->type = &summary_json_view;
	fixture_end(&self->fixture, &report);
	all = json_tokener_parse(fixture_text(&self->fixture));
	EXPECT_EQ(3 * SECOND, json_object_get_int64(JSON_AT(all, "time_ns")));
	json_object_put(all);
}

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

TEST_F(summary, as_json_after_a_loss)
{
	struct counters lossy = counters;
	const struct report report = { .events = 2, .losses.ring = 1, .counters = &lossy, .n = 1 };
	json_object *all, *process;

	lossy.lost = 1;
	self->fixture.view->type = &summary_json_view;
	self->fixture.view->normalize = true;
	fixture_end(&self->fixture, &report);
	all = json_tokener_parse(fixture_text(&self->fixture));
	ASSERT_NE(NULL, all);
	process = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
	EXPECT_TRUE(json_object_object_get_ex(process, "pid", NULL));
	EXPECT_EQ(NULL, JSON_AT(process, "pid"));
	EXPECT_EQ(25 * PAGE, json_object_get_int64(JSON_AT(process, "anonymous", "mapped_bytes")));
	EXPECT_EQ(NULL, JSON_AT(process, "anonymous", "still_mapped_bytes"));
	EXPECT_TRUE(json_object_object_get_ex(process, "committed_by", NULL));
	EXPECT_EQ(NULL, JSON_AT(process, "committed_by"));
	json_object_put(all);
}

TEST_F(summary, normalized_and_lossy)
{
	struct counters lossy = counters;
	const struct report report = { .events = 2, .losses.ring = 4, .counters = &lossy, .n = 1 };

	lossy.lost = 4;
	self->fixture.view->normalize = true;
	fixture_end(&self->fixture, &report);
	EXPECT_STREQ("watch 1 (lab)\n" CALLS "anonymous: mapped 100 KiB, "
		     "unmapped and still mapped unknown (events lost)\n" SERVED
		     "events 2, lost 4 (ring 4, probe 0, watch 0, socket 0)\n",
		     fixture_text(&self->fixture));
}

TEST_F(summary, losses_that_are_not_exact)
{
	const struct report report = {
		.losses = { .ring = 1,
			    .probe = 2,
			    .blind_from = 3000000000,
			    .blind_to = 4500000000 },
	};

	self->fixture.view->timestamp.began = 1000000000;
	fixture_end(&self->fixture, &report);
	EXPECT_STREQ("not exact between 2.000000 s and 3.500000 s: the kernel's probes were off\n"
		     "events 0, lost at least 3 (ring 1, probe at least 2, watch 0, socket 0)\n",
		     fixture_text(&self->fixture));
}

TEST_F(summary, rare_calls)
{
	struct counters many = counters;
	const struct report report = { .events = 2, .counters = &many, .n = 1 };
	const char *text;

	many.mremap_calls = 12;
	many.mremap_failed = 1;
	many.mprotect_calls = 3;
	many.madvise_calls = 4;
	many.madvise_failed = 2;
	many.given_back_bytes = 8 * PAGE;
	many.shmat_calls = 6;
	many.shmat_failed = 5;
	many.shmdt_calls = 1;
	many.clones = 2;
	fixture_end(&self->fixture, &report);
	text = fixture_text(&self->fixture);
	EXPECT_NE(NULL,
		  strstr(text,
			 "munmap                2          1            4 KiB            4 KiB\n"
			 "mremap               12          1          0 bytes                -\n"
			 "mprotect              3          0                -                -\n"
			 "madvise               4          2           32 KiB                -\n"
			 "shmat                 6          5                -                -\n"
			 "shmdt                 1          0                -                -\n"
			 "life:      clones 2, faults 0\n"
			 "brk:       queries 2"));
}

/* A refused call of brk has no errno; one that a fatal signal ended has one. */
static void fail_some(struct counters *c)
{
	c->refusals = (struct refusals){
		.n = 3,
		.v = { { BRKWATCH_EVENT_KIND_MMAP, ENOMEM, 3 },
		       { BRKWATCH_EVENT_KIND_PKEY_MPROTECT, EACCES, 1 },
		       { BRKWATCH_EVENT_KIND_BRK, EINTR, 1 } },
		.others = 5,
	};
	c->brk_refused = 29;
}

TEST_F(summary, failed_calls)
{
	struct counters some = counters;
	const struct report report = { .events = 2, .counters = &some, .n = 1 };

	some.brk_refused = 29;
	fixture_end(&self->fixture, &report);
	/* The line of brk has them. */
	EXPECT_EQ(NULL, strstr(fixture_text(&self->fixture), "refused: "));
	fail_some(&some);
	some.clones = 1;
	fixture_end(&self->fixture, &report);
	EXPECT_NE(NULL,
		  strstr(fixture_text(&self->fixture),
			 "munmap                2          1            4 KiB            4 KiB\n"
			 "refused:   mmap ENOMEM 3, pkey_mprotect EACCES 1, brk EINTR 1, "
			 "brk 28, others 5\n"
			 "life:      clones 1"));
}

TEST_F(summary, failed_calls_as_json)
{
	struct counters some = counters;
	const struct report report = { .events = 2, .counters = &some, .n = 1 };
	json_object *all, *process;

	self->fixture.view->type = &summary_json_view;
	fail_some(&some);
	fixture_end(&self->fixture, &report);
	all = json_tokener_parse(fixture_text(&self->fixture));
	process = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
	EXPECT_STREQ("[{\"call\":\"mmap\",\"error\":\"ENOMEM\",\"calls\":3},"
		     "{\"call\":\"pkey_mprotect\",\"error\":\"EACCES\",\"calls\":1},"
		     "{\"call\":\"brk\",\"error\":\"EINTR\",\"calls\":1},"
		     "{\"call\":\"brk\",\"error\":null,\"calls\":28},"
		     "{\"call\":null,\"error\":null,\"calls\":5}]",
		     json_object_to_json_string_ext(JSON_AT(process, "refusals"),
						    JSON_C_TO_STRING_PLAIN));
	json_object_put(all);
	some.refusals = (struct refusals){ .unknown = true };
	fixture_end(&self->fixture, &report);
	all = json_tokener_parse(fixture_text(&self->fixture));
	process = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
	EXPECT_TRUE(json_object_object_get_ex(process, "refusals", NULL));
	EXPECT_EQ(NULL, JSON_AT(process, "refusals"));
	json_object_put(all);
}

TEST_F(summary, seccomp)
{
	static const struct {
		uint32_t mode;
		const char *line;
		const char *json;
	} modes[] = {
		{ 0, NULL, "\"off\"" },
		{ 1,
		  "\nseccomp:   strict mode is on: a call that it denies kills the process and "
		  "never reaches brkwatch\nbrk: ",
		  "\"strict\"" },
		{ 2,
		  "\nseccomp:   a filter is installed: calls that it denies never reach "
		  "brkwatch\nbrk: ",
		  "\"filter\"" },
		{ SECCOMP_UNKNOWN, NULL, "null" },
	};
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		struct counters some = counters;
		const struct report report = { .events = 2, .counters = &some, .n = 1 };
		json_object *all, *process;
		const char *text;

		some.seccomp = modes[i].mode;
		self->fixture.view->type = &summary_view;
		fixture_end(&self->fixture, &report);
		text = fixture_text(&self->fixture);
		EXPECT_EQ(!modes[i].line, !strstr(text, "seccomp"));
		EXPECT_NE(NULL, strstr(text, modes[i].line ?: ""));
		self->fixture.view->type = &summary_json_view;
		fixture_end(&self->fixture, &report);
		all = json_tokener_parse(fixture_text(&self->fixture));
		process = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
		EXPECT_TRUE(json_object_object_get_ex(process, "seccomp", NULL));
		EXPECT_STREQ(modes[i].json,
			     json_object_to_json_string(JSON_AT(process, "seccomp")));
		json_object_put(all);
	}
}

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

TEST_F(summary, withheld_events)
{
	const struct report report = { .events = 2, .counters = &counters, .n = 1 };

	self->fixture.view->filtered = true;
	fixture_end(&self->fixture, &report);
	EXPECT_NE(NULL, strstr(fixture_text(&self->fixture),
			       "anonymous: mapped 100 KiB, "
			       "unmapped and still mapped unknown (events filtered)\n"));
}

TEST_F(summary, no_calls_told)
{
	const struct report report = { .events = 3, .counters = &counters, .n = 1 };
	const char *text;

	self->fixture.view->filtered = self->fixture.view->uncounted = true;
	fixture_end(&self->fixture, &report);
	text = fixture_text(&self->fixture);
	EXPECT_NE(NULL, strstr(text, "anonymous: mapped 100 KiB\nserved:"));
	EXPECT_NE(NULL, strstr(text, "\nevents 3 besides calls, lost 0 (ring 0, "));
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

static void fixture_two(struct fixture *fixture, const struct view_type *ops)
{
	fixture_begin(fixture, ops);
	fixture_event(fixture, mmap_event(0, 25 * PAGE, ANON, MAPS));
	fixture_event(fixture, munmap_event(MAPS, PAGE));
}

/* First the lines of the text, then an empty line, then the page of -c. */
TEST(as_well_as_events)
{
	const struct report report = { .events = 2, .counters = &counters, .n = 1 };
	struct fixture text, page, both;
	char wanted[4096];

	fixture_two(&text, &text_view);
	fixture_two(&page, &summary_view);
	fixture_two(&both, &both_view);
	fixture_end(&page, &report);
	fixture_end(&both, &report);
	snprintf(wanted, sizeof(wanted), "%s\n%s", fixture_text(&text), fixture_text(&page));
	EXPECT_EQ(2, text.view->shown);
	EXPECT_STREQ(wanted, fixture_text(&both));
	fixture_free(&text);
	fixture_free(&page);
	fixture_free(&both);
}

/* No empty line precedes the page, because no events stand before it. */
TEST(no_events_to_show)
{
	const struct report report = { .counters = &counters, .n = 1 };
	struct fixture fixture;

	fixture_begin(&fixture, &both_view);
	fixture_end(&fixture, &report);
	EXPECT_EQ(0, strncmp("pid 42 (lab)\n", fixture_text(&fixture), 13));
	fixture_free(&fixture);
}

/* The process makes no call: others fill the ring. */
TEST(events_of_a_summary)
{
	EXPECT_FALSE(summary_view.events & CALL_EVENTS);
	EXPECT_TRUE(summary_view.events & 1U << BRKWATCH_EVENT_KIND_MARK);
	EXPECT_EQ((1U << KINDS) - 1, text_view.events);
	EXPECT_EQ((1U << KINDS) - 1, json_view.events);
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
	EXPECT_NE(NULL, strstr(text, "\nserved:    heap 300 KiB (0.2 %), mmap 128.1 MiB (99.8 %)\n"
				     "reserved:  4096 MiB of addresses (PROT_NONE) in all\n"));
	EXPECT_EQ(NULL, strstr(text, "arena"));
}

TEST_F(summary, nothing_happened)
{
	const struct counters idle = { .id = 2, .pid = 43, .comm = "idle" };
	const struct report report = { .counters = &idle, .n = 1 };

	fixture_end(&self->fixture, &report);
	EXPECT_NE(NULL, strstr(fixture_text(&self->fixture),
			       "served:    heap 0 bytes (0.0 %), mmap 0 bytes (0.0 %)\n"));
}

TEST_HARNESS_MAIN
