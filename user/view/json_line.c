// SPDX-License-Identifier: GPL-2.0
/*
 * One line of JSON in the making. The text is made by hand in one buffer, because a tree of values
 * costs an allocation for each of them, and an event has two dozen.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/format.h"
#include "lib/names.h"
#include "lib/text_buffer.h"
#include "view/json_line.h"
#include "view/view.h"

/* An event without a stack fits. */
#define LINE_LEAST 1024
/* An event with a stack fits. Few lines are longer, and such a line may be very long. */
#define SPARE_MAX (1 << 20)
/* A comma, two quotes and a colon. */
#define KEY_MORE 4
/* The largest number has so many digits, and so has the least with its sign. */
#define NUMBER_MAX TEXT_COLUMNS_MAX
/* A byte of a string takes at most so many: \u001f. */
#define ESCAPE_MAX 6

/* The buffer of a line that has ended; the next line takes it, so that it allocates nothing. */
static struct line spare;

void line_begin_value(struct line *line)
{
	*line = (struct line){ .text = spare.text, .cap = spare.cap };
	spare = (struct line){ 0 };
}

void line_drop(struct line *line)
{
	if (line->cap > SPARE_MAX) {
		free(line->text);
	} else {
		free(spare.text);
		spare = *line;
	}
	*line = (struct line){ 0 };
}

/* Returns where to write @bytes, NULL without memory. */
static char *room(struct line *line, size_t bytes)
{
	size_t cap;
	char *text;

	if (bytes <= line->cap - line->n)
		return line->text + line->n;
	cap = 2 * (line->n + bytes) + LINE_LEAST;
	text = realloc(line->text, cap);
	if (!text) {
		line->err = -ENOMEM;
		return NULL;
	}
	line->text = text;
	line->cap = cap;
	return text + line->n;
}

/*
 * Write what comes before a value that takes @bytes at most. Returns where to write the value,
 * NULL without memory.
 */
static char *begin(struct line *line, const char *key, size_t bytes)
{
	size_t len = key ? strlen(key) : 0;
	char *p = room(line, len + KEY_MORE + bytes);

	if (!p)
		return NULL;
	/* No value ends in an opening bracket, so that one means that this value is the first. */
	if (line->n && p[-1] != '{' && p[-1] != '[')
		*p++ = ',';
	if (!key)
		return p;
	*p++ = '"';
	p = mempcpy(p, key, len);
	*p++ = '"';
	*p++ = ':';
	return p;
}

static void end(struct line *line, const char *p)
{
	line->n = p - line->text;
}

static void add(struct line *line, const char *key, const char *json)
{
	size_t len = strlen(json);
	char *p = begin(line, key, len);

	if (p)
		end(line, mempcpy(p, json, len));
}

static void add_char(struct line *line, char c)
{
	char *p = room(line, 1);

	if (!p)
		return;
	*p++ = c;
	end(line, p);
}

void line_begin_object(struct line *line, const char *key)
{
	add(line, key, "{");
}

void line_end_object(struct line *line)
{
	add_char(line, '}');
}

void line_begin_array(struct line *line, const char *key)
{
	add(line, key, "[");
}

void line_end_array(struct line *line)
{
	add_char(line, ']');
}

int line_begin(struct line *line)
{
	line_begin_value(line);
	line_begin_object(line, NULL);
	return line->err;
}

void line_null(struct line *line, const char *key)
{
	add(line, key, "null");
}

void line_bool(struct line *line, const char *key, bool value)
{
	add(line, key, value ? "true" : "false");
}

static char *put_number(char *p, uint64_t value)
{
	char digits[NUMBER_MAX], *end = digits + sizeof(digits);
	const char *first = text_digits(end, value);

	return mempcpy(p, first, end - first);
}

void line_u64(struct line *line, const char *key, uint64_t value)
{
	char *p = begin(line, key, NUMBER_MAX);

	if (p)
		end(line, put_number(p, value));
}

void line_i64(struct line *line, const char *key, int64_t value)
{
	char *p = begin(line, key, NUMBER_MAX);

	if (!p)
		return;
	if (value < 0)
		*p++ = '-';
	end(line, put_number(p, value < 0 ? -(uint64_t)value : (uint64_t)value));
}

void line_known(struct line *line, const char *key, uint64_t value, bool known)
{
	if (known)
		line_u64(line, key, value);
	else
		line_null(line, key);
}

void line_plain(struct line *line, const char *key, const char *value)
{
	size_t len = strlen(value);
	char *p = begin(line, key, len + 2);

	if (!p)
		return;
	*p++ = '"';
	p = mempcpy(p, value, len);
	*p++ = '"';
	end(line, p);
}

static char *put_escape(char *p, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char bytes[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *at = strchr(bytes, c);

	*p++ = '\\';
	if (at) {
		*p++ = letters[at - bytes];
		return p;
	}
	p = mempcpy(p, "u00", 3);
	*p++ = hex[c >> 4];
	*p++ = hex[c & 15];
	return p;
}

void line_string(struct line *line, const char *key, const char *value)
{
	char *p = begin(line, key, ESCAPE_MAX * strlen(value) + 2);

	if (!p)
		return;
	*p++ = '"';
	for (; *value; value++) {
		unsigned char c = *value;

		if (c < ' ' || c == '"' || c == '\\')
			p = put_escape(p, c);
		else
			*p++ = c;
	}
	*p++ = '"';
	end(line, p);
}

void line_safe(struct line *line, const char *key, const char *value)
{
	char *safe = value ? format_safe(value) : NULL;

	if (!value)
		line_null(line, key);
	else if (safe)
		line_string(line, key, safe);
	else
		line->err = -ENOMEM;
	free(safe);
}

void line_json(struct line *line, const char *key, const char *json)
{
	if (*json)
		add(line, key, json);
	else
		line->err = -ENOMEM;
}

void line_seccomp(struct line *line, uint32_t mode)
{
	const char *name = names_seccomp(mode);

	if (name)
		line_plain(line, "seccomp", name);
	else
		line_null(line, "seccomp");
}

void line_losses(struct line *line, const struct losses *losses)
{
	line_u64(line, "ring", losses->ring);
	line_u64(line, "probe", losses->probe);
	line_u64(line, "watch", losses->watch);
	line_u64(line, "socket", losses->socket);
	if (losses->probe)
		line_bool(line, "at_least", true);
	if (!losses->blind_to)
		return;
	line_begin_object(line, "blind");
	line_u64(line, "from_ns", losses->blind_from);
	line_u64(line, "to_ns", losses->blind_to);
	line_end_object(line);
}

int line_put_text(struct line *line, FILE *out)
{
	int err = line->err;

	if (!err)
		fwrite(line->text, 1, line->n, out);
	line_drop(line);
	return err;
}

int line_put(struct line *line, FILE *out)
{
	line_end_object(line);
	add_char(line, '\n');
	return line_put_text(line, out);
}

int line_put_tail(struct line *line, FILE *out)
{
	/* The head has the bracket. */
	*line->text = ',';
	return line_put(line, out);
}
