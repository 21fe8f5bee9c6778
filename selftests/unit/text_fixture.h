/* SPDX-License-Identifier: GPL-2.0 */
/* The text view of a process that has just begun a program, and lines that are expected. */
#ifndef UNIT_TEXT_FIXTURE_H
#define UNIT_TEXT_FIXTURE_H

#include <sys/mman.h>
#include <kselftest_harness.h>

#include "view_fixture.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define BRK (HEAP + 33 * PAGE)
#define LEADER "   1.001234 "

FIXTURE(text)
{
	struct fixture fixture;
};

FIXTURE_SETUP(text)
{
	struct event exec = exec_event("lab");

	/* All other lines begin after this. */
	exec.time = SECOND;
	fixture_begin(&self->fixture, &text_view);
	fixture_event(&self->fixture, exec);
	fixture_text(&self->fixture);
}

FIXTURE_TEARDOWN(text)
{
	fixture_free(&self->fixture);
}

#define EXPECT_LINE(line, event)                                  \
	do {                                                      \
		fixture_event(&self->fixture, event);             \
		EXPECT_STREQ(line, fixture_text(&self->fixture)); \
	} while (0)

#endif
