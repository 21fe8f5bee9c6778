/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of text on a terminal: how wide, and in which colour. */
#ifndef BRKWATCH_SCREEN_H
#define BRKWATCH_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* When to colour, as --color has it. */
enum screen_color {
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
 * @PAINT_STEP: a step of life, or a mark
 */
enum paint {
	PAINT_PLAIN,
	PAINT_MORE,
	PAINT_LESS,
	PAINT_BAD,
	PAINT_STEP,
};

/**
 * struct screen - where lines go
 * @columns: of the terminal, 0 if it is none
 * @color: write colours
 */
struct screen {
	unsigned int columns;
	bool color;
};

/**
 * screen_of() - what a stream leads to
 * @screen: filled
 * @out: the stream
 * @when: what the user said of colours; of itself a terminal has them, unless the
 *	environment says NO_COLOR or TERM=dumb
 */
void screen_of(struct screen *screen, FILE *out, enum screen_color when);

/**
 * screen_measure() - see how wide it is now
 * @screen: the screen
 * @out: the stream
 */
void screen_measure(struct screen *screen, FILE *out);

/**
 * screen_is_plain() - are lines written as they are
 * @screen: the screen
 *
 * Return: whether screen_line() would change nothing.
 */
bool screen_is_plain(const struct screen *screen);

/**
 * screen_line() - write a line so that it can be read
 * @screen: the screen
 * @out: where to
 * @line: the line, without its end
 * @at: where in it begins what it means, its length if nowhere
 * @paint: colour of what it means
 *
 * What does not fit is continued on lines of its own, indented; on a wide terminal
 * what lines mean begins in one column.
 */
void screen_line(const struct screen *screen, FILE *out, const char *line, size_t at,
		 enum paint paint);

#endif
