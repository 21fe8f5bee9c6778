// SPDX-License-Identifier: GPL-2.0
/* Nothing is kept of a process that has ended. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "view_fixture.h"

/* Functions that no header declares. */
#include "run/loading.c"
#include "run/pipeline.c"

static uint32_t told;

static int on_event(struct view *view, const struct step *step)
{
	(void)view;
	(void)step;
	return 0;
}

/* Its account still exists. */
static int on_ended(struct view *view, const struct counters *last, const struct losses *losses)
{
	(void)losses;
	told += last->id;
	return ledger_find(view->ledger, last->id) ? 0 : -EINVAL;
}

static const struct view_type type = { .event = on_event, .ended = on_ended };

FIXTURE(parting)
{
	struct session session;
	struct ledger ledger;
	struct normalizer normalizer;
	struct tally tally;
	struct view view;
	struct pipeline in;
};

static struct event mmap_of(uint32_t watch)
{
	struct event ev = mmap_event(0, PAGE, MAP_PRIVATE | MAP_ANONYMOUS, MAPS);

	ev.watch = watch;
	return ev;
}

FIXTURE_SETUP(parting)
{
	uint32_t watch;

	self->ledger.geometry = (struct geometry){ PAGE, 512 * PAGE };
	self->normalizer.geometry = self->tally.geometry = self->ledger.geometry;
	self->normalizer.on = true;
	self->view = (struct view){ .type = &type, .out = stdout, .ledger = &self->ledger };
	self->in = (struct pipeline){ .session = &self->session,
				      .view = &self->view,
				      .normalizer = &self->normalizer,
				      .tally = &self->tally };
	told = 0;
	for (watch = 1; watch <= 100; watch++) {
		struct event ev = mmap_of(watch);

		ASSERT_EQ(0, show(&self->in, &ev));
	}
}

FIXTURE_TEARDOWN(parting)
{
	pipeline_free(&self->in);
	ledger_free(&self->ledger);
	normalizer_free(&self->normalizer);
	tally_free(&self->tally);
	free(self->session.watches);
}

/* The kernel's last counters decide, whether or not an exit event was seen. */
TEST_F(parting, nothing_is_kept)
{
	uint32_t watch;

	ASSERT_EQ(100, self->session.n);
	EXPECT_EQ(0, part_ended(&self->in));
	EXPECT_EQ(100, self->ledger.n);
	for (watch = 2; watch <= 100; watch++)
		self->session.watches[watch - 1].exited = true;
	self->session.ended = 99;
	EXPECT_EQ(0, part_ended(&self->in));
	EXPECT_EQ(5050 - 1, told);
	EXPECT_EQ(1, self->session.n);
	EXPECT_EQ(1, self->ledger.n);
	EXPECT_EQ(1, self->tally.n);
	EXPECT_EQ(1, self->normalizer.names.n);
	EXPECT_NE(NULL, ledger_find(&self->ledger, 1));
	EXPECT_EQ(1, self->tally.v[0].id);
}

/* A process that the view cannot take is not forgotten. */
TEST_F(parting, an_error)
{
	ledger_forget(&self->ledger, 2);
	self->session.watches[1].exited = true;
	self->session.ended = 1;
	EXPECT_EQ(-EINVAL, part_ended(&self->in));
	EXPECT_EQ(100, self->session.n);
}

static int keep(struct pipeline *in, uint32_t watch, uint64_t time)
{
	const struct snapshot snapshot = {
		.watch = watch, .time = time, .areas = calloc(1, sizeof(struct area)), .n = 1
	};

	return keep_exec(&snapshot, in);
}

/* The event that would fetch this snapshot was lost, so the snapshot would stay forever. */
TEST_F(parting, snapshots_of_nobody)
{
	self->in.seen = 10 * SECOND;
	EXPECT_EQ(0, keep(&self->in, 101, 9 * SECOND));
	EXPECT_EQ(0, self->in.execs.n);
	/* A process that is born in the current drain. */
	EXPECT_EQ(0, keep(&self->in, 101, 11 * SECOND));
	EXPECT_EQ(1, self->in.execs.n);
	EXPECT_EQ(0, keep(&self->in, 7, 9 * SECOND));
	EXPECT_EQ(2, self->in.execs.n);
	self->session.watches[6].exited = true;
	self->session.ended = 1;
	EXPECT_EQ(0, part_ended(&self->in));
	EXPECT_EQ(1, self->in.execs.n);
}

TEST_HARNESS_MAIN
