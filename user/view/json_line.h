/* SPDX-License-Identifier: GPL-2.0 */
/* One line of JSON in the making. */
#ifndef BRKWATCH_JSON_LINE_H
#define BRKWATCH_JSON_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <json-c/json.h>

struct losses;

/**
 * struct line - an object, which may be part of another
 * @object: the object
 * @err: an error in any part, so that the caller checks only once
 */
struct line {
	json_object *object;
	int err;
};

/**
 * line_begin() - begin an object
 * @line: filled
 *
 * Return: 0 or -ENOMEM.
 */
int line_begin(struct line *line);

/**
 * line_add() - add a value
 * @line: the object
 * @key: its name
 * @value: the value, which the object now owns; NULL is an error
 */
void line_add(struct line *line, const char *key, json_object *value);

/**
 * line_null() - add null
 * @line: the object
 * @key: its name
 */
void line_null(struct line *line, const char *key);

/**
 * line_string() - add a text
 * @line: the object
 * @key: its name
 * @value: the text
 */
void line_string(struct line *line, const char *key, const char *value);

/**
 * line_u64() - add a number
 * @line: the object
 * @key: its name
 * @value: the number
 */
void line_u64(struct line *line, const char *key, uint64_t value);

/**
 * line_known() - add a number, or null if it is not known
 * @line: the object
 * @key: its name
 * @value: the number
 * @known: whether it is known
 */
void line_known(struct line *line, const char *key, uint64_t value, bool known);

/**
 * line_safe() - add a text that may hold any byte, as format_comm() writes it
 * @line: the object
 * @key: its name
 * @value: the text; NULL adds null
 */
void line_safe(struct line *line, const char *key, const char *value);

/**
 * line_bool() - add true or false
 * @line: the object
 * @key: its name
 * @value: the value
 */
void line_bool(struct line *line, const char *key, bool value);

/**
 * line_take() - take the object, to make it part of another
 * @line: the object
 *
 * Return: the object, or NULL after an error; the function has freed the object then.
 */
json_object *line_take(struct line *line);

/**
 * line_array_add() - add to an array
 * @all: the array; freed and set to NULL if memory runs out
 * @one: the element, which the array now owns; NULL means that memory ran out
 */
void line_array_add(json_object **all, json_object *one);

/**
 * line_seccomp() - add a mode of seccomp(2) as "seccomp": off, strict, filter, or null
 * @line: the object
 * @mode: the mode
 */
void line_seccomp(struct line *line, uint32_t mode);

/**
 * line_losses() - add what was lost, by place
 * @line: the object
 * @losses: what was lost
 */
void line_losses(struct line *line, const struct losses *losses);

/**
 * json_put() - write a value and free it
 * @value: the value; NULL means that memory ran out
 * @out: where to
 *
 * Return: 0 or -ENOMEM.
 */
int json_put(json_object *value, FILE *out);

/**
 * line_put_head() - write an object without its end, and free it
 * @line: its members so far
 * @out: where to
 *
 * Return: 0 or -ENOMEM.
 */
int line_put_head(struct line *line, FILE *out);

/**
 * line_put_tail() - write the rest of an object, and free it
 * @line: the rest
 * @out: where to
 *
 * Return: 0 or -ENOMEM.
 */
int line_put_tail(struct line *line, FILE *out);

/**
 * line_put() - write an object and free it
 * @line: the object
 * @out: where to
 *
 * Return: 0 or -ENOMEM.
 */
int line_put(struct line *line, FILE *out);

#endif
