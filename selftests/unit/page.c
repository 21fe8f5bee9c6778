// SPDX-License-Identifier: GPL-2.0
/* What --html writes: what changes in the map, and the whole page. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "ledger/address_space.h"
#include "lib/names.h"
#include "view_fixture.h"
#include "view/html/html.h"
#include "view/html/page.h"
#include "view/json_line.h"

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)
#define FAR (MAPS + (1ULL << 30))

/* The state that a page derives from the changes, and the ledger's state. */
static struct boxes told, known;

static uint64_t number(json_object *array, size_t at)
{
	return json_object_get_uint64(json_object_array_get_idx(array, at));
}

static void apply_part(json_object *change)
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

/* Returns in how many places something changed. */
static size_t apply(json_object *change)
{
	size_t i;

	if (!json_object_is_type(json_object_array_get_idx(change, 0), json_type_array)) {
		apply_part(change);
		return 1;
	}
	for (i = 0; i < json_object_array_length(change); i++)
		apply_part(json_object_array_get_idx(change, i));
	return i;
}

/* How many changes were in several places. */
static size_t scattered;

/* Returns whether the changes add up to what the page would get as a whole. */
static bool adds_up(struct address_space *space, const struct ledger *ledger)
{
	struct boxes fresh = { 0 };
	json_object *change;
	struct line line;
	bool same;

	line_begin_value(&line);
	html_splice(&line, &known, space, ledger, 0);
	change = json_of(&line);
	if (change)
		scattered += apply(change) > 1;
	json_object_put(change);
	line_begin_value(&line);
	html_splice(&line, &fresh, space, ledger, 0);
	line_drop(&line);
	same = fresh.n == told.n &&
	       (!fresh.n || !memcmp(fresh.v, told.v, fresh.n * sizeof(*fresh.v)));
	html_boxes_free(&fresh);
	return same;
}

static int splice_event(struct view *view, const struct step *step)
{
	if (step->process->space && !adds_up(step->process->space, view->ledger))
		return -EINVAL;
	return 0;
}

static void forget(void)
{
	html_boxes_free(&told);
	html_boxes_free(&known);
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
		uint64_t addr = (rand() % 2 ? MAPS : FAR) + rand() % 200 * PAGE;
		uint64_t length = (1 + rand() % 8) * PAGE, prot = rand() % 4;

		switch (rand() % 5) {
		case 0:
			fixture_event(&fixture, munmap_event(addr, length));
			break;
		case 1:
			fixture_event(&fixture, mprotect_event(addr, length, prot));
			break;
		case 2:
			addr = MAPS + rand() % 200 * PAGE;
			fixture_event(&fixture, mremap_event(addr, length, (1 + rand() % 8) * PAGE,
							     MREMAP_MAYMOVE | MREMAP_FIXED,
							     FAR + rand() % 200 * PAGE));
			break;
		default:
			fixture_event(&fixture, with_prot(mmap_event(addr, length,
								     ANONYMOUS | MAP_FIXED, addr),
							  prot));
		}
		most = told.n > most ? told.n : most;
	}
	EXPECT_LT(20, most);
	EXPECT_LT(100, scattered);
	fixture_free(&fixture);
	forget();
}

/* What is guessed of memory depends on its neighbours, which no call may have changed. */
TEST(guesses_follow_their_neighbours)
{
	struct fixture fixture;
	struct address_space *space;
	size_t guesses = 0, i;
	int turn;

	srand(1);
	fixture_begin(&fixture, &splices);
	fixture_event(&fixture, exec_event("a"));
	space = ledger_find(&fixture.ledger, 1)->space;
	for (turn = 0; turn < 3000; turn++) {
		uint64_t addr = MAPS + rand() % 100 * PAGE, length = (rand() % 2 ? 1 : 4) * PAGE;
		uint64_t closed = tag_of(CLASS_ANONYMOUS, 0, ORIGIN_UNKNOWN);
		uint64_t open = tag_of(CLASS_ANONYMOUS, PROT_READ | PROT_WRITE, ORIGIN_UNKNOWN);

		ASSERT_EQ(0, address_space_put(space, addr, addr + length,
					       rand() % 4 == 0 ? 0 :
					       length == PAGE  ? closed :
								 open));
		ASSERT_TRUE(adds_up(space, &fixture.ledger));
		for (i = 0; i < told.n; i++)
			guesses += told.v[i].look >> 3 & 1;
	}
	EXPECT_LT(100, guesses);
	fixture_free(&fixture);
	forget();
}

/* A view that looks again after more changes than the space remembers gets all addresses. */
TEST(more_changes_than_are_known)
{
	struct fixture fixture;
	struct address_space *space;
	uint64_t i;

	fixture_begin(&fixture, &splices);
	fixture_event(&fixture, exec_event("a"));
	space = ledger_find(&fixture.ledger, 1)->space;
	for (i = 0; i < CHANGES_KEPT + 1; i++)
		ASSERT_EQ(0,
			  address_space_put(space, MAPS + 2 * i * PAGE, MAPS + (2 * i + 1) * PAGE,
					    tag_of(CLASS_ANONYMOUS, 0, ORIGIN_DIRECT)));
	EXPECT_TRUE(adds_up(space, &fixture.ledger));
	EXPECT_EQ(CHANGES_KEPT + 1, told.n);
	fixture_free(&fixture);
	forget();
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
	html_boxes_free(&boxes);
	fixture_free(&fixture);
}

/*
 * A filter may hide the events between two looks, an exec among them. If the address space before it
 * were freed, a later one could get its place in memory, and pass for the one that was looked at.
 */
TEST(boxes_keep_their_address_space)
{
	struct boxes boxes = { 0 };
	struct fixture fixture;
	struct line line;

	fixture_begin(&fixture, &splices);
	fixture_event(&fixture, mmap_event(0, PAGE, ANONYMOUS, MAPS));
	line_begin_value(&line);
	html_splice(&line, &boxes, ledger_find(&fixture.ledger, 1)->space, &fixture.ledger, 0);
	line_drop(&line);
	fixture_event(&fixture, exec_event("a"));
	EXPECT_NE(boxes.space, ledger_find(&fixture.ledger, 1)->space);
	/* The sanitizer ends the test here if nobody holds it. */
	EXPECT_EQ(1, boxes.space->holders);
	html_boxes_free(&boxes);
	fixture_free(&fixture);
	forget();
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

/* A step is neither the loader's nor the program's own if its origin is unknown or a guess. */
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
