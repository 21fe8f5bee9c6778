// SPDX-License-Identifier: GPL-2.0
/* The page of --html takes work and room by what changes, however much is mapped. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "looks.h"
#include "view_fixture.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define FAR (MAPS - (1ULL << 40))
/* Neighbours of a change are looked at, too. */
#define MOST_LOOKS 20

/* A mapping among others, far from the one that mremap(2) makes of it. */
static uint64_t place(uint64_t number)
{
	return MAPS - 2 * number * PAGE;
}

/* Returns the bytes of the page of a process that maps so much, moves it all, and unmaps it. */
static size_t page_of(uint64_t mappings)
{
	const struct report report = { .events = 3 * mappings };
	struct fixture fixture;
	size_t bytes;
	char *text;
	uint64_t i;

	looks = 0;
	fixture_open_file(&fixture, &html_view, (struct view){ 0 });
	fixture_event(&fixture, exec_event("a"));
	for (i = 0; i < mappings; i++)
		fixture_event(&fixture, mmap_event(0, PAGE, ANON, place(i)));
	/* From the middle on, so that as many lie on both sides. */
	for (i = 0; i < mappings; i++) {
		uint64_t number = (i + mappings / 2) % mappings;

		fixture_event(&fixture,
			      mremap_event(place(number), PAGE, 2 * PAGE,
					   MREMAP_MAYMOVE | MREMAP_FIXED, FAR + 4 * number * PAGE));
	}
	for (i = 0; i < mappings; i++)
		fixture_event(&fixture, munmap_event(FAR + 4 * i * PAGE, 2 * PAGE));
	text = fixture_file(&fixture, &report);
	bytes = strlen(text);
	free(text);
	return bytes;
}

TEST(ten_times_as_many_mappings)
{
	const uint64_t few = 200, many = 10 * few;
	size_t none = page_of(0), small = page_of(few) - none, large;

	EXPECT_GE(MOST_LOOKS * 3 * few, looks);
	large = page_of(many) - none;
	EXPECT_GE(MOST_LOOKS * 3 * many, looks);
	EXPECT_LE(3 * few, looks);
	/* Numbers of boxes get longer. */
	EXPECT_GE(11 * small, large);
}

TEST_HARNESS_MAIN
