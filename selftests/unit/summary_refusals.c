// SPDX-License-Identifier: GPL-2.0
/* Calls that the kernel refused, and those that seccomp denies, in a summary. */
#include <errno.h>
#include <json-c/json.h>
#include <kselftest_harness.h>

#include "summary_fixture.h"

/* A refused call of brk has no errno; one that a fatal signal ended has one. */
static void fail_some(struct counters *c)
{
	c->refusals = (struct refusals){
		.n = 3,
		.v = { { BRKWATCH_EVENT_KIND_MMAP, ENOMEM, 3 },
		       { BRKWATCH_EVENT_KIND_PKEY_MPROTECT, EACCES, 1 },
		       { BRKWATCH_EVENT_KIND_BRK, EINTR, 1 } },
		.others = 5,
	};
	c->brk_refused = 29;
}

TEST_F(summary, failed_calls)
{
	struct counters some = counters;
	const struct report report = { .events = 2, .counters = &some, .n = 1 };

	some.brk_refused = 29;
	fixture_end(&self->fixture, &report);
	/* The line of brk has them. */
	EXPECT_EQ(NULL, strstr(fixture_text(&self->fixture), "refused: "));
	fail_some(&some);
	some.clones = 1;
	fixture_end(&self->fixture, &report);
	EXPECT_NE(NULL,
		  strstr(fixture_text(&self->fixture),
			 "munmap                2          1            4 KiB            4 KiB\n"
			 "refused:   mmap ENOMEM 3, pkey_mprotect EACCES 1, brk EINTR 1, "
			 "brk 28, others 5\n"
			 "life:      clones 1"));
}

TEST_F(summary, failed_calls_as_json)
{
	struct counters some = counters;
	const struct report report = { .events = 2, .counters = &some, .n = 1 };
	json_object *all, *process;

	self->fixture.view->type = &summary_json_view;
	fail_some(&some);
	fixture_end(&self->fixture, &report);
	all = json_tokener_parse(fixture_text(&self->fixture));
	process = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
	EXPECT_STREQ("[{\"call\":\"mmap\",\"error\":\"ENOMEM\",\"calls\":3},"
		     "{\"call\":\"pkey_mprotect\",\"error\":\"EACCES\",\"calls\":1},"
		     "{\"call\":\"brk\",\"error\":\"EINTR\",\"calls\":1},"
		     "{\"call\":\"brk\",\"error\":null,\"calls\":28},"
		     "{\"call\":null,\"error\":null,\"calls\":5}]",
		     json_object_to_json_string_ext(JSON_AT(process, "refusals"),
						    JSON_C_TO_STRING_PLAIN));
	json_object_put(all);
	some.refusals = (struct refusals){ .unknown = true };
	fixture_end(&self->fixture, &report);
	all = json_tokener_parse(fixture_text(&self->fixture));
	process = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
	EXPECT_TRUE(json_object_object_get_ex(process, "refusals", NULL));
	EXPECT_EQ(NULL, JSON_AT(process, "refusals"));
	json_object_put(all);
}

TEST_F(summary, seccomp)
{
	static const struct {
		uint32_t mode;
		const char *line;
		const char *json;
	} modes[] = {
		{ 0, NULL, "\"off\"" },
		{ 1,
		  "\nseccomp:   strict mode is on: a call that it denies kills the process and "
		  "never reaches brkwatch\nbrk: ",
		  "\"strict\"" },
		{ 2,
		  "\nseccomp:   a filter is installed: calls that it denies never reach "
		  "brkwatch\nbrk: ",
		  "\"filter\"" },
		{ SECCOMP_UNKNOWN, NULL, "null" },
	};
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		struct counters some = counters;
		const struct report report = { .events = 2, .counters = &some, .n = 1 };
		json_object *all, *process;
		const char *text;

		some.seccomp = modes[i].mode;
		self->fixture.view->type = &summary_view;
		fixture_end(&self->fixture, &report);
		text = fixture_text(&self->fixture);
		EXPECT_EQ(!modes[i].line, !strstr(text, "seccomp"));
		EXPECT_NE(NULL, strstr(text, modes[i].line ?: ""));
		self->fixture.view->type = &summary_json_view;
		fixture_end(&self->fixture, &report);
		all = json_tokener_parse(fixture_text(&self->fixture));
		process = json_object_array_get_idx(JSON_AT(all, "processes"), 0);
		EXPECT_TRUE(json_object_object_get_ex(process, "seccomp", NULL));
		EXPECT_STREQ(modes[i].json,
			     json_object_to_json_string(JSON_AT(process, "seccomp")));
		json_object_put(all);
	}
}

TEST_HARNESS_MAIN
