// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <linux/mman.h>
#include <kselftest_harness.h>

#include "stack/stacks.h"
#include "view/summary.h"
#include "view_fixture.h"

#define MOVED (MAPS + (1ULL << 30))

static struct caller *add(struct callers *callers, uint32_t watch, const char *text, uint64_t bytes)
{
	struct caller *caller = callers_add(callers, watch, strdup(text), bytes);

	if (!caller)
		exit(1);
	return caller;
}

TEST(equal_stacks_are_one)
{
	static const struct {
		uint32_t watch;
		const char *text;
		uint64_t bytes;
		uint64_t calls;
	} wanted[] = {
		{ 1, "b", 30, 1 },
		{ 1, "a", 20, 3 },
		{ 1, "c", 20, 1 },
		{ 2, "a", 99, 1 },
	};
	struct callers callers = { 0 };
	size_t i;

	add(&callers, 1, "a", 5);
	add(&callers, 2, "a", 99);
	add(&callers, 1, "c", 20);
	add(&callers, 1, "a", 14);
	add(&callers, 1, "b", 30);
	add(&callers, 1, "a", 1);
	callers_sort(&callers, caller_got);
	ASSERT_EQ(4, callers.n);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(wanted[i].watch, callers.v[i]->watch);
		EXPECT_STREQ(wanted[i].text, callers.v[i]->text);
		EXPECT_EQ(wanted[i].bytes, callers.v[i]->bytes);
		EXPECT_EQ(wanted[i].calls, callers.v[i]->calls);
	}
	callers_free(&callers);
	callers_sort(&callers, caller_got);
}

TEST(more_stacks_than_are_distinguished)
{
	struct callers callers = { .other = "other" };
	char text[16];
	int i;

	for (i = 0; i < CALLERS_MAX; i++) {
		snprintf(text, sizeof(text), "%d", i);
		EXPECT_FALSE(add(&callers, 1, text, 1)->other);
	}
	EXPECT_TRUE(add(&callers, 1, "x", 5)->other);
	EXPECT_TRUE(add(&callers, 1, "y", 6)->other);
	EXPECT_TRUE(add(&callers, 2, "x", 7)->other);
	/* A known one stays itself. */
	EXPECT_EQ(2, add(&callers, 1, "7", 1)->calls);
	EXPECT_EQ(CALLERS_MAX + 2, callers.n);
	callers_sort(&callers, caller_got);
	EXPECT_STREQ("other", callers.v[0]->text);
	EXPECT_EQ(11, callers.v[0]->bytes);
	EXPECT_EQ(7, callers.v[CALLERS_MAX + 1]->bytes);
	callers_free(&callers);
}

TEST(what_a_call_got)
{
	const struct {
		struct event ev;
		uint64_t bytes;
	} cases[] = {
		{ brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP, HEAP), 0 },
		{ brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + 100, HEAP, HEAP + 100), 100 },
		{ brk_event(BRKWATCH_BRK_KIND_SHRINK, HEAP, HEAP + 100, HEAP), 0 },
		{ brk_event(BRKWATCH_BRK_KIND_REFUSED, HEAP + 100, HEAP, HEAP), 0 },
		{ mmap_event(0, PAGE + 1, MAP_PRIVATE | MAP_ANONYMOUS, MAPS), 2 * PAGE },
		{ mmap_event(0, PAGE, MAP_PRIVATE, MAPS + (1 << 20)), 0 },
		{ failed(mmap_event(0, PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -12ULL), 12), 0 },
		{ mremap_event(MAPS, 2 * PAGE, 5 * PAGE, MREMAP_MAYMOVE, MOVED), 3 * PAGE },
		{ mremap_event(MOVED, 5 * PAGE, PAGE, 0, MOVED), 0 },
		{ mremap_event(MAPS + (1 << 20), PAGE, 2 * PAGE, 0, MAPS + (1 << 20)), 0 },
		{ mremap_event(MOVED, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, MAPS), PAGE },
		{ munmap_event(MOVED, PAGE), 0 },
	};
	struct fixture fixture;
	size_t i;

	fixture_begin(&fixture, &text_view);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct step step = { .ev = &cases[i].ev };

		step.process = ledger_apply(&fixture.ledger, step.ev, &step.change);
		ASSERT_NE(NULL, step.process);
		EXPECT_EQ(cases[i].bytes, taken_bytes(fixture.view, &step)) TH_LOG("%zu", i);
	}
	fixture_free(&fixture);
}

