// SPDX-License-Identifier: GPL-2.0
/*
 * The next kind of call, after all existing kinds. The tool is compiled once more for this test,
 * with the three lines that a developer who adds a call writes first: see the Makefile.
 */
#include <errno.h>
#include <string.h>
#include <kselftest_harness.h>

#include "event/filter.h"
#include "ledger/address_space.h"
#include "view_fixture.h"

/* Functions that no header declares. */
#include "run/pipeline.c"
#include "run/tally.c"

static struct event new_call(void)
{
	struct event ev = mprotect_event(MAPS, PAGE, 0);

	ev.kind = BRKWATCH_EVENT_KIND_NEW;
	return ev;
}

TEST(kinds)
{
	EXPECT_LT(BRKWATCH_EVENT_KIND_MARK, BRKWATCH_EVENT_KIND_NEW);
	EXPECT_TRUE(event_is_call(BRKWATCH_EVENT_KIND_NEW));
	EXPECT_FALSE(event_is_call(BRKWATCH_EVENT_KIND_MARK));
	EXPECT_FALSE(event_is_call(BRKWATCH_EVENT_KIND_NEW + 1));
	EXPECT_FALSE(event_is_call(32));
	EXPECT_FALSE(event_is_call(UINT32_MAX));
	EXPECT_TRUE(LEDGER_EVENTS & EVENT_BIT(NEW));
}

/* A lifecycle event would pass. */
TEST(filter)
{
	const struct filter filter = { .failed = true };
	struct event ev = new_call();

	EXPECT_FALSE(filter_matches(&filter, &ev));
	ev.error = ENOMEM;
	EXPECT_TRUE(filter_matches(&filter, &ev));
}

TEST(pipeline)
{
	struct glance glance = { .kind = BRKWATCH_EVENT_KIND_NEW, .watch = 1, .pid = 2, .tid = 2 };
	struct counters watch = { .id = 1 };
	struct session session = { .watches = &watch, .n = 1 };
	struct ledger ledger = { 0 };
	struct view view = { .ledger = &ledger };
	struct pipeline pipeline = { .session = &session, .view = &view };
	struct event ev = new_call();

	EXPECT_TRUE(skim_passes(&glance, &pipeline));
	glance.tid = 3;
	EXPECT_FALSE(skim_passes(&glance, &pipeline));
	EXPECT_FALSE(pipeline.accounts);
	EXPECT_EQ(0, skim(&pipeline, &ev));
	EXPECT_TRUE(pipeline.accounts);
}

/* --count counts the events that are shown, or otherwise those that are stored. */
TEST(count_of_a_capture)
{
	const struct view_type storing = { .blind = true }, showing = { 0 };
	struct view view = { .type = &storing, .count = 5 };
	struct pipeline pipeline = { .view = &view, .passed = 3 };

	pipeline.batch.n = 1;
	count_stored(&pipeline);
	EXPECT_EQ(4, view.shown);
	EXPECT_FALSE(view_is_full(&view));
	count_stored(&pipeline);
	EXPECT_TRUE(view_is_full(&view));
	view = (struct view){ .type = &showing, .count = 5 };
	count_stored(&pipeline);
	EXPECT_EQ(0, view.shown);
}

/* What a lifecycle event does not change. */
TEST(ledger)
{
	struct event ev = new_call();
	struct ledger ledger = { .geometry.page = PAGE };
	struct change change;
	struct process *process = ledger_apply(&ledger, &ev, &change);

	ASSERT_NE(NULL, process);
	EXPECT_EQ(ev.time, process->space->latest);
	EXPECT_EQ(ev.tid, process->space->latest_tid);
	ledger_free(&ledger);
}

/* A lifecycle event has no bytes, even if the field of a call's length is set. */
TEST(tally)
{
	struct tally tally = { .geometry.page = PAGE };
	struct event ev = new_call();

	EXPECT_EQ(PAGE, bytes_of(&tally, &ev));
}

TEST(places)
{
	struct normalizer normalizer = { .geometry.page = PAGE };
	struct event ev = new_call();
	struct places places;

	for (; !normalizer.on; normalizer.on = true) {
		ASSERT_EQ(0, normalize(&normalizer, &ev, &places));
		EXPECT_NE('\0', *places.addr);
	}
	normalizer_free(&normalizer);
}

static void expect_line(struct __test_metadata *_metadata, const struct view_type *type,
			const char *part)
{
	struct fixture fixture;

	EXPECT_TRUE(type->events & EVENT_BIT(NEW));
	fixture_begin(&fixture, type);
	fixture_event(&fixture, new_call());
	EXPECT_NE(NULL, strstr(fixture_text(&fixture), part))
	{
		TH_LOG("'%s' in '%s'", part, fixture_text(&fixture));
	}
	fixture_free(&fixture);
}

TEST(strace)
{
	expect_line(_metadata, &strace_view, "new(0x7fff00000000, 4096)");
}

TEST(text)
{
	expect_line(_metadata, &text_view, "new(0x7fff00000000, 4096) = 0  # ");
}

TEST_HARNESS_MAIN
