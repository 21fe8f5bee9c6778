// SPDX-License-Identifier: GPL-2.0
/* What --html writes: what changes in the map, and the whole page. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "lib/names.h"
#include "view_fixture.h"
#include "view/html/html.h"
#include "view/html/page.h"
#include "view/json_line.h"

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

/* The state that a page derives from the changes, and the ledger's state. */
static struct boxes told, known;

static uint64_t number(json_object *array, size_t at)
{
	return json_object_get_uint64(json_object_array_get_idx(array, at));
}

static void apply(json_object *change)
{
	size_t at = number(change, 0), gone = number(change, 1);
	size_t n = (json_object_array_length(change) - 2) / 5, i;
	struct box *v = calloc(told.n - gone + n + 1, sizeof(*v));

	for (i = 0; i < at; i++)
		v[i] = told.v[i];
	for (i = 0; i < n; i++)
		v[at + i] = (struct box){ number(change, 2 + 5 * i), number(change, 3 + 5 * i),
					  number(change, 4 + 5 * i), number(change, 5 + 5 * i) };
	for (i = at + gone; i < told.n; i++)
		v[i - gone + n] = told.v[i];
	free(told.v);
	told.v = v;
	told.n += n - gone;
}

static int splice_event(struct view *view, const struct step *step)
{
	struct boxes fresh = { 0 };
	json_object *change;
	struct line line;
	int err = 0;

	if (!step->process->space)
		return 0;
	line_begin_value(&line);
	html_splice(&line, &known, step->process->space, view->ledger, 0);
	change = json_of(&line);
	if (change)
		apply(change);
	json_object_put(change);
	line_begin_value(&line);
	html_splice(&line, &fresh, step->process->space, view->ledger, 0);
	line_drop(&line);
	if (fresh.n != told.n || (fresh.n && memcmp(fresh.v, told.v, fresh.n * sizeof(*fresh.v))))
		err = -EINVAL;
	free(fresh.v);
	return err;
}

static const struct view_type splices = {
	.events = ALL_EVENTS,
	.event = splice_event,
};

TEST(changes_add_up)
{
	struct fixture fixture;
	size_t most = 0;
	int i;

	srand(1);
	fixture_begin(&fixture, &splices);
	fixture_event(&fixture, exec_event("a"));
	for (i = 0; i < 3000; i++) {
		uint64_t addr = MAPS + rand() % 200 * PAGE, length = (1 + rand() % 8) * PAGE;
		uint64_t prot = rand() % 4;

		switch (rand() % 4) {
		case 0:
			fixture_event(&fixture, munmap_event(addr, length));
			break;
		case 1:
			fixture_event(&fixture, mprotect_event(addr, length, prot));
			break;
		default:
			fixture_event(&fixture, with_prot(mmap_event(addr, length,
								     ANONYMOUS | MAP_FIXED, addr),
							  prot));
		}
		most = told.n > most ? told.n : most;
	}
	EXPECT_LT(20, most);
	fixture_free(&fixture);
	free(told.v);
	free(known.v);
}

/* A library has its own name among the labels. */
TEST(labels_of_libraries)
{
	struct boxes boxes = { 0 };
	struct fixture fixture;
	json_object *labels, *change;
	struct line line;
	uint64_t label;

	fixture_begin(&fixture, &splices);
	fixture.ledger.asker = (struct asker){ .owner = OWNER_OTHER, .file = "libfoo.so" };
	fixture_event(&fixture, mmap_event(0, PAGE, ANONYMOUS, MAPS));
	line_begin_value(&line);
	html_splice(&line, &boxes, ledger_find(&fixture.ledger, 1)->space, &fixture.ledger, 0);
	change = json_of(&line);
	line_begin_value(&line);
	html_labels(&line, &fixture.ledger);
	labels = json_of(&line);
	label = json_object_get_uint64(json_object_array_get_idx(change, 4));
	EXPECT_STREQ("libfoo.so", json_object_get_string(json_object_array_get_idx(labels, label)));
	EXPECT_STREQ("unknown", json_object_get_string(json_object_array_get_idx(labels, 0)));
	json_object_put(labels);
	json_object_put(change);
	free(boxes.v);
	fixture_free(&fixture);
}

/* The run that is stored in a whole page, NULL if it is not JSON up to the end of its script. */
static json_object *run_of_page(const struct report *report, const char *mark)
{
	struct fixture fixture;
	json_object *run;
	char *text;

	fixture_open_file(&fixture, &html_view, (struct view){ 0 });
	fixture_event(&fixture, exec_event("a"));
	fixture_event(&fixture, mark_event(mark));
	text = fixture_file(&fixture, report);
	run = run_in_page(text);
	free(text);
	return run;
}

static void call_of(struct fixture *fixture, enum code_owner owner, bool guess)
{
	fixture->ledger.asker = (struct asker){ .owner = owner, .guess = guess, .program = true };
	fixture_event(fixture, mmap_event(0, PAGE, ANONYMOUS, MAPS));
}

/* Steps of which nobody knows who made them, and guesses, are neither the loader's nor own ones. */
TEST(own_calls_follow_those_of_the_loader)
{
	const struct report report = { .events = 7 };
	struct fixture fixture;
	json_object *run, *process;
	char *text;

	fixture_open_file(&fixture, &html_view, (struct view){ 0 });
	fixture_event(&fixture, exec_event("a"));
	call_of(&fixture, OWNER_LOADER, false);
	fixture_event(&fixture, munmap_event(MAPS, PAGE));
	call_of(&fixture, OWNER_LOADER, true);
	call_of(&fixture, OWNER_OTHER, true);
	call_of(&fixture, OWNER_OTHER, false);
	call_of(&fixture, OWNER_LOADER, false);
	text = fixture_file(&fixture, &report);
	run = run_in_page(text);
	free(text);
	ASSERT_NE(NULL, run);
	process = json_object_array_get_idx(JSON_AT(run, "processes"), 0);
	EXPECT_EQ(2, number(process, 3));
	EXPECT_EQ(5, number(process, 4));
	json_object_put(run);
}

/* The script must use names, because a number in it goes wrong with the next kind. */
TEST(kinds_by_name)
{
	const struct report report = { .events = 2 };
	json_object *run = run_of_page(&report, "here"), *kinds = NULL;
	static const char by_name[] = "const MARK = run.kinds.indexOf(\"mark\");";
	uint32_t kind;

	ASSERT_NE(NULL, run);
	ASSERT_TRUE(json_object_object_get_ex(run, "kinds", &kinds));
	ASSERT_EQ(KINDS, json_object_array_length(kinds));
	for (kind = 0; kind < KINDS; kind++)
		EXPECT_STREQ(names_event(kind),
			     json_object_get_string(json_object_array_get_idx(kinds, kind)));
	EXPECT_STREQ("mark", json_object_get_string(
				     json_object_array_get_idx(kinds, BRKWATCH_EVENT_KIND_MARK)));
	EXPECT_NE(NULL,
		  memmem(page_script, page_script_end - page_script, by_name, sizeof(by_name) - 1));
	json_object_put(run);
}

TEST(no_text_ends_the_script)
{
	const struct report report = { .events = 2 };
	json_object *run = run_of_page(&report, "</script>");

	ASSERT_NE(NULL, run);
	EXPECT_NE(NULL, strstr(json_object_to_json_string_ext(run, JSON_C_TO_STRING_NOSLASHESCAPE),
			       "</script>"));
	json_object_put(run);
}

TEST_HARNESS_MAIN
