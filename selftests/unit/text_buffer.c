// SPDX-License-Identifier: GPL-2.0
/* Numbers in text; printf() is the oracle. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "lib/text_buffer.h"

#define ROOM 64

/* Values where the number of digits changes, in the decimal and the binary system, then any. */
static uint64_t number(size_t i)
{
	uint64_t value = 1;

	if (i < 2 * TEXT_COLUMNS_MAX) {
		for (; i > 1; i -= 2)
			value *= 10;
		return value - i;
	}
	i -= 2 * TEXT_COLUMNS_MAX;
	if (i < 2 * 64)
		return (1ULL << i / 2) - i % 2;
	if (i == 2 * 64)
		return UINT64_MAX;
	value = (uint64_t)random() << 62 ^ (uint64_t)random() << 31 ^ (uint64_t)random();
	return value >> random() % 64;
}

TEST(numbers)
{
	const unsigned int seed = 5;
	char wanted[ROOM], buf[ROOM];
	size_t i;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (i = 0; i < 100000; i++) {
		struct text_buffer text = text_in(buf, sizeof(buf));
		uint64_t value = number(i);

		text_add_u64(&text, value);
		snprintf(wanted, sizeof(wanted), "%" PRIu64, value);
		ASSERT_STREQ(wanted, buf);
		text = text_in(buf, sizeof(buf));
		text_add_i32(&text, value);
		snprintf(wanted, sizeof(wanted), "%" PRId32, (int32_t)value);
		ASSERT_STREQ(wanted, buf);
		text = text_in(buf, sizeof(buf));
		text_add_hex(&text, value);
		snprintf(wanted, sizeof(wanted), "0x%" PRIx64, value);
		ASSERT_STREQ(wanted, buf);
		ASSERT_EQ(strlen(wanted), text.len);
	}
}

TEST(least_number)
{
	char buf[ROOM];
	struct text_buffer text = text_in(buf, sizeof(buf));

	text_add_i32(&text, INT32_MIN);
	EXPECT_STREQ("-2147483648", buf);
}

TEST(columns)
{
	char wanted[ROOM], buf[ROOM];
	size_t i;
	int width;

	srandom(6);
	for (i = 0; i < 1000; i++) {
		for (width = 0; width <= TEXT_COLUMNS_MAX; width++) {
			struct text_buffer text = text_in(buf, sizeof(buf));
			uint64_t value = number(i);

			text_add_columns(&text, value, width, ' ');
			snprintf(wanted, sizeof(wanted), "%*" PRIu64, width, value);
			ASSERT_STREQ(wanted, buf);
			text = text_in(buf, sizeof(buf));
			text_add_columns(&text, value, width, '0');
			snprintf(wanted, sizeof(wanted), "%0*" PRIu64, width, value);
			ASSERT_STREQ(wanted, buf);
		}
	}
}

TEST(millionths)
{
	char wanted[ROOM], buf[ROOM];
	uint32_t value;

	for (value = 0; value < 1000000; value += value % 1000 ? 89 : 1) {
		struct text_buffer text = text_in(buf, sizeof(buf));

		text_add_millionths(&text, value);
		snprintf(wanted, sizeof(wanted), ".%06" PRIu32, value);
		ASSERT_STREQ(wanted, buf);
	}
}

/* ASan is the oracle too: the text ends within its buffer, whatever is its size. */
TEST(what_does_not_fit_is_cut_off)
{
	size_t size;

	for (size = 1; size < ROOM; size++) {
		char wanted[ROOM], *buf = malloc(size);
		struct text_buffer text;

		ASSERT_NE(NULL, buf);
		text = text_in(buf, size);
		text_add(&text, "mmap(");
		text_add_hex(&text, UINT64_MAX);
		text_add(&text, ", ");
		text_add_u64(&text, UINT64_MAX);
		text_add_millionths(&text, 42);
		text_add_char(&text, ')');
		text_add(&text, "");
		snprintf(wanted, size, "mmap(0x%" PRIx64 ", %" PRIu64 ".000042)", UINT64_MAX,
			 UINT64_MAX);
		EXPECT_STREQ(wanted, buf);
		EXPECT_EQ(strlen(wanted), text.len);
		free(buf);
	}
}

TEST(writing)
{
	char buf[ROOM], *written = NULL;
	struct text_buffer text = text_in(buf, sizeof(buf));
	size_t size;
	FILE *out = open_memstream(&written, &size);

	ASSERT_NE(NULL, out);
	text_put(&text, out);
	text_add(&text, "a");
	text_put(&text, out);
	text_add_u64(&text, 42);
	text_put(&text, out);
	ASSERT_EQ(0, fclose(out));
	EXPECT_STREQ("a42", written);
	EXPECT_STREQ("", buf);
	free(written);
}

TEST_HARNESS_MAIN
