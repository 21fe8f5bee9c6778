// SPDX-License-Identifier: GPL-2.0
/* Summaries of several processes, most of which have ended. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <linux/seccomp.h>
#include <kselftest_harness.h>

#include "view/ended.h"
#include "view_fixture.h"
#include "wire/session.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define HEAD "             got           by brk          by mmap      calls   failures  process\n"
#define LAST "\nevents 0, lost 0 (ring 0, probe 0, watch 0, socket 0)\n"

static const struct losses none;

static struct counters process(uint32_t id, const char *comm, uint64_t grown, uint64_t mapped)
{
	struct counters c = {
		.id = id,
		.pid = 100 + id,
		.brk_calls = 3,
		.brk_refused = 1,
		.grown_bytes = grown,
		.grown_largest = grown,
		.mmap_calls = 2,
		.mmap_anonymous = 2,
		.mapped_bytes = mapped,
		.munmap_failed = 1,
		.munmap_calls = 4,
	};

	snprintf(c.comm, sizeof(c.comm), "%s", comm);
	return c;
}

FIXTURE(ended)
{
	struct fixture fixture;
};

FIXTURE_SETUP(ended)
{
	memset(&self->fixture, 0, sizeof(self->fixture));
}

FIXTURE_TEARDOWN(ended)
{
	fixture_free(&self->fixture);
}

static void begin(struct fixture *fixture, const struct view_type *type, bool per_process)
{
	fixture_open(fixture, type,
		     (struct view_context){ .settings = { .per_process = per_process } });
}

static void end(struct fixture *fixture, struct counters c)
{
	c.exited = true;
	if (fixture->view->type->ended(fixture->view, &c, &none))
		abort();
	ledger_forget(&fixture->ledger, c.id);
}

/* The report at the end, or at @time, with the processes that still run. */
static const char *told(struct fixture *fixture, const struct counters *c, size_t n, uint64_t time)
{
	const struct report report = { .counters = c, .n = n, .time = time };

	fixture_end(fixture, &report);
	return fixture_text(fixture);
}

#define TABLE                                                                                          \
	HEAD "          12 KiB          0 bytes           12 KiB          9          2  pid 103 (c)\n" \
	     "           8 KiB            4 KiB            4 KiB          9          2  pid 101 (a)\n" \
	     "           8 KiB            8 KiB          0 bytes          9          2  pid 102 (a)\n" \
	     "          28 KiB           12 KiB           16 KiB         27          6  3 processes\n" LAST

/* The table is the same, whichever processes still run. */
TEST_F(ended, several)
{
	const struct counters all[] = { process(1, "a", PAGE, PAGE), process(2, "a", 2 * PAGE, 0),
					process(3, "c", 0, 3 * PAGE) };

	begin(&self->fixture, &summary_view, false);
	EXPECT_STREQ(TABLE, told(&self->fixture, all, 3, 0));
	end(&self->fixture, all[1]);
	end(&self->fixture, all[2]);
	EXPECT_STREQ(TABLE, told(&self->fixture, all, 1, 0));
	end(&self->fixture, all[0]);
	EXPECT_STREQ(TABLE, told(&self->fixture, NULL, 0, 0));
	EXPECT_STREQ(TABLE, told(&self->fixture, NULL, 0, 0));
}

/* The sum includes all, and one line stands for the processes that are left out. */
TEST_F(ended, those_that_got_most)
{
	uint32_t id;

	begin(&self->fixture, &summary_view, false);
	self->fixture.view->normalize = true;
	for (id = 1; id <= 1000; id++)
		end(&self->fixture, process(id, "x", (id * 7 % 1000) * PAGE, PAGE));
	EXPECT_NE(NULL, strstr(told(&self->fixture, NULL, 0, 0),
			       HEAD "        4000 KiB         3996 KiB            4 KiB          9"
				    "          2  watch 857 (x)\n"
				    "        3996 KiB         3992 KiB            4 KiB          9"
				    "          2  watch 714 (x)\n"));
	EXPECT_NE(NULL,
		  strstr(told(&self->fixture, NULL, 0, 0),
			 "        1878 MiB         1874 MiB         3920 KiB       8820       1960"
			 "  980 others\n"
			 "        1955 MiB         1951 MiB         4000 KiB       9000       2000"
			 "  1000 processes\n"));
}