/* Views of what callers hold; the name of the thread stands for its stack. */
FIXTURE(holders)
{
	struct fixture fixture;
	struct stacks stacks;
	struct counters counters;
	uint64_t time;
};

FIXTURE_SETUP(holders)
{
	self->counters = (struct counters){ .id = 1, .pid = 42, .comm = "lab" };
	self->time = 10 * SECOND;
}

FIXTURE_TEARDOWN(holders)
{
	fixture_free(&self->fixture);
}

static void open_view(struct fixture *fixture, const struct view_type *type, struct view settings,
		      struct stacks *stacks)
{
	settings.stacks = stacks;
	fixture_open(fixture, type, (struct view_context){ .settings = settings });
}

#define OPEN(type, ...) \
	open_view(&self->fixture, type, (struct view){ .page = PAGE, ##__VA_ARGS__ }, &self->stacks)

static void put_name(struct view *view, const struct step *step)
{
	fprintf(view->out, " > %s\n", step->ev->comm);
}

static void put_name_json(struct view *view, const struct step *step)
{
	fprintf(view->out, "[\"%s\"]", step->ev->comm);
}

static void put_name_folded(struct view *view, const struct step *step)
{
	fprintf(view->out, "lab;%s", step->ev->comm);
}

/* A call of a function, a second after the one before. */
static void call(struct fixture *fixture, uint64_t *time, const char *name, struct event ev)
{
	struct view *view = fixture->view;
	struct step step = { .ev = &ev };
	uint32_t watch = view->per_process || view->type == &summary_json_view ? ev.watch : 0;

	ev.time = *time += SECOND;
	ev.stack.registers = "";
	snprintf(ev.comm, sizeof(ev.comm), "%s", name);
	step.process = ledger_apply(&fixture->ledger, &ev, &step.change);
	if (!step.process || callers_take(&summary_of(view)->callers, view, &step, watch,
					  view->type == &summary_json_view ? put_name_json :
					  view->type == &folded_view	   ? put_name_folded :
									     put_name))
		abort();
}

#define CALL(name, what) call(&self->fixture, &self->time, name, what)

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* One leaks 2 MiB in two calls, at 11 s and 14 s; the other unmaps as much. */
static void leak(struct fixture *fixture, uint64_t *time)
{
	const uint64_t size = 256 * PAGE;
	int i;

	for (i = 0; i < 2; i++) {
		call(fixture, time, "leaky", mmap_event(0, size, ANON, MAPS + i * size));
		call(fixture, time, "good", mmap_event(0, size, ANON, MOVED));
		call(fixture, time, "good", munmap_event(MOVED, size));
	}
}

static const char *report_of(struct fixture *fixture, const struct counters *counters, uint64_t now,
			     uint64_t lost)
{
	const struct report report = {
		.counters = counters,
		.n = !!counters,
		.now = now,
		.losses.ring = lost,
	};

	fixture_end(fixture, &report);
	return fixture_text(fixture);
}

static bool says(const char *text, const char *wanted)
{
	bool found = strstr(text, wanted);

	if (!found)
		printf("# instead of \"%s\": %s\n", wanted, text);
	return found;
}

#define EXPECT_SAYS(text, wanted) EXPECT_TRUE(says(text, wanted))

#define GOOD(what)                                         \
	"\nwho asked for 2048 KiB and " what ":\n"         \
	"2048 KiB (50.0 %) in 2 calls, at most 1024 KiB\n" \
	" > good\n"

TEST_F(holders, one_leaks_beside_one_that_does_not)
{
	const char *text;

	OPEN(&summary_view);
	leak(&self->fixture, &self->time);
	text = report_of(&self->fixture, &self->counters, 20 * SECOND, 0);
	EXPECT_SAYS(text, "\n\nwho holds 2048 KiB (got 4096 KiB):\n"
			  "2048 KiB held (100.0 %), got 2048 KiB in 2 calls, at most 2048 KiB, "
			  "oldest 9.000000 s\n"
			  " > leaky\n" GOOD("holds nothing") "\nevents ");
}

TEST_F(holders, without_what_differs_from_run_to_run)
{
	OPEN(&summary_view, .normalize = true);
	leak(&self->fixture, &self->time);
	EXPECT_SAYS(report_of(&self->fixture, &self->counters, 20 * SECOND, 0),
		    "2 calls, at most 2048 KiB\n > leaky\n");
}

TEST_F(holders, held_for_long)
{
	OPEN(&summary_view, .min_age = 6 * SECOND);
	leak(&self->fixture, &self->time);
	EXPECT_SAYS(report_of(&self->fixture, &self->counters, 20 * SECOND, 0),
		    "\nwho has held 2048 KiB for 6 s or longer (got 4096 KiB):\n");
	EXPECT_SAYS(report_of(&self->fixture, &self->counters, 20 * SECOND - 1, 0),
		    "\nwho has held 1024 KiB for 6 s or longer (got 4096 KiB):\n"
		    "1024 KiB held (100.0 %), got 2048 KiB in 2 calls, at most 2048 KiB, "
		    "oldest 8.999999 s\n"
		    " > leaky\n" GOOD("has held nothing for 6 s or longer"));
	EXPECT_SAYS(report_of(&self->fixture, &self->counters, 17 * SECOND - 1, 0),
		    "\nwho asked for 4096 KiB and has held nothing for 6 s or longer:\n"
		    "2048 KiB (50.0 %) in 2 calls, at most 1024 KiB\n > good\n"
		    "2048 KiB (50.0 %) in 2 calls, at most 2048 KiB\n > leaky\n");
}

TEST_F(holders, unknown_after_a_loss)
{
	const char *wanted = "\nwho asked for 4096 KiB (what they hold is unknown: events lost):\n"
			     "2048 KiB (50.0 %) in 2 calls\n > good\n"
			     "2048 KiB (50.0 %) in 2 calls\n > leaky\n";

	OPEN(&summary_view);
	leak(&self->fixture, &self->time);
	self->counters.lost = 1;
	EXPECT_SAYS(report_of(&self->fixture, &self->counters, 20 * SECOND, 1), wanted);
}

TEST_F(holders, ten_of_each)
{
	char name[COMM_LEN];
	const char *text;
	int i;

	OPEN(&summary_view);
	for (i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "keeps%d", i);
		CALL(name, mmap_event(0, PAGE << i, ANON, MAPS + 2 * i * (PAGE << i)));
		snprintf(name, sizeof(name), "drops%d", i);
		CALL(name, mmap_event(0, PAGE << i, ANON, MOVED));
		CALL(name, munmap_event(MOVED, PAGE << i));
	}
	text = report_of(&self->fixture, &self->counters, 0, 0);
	EXPECT_SAYS(text, " > keeps2\n12 KiB held by 2 others\n\nwho asked for");
	EXPECT_SAYS(text, " > drops2\n12 KiB by 2 others\n\n");
	EXPECT_EQ(NULL, strstr(text, "drops1\n"));
}

/* The calls that share a number belong to no stack, and have no age. */
TEST_F(holders, more_calls_than_numbers)
{
	OPEN(&summary_view);
	self->fixture.ledger.holdings.used = HOLDINGS_MAX;
	CALL("a", mmap_event(0, PAGE, ANON, MAPS));
	CALL("b", mmap_event(0, 2 * PAGE, ANON, MOVED));
	EXPECT_SAYS(report_of(&self->fixture, &self->counters, 20 * SECOND, 0),
		    "\nwho holds 12 KiB (got 12 KiB):\n"
		    "12 KiB held (100.0 %), at most 12 KiB\n > other\n"
		    "\nwho asked for 12 KiB and holds nothing:\n"
		    "8 KiB (66.7 %) in 1 call, at most 0 bytes\n > b\n"
		    "4 KiB (33.3 %) in 1 call, at most 0 bytes\n > a\n");
}

TEST_F(holders, more_calls_than_numbers_as_json)
{
	json_object *all, *site;

	OPEN(&summary_json_view);
	self->fixture.ledger.holdings.used = HOLDINGS_MAX;
	CALL("a", mmap_event(0, PAGE, ANON, MAPS));
	all = json_tokener_parse(report_of(&self->fixture, &self->counters, 20 * SECOND, 0));
	site = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
	site = json_object_array_get_idx(JSON_AT(site, "sites"), 0);
	EXPECT_STREQ("{\"bytes\":0,\"calls\":0,\"held_bytes\":4096,\"peak_bytes\":4096,"
		     "\"age_ns\":null,\"stack\":null}",
		     json_object_to_json_string_ext(site, JSON_C_TO_STRING_PLAIN));
	json_object_put(all);
}

/* A site of the only process, as text. */
static const char *site_of(json_object *all, size_t at)
{
	json_object *process = json_object_array_get_idx(JSON_AT(all, "processes"), 0);

	return json_object_to_json_string_ext(
		json_object_array_get_idx(JSON_AT(process, "sites"), at), JSON_C_TO_STRING_PLAIN);
}

TEST_F(holders, as_json)
{
	json_object *all;

	OPEN(&summary_json_view);
	leak(&self->fixture, &self->time);
	all = json_tokener_parse(report_of(&self->fixture, &self->counters, 20 * SECOND, 0));
	EXPECT_STREQ("{\"bytes\":2097152,\"calls\":2,\"held_bytes\":2097152,\"peak_bytes\":2097152,"
		     "\"age_ns\":9000000000,\"stack\":[\"leaky\"]}",
		     site_of(all, 0));
	EXPECT_STREQ("{\"bytes\":2097152,\"calls\":2,\"held_bytes\":0,\"peak_bytes\":1048576,"
		     "\"age_ns\":null,\"stack\":[\"good\"]}",
		     site_of(all, 1));
	json_object_put(all);
	self->counters.lost = 1;
	all = json_tokener_parse(report_of(&self->fixture, &self->counters, 20 * SECOND, 1));
	EXPECT_STREQ("{\"bytes\":2097152,\"calls\":2,\"held_bytes\":null,\"peak_bytes\":null,"
		     "\"age_ns\":null,\"stack\":[\"good\"]}",
		     site_of(all, 0));
	json_object_put(all);
}

TEST_F(holders, folded)
{
	OPEN(&folded_view);
	leak(&self->fixture, &self->time);
	EXPECT_STREQ("lab;good 2097152\nlab;leaky 2097152\n",
		     report_of(&self->fixture, NULL, 20 * SECOND, 0));
}

TEST_F(holders, folded_as_held)
{
	OPEN(&folded_view, .folded = FOLDED_HELD, .min_age = 9 * SECOND);
	leak(&self->fixture, &self->time);
	EXPECT_STREQ("lab;leaky 1048576\n", report_of(&self->fixture, NULL, 20 * SECOND, 0));
	EXPECT_STREQ("lab;leaky 2097152\n", report_of(&self->fixture, NULL, 23 * SECOND, 0));
}

TEST_F(holders, folded_at_the_peak)
{
	OPEN(&folded_view, .folded = FOLDED_PEAK);
	leak(&self->fixture, &self->time);
	EXPECT_STREQ("lab;leaky 2097152\nlab;good 1048576\n",
		     report_of(&self->fixture, NULL, 20 * SECOND, 0));
}

TEST_F(holders, a_process_that_has_ended)
{
	const struct losses losses = { 0 };
	struct fixture *fixture = &self->fixture;
	struct event end = exit_event(0);
	const char *text;

	OPEN(&summary_view, .per_process = true);
	leak(fixture, &self->time);
	end.time = self->time + SECOND;
	fixture_event(fixture, end);
	ledger_drop(&fixture->ledger, 1);
	ASSERT_EQ(0, fixture->view->type->ended(fixture->view, &self->counters, &losses));
	ledger_forget(&fixture->ledger, 1);
	EXPECT_EQ(0, summary_of(fixture->view)->callers.n);
	text = report_of(fixture, NULL, 99 * SECOND, 0);
	/* It ended at 17 s. */
	EXPECT_SAYS(text, "at most 2048 KiB, oldest 6.000000 s\n > leaky\n");
}

/* Another process in the same address space may unmap what it got. */
TEST_F(holders, a_caller_that_was_dropped)
{
	struct fixture *fixture = &self->fixture;
	struct callers *callers;

	OPEN(&summary_view, .per_process = true);
	CALL("a", mmap_event(0, PAGE, ANON, MAPS));
	callers = &summary_of(fixture->view)->callers;
	callers_drop(callers, &fixture->ledger.holdings, 1);
	EXPECT_EQ(0, callers->n);
	CALL("a", munmap_event(MAPS, PAGE));
	EXPECT_EQ(0, fixture->ledger.holdings.used);
}

/* The callers of all processes are summed; what one held at its end still counts. */
TEST_F(holders, two_processes_after_each_other)
{
	struct event again = mmap_event(0, 256 * PAGE, ANON, MAPS);
	struct event end = exit_event(0);

	OPEN(&summary_view);
	leak(&self->fixture, &self->time);
	end.time = self->time + SECOND;
	fixture_event(&self->fixture, end);
	again.watch = 2;
	CALL("leaky", again);
	self->counters.id = 2;
	EXPECT_SAYS(report_of(&self->fixture, &self->counters, 20 * SECOND, 0),
		    "3072 KiB held (100.0 %), got 3072 KiB in 3 calls, at most 3072 KiB, "
		    "oldest 6.000000 s\n > leaky\n");
}

TEST_HARNESS_MAIN
