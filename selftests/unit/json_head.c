// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <kselftest_harness.h>

#include "view_fixture.h"
#include "event/process_facts.h"

static struct process_facts facts = {
	.watch = 3,
	.pid = 42,
	.executable = "/bin/a\"b\n",
	.cgroup = "/user.slice",
	.has_uid = true,
	.uid = 0,
	.has_parent = true,
	.parent = 1,
	.has_start = true,
	.start = 20000000,
	.has_seccomp = true,
	.seccomp = 2,
};

FIXTURE(head)
{
	struct fixture fixture;
};

FIXTURE_SETUP(head)
{
	fixture_begin(&self->fixture, &json_view);
	self->fixture.view->timestamp.epoch = 7;
}

FIXTURE_TEARDOWN(head)
{
	fixture_free(&self->fixture);
}

TEST_F(head, start)
{
	ASSERT_EQ(0, json_view.begin(self->fixture.view));
	EXPECT_STREQ("{\"event\":\"start\",\"version\":\"test\",\"schema\":3,\"page_size\":4096,"
		     "\"epoch_ns\":7}\n",
		     fixture_text(&self->fixture));
	self->fixture.view->normalize = true;
	ASSERT_EQ(0, json_view.begin(self->fixture.view));
	EXPECT_STREQ("{\"event\":\"start\",\"version\":\"test\",\"schema\":3,\"page_size\":4096,"
		     "\"epoch_ns\":null}\n",
		     fixture_text(&self->fixture));
}

TEST_F(head, process)
{
	ASSERT_EQ(0, json_view.process(self->fixture.view, &facts));
	EXPECT_STREQ("{\"event\":\"process\",\"pid\":42,\"executable\":\"/bin/a\\\\042b\\\\012\","
		     "\"cgroup\":\"/user.slice\",\"uid\":0,\"parent\":1,\"start_ns\":20000000,"
		     "\"seccomp\":\"filter\"}\n",
		     fixture_text(&self->fixture));
	/* It is no event that --count counts. */
	EXPECT_EQ(0, self->fixture.view->shown);
}

TEST_F(head, process_that_is_gone)
{
	const struct process_facts gone = { .watch = 3, .pid = 42 };

	ASSERT_EQ(0, json_view.process(self->fixture.view, &gone));
	EXPECT_STREQ("{\"event\":\"process\",\"pid\":42,\"executable\":null,\"cgroup\":null,"
		     "\"uid\":null,\"parent\":null,\"start_ns\":null,\"seccomp\":null}\n",
		     fixture_text(&self->fixture));
}

/* The kernel gives a thread that seccomp kills a mode that has no name. */
TEST_F(head, modes_of_seccomp)
{
	static const char *const shown[] = { "\"off\"", "\"strict\"", "\"filter\"", "null" };
	struct process_facts some = facts;
	char end[32];
	uint32_t i;

	for (i = 0; i < 4; i++) {
		some.seccomp = i;
		snprintf(end, sizeof(end), "\"seccomp\":%s}\n", shown[i]);
		ASSERT_EQ(0, json_view.process(self->fixture.view, &some));
		EXPECT_NE(NULL, strstr(fixture_text(&self->fixture), end));
	}
}

/* In the other run the process may have been gone. */
TEST_F(head, normalized)
{
	self->fixture.view->normalize = true;
	ASSERT_EQ(0, json_view.process(self->fixture.view, &facts));
	EXPECT_STREQ("{\"event\":\"process\",\"pid\":null,\"executable\":null,\"cgroup\":null,"
		     "\"uid\":null,\"parent\":null,\"start_ns\":null,\"seccomp\":null}\n",
		     fixture_text(&self->fixture));
	self->fixture.view->many = true;
	ASSERT_EQ(0, json_view.process(self->fixture.view, &facts));
	EXPECT_STREQ("{\"event\":\"process\",\"pid\":null,\"watch\":3,\"executable\":null,"
		     "\"cgroup\":null,\"uid\":null,\"parent\":null,\"start_ns\":null,"
		     "\"seccomp\":null}\n",
		     fixture_text(&self->fixture));
}

/* Totals begin with no such object. */
TEST(totals)
{
	EXPECT_EQ(NULL, summary_json_view.begin);
	EXPECT_EQ(NULL, summary_json_view.process);
}

TEST_HARNESS_MAIN