/* A single process's end adds nothing to its report. */
TEST_F(ended, alone)
{
	struct counters one = process(1, "lab", 2 * PAGE, 25 * PAGE);
	char *running;

	begin(&self->fixture, &summary_view, false);
	fixture_event(&self->fixture, mmap_event(0, 25 * PAGE, ANON, MAPS));
	fixture_event(&self->fixture, munmap_event(MAPS, PAGE));
	running = strdup(told(&self->fixture, &one, 1, 0));
	EXPECT_NE(NULL, strstr(running, "unmapped 4 KiB, still mapped 96 KiB\n"));
	end(&self->fixture, one);
	EXPECT_EQ(0, self->fixture.ledger.n);
	EXPECT_STREQ(running, told(&self->fixture, NULL, 0, 0));
	free(running);
}

/* Titles of the blocks in a text, one after the other. */
static void titles(const char *text, char found[256])
{
	found[0] = '\0';
	for (; *text; text = strchr(text, '\n') + 1)
		if (!strncmp(text, "pid ", 4))
			strncat(found, text, strcspn(text, "\n") + 1);
}

TEST_F(ended, each_process)
{
	const struct counters all[] = { process(2, "b", 0, 0), process(4, "d", 0, 0) };
	char found[256];

	begin(&self->fixture, &summary_view, true);
	end(&self->fixture, process(5, "e", 0, 0));
	end(&self->fixture, process(1, "a", 0, 0));
	end(&self->fixture, process(3, "c", 0, 0));
	titles(told(&self->fixture, all, 2, 0), found);
	EXPECT_STREQ("pid 101 (a)\npid 102 (b)\npid 103 (c)\npid 104 (d)\npid 105 (e)\n", found);
}

/* A dead process is reported once, and at the end; a reused number is another process. */
TEST_F(ended, at_intervals)
{
	struct counters again = process(4, "d", 0, 0);
	char found[256];

	again.pid = 101;
	begin(&self->fixture, &summary_view, true);
	end(&self->fixture, process(1, "a", 0, 0));
	titles(told(&self->fixture, &again, 1, SECOND), found);
	EXPECT_STREQ("pid 101 (a)\npid 101 (d)\n", found);
	end(&self->fixture, process(3, "c", 0, 0));
	titles(told(&self->fixture, &again, 1, 2 * SECOND), found);
	EXPECT_STREQ("pid 103 (c)\npid 101 (d)\n", found);
	titles(told(&self->fixture, &again, 1, 3 * SECOND), found);
	EXPECT_STREQ("pid 101 (d)\n", found);
	end(&self->fixture, again);
	titles(told(&self->fixture, NULL, 0, 0), found);
	EXPECT_STREQ("pid 101 (a)\npid 103 (c)\npid 101 (d)\n", found);
}

/* When every process is watched, ended processes are reported by name. */
TEST_F(ended, the_whole_system)
{
	const struct counters all[] = { process(9, "cc", 0, PAGE) };
	char name[COMM_LEN];
	uint32_t id;

	begin(&self->fixture, &summary_view, false);
	self->fixture.view->system = true;
	end(&self->fixture, process(1, "cc", PAGE, PAGE));
	end(&self->fixture, process(2, "sh", 0, PAGE));
	end(&self->fixture, process(3, "cc", 0, 2 * PAGE));
	EXPECT_STREQ(HEAD "          16 KiB            4 KiB           12 KiB         18          4"
			  "  2 ended (cc)\n"
			  "           4 KiB          0 bytes            4 KiB          9          2"
			  "  1 ended (sh)\n"
			  "           4 KiB          0 bytes            4 KiB          9          2"
			  "  pid 109 (cc)\n"
			  "          24 KiB            4 KiB           20 KiB         36          8"
			  "  4 processes\n" LAST,
		     told(&self->fixture, all, 1, 0));
	/* A process may give itself any name. */
	for (id = 10; id < 2010; id++) {
		snprintf(name, sizeof(name), "%u", id);
		end(&self->fixture, process(id, name, 0, 5 * PAGE));
	}
	EXPECT_NE(NULL, strstr(told(&self->fixture, NULL, 0, 0), "  1490 ended, of other names\n"));
	EXPECT_NE(NULL, strstr(told(&self->fixture, NULL, 0, 0), "  2003 processes\n"));
}

