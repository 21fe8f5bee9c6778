// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "view_fixture.h"
#include "view/top.h"
#include "view/top_text.h"

#define MIB (1ULL << 20)

static struct counters process(uint32_t id, const char *comm, uint64_t heap, uint64_t data)
{
	struct counters c = {
		.id = id,
		.pid = 1000 - id,
		.heap_start = HEAP,
		.brk = HEAP + heap,
		.growth = { .duration = 2 * SECOND, .first = 0, .now = data },
	};

	snprintf(c.comm, sizeof(c.comm), "%s", comm);
	return c;
}

static void count(struct top *top, struct counters c, uint64_t time)
{
	if (top_count(top, &c, time))
		exit(1);
}

/* Ids of the watches, in order; 0 after the last. */
static void order(struct top *top, enum top_key key, uint32_t *ids)
{
	size_t n, i;
	const struct top_row **rows;

	top->key = key;
	rows = top_order(top, &n);
	for (i = 0; i < n; i++)
		ids[i] = rows[i]->watch;
	ids[n] = 0;
	free(rows);
}

TEST(rates)
{
	struct top top = { 0 };
	struct counters c = process(1, "a", 0, 4 * MIB);

	/* The first rate is over the process's life. */
	count(&top, c, 10 * SECOND);
	EXPECT_EQ(2.0 * MIB, top_find(&top, 1)->growth);
	c.growth.now = 3 * MIB;
	count(&top, c, 10 * SECOND + SECOND / 2);
	EXPECT_EQ(-2.0 * MIB, top_find(&top, 1)->growth);
	/* A report without a time is not a measurement. */
	c.growth.now = 4 * MIB;
	count(&top, c, 0);
	EXPECT_EQ(-2.0 * MIB, top_find(&top, 1)->growth);
	c.exited = true;
	c.growth.duration = 4 * SECOND;
	count(&top, c, 12 * SECOND);
	EXPECT_EQ(1.0 * MIB, top_find(&top, 1)->growth);
	EXPECT_TRUE(top_find(&top, 1)->ended);
	EXPECT_EQ(NULL, top_find(&top, 2));
	top_free(&top);
}

TEST(sorted_by_each_key)
{
	/* Each leads one column: 1 growth, 2 heap, 3 refused, 4 lost; 4 has the least pid. */
	struct counters c[] = { process(1, "one", 0, 8 * MIB), process(2, "two", MIB, MIB),
				process(3, "three", 1, MIB), process(4, "four", 2, 2 * MIB) };
	static const struct {
		enum top_key key;
		uint32_t ids[5];
	} orders[] = {
		{ TOP_GROWTH, { 1, 4, 3, 2 } },	  { TOP_HEAP, { 2, 4, 3, 1 } },
		{ TOP_REFUSED, { 3, 4, 2, 1 } },  { TOP_LOST, { 4, 3, 2, 1 } },
		{ TOP_PID, { 4, 3, 2, 1 } },	  { TOP_ANONYMOUS, { 4, 3, 2, 1 } },
		{ TOP_RESIDENT, { 4, 3, 2, 1 } },
	};
	struct top top = { 0 };
	uint32_t ids[5];
	size_t i;

	ASSERT_EQ(TOP_KEYS, sizeof(orders) / sizeof(*orders));
	c[2].brk_refused = c[2].mmap_failed = c[2].mremap_failed = 1;
	c[3].lost = 7;
	for (i = 4; i--;)
		count(&top, c[i], SECOND);
	for (i = 0; i < TOP_KEYS; i++) {
		order(&top, orders[i].key, ids);
		EXPECT_EQ(0, memcmp(orders[i].ids, ids, sizeof(ids)))
		{
			TH_LOG("key %u: %u %u %u %u", orders[i].key, ids[0], ids[1], ids[2],
			       ids[3]);
		}
	}
	EXPECT_EQ(3, top_find(&top, 3)->refused);
	snprintf(top.filter, sizeof(top.filter), "o");
	order(&top, TOP_PID, ids);
	EXPECT_EQ(4, ids[0]);
	EXPECT_EQ(2, ids[1]);
	EXPECT_EQ(1, ids[2]);
	EXPECT_EQ(0, ids[3]);
	top_free(&top);
}

/* A line on a narrower screen equals the one at full width, except for its end. */
TEST(lines_fit_each_screen)
{
	const struct top_row row = {
		.pid = 4194303,
		.comm = "a-long-name-x",
		.growth = -1023 * (int64_t)MIB,
		.heap = 1023 * MIB,
		.anonymous = 1023 * MIB,
		.resident = TOP_UNKNOWN,
		.refused = 12345678,
		.lost = 12345,
	};
	struct top top = { .key = TOP_ANONYMOUS, .losses = { .ring = 7, .probe = 2 } };
	char whole[3][TOP_TEXT_MAX], line[TOP_TEXT_MAX];
	size_t columns;

	top_head(whole[0], 80, &top, 12, ", name has: x_");
	top_titles(whole[1], 80);
	top_line(whole[2], 80, &row);
	EXPECT_STREQ("brkwatch: 12 processes, lost at least 9, by anonymous, name has: x_",
		     whole[0]);
	EXPECT_STREQ(
		"    PID NAME              GROWTH/s       HEAP  ANONYMOUS   RESIDENT REFUSED LOST",
		whole[1]);
	EXPECT_EQ(80, strlen(whole[1]));
	EXPECT_EQ(0, strncmp("4194303 a-long-name-x ", whole[2], 22));
	EXPECT_NE(NULL, strstr(whole[2], " unknown "));
	for (columns = 0; columns <= 80; columns++) {
		EXPECT_EQ(strnlen(whole[0], columns),
			  strlen(top_head(line, columns, &top, 12, ", name has: x_")));
		EXPECT_EQ(0, strncmp(whole[0], line, strlen(line)));
		EXPECT_EQ(columns, strlen(top_titles(line, columns)));
		EXPECT_EQ(0, strncmp(whole[1], line, columns));
		EXPECT_EQ(columns, strlen(top_line(line, columns, &row)));
		EXPECT_EQ(0, strncmp(whole[2], line, columns));
	}
	/* Names use the extra columns of a wider screen. */
	EXPECT_EQ(200, strlen(top_titles(line, 200)));
	EXPECT_EQ(0, strcmp(strstr(whole[1], "GROWTH"), strstr(line, "GROWTH")));
	EXPECT_EQ(TOP_TEXT_MAX - 1, strlen(top_titles(line, 100000)));
	EXPECT_EQ(TOP_TEXT_MAX - 1, strlen(top_line(line, 100000, &row)));
}

