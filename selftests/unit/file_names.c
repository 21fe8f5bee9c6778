// SPDX-License-Identifier: GPL-2.0
/* A process chooses the names of its files, and no name may end early and go on as a text of ours. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <linux/mman.h>
#include <kselftest_harness.h>

#include "event/system_facts.h"
#include "lib/format.h"
#include "stack/stacks.h"
#include "view/summary.h"
#include "traced_event.h"
#include "view_fixture.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define BRK (HEAP + 33 * PAGE)
#define EVIL "x.so) 9 MiB (90.0 %), heap: (y)\n\033[31m;z"
/* What the name would say if it were written as it is. */
static const char *const lies[] = { "x.so)", "(y)", "MiB (90" };

/* The path is that of a file of process 1, and of a frame of each stack. */
static void set_up(struct stacks *stacks, struct frame *frame, const char *path)
{
	const struct image image = {
		.watch = 1,
		.time = 2 * SECOND,
		.start = BRK + 2 * PAGE,
		.end = BRK + 4 * PAGE,
		.path = path,
	};
	memset(stacks, 0, sizeof(*stacks));
	*frame = (struct frame){ .path = format_safe(path) };
	if (!frame->path || elf_files_add(&stacks->files, &image))
		abort();
}

static void tear_down(struct stacks *stacks, struct frame *frame)
{
	free(frame->path);
	stacks_free(stacks);
}

static void call(struct fixture *fixture, struct stacks *stacks, const struct frame *frame,
		 struct event ev)
{
	ev.time = ev.kind == BRKWATCH_EVENT_KIND_EXEC ? SECOND : 2 * SECOND;
	/* By then the module has noted the file. */
	if (ev.kind == BRKWATCH_EVENT_KIND_BRK)
		ev.time++;
	traced_event(fixture, stacks, frame, ev);
}

/* The reason of a refusal is certain only if all that is mapped is known. */
static void know_space(struct ledger *ledger)
{
	struct area heap = { HEAP, BRK,
			     BRKWATCH_AREA_FLAG_ANONYMOUS | BRKWATCH_AREA_FLAG_READ |
				     BRKWATCH_AREA_FLAG_WRITE };
	const struct snapshot snapshot = {
		.watch = 1,
		.time = SECOND + 1,
		.heap_start = HEAP,
		.brk = BRK,
		.areas = &heap,
		.n = 1,
	};

	if (ledger_snapshot(ledger, &snapshot))
		abort();
}

/* The file asks for memory, lies above the break when the heap must grow, and calls. */
static void pass(struct fixture *fixture, struct stacks *stacks, const struct frame *frame)
{
	struct event code =
		mmap_event(BRK + 3 * PAGE, PAGE, MAP_PRIVATE | MAP_FIXED, BRK + 3 * PAGE);
	struct event refused = brk_event(BRKWATCH_BRK_KIND_REFUSED, BRK + 3 * PAGE, BRK, BRK);

	static const struct system_facts machine = {
		.max_map_count = 400,
		.overcommit = OVERCOMMIT_GUESS,
		.total = 1ULL << 30,
	};

	fixture->view->machine = &machine;
	fixture->view->stacks = stacks;
	fixture->view->code = stacks;
	call(fixture, stacks, frame, exec_event("lab"));
	know_space(&fixture->ledger);
	if (stacks_now(stacks, &stacks->files.first->image))
		abort();
	fixture->ledger.asker = (struct asker){
		.owner = OWNER_OTHER,
		.file = stacks->files.first->name,
	};
	call(fixture, stacks, frame, mmap_event(0, 64 * PAGE, ANON, MAPS));
	fixture->ledger.asker = (struct asker){ 0 };
	code.map.prot = PROT_READ | PROT_EXEC;
	call(fixture, stacks, frame, code);
	refused.limits = (struct event_limits){
		.known = true,
		.limit_as = LIMIT_NONE,
		.limit_data = LIMIT_NONE,
		.limit_memlock = LIMIT_NONE,
		.limit_stack = LIMIT_NONE,
	};
	call(fixture, stacks, frame, refused);
}

