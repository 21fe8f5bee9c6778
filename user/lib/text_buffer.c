// SPDX-License-Identifier: GPL-2.0
/* Text that grows in memory. */
#include <endian.h>
#include <string.h>

#include "lib/text_buffer.h"

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
	char number[2 * TEXT_COLUMNS_MAX] = "";
	char *end = number + TEXT_COLUMNS_MAX, *at = text_digits(end, value);

	while (end - at < width)
		*--at = pad;
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

/* Write eight hexadecimal digits at once: spread them into bytes, and make each a character. */
static void put_eight(char to[8], uint32_t value)
{
	uint64_t digits = value, letters;

	digits = (digits | digits << 16) & 0x0000ffff0000ffff;
	digits = (digits | digits << 8) & 0x00ff00ff00ff00ff;
	digits = (digits | digits << 4) & 0x0f0f0f0f0f0f0f0f;
	/* 6 more than a digit from 10 on sets the bit above it. */
	letters = (digits + 0x0606060606060606) >> 4 & 0x0101010101010101;
	digits += 0x3030303030303030 + letters * ('a' - '0' - 10);
	digits = htobe64(digits);
	memcpy(to, &digits, sizeof(digits));
}

/* Format by hand, because an event has up to five addresses. */
size_t text_hex(char to[TEXT_HEX_MAX], uint64_t value)
{
	int digits = value ? (67 - __builtin_clzll(value)) / 4 : 1, i;
	uint64_t left = value << (64 - 4 * digits);

	to[0] = '0';
	to[1] = 'x';
	/* The zero cuts off what is more than the digits. */
	for (i = 0; i < digits; i += 8) {
		put_eight(to + 2 + i, left >> 32);
		left <<= 32;
	}
	to[2 + digits] = '\0';
	return 2 + digits;
}

void text_add_hex(struct text_buffer *text, uint64_t value)
{
	char number[TEXT_HEX_MAX] = "";
	size_t n = text_hex(number, value);

	if (text->size - text->len < TEXT_HEX_MAX) {
		text_fill_up(text, number);
		return;
	}
	memcpy(text->buf + text->len, number, TEXT_HEX_MAX);
	text->len += n;
}

void text_put(struct text_buffer *text, FILE *out)
{
	fwrite_unlocked(text->buf, 1, text->len, out);
	text->buf[0] = '\0';
	text->len = 0;
}
