// SPDX-License-Identifier: GPL-2.0
/* Lines of JSON, and what json-c makes of the same values. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>
#include <kselftest_harness.h>

#include "view/json_line.h"
#include "view/view.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
#define VALUES 3000
#define DEPTH 6
#define FEW 6
#define TEXT_MAX 64
#define MIB (1UL << 20)

/* An allocation of more fails, so that a test can see what happens then. */
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=16";
}

/* What a line wrote, which the caller must free. */
struct written {
	FILE *out;
	char *text;
	size_t n;
};

static void written_begin(struct written *written)
{
	written->out = open_memstream(&written->text, &written->n);
	if (!written->out)
		abort();
}

static const char *written_text(struct written *written)
{
	if (fflush(written->out))
		abort();
	return written->text;
}

static void written_free(struct written *written)
{
	fclose(written->out);
	free(written->text);
}

/* Compare a line with a value, and free both. */
#define EXPECT_SAME(value, line)                                           \
	do {                                                               \
		struct written written;                                    \
		written_begin(&written);                                   \
		EXPECT_EQ(0, line_put_text(line, written.out));            \
		EXPECT_STREQ(json_object_to_json_string_ext(value, FLAGS), \
			     written_text(&written));                      \
		written_free(&written);                                    \
		json_object_put(value);                                    \
	} while (0)

/* A number of any length. */
static uint64_t any_number(void)
{
	uint64_t bits = (uint64_t)rand() << 62 ^ (uint64_t)rand() << 31 ^ rand();

	return bits >> rand() % 64;
}

/* Any bytes but 0. */
static const char *any_text(char text[TEXT_MAX])
{
	size_t n = rand() % TEXT_MAX, i;

	for (i = 0; i < n; i++)
		text[i] = 1 + rand() % 255;
	text[n] = '\0';
	return text;
}

/* A key of an object, with nothing to escape; keys of different @number differ. */
static const char *any_key(char key[TEXT_MAX], int number)
{
	size_t n = 1 + rand() % (TEXT_MAX - 1), i;

	key[0] = 'a' + number;
	for (i = 1; i < n; i++) {
		key[i] = ' ' + rand() % ('~' + 1 - ' ');
		if (key[i] == '"' || key[i] == '\\')
			key[i] = '/';
	}
	key[n] = '\0';
	return key;
}

static struct json_object *any_value(struct line *line, const char *key, int depth);

static json_object *any_object(struct line *line, const char *key, int depth)
{
	json_object *object = json_object_new_object();
	int n = rand() % FEW;
	char name[TEXT_MAX];

	line_begin_object(line, key);
	while (n--) {
		any_key(name, n);
		json_object_object_add(object, name, any_value(line, name, depth));
	}
	line_end_object(line);
	return object;
}

static json_object *any_array(struct line *line, const char *key, int depth)
{
	json_object *array = json_object_new_array();
	int n = rand() % FEW;

	line_begin_array(line, key);
	while (n--)
		json_object_array_add(array, any_value(line, NULL, depth));
	line_end_array(line);
	return array;
}

/* A value whose text another line made. */
static json_object *any_json(struct line *line, const char *key, int depth)
{
	struct written written;
	json_object *value;
	struct line other;

	written_begin(&written);
	line_begin_value(&other);
	value = any_value(&other, NULL, depth);
	if (line_put_text(&other, written.out))
		abort();
	line_json(line, key, written_text(&written));
	written_free(&written);
	return value;
}

static json_object *any_leaf(struct line *line, const char *key)
{
	uint64_t number = any_number();
	char text[TEXT_MAX];

	switch (rand() % 6) {
	case 0:
		line_null(line, key);
		return NULL;
	case 1:
		line_bool(line, key, number % 2);
		return json_object_new_boolean(number % 2);
	case 2:
		line_u64(line, key, number);
		return json_object_new_uint64(number);
	case 3:
		line_i64(line, key, -number);
		return json_object_new_int64(-number);
	case 4:
		line_plain(line, key, any_key(text, 0));
		return json_object_new_string(text);
	default:
		line_string(line, key, any_text(text));
		return json_object_new_string(text);
	}
}

/* Add a value to a line, and make the same one of json-c. */
static json_object *any_value(struct line *line, const char *key, int depth)
{
	switch (depth ? rand() % 5 : 0) {
	case 1:
	case 2:
		return any_object(line, key, depth - 1);
	case 3:
		return any_array(line, key, depth - 1);
	case 4:
		return any_json(line, key, depth - 1);
	default:
		return any_leaf(line, key);
	}
}

TEST(any_values)
{
	json_object *value;
	struct line line;
	int i;

	srand(1);
	for (i = 0; i < VALUES; i++) {
		line_begin_value(&line);
		value = any_value(&line, NULL, DEPTH);
		EXPECT_SAME(value, &line);
	}
}

