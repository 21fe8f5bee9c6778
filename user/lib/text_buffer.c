// SPDX-License-Identifier: GPL-2.0
/* Text that grows in memory. */
#include <string.h>

#include "lib/text_buffer.h"

/* "0x" and the digits of the largest number. */
#define HEX_MAX 18

static const char pairs[] = "00010203040506070809"
			    "10111213141516171819"
			    "20212223242526272829"
			    "30313233343536373839"
			    "40414243444546474849"
			    "50515253545556575859"
			    "60616263646566676869"
			    "70717273747576777879"
			    "80818283848586878889"
			    "90919293949596979899";

void text_fill_up(struct text_buffer *text, const char *more)
{
	size_t n = strnlen(more, text->size - text->len - 1);

	memcpy(text->buf + text->len, more, n);
	text->len += n;
	text->buf[text->len] = '\0';
}

/* Two digits come at a time, because a division takes more than all else. */
char *text_digits(char *end, uint64_t value)
{
	for (; value >= 100; value /= 100) {
		end -= 2;
		memcpy(end, pairs + value % 100 * 2, 2);
	}
	if (value < 10) {
		*--end = '0' + value;
		return end;
	}
	end -= 2;
	memcpy(end, pairs + value * 2, 2);
	return end;
}

/*
 * What is copied has a constant length, so that it takes no call; the number's end cuts it off.
 */
void text_add_columns(struct text_buffer *text, uint64_t value, int width, char pad)
{
	char number[2 * TEXT_COLUMNS_MAX];
	char *end = number + TEXT_COLUMNS_MAX, *at = text_digits(end, value);

	while (end - at < width)
		*--at = pad;
	*end = '\0';
	if (text->size - text->len <= TEXT_COLUMNS_MAX) {
		text_fill_up(text, at);
		return;
	}
	memcpy(text->buf + text->len, at, TEXT_COLUMNS_MAX);
	text->len += end - at;
	text->buf[text->len] = '\0';
}

/* It has six digits whatever it is, so that it needs no loop. */
void text_add_millionths(struct text_buffer *text, uint32_t millionths)
{
	char digits[] = ".000000";

	memcpy(digits + 1, pairs + millionths / 10000 * 2, 2);
	memcpy(digits + 3, pairs + millionths / 100 % 100 * 2, 2);
	memcpy(digits + 5, pairs + millionths % 100 * 2, 2);
	text_add_known(text, digits, sizeof(digits) - 1);
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
	char digits[HEX_MAX + 1];
	char *at = digits + HEX_MAX;

	*at = '\0';
	do
		*--at = "0123456789abcdef"[value & 15];
	while (value >>= 4);
	*--at = 'x';
	*--at = '0';
	text_add(text, at);
}

void text_put(struct text_buffer *text, FILE *out)
{
	fwrite_unlocked(text->buf, 1, text->len, out);
	text->buf[0] = '\0';
	text->len = 0;
}