TEST(the_oldest_of_many_that_ended_go)
{
	struct counters last = process(399, "x", 0, 0);
	struct top top = { 0 };
	uint32_t id;

	last.exited = true;
	for (id = 1; id <= 400; id++) {
		struct counters c = process(id, "x", 0, 0);

		c.exited = id % 2;
		count(&top, c, SECOND);
	}
	top_forget(&top);
	EXPECT_EQ(200 + 128, top.n);
	EXPECT_EQ(NULL, top_find(&top, 1));
	EXPECT_NE(NULL, top_find(&top, 2));
	EXPECT_NE(NULL, top_find(&top, 399));
	/* The figures of a process that is gone can come more than once. */
	count(&top, last, SECOND);
	count(&top, last, SECOND);
	top_forget(&top);
	EXPECT_EQ(200 + 128, top.n);
	top_free(&top);
}

static struct top fed;

static int on_event(struct view *view, const struct step *step)
{
	return top_event(&fed, view, step);
}

static int on_end(struct view *view, const struct report *report)
{
	(void)view;
	(void)report;
	return 0;
}

static const struct view_type view = {
	.events = ALL_EVENTS,
	.event = on_event,
	.end = on_end,
};

static const char *last_text(struct fixture *fixture, char buf[TOP_TEXT_MAX])
{
	const struct last_events *last = &fed.v[0].last;
	char *text = last_events_text(last, fixture->view, last->n - 1);

	snprintf(buf, TOP_TEXT_MAX, "%s", text ?: "");
	free(text);
	return buf;
}

TEST(what_events_tell)
{
	const struct top_row *row;
	struct fixture fixture;
	char text[TOP_TEXT_MAX];
	int i;

	fixture_begin(&fixture, &view);
	fixture_event(&fixture, exec_event("a"));
	fixture_event(&fixture,
		      brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + 2 * PAGE, HEAP, HEAP + 2 * PAGE));
	EXPECT_EQ(2 * PAGE, fed.v[0].heap);
	for (i = 0; i < 3; i++)
		fixture_event(&fixture, mmap_event(0, PAGE, 0x22, MAPS + i * PAGE));
	ASSERT_EQ(1, fed.n);
	row = &fed.v[0];
	EXPECT_EQ(3 * PAGE, row->anonymous);
	EXPECT_EQ(3 + 2, row->last.n);
	EXPECT_NE(NULL, strstr(last_text(&fixture, text), "mmap(NULL, 4096, "));
	EXPECT_EQ(NULL, row->map);
	fixture_event(&fixture, exit_event(0));
	row = &fed.v[0];
	EXPECT_STREQ("+++ exited with 0 +++", last_text(&fixture, text));
	EXPECT_NE(NULL, row->space);
	top_free(&fed);
	fixture_free(&fixture);
}

static void at_exit(struct fixture *fixture, uint32_t watch)
{
	struct event ev = exit_event(0);

	ev.watch = watch;
	fixture_event(fixture, ev);
}

/* The map of a process that has ended needs no text until the user looks at it. */
TEST(the_map_stays_after_the_end)
{
	struct fixture fixture;
	char *before, *after;

	fixture_begin(&fixture, &view);
	fixture_event(&fixture, exec_event("a"));
	fixture_event(&fixture, mmap_event(0, PAGE, 0x22, MAPS));
	before = top_map(fixture.view, &fed.v[0]);
	at_exit(&fixture, 1);
	EXPECT_EQ(NULL, fed.v[0].map);
	ledger_forget(&fixture.ledger, 1);
	ASSERT_NE(NULL, fed.v[0].space);
	after = top_map(fixture.view, &fed.v[0]);
	EXPECT_NE(NULL, strstr(after, "direct mmap?"));
	EXPECT_STREQ(before, after);
	free(before);
	free(after);
	top_free(&fed);
	fixture_free(&fixture);
}

/* The parent goes on in the address space of its child, and changes it. */
TEST(a_shared_map_stays_as_it_was)
{
	struct fixture fixture;
	const struct top_row *row;

	fixture_begin(&fixture, &view);
	fixture_event(&fixture, exec_event("a"));
	fixture_event(&fixture, mmap_event(0, PAGE, 0x22, MAPS));
	fixture_event(&fixture, clone_event(BRKWATCH_CLONE_KIND_SHARED, 43, 2));
	at_exit(&fixture, 2);
	fixture_event(&fixture, munmap_event(MAPS, PAGE));
	row = top_find(&fed, 2);
	EXPECT_EQ(NULL, row->space);
	ASSERT_NE(NULL, row->map);
	EXPECT_NE(NULL, strstr(row->map, "direct mmap?"));
	top_free(&fed);
	fixture_free(&fixture);
}

TEST_HARNESS_MAIN