TEST(every_byte)
{
	char text[256], one[2] = { 0 };
	json_object *array = json_object_new_array();
	struct line line;
	int c;

	line_begin_value(&line);
	line_begin_array(&line, NULL);
	for (c = 1; c < 256; c++) {
		text[c - 1] = one[0] = c;
		line_string(&line, NULL, one);
		json_object_array_add(array, json_object_new_string(one));
	}
	text[255] = '\0';
	line_string(&line, NULL, text);
	json_object_array_add(array, json_object_new_string(text));
	line_end_array(&line);
	EXPECT_SAME(array, &line);
}

TEST(limits_of_numbers)
{
	static const uint64_t limits[] = { 0, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX };
	json_object *array = json_object_new_array();
	uint64_t number, power = 1;
	struct line line;
	size_t i;
	int d;

	line_begin_value(&line);
	line_begin_array(&line, NULL);
	for (i = 0; i < N(limits) + 20; i++) {
		/* Below, at and above a power of ten the number of digits changes. */
		for (d = -1; d <= 1; d++) {
			number = (i < 20 ? power : limits[i - 20]) + d;
			line_u64(&line, NULL, number);
			json_object_array_add(array, json_object_new_uint64(number));
			line_i64(&line, NULL, number);
			json_object_array_add(array, json_object_new_int64(number));
			line_i64(&line, NULL, -number);
			json_object_array_add(array, json_object_new_int64(-number));
		}
		power *= 10;
	}
	line_end_array(&line);
	EXPECT_SAME(array, &line);
}

#define EXPECT_WROTE(wanted, put)                             \
	do {                                                  \
		struct written written;                       \
		written_begin(&written);                      \
		EXPECT_EQ(0, put(&line, written.out));        \
		EXPECT_STREQ(wanted, written_text(&written)); \
		written_free(&written);                       \
	} while (0)

TEST(parts_of_an_object)
{
	const struct losses losses = { .ring = 1, .blind_from = 2, .blind_to = 3 };
	struct line line;

	ASSERT_EQ(0, line_begin(&line));
	EXPECT_WROTE("{}\n", line_put);
	ASSERT_EQ(0, line_begin(&line));
	line_u64(&line, "a", 1);
	line_null(&line, "b");
	EXPECT_WROTE("{\"a\":1,\"b\":null", line_put_text);
	ASSERT_EQ(0, line_begin(&line));
	line_safe(&line, "c", "\"");
	line_safe(&line, "d", NULL);
	line_known(&line, "e", 1, false);
	EXPECT_WROTE(",\"c\":\"\\\\042\",\"d\":null,\"e\":null}\n", line_put_tail);
	ASSERT_EQ(0, line_begin(&line));
	line_losses(&line, &losses);
	line_seccomp(&line, 2);
	EXPECT_WROTE("{\"ring\":1,\"probe\":0,\"watch\":0,\"socket\":0,"
		     "\"blind\":{\"from_ns\":2,\"to_ns\":3},\"seccomp\":\"filter\"}\n",
		     line_put);
}

/* An event allocates nothing once the buffer has grown. */
TEST(one_buffer)
{
	struct line line, within;
	const char *text;
	size_t cap;

	ASSERT_EQ(0, line_begin(&line));
	text = line.text;
	cap = line.cap;
	line_drop(&line);
	ASSERT_EQ(0, line_begin(&line));
	EXPECT_EQ(text, line.text);
	EXPECT_EQ(cap, line.cap);
	/* A line may begin while another is open. */
	ASSERT_EQ(0, line_begin(&within));
	EXPECT_NE(text, within.text);
	line_u64(&line, "a", 1);
	line_u64(&within, "b", 2);
	EXPECT_WROTE("{\"a\":1}\n", line_put);
	line_drop(&within);
}

/* A process can have a list of mappings that is long once. */
TEST(no_large_buffer_stays)
{
	char *large = malloc(MIB);
	struct line line;

	memset(large, 'a', MIB - 1);
	large[MIB - 1] = '\0';
	line_begin_value(&line);
	line_string(&line, NULL, large);
	ASSERT_EQ(0, line.err);
	EXPECT_LT(MIB, line.n);
	line_drop(&line);
	line_begin_value(&line);
	EXPECT_EQ(0, line.cap);
	line_drop(&line);
	free(large);
}

/* Nothing is written of a value that is not whole. */
TEST(without_memory)
{
	char *large = malloc(4 * MIB);
	struct written written;
	struct line line;

	memset(large, 'a', 4 * MIB - 1);
	large[4 * MIB - 1] = '\0';
	written_begin(&written);
	ASSERT_EQ(0, line_begin(&line));
	line_string(&line, "a", large);
	EXPECT_EQ(-ENOMEM, line.err);
	line_u64(&line, "b", 1);
	EXPECT_EQ(-ENOMEM, line_put(&line, written.out));
	EXPECT_STREQ("", written_text(&written));
	/* The text of another line that failed. */
	ASSERT_EQ(0, line_begin(&line));
	line_json(&line, "c", "");
	EXPECT_EQ(-ENOMEM, line_put(&line, written.out));
	EXPECT_STREQ("", written_text(&written));
	ASSERT_EQ(0, line_begin(&line));
	EXPECT_EQ(0, line_put(&line, written.out));
	EXPECT_STREQ("{}\n", written_text(&written));
	written_free(&written);
	free(large);
}

TEST_HARNESS_MAIN
