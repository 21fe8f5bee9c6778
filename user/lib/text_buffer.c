// SPDX-License-Identifier: GPL-2.0
/* Text that grows in memory. */
#include <string.h>

#include "lib/text_buffer.h"

/* "0x" and the digits of the largest number. */
#define HEX_MAX 18

static void add(struct text_buffer *text, const char *more, size_t n)
{
	size_t room = text->size - text->len - 1;

	if (n > room)
		n = room;
	memcpy(text->buf + text->len, more, n);
	text->len += n;
	text->buf[text->len] = '\0';
}

void text_add(struct text_buffer *text, const char *more)
{
	add(text, more, strlen(more));
}

void text_add_char(struct text_buffer *text, char c)
{
	if (text->len + 1 >= text->size)
		return;
	text->buf[text->len++] = c;
	text->buf[text->len] = '\0';
}

void text_add_columns(struct text_buffer *text, uint64_t value, int width, char pad)
{
	char digits[TEXT_COLUMNS_MAX];
	char *end = digits + sizeof(digits), *at = end;

	do
		*--at = '0' + value % 10;
	while (value /= 10);
	while (end - at < width)
		*--at = pad;
	add(text, at, end - at);
}

void text_add_u64(struct text_buffer *text, uint64_t value)
{
	text_add_columns(text, value, 0, ' ');
}

void text_add_i32(struct text_buffer *text, int32_t value)
{
	int64_t wide = value;

	if (wide < 0)
		text_add_char(text, '-');
	text_add_u64(text, wide < 0 ? -wide : wide);
}

void text_add_hex(struct text_buffer *text, uint64_t value)
{
	char digits[HEX_MAX];
	char *end = digits + sizeof(digits), *at = end;

	do
		*--at = "0123456789abcdef"[value & 15];
	while (value >>= 4);
	*--at = 'x';
	*--at = '0';
	add(text, at, end - at);
}

void text_put(struct text_buffer *text, FILE *out)
{
	fwrite_unlocked(text->buf, 1, text->len, out);
	text->buf[0] = '\0';
	text->len = 0;
}
