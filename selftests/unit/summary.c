// SPDX-License-Identifier: GPL-2.0
/* A summary as a whole, and what it says about losses and events that a filter withholds. */
#include <json-c/json.h>
#include <kselftest_harness.h>

#include "ledger/address_space.h"
#include "ledger/origin.h"
#include "summary_fixture.h"

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
#define GOT "got:       brk 300 KiB (75.0 %), mmap 100 KiB (25.0 %)\n\n"
#define GOT_JSON "{\"brk_bytes\":307200,\"mmap_bytes\":102400,\"reserved_bytes\":0}"

/* What is still mapped was the most; what it came from is the ledger's matter. */
static const char *served_by(const struct fixture *fixture, char text[512])
{
	const struct process *p = ledger_find(&fixture->ledger, 1);
	uint64_t tag = ranges_find(&p->space->ranges, MAPS + PAGE)->tag;

	snprintf(text, 512, "served:    100 KiB at the peak: %s%s 100 KiB (100.0 %%)\n\n",
		 origin_name(tag_origin(tag)), tag_is_guess(tag) ? "?" : "");
	return text;
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
	EXPECT_STREQ(GOT_JSON, json_object_to_json_string_ext(JSON_AT(process, "got"),
							      JSON_C_TO_STRING_PLAIN));
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
	EXPECT_STREQ(GOT_JSON, json_object_to_json_string_ext(JSON_AT(process, "got"),
							      JSON_C_TO_STRING_PLAIN));
	EXPECT_STREQ("{\"heap_bytes\":null,\"arenas_bytes\":null,\"mmap_bytes\":null}",
		     json_object_to_json_string_ext(JSON_AT(process, "served"),
						    JSON_C_TO_STRING_PLAIN));
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
		     "unmapped and still mapped unknown (events lost)\n" GOT
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
	EXPECT_NE(NULL, strstr(text, "anonymous: mapped 100 KiB\ngot:       brk "));
	EXPECT_EQ(NULL, strstr(text, "served"));
	EXPECT_NE(NULL, strstr(text, "\nevents 3 besides calls, lost 0 (ring 0, "));
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

TEST_F(summary, nothing_happened)
{
	const struct counters idle = { .id = 2, .pid = 43, .comm = "idle" };
	const struct report report = { .counters = &idle, .n = 1 };

	fixture_end(&self->fixture, &report);
	EXPECT_NE(NULL, strstr(fixture_text(&self->fixture),
			       "got:       brk 0 bytes (0.0 %), mmap 0 bytes (0.0 %)\n"));
}

TEST_HARNESS_MAIN
