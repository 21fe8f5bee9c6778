// SPDX-License-Identifier: GPL-2.0
/* Figures and names as people read them. */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/format.h"

#define KIB 1024ULL
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* Tenths of a unit, rounded, without a product that could overflow. */
static uint64_t tenths(uint64_t bytes, uint64_t unit)
{
	return bytes / unit * 10 + (bytes % unit / (unit / KIB) * 10 + KIB / 2) / KIB;
}

static bool exactly;

void format_exactly(void)
{
	exactly = true;
}

const char *format_size(char buf[FORMAT_MAX], uint64_t bytes)
{
	static const char *const names[] = { "KiB", "MiB", "GiB", "TiB", "PiB" };
	uint64_t unit = KIB;
	uint64_t value;
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(names) && bytes / unit / KIB >= 10) {
		unit *= KIB;
		i++;
	}
	value = tenths(bytes, unit);
	if (exactly || (i == 0 && (bytes % KIB || !bytes)))
		snprintf(buf, FORMAT_MAX, "%" PRIu64 " byte%s", bytes, plural(bytes));
	else if (i == 0 || value % 10 == 0)
		snprintf(buf, FORMAT_MAX, "%" PRIu64 " %s", value / 10, names[i]);
	else
		snprintf(buf, FORMAT_MAX, "%" PRIu64 ".%" PRIu64 " %s", value / 10, value % 10,
			 names[i]);
	return buf;
}

const char *format_short(char buf[FORMAT_MAX], uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double size = bytes;
	size_t unit = 0;

	while (size >= 1024 && unit + 1 < sizeof(units) / sizeof(*units)) {
		size /= 1024;
		unit++;
	}
	snprintf(buf, FORMAT_MAX, "%.*f %s", size != (uint64_t)size, size, units[unit]);
	return buf;
}

const char *format_pages(char buf[FORMAT_MAX], char sign, uint64_t bytes, uint64_t pages,
			 uint64_t page)
{
	const char s[] = { sign, '\0' };
	char size[FORMAT_MAX];

	/* None are neither more nor fewer. */
	if (bytes % page)
		snprintf(buf, FORMAT_MAX, "%s%" PRIu64 " byte%s (%s%" PRIu64 " page%s)", s, bytes,
			 plural(bytes), pages ? s : "", pages, plural(pages));
	else
		snprintf(buf, FORMAT_MAX, "%s%" PRIu64 " page%s (%.40s)", s, bytes / page,
			 plural(bytes / page), format_size(size, bytes));
	return buf;
}

uint64_t pages_of(uint64_t bytes, uint64_t page)
{
	return bytes / page + !!(bytes % page);
}

const char *format_heap(char buf[FORMAT_MAX], uint64_t start, uint64_t brk, uint64_t page)
{
	uint64_t pages = pages_of(brk - start, page);

	snprintf(buf, FORMAT_MAX, "heap %" PRIu64 " byte%s (%" PRIu64 " page%s)", brk - start,
		 plural(brk - start), pages, plural(pages));
	return buf;
}

static const char *escape(char *buf, size_t size, const char *text)
{
	size_t at = 0;

	for (; *text && at + 5 < size; text++) {
		unsigned char c = *text;

		if (c < ' ' || c > '~' || c == '\\' || c == '"')
			at += snprintf(buf + at, size - at, "\\%03o", c);
		else
			buf[at++] = c;
	}
	buf[at] = '\0';
	return buf;
}

const char *format_comm(char buf[FORMAT_MAX], const char *comm)
{
	return escape(buf, FORMAT_MAX, comm);
}

char *format_safe(const char *text)
{
	/* A byte takes four at most. */
	size_t size = 4 * strlen(text) + 6;
	char *buf = malloc(size);

	if (buf)
		escape(buf, size, text);
	return buf;
}

const char *format_mark(char buf[FORMAT_MARK_MAX], const char *text)
{
	return escape(buf, FORMAT_MARK_MAX, text);
}