#define FILTERS(number)                                           \
	" processes\nseccomp:   a filter is installed in " number \
	" processes: calls that it denies never reach brkwatch\n"

static struct counters under_seccomp(struct counters c, uint32_t mode)
{
	c.seccomp = mode;
	return c;
}

/* The sentence is the same, whichever processes still run. */
TEST_F(ended, filters)
{
	const struct counters all[] = {
		under_seccomp(process(1, "a", 0, 0), SECCOMP_MODE_DISABLED),
		under_seccomp(process(2, "a", 0, 0), SECCOMP_MODE_FILTER),
		under_seccomp(process(3, "b", 0, 0), SECCOMP_MODE_FILTER),
	};

	begin(&self->fixture, &summary_view, false);
	EXPECT_NE(NULL, strstr(told(&self->fixture, all, 3, 0), FILTERS("2 of 3") LAST));
	end(&self->fixture, all[2]);
	EXPECT_NE(NULL, strstr(told(&self->fixture, all, 2, 0), FILTERS("2 of 3") LAST));
	end(&self->fixture, all[1]);
	EXPECT_NE(NULL, strstr(told(&self->fixture, all, 1, 0), FILTERS("2 of 3") LAST));
	end(&self->fixture, all[0]);
	EXPECT_NE(NULL, strstr(told(&self->fixture, NULL, 0, 0), FILTERS("2 of 3") LAST));
	EXPECT_NE(NULL, strstr(told(&self->fixture, NULL, 0, SECOND), FILTERS("2 of 3")));
}

TEST_F(ended, filters_above_the_totals_of_each)
{
	const struct counters all[] = {
		under_seccomp(process(1, "a", 0, 0), SECCOMP_MODE_FILTER),
		under_seccomp(process(2, "a", 0, 0), SECCOMP_MODE_DISABLED),
	};

	begin(&self->fixture, &summary_view, true);
	EXPECT_NE(NULL,
		  strstr(told(&self->fixture, all, 2, 0), FILTERS("1 of 2") "\npid 101 (a)\n"));
}

/* The table has no line of their own for most of these processes. */
TEST_F(ended, filters_of_processes_that_are_left_out)
{
	uint32_t id;

	begin(&self->fixture, &summary_view, false);
	for (id = 1; id <= 100; id++)
		end(&self->fixture,
		    under_seccomp(process(id, "x", id * PAGE, 0),
				  id <= 30 ? SECCOMP_MODE_FILTER : SECCOMP_MODE_DISABLED));
	EXPECT_NE(NULL, strstr(told(&self->fixture, NULL, 0, 0), FILTERS("30 of 100") LAST));
}

TEST_F(ended, filters_in_the_whole_system)
{
	const struct counters runs = under_seccomp(process(9, "cc", 0, 0), SECCOMP_MODE_FILTER);
	char name[COMM_LEN];
	uint32_t id;

	begin(&self->fixture, &summary_view, false);
	self->fixture.view->system = true;
	end(&self->fixture, under_seccomp(process(1, "cc", 0, 0), SECCOMP_MODE_FILTER));
	end(&self->fixture, under_seccomp(process(2, "cc", 0, 0), SECCOMP_MODE_DISABLED));
	end(&self->fixture, under_seccomp(process(3, "sh", 0, 0), SECCOMP_MODE_FILTER));
	EXPECT_NE(NULL, strstr(told(&self->fixture, &runs, 1, 0), FILTERS("3 of 4") LAST));
	/* Some of these names find no room. */
	for (id = 10; id < 2010; id++) {
		snprintf(name, sizeof(name), "%u", id);
		end(&self->fixture, under_seccomp(process(id, name, 0, 0), SECCOMP_MODE_FILTER));
	}
	EXPECT_NE(NULL, strstr(told(&self->fixture, &runs, 1, 0), FILTERS("2003 of 2004") LAST));
	end(&self->fixture, under_seccomp(process(4, "sh", 0, 0), SECCOMP_UNKNOWN));
	EXPECT_NE(NULL,
		  strstr(told(&self->fixture, &runs, 1, 0), FILTERS("at least 2003 of 2005") LAST));
}