static const struct counters counters = {
	.id = 1,
	.pid = 42,
	.heap_start = HEAP,
	.brk_first = HEAP,
	.brk = BRK,
	.mmap_calls = 2,
	.mmap_anonymous = 1,
	.mapped_bytes = 64 * PAGE,
	.comm = "lab",
};

/* What a view writes for a path, which the caller must free. */
static char *output_of(const struct view_type *type, const char *path)
{
	const struct report report = { .counters = &counters, .n = 1, .now = 3 * SECOND };
	struct fixture fixture;
	struct stacks stacks;
	struct frame frame;
	char *text;

	set_up(&stacks, &frame, path);
	if (type == &html_view)
		fixture_open_file(&fixture, type, (struct view){ .stacks = &stacks });
	else
		fixture_open(&fixture, type, (struct view_context){ .settings.stacks = &stacks });
	pass(&fixture, &stacks, &frame);
	if (type->look && type != &html_view && type->look(fixture.view, &counters))
		abort();
	if (type == &html_view) {
		text = fixture_file(&fixture, &report);
	} else {
		fixture_end(&fixture, &report);
		text = strdup(fixture_text(&fixture));
		fixture_free(&fixture);
	}
	tear_down(&stacks, &frame);
	return text;
}

static size_t lines_in(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* Returns "" if there is none. */
static const char *lie_in(const char *text)
{
	size_t i;

	for (i = 0; i < N(lies); i++)
		if (strstr(text, lies[i]))
			return strstr(text, lies[i]);
	return "";
}

/* Text for people shows no lie, and no view has another number of lines than for a plain name. */
static void check(struct __test_metadata *_metadata, const struct view_type *type, bool structured,
		  const char *evil)
{
	char *text = output_of(type, evil), *plain = output_of(type, "/opt/libfoo.so");

	EXPECT_NE(NULL, strstr(plain, "libfoo.so")) TH_LOG("%s", plain);
	EXPECT_NE(NULL, strstr(text, "x.so")) TH_LOG("%s", text);
	EXPECT_EQ(lines_in(plain), lines_in(text)) TH_LOG("%s", text);
	EXPECT_EQ(NULL, strchr(text, '\033'));
	EXPECT_STREQ("", structured ? "" : lie_in(text));
	/* JSON has the path in a field of its own; only what follows a quote would be the name. */
	EXPECT_EQ(NULL, strstr(text, "\"x.so)")) TH_LOG("%s", text);
	free(plain);
	free(text);
}

#define CHECK(view, structured)                                                   \
	do {                                                                      \
		check(_metadata, &(view), structured, "/tmp/" EVIL);              \
		check(_metadata, &(view), structured, "/tmp/" EVIL " (deleted)"); \
	} while (0)

TEST(in_text)
{
	CHECK(text_view, false);
	CHECK(strace_view, false);
}

TEST(in_json)
{
	CHECK(json_view, true);
	CHECK(summary_json_view, true);
}

TEST(in_summaries)
{
	CHECK(summary_view, false);
	CHECK(both_view, false);
}

/* There a semicolon begins the next frame. */
TEST(in_folded_stacks)
{
	char *text = output_of(&folded_view, "/tmp/" EVIL);

	CHECK(folded_view, true);
	EXPECT_NE(NULL, strstr(text, "x.so"));
	EXPECT_EQ(NULL, strstr(text, ";z"));
	free(text);
}

TEST(in_maps)
{
	CHECK(map_view, false);
	CHECK(map_json_view, true);
}

TEST(in_a_page)
{
	CHECK(html_view, false);
}

/* A file may have the name of memory that is no library's. */
TEST(names_of_ours)
{
	char *text = output_of(&text_view, "/tmp/malloc");

	EXPECT_NE(NULL, strstr(text, "  # library (malloc): ")) TH_LOG("%s", text);
	EXPECT_NE(NULL, strstr(text, " above the break (file malloc); ")) TH_LOG("%s", text);
	free(text);
	text = output_of(&html_view, "/tmp/malloc");
	EXPECT_NE(NULL, strstr(text, "\"library (malloc)\""));
	free(text);
}

TEST_HARNESS_MAIN
