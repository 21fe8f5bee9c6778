/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text that grows in memory, for the parts of a line that most events have: a printf() takes some
 * 600 instructions for each, most of them to read its format.
 */
#ifndef BRKWATCH_TEXT_BUFFER_H
#define BRKWATCH_TEXT_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/**
 * struct text_buffer - a text that grows in memory
 * @buf: the text, which ends with a zero
 * @size: bytes in @buf; what does not fit is cut off, as by snprintf()
 * @len: length of the text
 */
struct text_buffer {
	char *buf;
	size_t size;
	size_t len;
};

/* No number is longer. */
#define TEXT_COLUMNS_MAX 20

/* "0x", the digits of the largest number and a terminating zero. */
#define TEXT_HEX_MAX 19

/**
 * text_in() - begin an empty text
 * @buf: takes the text
 * @size: bytes in @buf, 1 at least
 *
 * Return: the text.
 */
static inline struct text_buffer text_in(char *buf, size_t size)
{
	buf[0] = '\0';
	return (struct text_buffer){ buf, size, 0 };
}

/**
 * text_fill_up() - append as much of a string as there is room for
 * @text: the text
 * @more: the string
 *
 * It is cold because almost all texts have enough room, and inlined it would slow down every
 * function that appends.
 */
void __attribute__((cold)) text_fill_up(struct text_buffer *text, const char *more);

/**
 * text_add_known() - append a string, given its length
 * @text: the text
 * @more: the string
 * @n: its length
 */
static inline void text_add_known(struct text_buffer *text, const char *more, size_t n)
{
	if (n >= text->size - text->len) {
		text_fill_up(text, more);
		return;
	}
	memcpy(text->buf + text->len, more, n + 1);
	text->len += n;
}

/**
 * text_add() - append a string
 * @text: the text
 * @more: the string
 *
 * It is inline because most strings are constants, so that the compiler knows their length.
 */
static inline void text_add(struct text_buffer *text, const char *more)
{
	text_add_known(text, more, strlen(more));
}

/**
 * text_add_char() - append a character
 * @text: the text
 * @c: the character
 */
static inline void text_add_char(struct text_buffer *text, char c)
{
	if (text->len + 1 >= text->size)
		return;
	text->buf[text->len++] = c;
	text->buf[text->len] = '\0';
}

/**
 * text_digits() - write a decimal number in front of a place
 * @end: the place; there is room for TEXT_COLUMNS_MAX characters before it
 * @value: the number
 *
 * Return: where the number begins.
 */
char *text_digits(char *end, uint64_t value);

/**
 * text_add_columns() - append a decimal number, right-aligned
 * @text: the text
 * @value: the number
 * @width: columns at least, TEXT_COLUMNS_MAX at most
 * @pad: what stands before the number
 */
void text_add_columns(struct text_buffer *text, uint64_t value, int width, char pad);

/**
 * text_add_millionths() - append what stands behind the seconds of a time: a point and six digits
 * @text: the text
 * @millionths: the digits as a number, below a million
 */
void text_add_millionths(struct text_buffer *text, uint32_t millionths);

/**
 * text_add_u64() - append a decimal number
 * @text: the text
 * @value: the number
 */
void text_add_u64(struct text_buffer *text, uint64_t value);

/**
 * text_add_i32() - append a decimal number that may be negative
 * @text: the text
 * @value: the number
 */
void text_add_i32(struct text_buffer *text, int32_t value);

/**
 * text_hex() - write a hexadecimal number
 * @to: takes the text, with a terminating zero
 * @value: the number
 *
 * Return: length of the text.
 */
size_t text_hex(char to[TEXT_HEX_MAX], uint64_t value);

/**
 * text_add_hex() - append a hexadecimal number
 * @text: the text
 * @value: the number
 *
 * It begins with 0x, and so does 0, unlike that of printf("%#x").
 */
void text_add_hex(struct text_buffer *text, uint64_t value);

/**
 * text_put() - write a text, which is empty afterwards
 * @text: the text
 * @out: where to; the caller looks there for errors
 */
void text_put(struct text_buffer *text, FILE *out);

#endif
