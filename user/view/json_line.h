/* SPDX-License-Identifier: GPL-2.0 */
/* One line of JSON in the making. */
#ifndef BRKWATCH_JSON_LINE_H
#define BRKWATCH_JSON_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct losses;

/**
 * struct line - a JSON value whose text grows at its end
 * @text: the text so far, without a terminating zero
 * @n: bytes in it
 * @cap: room in it
 * @err: an error in any part, so that the caller checks only once
 *
 * What the functions add is a member of the innermost object that is open, or an element of the
 * innermost array, which has no key. Keys are literals without anything to escape, and no key
 * occurs twice in an object. The text is the one that json-c's JSON_C_TO_STRING_PLAIN and
 * JSON_C_TO_STRING_NOSLASHESCAPE make of the same value: bytes from 128 on are as they came.
 */
struct line {
	char *text;
	size_t n;
	size_t cap;
	int err;
};

/**
 * line_begin() - begin a line that is an object
 * @line: filled; line_put(), line_put_text(), line_put_tail() or line_drop() ends it
 *
 * Return: 0 or -ENOMEM.
 */
int line_begin(struct line *line);

/**
 * line_begin_value() - begin a line that is one value of any kind
 * @line: filled; add the value without a key; line_put_text() or line_drop() ends it
 */
void line_begin_value(struct line *line);

/**
 * line_drop() - end a line without writing it
 * @line: the line
 */
void line_drop(struct line *line);

/**
 * line_begin_object() - add an object, which is open until line_end_object()
 * @line: the line
 * @key: its name, NULL in an array
 */
void line_begin_object(struct line *line, const char *key);

/**
 * line_end_object() - close the innermost object
 * @line: the line
 */
void line_end_object(struct line *line);

/**
 * line_begin_array() - add an array, which is open until line_end_array()
 * @line: the line
 * @key: its name, NULL in an array
 */
void line_begin_array(struct line *line, const char *key);

/**
 * line_end_array() - close the innermost array
 * @line: the line
 */
void line_end_array(struct line *line);

/**
 * line_null() - add null
 * @line: the line
 * @key: its name, NULL in an array
 */
void line_null(struct line *line, const char *key);

/**
 * line_bool() - add true or false
 * @line: the line
 * @key: its name, NULL in an array
 * @value: the value
 */
void line_bool(struct line *line, const char *key, bool value);

/**
 * line_u64() - add a number
 * @line: the line
 * @key: its name, NULL in an array
 * @value: the number
 */
void line_u64(struct line *line, const char *key, uint64_t value);

/**
 * line_i64() - add a number that may be negative
 * @line: the line
 * @key: its name, NULL in an array
 * @value: the number
 */
void line_i64(struct line *line, const char *key, int64_t value);

/**
 * line_known() - add a number, or null if it is not known
 * @line: the line
 * @key: its name, NULL in an array
 * @value: the number
 * @known: whether it is known
 */
void line_known(struct line *line, const char *key, uint64_t value, bool known);

/**
 * line_plain() - add a text that has nothing to escape
 * @line: the line
 * @key: its name, NULL in an array
 * @value: a literal, the name of a constant, or an address; never what a process may have chosen
 */
void line_plain(struct line *line, const char *key, const char *value);

/**
 * line_string() - add a text
 * @line: the line
 * @key: its name, NULL in an array
 * @value: the text
 */
void line_string(struct line *line, const char *key, const char *value);

/**
 * line_safe() - add a text that may hold any byte, as format_comm() writes it
 * @line: the line
 * @key: its name, NULL in an array
 * @value: the text; NULL adds null
 */
void line_safe(struct line *line, const char *key, const char *value);

/**
 * line_json() - add a value that another line made
 * @line: the line
 * @key: its name, NULL in an array
 * @json: its text; an empty one means that memory ran out as it was made
 */
void line_json(struct line *line, const char *key, const char *json);

/**
 * line_seccomp() - add a mode of seccomp(2) as "seccomp": off, strict, filter, or null
 * @line: the line
 * @mode: the mode
 */
void line_seccomp(struct line *line, uint32_t mode);

/**
 * line_losses() - add what was lost, by place
 * @line: the line
 * @losses: what was lost
 */
void line_losses(struct line *line, const struct losses *losses);

/**
 * line_put() - write an object and a newline, and end the line
 * @line: a line of line_begin()
 * @out: where to
 *
 * Return: 0 or -ENOMEM; nothing is written after an error.
 */
int line_put(struct line *line, FILE *out);

/**
 * line_put_text() - write the text as it is, and end the line
 * @line: the line; an object of line_begin() has no end yet
 * @out: where to
 *
 * Return: 0 or -ENOMEM; nothing is written after an error.
 */
int line_put_text(struct line *line, FILE *out);

/**
 * line_put_tail() - write the rest of an object and a newline, and end the line
 * @line: a line of line_begin() with the members that line_put_text() did not write
 * @out: where to
 *
 * Return: 0 or -ENOMEM; nothing is written after an error.
 */
int line_put_tail(struct line *line, FILE *out);

#endif
