/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of text on a terminal: how wide, and in which colour. */
#ifndef BRKWATCH_TERMINAL_H
#define BRKWATCH_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* When to colour, by the values of --color. */
enum terminal_color {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/**
 * enum paint - what a line is about
 * @PAINT_PLAIN: nothing of these
 * @PAINT_MORE: memory came
 * @PAINT_LESS: memory went
 * @PAINT_BAD: something was refused, failed, broke or was lost
 * @PAINT_STEP: a lifecycle event, or a mark
 */
enum paint {
	PAINT_PLAIN,
	PAINT_MORE,
	PAINT_LESS,
	PAINT_BAD,
	PAINT_STEP,
};

/**
 * struct terminal - where lines go
 * @columns: of the terminal, 0 if it is none
 * @color: write colours
 */
struct terminal {
	unsigned int columns;
	bool color;
};

/**
 * terminal_of() - what a stream leads to
 * @terminal: filled
 * @out: the stream
 * @when: the user's choice; with COLOR_AUTO a terminal has colours unless the environment says
 *	NO_COLOR or TERM=dumb
 */
void terminal_of(struct terminal *terminal, FILE *out, enum terminal_color when);

/**
 * terminal_measure() - measure how wide it is now
 * @terminal: the terminal
 * @out: the stream
 */
void terminal_measure(struct terminal *terminal, FILE *out);

/**
 * terminal_is_plain() - are lines written as they are
 * @terminal: the terminal
 *
 * Return: whether terminal_line() would change nothing.
 */
bool terminal_is_plain(const struct terminal *terminal);

/**
 * terminal_line() - write a line so that it can be read
 * @terminal: the terminal
 * @out: where to
 * @line: the line, without its end
 * @at: where its meaning begins, its length if nowhere
 * @paint: colour of its meaning
 *
 * Text that does not fit continues on indented lines. On a wide terminal the meaning of all
 * lines begins in one column.
 */
void terminal_line(const struct terminal *terminal, FILE *out, const char *line, size_t at,
		   enum paint paint);

#endif