/* A process whose mode is not known may have a filter, but alone it is no reason for a sentence. */
TEST_F(ended, filters_where_a_mode_is_not_known)
{
	const struct counters all[] = {
		under_seccomp(process(1, "a", 0, 0), SECCOMP_UNKNOWN),
		under_seccomp(process(2, "b", 0, 0), SECCOMP_MODE_DISABLED),
		under_seccomp(process(3, "c", 0, 0), SECCOMP_MODE_FILTER),
	};

	begin(&self->fixture, &summary_view, false);
	EXPECT_EQ(NULL, strstr(told(&self->fixture, all, 2, 0), "seccomp"));
	EXPECT_NE(NULL, strstr(told(&self->fixture, all, 3, 0), FILTERS("at least 1 of 3") LAST));
}

static json_object *told_json(struct fixture *fixture, const struct counters *c, size_t n,
			      uint64_t time)
{
	return json_tokener_parse(told(fixture, c, n, time));
}

TEST_F(ended, as_json)
{
	struct counters run = process(2, "b", PAGE, PAGE), gone = process(3, "a", 0, 4 * PAGE);
	json_object *all, *name;

	gone.exited = true;
	gone.grown_largest = 7;
	gone.refusals = (struct refusals){
		.n = 1,
		.v = { { BRKWATCH_EVENT_KIND_MUNMAP, EINVAL, 1 } },
	};
	begin(&self->fixture, &summary_json_view, false);
	end(&self->fixture, process(1, "a", PAGE, PAGE));
	all = told_json(&self->fixture, &run, 1, SECOND);
	EXPECT_EQ(2, json_object_array_length(JSON_AT(all, "processes")));
	EXPECT_EQ(1, json_object_array_length(JSON_AT(all, "ended")));
	json_object_put(all);
	/* The process that has just ended is included, though some of its events may be missing. */
	all = told_json(&self->fixture, (const struct counters[]){ run, gone }, 2, 2 * SECOND);
	EXPECT_EQ(2, json_object_array_length(JSON_AT(all, "processes")));
	ASSERT_EQ(1, json_object_array_length(JSON_AT(all, "ended")));
	name = json_object_array_get_idx(JSON_AT(all, "ended"), 0);
	EXPECT_STREQ("a", json_object_get_string(JSON_AT(name, "comm")));
	EXPECT_EQ(2, json_object_get_int64(JSON_AT(name, "processes")));
	EXPECT_EQ(6, json_object_get_int64(JSON_AT(name, "calls", "brk", "calls")));
	EXPECT_EQ(PAGE, json_object_get_int64(JSON_AT(name, "calls", "brk", "bytes")));
	EXPECT_EQ(PAGE, json_object_get_int64(JSON_AT(name, "calls", "brk", "largest")));
	EXPECT_EQ(5 * PAGE, json_object_get_int64(JSON_AT(name, "anonymous", "mapped_bytes")));
	EXPECT_EQ(PAGE, json_object_get_int64(JSON_AT(name, "served", "heap_bytes")));
	EXPECT_EQ(PAGE, json_object_get_int64(JSON_AT(name, "got", "brk_bytes")));
	EXPECT_EQ(NULL, JSON_AT(name, "heap", "end_bytes"));
	EXPECT_STREQ("[{\"call\":\"munmap\",\"error\":\"EINVAL\",\"calls\":1},"
		     "{\"call\":\"brk\",\"error\":null,\"calls\":2}]",
		     json_object_to_json_string_ext(JSON_AT(name, "refusals"),
						    JSON_C_TO_STRING_PLAIN));
	json_object_put(all);
	end(&self->fixture, gone);
	end(&self->fixture, run);
	all = told_json(&self->fixture, NULL, 0, 0);
	EXPECT_EQ(3, json_object_array_length(JSON_AT(all, "processes")));
	EXPECT_EQ(2, json_object_array_length(JSON_AT(all, "ended")));
	json_object_put(all);
}

