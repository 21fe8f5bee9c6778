// SPDX-License-Identifier: GPL-2.0
/* What --html -k writes: who got memory, and who has held it since when. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "stack/stacks.h"
#include "traced_event.h"
#include "view_fixture.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define SIZE (256 * PAGE)
#define MOVED (MAPS + (1ULL << 30))
#define BEGAN (2 * SECOND)

FIXTURE(page)
{
	struct fixture fixture;
	struct stacks stacks;
	char *text;
	json_object *run;
};

FIXTURE_SETUP(page)
{
}

FIXTURE_TEARDOWN(page)
{
	free(self->text);
	json_object_put(self->run);
	stacks_free(&self->stacks);
}

static void open_page(struct fixture *fixture, struct stacks *stacks, uint64_t min_age)
{
	struct view settings = { .stacks = stacks, .min_age = min_age };

	settings.timestamp.began = BEGAN;
	fixture_open_file(fixture, &html_view, settings);
}

#define OPEN(min_age) open_page(&self->fixture, &self->stacks, min_age)

/* A call of a function, so many seconds after the session began. */
static void call(struct fixture *fixture, struct stacks *stacks, const struct frame *frame,
		 uint64_t second, struct event ev)
{
	ev.time = BEGAN + second * SECOND;
	traced_event(fixture, stacks, frame, ev);
}

static const struct frame leaky = { .path = "/lab", .function = "leaky" };
static const struct frame good = { .path = "/lab", .function = "good" };

#define CALL(function, second, event) call(&self->fixture, &self->stacks, &function, second, event)

/* One leaks in two calls, whose mappings are neighbours; the other unmaps as much. */
#define LEAK()                                                          \
	do {                                                            \
		CALL(leaky, 1, mmap_event(0, SIZE, ANON, MAPS));        \
		CALL(good, 2, mmap_event(0, SIZE, ANON, MOVED));        \
		CALL(good, 3, munmap_event(MOVED, SIZE));               \
		CALL(leaky, 4, mmap_event(0, SIZE, ANON, MAPS + SIZE)); \
	} while (0)

static void end_page(struct fixture *fixture, uint64_t lost, char **text, json_object **run)
{
	const struct report report = { .losses.ring = lost };

	*text = fixture_file(fixture, &report);
	*run = run_in_page(*text);
}

#define END(lost) end_page(&self->fixture, lost, &self->text, &self->run)

static json_object *part(json_object *run, const char *key, size_t at)
{
	return json_object_array_get_idx(JSON_AT(run, key), at);
}

/* A step's change of the map or what it got, as JSON; "null" without one. */
static const char *of_step(json_object *run, size_t step, size_t at)
{
	return json_object_to_json_string_ext(
		json_object_array_get_idx(part(run, "steps", step), at), JSON_C_TO_STRING_PLAIN);
}

#define CHANGE(step) of_step(self->run, step, 11)
#define GOT(step) of_step(self->run, step, 12)

/* The times of the boxes that a step brings, from the end of its change. */
static int64_t since(json_object *run, size_t step, size_t back)
{
	json_object *change = json_object_array_get_idx(part(run, "steps", step), 11);
	size_t n = json_object_array_length(change);

	return json_object_get_int64(json_object_array_get_idx(change, n - 1 - 5 * back));
}

TEST_F(page, who_got_and_since_when)
{
	OPEN(0);
	LEAK();
	END(0);
	ASSERT_NE(NULL, self->run);
	EXPECT_EQ(2, json_object_array_length(JSON_AT(self->run, "sites")));
	EXPECT_STREQ(" > /lab(leaky+0) [0]\n", json_object_get_string(part(self->run, "sites", 0)));
	EXPECT_STREQ(" > /lab(good+0) [0]\n", json_object_get_string(part(self->run, "sites", 1)));
	EXPECT_STREQ("[1,1048576]", GOT(0));
	EXPECT_STREQ("[2,1048576]", GOT(1));
	EXPECT_STREQ("null", GOT(2));
	EXPECT_STREQ("[1,1048576]", GOT(3));
	EXPECT_EQ(1 * SECOND, since(self->run, 0, 0));
	EXPECT_EQ(2 * SECOND, since(self->run, 1, 0));
	/* The neighbours stay apart, because their ages differ. */
	EXPECT_EQ(4 * SECOND, since(self->run, 3, 0));
	EXPECT_EQ(0, strncmp("[1,0,", CHANGE(3), 5)) TH_LOG("%s", CHANGE(3));
}

