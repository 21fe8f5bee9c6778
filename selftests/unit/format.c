// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "view_fixture.h"
#include "lib/format.h"
#include "message.h"

TEST(sizes)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
		{ 0, "0 bytes" },
		{ 1, "1 byte" },
		{ 100, "100 bytes" },
		{ 1023, "1023 bytes" },
		{ 1024, "1 KiB" },
		{ 1025, "1025 bytes" },
		{ 4096, "4 KiB" },
		{ 33 * PAGE, "132 KiB" },
		{ 1221 * PAGE, "4884 KiB" },
		{ (10 << 20) - 1024, "10239 KiB" },
		{ (10 << 20) - 1, "10485759 bytes" },
		{ 10 << 20, "10 MiB" },
		{ (10 << 20) + 1, "10 MiB" },
		{ 12345678, "11.8 MiB" },
		{ (1000 << 20) - (100 << 10), "999.9 MiB" },
		{ (1000 << 20) + (400 << 10), "1000 MiB" },
		{ (1000 << 20) + (600 << 10), "1001 MiB" },
		{ 5000 * PAGE, "19.5 MiB" },
		{ 128 << 20, "128 MiB" },
		{ 10ULL << 30, "10 GiB" },
		{ (10ULL << 30) - 1, "10240 MiB" },
		{ 3ULL << 40, "3072 GiB" },
		{ 47ULL << 40, "47 TiB" },
		{ 1ULL << 60, "1024 PiB" },
		{ UINT64_MAX, "16384 PiB" },
	};
	char buf[FORMAT_MAX];
	size_t i;

	for (i = 0; i < N(sizes); i++)
		EXPECT_STREQ(sizes[i].text, format_size(buf, sizes[i].bytes));
}

TEST(sizes_that_are_not_rounded)
{
	char buf[FORMAT_MAX];

	EXPECT_STREQ("0 bytes", format_exact(buf, 0));
	EXPECT_STREQ("1025 bytes", format_exact(buf, 1025));
	EXPECT_STREQ("65536 KiB", format_exact(buf, 64 << 20));
	EXPECT_STREQ("65540 KiB", format_exact(buf, (64 << 20) + PAGE));
	EXPECT_STREQ("67108865 bytes", format_exact(buf, (64 << 20) + 1));
}

TEST(changes_in_pages)
{
	char buf[FORMAT_MAX];

	EXPECT_STREQ("+33 pages (132 KiB)", format_pages(buf, '+', 33 * PAGE, 33, PAGE));
	EXPECT_STREQ("-1 page (4 KiB)", format_pages(buf, '-', PAGE, 1, PAGE));
	EXPECT_STREQ("33 pages (132 KiB)", format_pages(buf, 0, 33 * PAGE, 33, PAGE));
	EXPECT_STREQ("0 pages", format_pages(buf, 0, 0, 0, PAGE));
	EXPECT_STREQ("100 bytes (1 page)", format_pages(buf, 0, 100, 1, PAGE));
	EXPECT_STREQ("+100 bytes (0 pages)", format_pages(buf, '+', 100, 0, PAGE));
	EXPECT_STREQ("-100 bytes (0 pages)", format_pages(buf, '-', 100, 0, PAGE));
	EXPECT_STREQ("-1 byte (-1 page)", format_pages(buf, '-', 1, 1, PAGE));
	EXPECT_STREQ("+18446744073709551615 bytes (+4503599627370496 pages)",
		     format_pages(buf, '+', UINT64_MAX, pages_of(UINT64_MAX, PAGE), PAGE));
}

/* As printf() writes it, for changes of any size. */
TEST(changes_at_random)
{
	const unsigned int seed = 8;
	int i;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (i = 0; i < 10000; i++) {
		uint64_t bytes = ((uint64_t)random() << 33 ^ (uint64_t)random()) >> random() % 64;
		uint64_t pages;
		char buf[FORMAT_MAX], size[FORMAT_MAX], wanted[2 * FORMAT_MAX];

		/* Every second one is a whole number of pages. */
		if (i % 2)
			bytes = bytes / PAGE * PAGE;
		pages = pages_of(bytes, PAGE);
		if (!bytes)
			continue;
		if (bytes % PAGE)
			snprintf(wanted, sizeof(wanted),
				 "-%" PRIu64 " byte%s (-%" PRIu64 " page%s)", bytes,
				 bytes == 1 ? "" : "s", pages, pages == 1 ? "" : "s");
		else
			snprintf(wanted, sizeof(wanted), "-%" PRIu64 " page%s (%s)", pages,
				 pages == 1 ? "" : "s", format_size(size, bytes));
		ASSERT_STREQ(wanted, format_pages(buf, '-', bytes, pages, PAGE));
		snprintf(wanted, sizeof(wanted), "%" PRIu64 " KiB", bytes >> 10);
		if (!(bytes % 1024))
			ASSERT_STREQ(wanted, format_exact(buf, bytes));
		snprintf(wanted, sizeof(wanted), "%" PRIu64 " byte%s", bytes,
			 bytes == 1 ? "" : "s");
		if (bytes % 1024 && bytes < 10 << 20)
			ASSERT_STREQ(wanted, format_size(buf, bytes));
	}
}

TEST(names_that_do_harm)
{
	char buf[FORMAT_MAX];

	EXPECT_STREQ("lab 1", format_comm(buf, "lab 1"));
	EXPECT_STREQ("\\033[31m\\012", format_comm(buf, "\033[31m\n"));
	EXPECT_STREQ("\\042\\134\\377", format_comm(buf, "\"\\\xff"));
	EXPECT_STREQ("\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001",
		     format_comm(buf, "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"));
}

TEST(names_in_a_sentence)
{
	char *word = format_word("a-1_b+c.so.6"), *evil = format_word("a) (b,:;?[<>]\n\"\\");

	EXPECT_STREQ("a-1_b+c.so.6", word);
	EXPECT_STREQ("a\\051\\040\\050b\\054\\072\\073\\077\\133\\074\\076\\135\\012\\042\\134",
		     evil);
	free(word);
	free(evil);
}

TEST(short_sizes)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
		{ 0, "0 bytes" },	    { 1023, "1023 bytes" },
		{ 1024, "1 KiB" },	    { 9999, "9999 bytes" },
		{ 10001, "10 KiB" },	    { 45000, "44 KiB" },
		{ 132 << 10, "132 KiB" },   { (10 << 20) - 1, "10240 KiB" },
		{ 302067712, "288.1 MiB" }, { UINT64_MAX, "16384 PiB" },
	};
	char buf[FORMAT_MAX];
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		EXPECT_STREQ(sizes[i].text, format_short(buf, sizes[i].bytes));
}

TEST_HARNESS_MAIN