/* Each process has its mode, and totals by name have none. */
TEST_F(ended, filters_as_json)
{
	struct counters run = under_seccomp(process(2, "b", 0, 0), SECCOMP_MODE_FILTER);
	json_object *all, *one;

	begin(&self->fixture, &summary_json_view, false);
	end(&self->fixture, under_seccomp(process(1, "a", 0, 0), SECCOMP_MODE_FILTER));
	all = told_json(&self->fixture, &run, 1, 0);
	ASSERT_EQ(2, json_object_array_length(JSON_AT(all, "processes")));
	one = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
	EXPECT_STREQ("filter", json_object_get_string(JSON_AT(one, "seccomp")));
	one = json_object_array_get_idx(JSON_AT(all, "processes"), 1);
	EXPECT_STREQ("filter", json_object_get_string(JSON_AT(one, "seccomp")));
	one = json_object_array_get_idx(JSON_AT(all, "ended"), 0);
	EXPECT_FALSE(json_object_object_get_ex(one, "seccomp", NULL));
	EXPECT_FALSE(json_object_object_get_ex(one, "seccomp_filter", NULL));
	EXPECT_FALSE(json_object_object_get_ex(all, "seccomp", NULL));
	json_object_put(all);
}

/* A figure that one process lacks is missing in the sum. */
TEST_F(ended, after_a_loss)
{
	struct counters lossy = process(1, "a", 0, PAGE);
	json_object *all, *name;

	lossy.lost = 1;
	begin(&self->fixture, &summary_json_view, false);
	end(&self->fixture, lossy);
	end(&self->fixture, process(2, "a", 0, PAGE));
	all = told_json(&self->fixture, NULL, 0, 0);
	name = json_object_array_get_idx(JSON_AT(all, "ended"), 0);
	EXPECT_EQ(2 * PAGE, json_object_get_int64(JSON_AT(name, "anonymous", "mapped_bytes")));
	EXPECT_TRUE(json_object_object_get_ex(JSON_AT(name, "anonymous"), "unmapped_bytes", NULL));
	EXPECT_EQ(NULL, JSON_AT(name, "anonymous", "unmapped_bytes"));
	json_object_put(all);
}

static uint32_t parted[8];
static size_t parted_n;

static int part(const struct counters *last, void *arg)
{
	(void)arg;
	parted[parted_n++] = last->id;
	return 0;
}

/* Keyed by watch, because two processes may have had the same number. */
TEST(watches_that_ended)
{
	static const char comm[COMM_LEN] = "x";
	struct session session = { 0 };
	uint32_t id;

	for (id = 1; id <= 4; id++)
		ASSERT_EQ(0, session_learn(&session, id, 7, comm));
	EXPECT_EQ(0, session_part(&session, part, NULL));
	EXPECT_EQ(0, parted_n);
	session.watches[0].exited = session.watches[2].exited = true;
	session.ended = 2;
	EXPECT_EQ(0, session_part(&session, part, NULL));
	ASSERT_EQ(2, parted_n);
	EXPECT_EQ(1, parted[0]);
	EXPECT_EQ(3, parted[1]);
	ASSERT_EQ(2, session.n);
	EXPECT_EQ(NULL, session_find(&session, 3));
	EXPECT_EQ(4, session_find(&session, 4)->id);
	EXPECT_EQ(0, session.ended);
	free(session.watches);
}

TEST_HARNESS_MAIN