/* What is left of a mapping is as old as the whole. */
TEST_F(page, a_part_keeps_its_age)
{
	OPEN(0);
	CALL(leaky, 1, mmap_event(0, SIZE, ANON, MAPS));
	CALL(good, 5, munmap_event(MAPS + PAGE, PAGE));
	END(0);
	EXPECT_EQ(1 * SECOND, since(self->run, 1, 0));
	EXPECT_EQ(1 * SECOND, since(self->run, 1, 1));
}

/* The break moves within a page: the map stays as it is. */
TEST_F(page, got_without_a_change)
{
	OPEN(0);
	CALL(leaky, 1, brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + 100, HEAP, HEAP + 100));
	CALL(leaky, 2, brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + 200, HEAP + 100, HEAP + 200));
	END(0);
	EXPECT_STREQ("[1,100]", GOT(0));
	EXPECT_STREQ("[1,100]", GOT(1));
	EXPECT_STREQ("null", CHANGE(1));
}

/* Calls that share a number have no age. */
TEST_F(page, more_calls_than_numbers)
{
	OPEN(0);
	self->fixture.ledger.holdings.used = HOLDINGS_MAX;
	CALL(leaky, 1, mmap_event(0, SIZE, ANON, MAPS));
	END(0);
	EXPECT_EQ(-1, since(self->run, 0, 0));
	EXPECT_STREQ("[1,1048576]", GOT(0));
	EXPECT_STREQ(" > other\n", json_object_get_string(part(self->run, "sites", 1)));
}

TEST_F(page, what_the_user_asks_for)
{
	OPEN(3 * SECOND);
	LEAK();
	END(0);
	EXPECT_EQ(3 * SECOND, json_object_get_uint64(JSON_AT(self->run, "min_age")));
	EXPECT_TRUE(json_object_get_boolean(JSON_AT(self->run, "known")));
}

TEST_F(page, unknown_after_a_loss)
{
	OPEN(0);
	LEAK();
	END(1);
	EXPECT_FALSE(json_object_get_boolean(JSON_AT(self->run, "known")));
	EXPECT_FALSE(json_object_get_boolean(JSON_AT(self->run, "filtered")));
}

/* A capture can lack what a filter withheld, and then nothing was lost. */
TEST_F(page, unknown_after_a_filter)
{
	OPEN(0);
	self->fixture.view->filtered = true;
	LEAK();
	END(0);
	EXPECT_FALSE(json_object_get_boolean(JSON_AT(self->run, "known")));
	EXPECT_TRUE(json_object_get_boolean(JSON_AT(self->run, "filtered")));
}

/* No name that a process chooses ends the script, or begins another one. */
TEST_F(page, names_are_no_html)
{
	static const struct frame evil = { .path = "/</script><b>", .function = "<script>" };
	struct event mark = mark_event("</script><img src=x onerror=alert(1)>");
	const char *data, *end;

	OPEN(0);
	CALL(evil, 1, exec_event("</script><b>"));
	self->fixture.ledger.asker =
		(struct asker){ .owner = OWNER_OTHER, .file = "<!--</script>" };
	CALL(evil, 2, mmap_event(0, SIZE, ANON, MAPS));
	snprintf(mark.comm, sizeof(mark.comm), "</script><i>");
	CALL(evil, 3, mark);
	END(0);
	data = strstr(self->text, "id=\"run\">") + strlen("id=\"run\">");
	end = strstr(data, "]}</script>\n<script>\n");
	ASSERT_NE(NULL, end);
	EXPECT_EQ(NULL, memchr(data, '<', end - data));
	ASSERT_NE(NULL, self->run);
	/* The names are there all the same. */
	EXPECT_STREQ("</script><i>", json_object_get_string(json_object_array_get_idx(
					     part(self->run, "processes", 0), 2)));
	EXPECT_STREQ(" > /</script><b>(<script>+0) [0]\n",
		     json_object_get_string(part(self->run, "sites", 0)));
	EXPECT_NE(NULL, strstr(json_object_get_string(
				       json_object_array_get_idx(part(self->run, "steps", 2), 4)),
			       "</script><img"));
}

TEST_HARNESS_MAIN
