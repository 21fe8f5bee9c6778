// SPDX-License-Identifier: GPL-2.0
/* Figures and names as people read them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/format.h"
#include "lib/text_buffer.h"

#define KIB 1024ULL
/* A size has no digit behind the point from here on. */
#define POINT_BELOW 1000
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Writes a number of things, of which there may be one. */
static void add_count(struct text_buffer *text, uint64_t n, const char *thing)
{
	text_add_u64(text, n);
	text_add(text, thing);
	if (n != 1)
		text_add_char(text, 's');
}

/* Returns tenths of a unit, rounded, without a product that could overflow. */
static uint64_t tenths(uint64_t bytes, uint64_t unit)
{
	return bytes / unit * 10 + (bytes % unit / (unit / KIB) * 10 + KIB / 2) / KIB;
}

static const char *in_bytes(char buf[FORMAT_MAX], uint64_t bytes)
{
	struct text_buffer text = text_in(buf, FORMAT_MAX);

	add_count(&text, bytes, " byte");
	return buf;
}

/* Writes four digits at most, in the largest unit that leaves 10 or more, except for KiB. */
static const char *in_units(char buf[FORMAT_MAX], uint64_t bytes)
{
	static const char *const names[] = { " KiB", " MiB", " GiB", " TiB", " PiB" };
	struct text_buffer text = text_in(buf, FORMAT_MAX);
	uint64_t unit = KIB;
	uint64_t value;
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(names) && bytes / unit / KIB >= 10) {
		unit *= KIB;
		i++;
	}
	value = tenths(bytes, unit);
	if (i == 0 || value % 10 == 0 || value >= POINT_BELOW * 10) {
		text_add_u64(&text, (value + 5) / 10);
	} else {
		text_add_u64(&text, value / 10);
		text_add_char(&text, '.');
		text_add_u64(&text, value % 10);
	}
	text_add(&text, names[i]);
	return buf;
}

static bool exactly;

void format_exactly(void)
{
	exactly = true;
}

const char *format_size(char buf[FORMAT_MAX], uint64_t bytes)
{
	bool is_below = bytes < 10 * KIB * KIB;

	return exactly || !bytes || (is_below && bytes % KIB) ? in_bytes(buf, bytes) :
								in_units(buf, bytes);
}

const char *format_exact(char buf[FORMAT_MAX], uint64_t bytes)
{
	struct text_buffer text;

	if (exactly || !bytes || bytes % KIB)
		return in_bytes(buf, bytes);
	text = text_in(buf, FORMAT_MAX);
	text_add_u64(&text, bytes / KIB);
	text_add(&text, " KiB");
	return buf;
}

const char *format_short(char buf[FORMAT_MAX], uint64_t bytes)
{
	bool is_below = bytes < 10000;

	return !bytes || (is_below && bytes % KIB) ? in_bytes(buf, bytes) : in_units(buf, bytes);
}

const char *format_pages(char buf[FORMAT_MAX], char sign, uint64_t bytes, uint64_t pages,
			 uint64_t page)
{
	const char s[] = { sign, '\0' };
	struct text_buffer text = text_in(buf, FORMAT_MAX);
	char size[FORMAT_MAX];

	/* Zero pages get no sign, because they are neither more nor fewer. */
	if (!bytes) {
		text_add(&text, "0 pages");
		return buf;
	}
	text_add(&text, s);
	if (bytes % page) {
		add_count(&text, bytes, " byte");
		text_add(&text, " (");
		text_add(&text, pages ? s : "");
		add_count(&text, pages, " page");
	} else {
		add_count(&text, bytes / page, " page");
		text_add(&text, " (");
		text_add(&text, format_size(size, bytes));
	}
	text_add_char(&text, ')');
	return buf;
}

uint64_t pages_of(uint64_t bytes, uint64_t page)
{
	return bytes / page + !!(bytes % page);
}

const char *format_whole(char buf[FORMAT_MAX], uint64_t bytes, uint64_t page)
{
	return format_pages(buf, 0, bytes, pages_of(bytes, page), page);
}

/* Writes as \ooo what no terminal and no JSON may get, and the characters of @marks. */
static const char *escape(char *buf, size_t size, const char *text, const char *marks)
{
	size_t at = 0;

	for (; *text && at + 5 < size; text++) {
		unsigned char c = *text;

		/* Each event has a name, and most have no marks to look for. */
		if (c < ' ' || c > '~' || c == '\\' || c == '"' || (*marks && strchr(marks, c)))
			at += snprintf(buf + at, size - at, "\\%03o", c);
		else
			buf[at++] = c;
	}
	buf[at] = '\0';
	return buf;
}

const char *format_comm(char buf[FORMAT_MAX], const char *comm)
{
	return escape(buf, FORMAT_MAX, comm, "");
}

static char *escaped(const char *text, const char *marks)
{
	/* A byte takes four characters at most. */
	size_t size = 4 * strlen(text) + 6;
	char *buf = malloc(size);

	if (buf)
		escape(buf, size, text, marks);
	return buf;
}

char *format_safe(const char *text)
{
	return escaped(text, "");
}

char *format_word(const char *text)
{
	return escaped(text, " ()[]<>,:;?");
}

const char *format_mark(char buf[FORMAT_MARK_MAX], const char *text)
{
	return escape(buf, FORMAT_MARK_MAX, text, "");
}
