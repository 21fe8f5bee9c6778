// SPDX-License-Identifier: GPL-2.0
#include <linux/mman.h>
#include <signal.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "view/last_events.h"
#include "view/text.h"
#include "view_fixture.h"

/* The last event as its text was when it came, and what is kept of it. */
static struct last_events kept;
static char *at_once;

static int on_event(struct view *view, const struct step *step)
{
	free(at_once);
	at_once = text_of(view, step, put_what);
	return last_events_add(&kept, step->ev);
}

static const struct view_type view = { .events = ALL_EVENTS, .event = on_event };

static char *last_text(struct fixture *fixture)
{
	return last_events_text(&kept, fixture->view, kept.n - 1);
}

/* Its text is the same as when it came. */
static bool is_the_same(struct fixture *fixture, struct event ev)
{
	char *text;
	bool same;

	fixture_event(fixture, ev);
	text = last_text(fixture);
	same = text && *text && !strcmp(text, at_once);
	if (!same)
		printf("# \"%s\" was \"%s\"\n", text, at_once);
	free(text);
	return same;
}

FIXTURE(last_events)
{
	struct fixture fixture;
};

FIXTURE_SETUP(last_events)
{
	fixture_begin(&self->fixture, &view);
}

FIXTURE_TEARDOWN(last_events)
{
	last_events_free(&kept);
	free(at_once);
	at_once = NULL;
	fixture_free(&self->fixture);
}

TEST_F(last_events, each_kind_has_the_same_text_later)
{
	uint32_t kind;

	for (kind = 0; kind < KINDS; kind++) {
		struct event ev = any_event(kind);

		EXPECT_TRUE(is_the_same(&self->fixture, ev));
		if (event_is_call(kind) && kind != BRKWATCH_EVENT_KIND_BRK)
			EXPECT_TRUE(is_the_same(&self->fixture, failed(ev, ENOMEM)));
	}
}

TEST_F(last_events, rare_parts_have_the_same_text_later)
{
	struct event exec = exec_event("a\nb"), coredump = exit_event(SIGSEGV | 0x80);
	const uint64_t fixed = MREMAP_MAYMOVE | MREMAP_FIXED;

	exec.seccomp = 2;
	coredump.exit.peak_rss = 12345;
	EXPECT_TRUE(is_the_same(&self->fixture, exec));
	EXPECT_TRUE(is_the_same(&self->fixture, coredump));
	EXPECT_TRUE(is_the_same(&self->fixture, fault_event(SIGSEGV, SEGV_MAPERR, HEAP - 1)));
	EXPECT_TRUE(is_the_same(&self->fixture, fault_event(SIGSEGV, SEGV_MAPERR, HEAP + 1)));
	EXPECT_TRUE(
		is_the_same(&self->fixture, fault_event(SIGSEGV, SEGV_MAPERR, HEAP + 34 * PAGE)));
	EXPECT_TRUE(is_the_same(&self->fixture,
				mremap_event(MAPS, PAGE, PAGE, fixed, MAPS + 9 * PAGE)));
	EXPECT_TRUE(is_the_same(&self->fixture, clone_event(BRKWATCH_CLONE_KIND_THREAD, 43, 0)));
	EXPECT_TRUE(is_the_same(&self->fixture,
				mark_event("a text that has as many letters as a mark can")));
	EXPECT_TRUE(is_the_same(&self->fixture, brk_event(BRKWATCH_BRK_KIND_REFUSED, UINT64_MAX,
							  HEAP + PAGE, HEAP + PAGE)));
}

/* However many come, no more are kept, and they are the last ones. */
TEST_F(last_events, only_the_last_are_kept)
{
	const int many = 3 * LAST_EVENTS_MAX + 5;
	char *text, wanted[64];
	int i;

	for (i = 0; i < many; i++) {
		fixture_event(&self->fixture, munmap_event(MAPS, (i + 1) * PAGE));
		ASSERT_GE(LAST_EVENTS_MAX, kept.cap);
	}
	EXPECT_EQ(many, kept.n);
	for (i = many - LAST_EVENTS_MAX; i < many; i++) {
		snprintf(wanted, sizeof(wanted), "munmap(%#llx, %llu) = 0", MAPS, (i + 1) * PAGE);
		text = last_events_text(&kept, self->fixture.view, i);
		EXPECT_STREQ(wanted, text);
		free(text);
	}
}

TEST_HARNESS_MAIN
