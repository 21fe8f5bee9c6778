/* SPDX-License-Identifier: GPL-2.0 */
/* A summary of a process that maps 100 KiB and unmaps 4 KiB of that. */
#ifndef UNIT_SUMMARY_FIXTURE_H
#define UNIT_SUMMARY_FIXTURE_H

#include <sys/mman.h>
#include <kselftest_harness.h>

#include "view_fixture.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static const struct counters counters = {
	.id = 1,
	.pid = 42,
	.heap_start = HEAP,
	.brk_first = HEAP,
	.brk_peak = HEAP + 73 * PAGE,
	.brk = HEAP + 70 * PAGE + 1,
	.brk_calls = 7,
	.brk_queries = 2,
	.brk_grows = 3,
	.brk_shrinks = 1,
	.brk_refused = 1,
	.grown_bytes = 75 * PAGE,
	.shrunk_bytes = 5 * PAGE - 1,
	.grown_largest = 40 * PAGE,
	.mmap_calls = 10,
	.mmap_failed = 2,
	.mmap_anonymous = 5,
	.mapped_bytes = 25 * PAGE,
	.mapped_largest = 9 * PAGE,
	.mapped_file_bytes = 3 * PAGE,
	.munmap_calls = 2,
	.munmap_failed = 1,
	.unmapped_bytes = PAGE,
	.unmapped_largest = PAGE,
	.comm = "lab",
};

FIXTURE(summary)
{
	struct fixture fixture;
};

FIXTURE_SETUP(summary)
{
	fixture_begin(&self->fixture, &summary_view);
	fixture_event(&self->fixture, mmap_event(0, 25 * PAGE, ANON, MAPS));
	fixture_event(&self->fixture, munmap_event(MAPS, PAGE));
}

FIXTURE_TEARDOWN(summary)
{
	fixture_free(&self->fixture);
}

#endif
