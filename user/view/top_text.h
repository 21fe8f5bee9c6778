/* SPDX-License-Identifier: GPL-2.0 */
/* The lines of --top, cut to the width of a screen. */
#ifndef BRKWATCH_TOP_TEXT_H
#define BRKWATCH_TOP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "view/top.h"

/* The tool uses at most one column less than this, however wide the screen is. */
#define TOP_TEXT_MAX 512

/**
 * top_head() - write the line above all others
 * @buf: takes it
 * @columns: width of the screen
 * @top: the processes
 * @shown: how many of them are shown
 * @state: text at the end of the line
 *
 * Return: @buf.
 */
const char *top_head(char buf[TOP_TEXT_MAX], size_t columns, const struct top *top, size_t shown,
		     const char *state);

/**
 * top_titles() - write the titles of the columns
 * @buf: takes the line
 * @columns: width of the screen
 *
 * Return: @buf.
 */
const char *top_titles(char buf[TOP_TEXT_MAX], size_t columns);

/**
 * top_line() - write the line of a process
 * @buf: takes it
 * @columns: width of the screen
 * @row: the process
 *
 * Return: @buf.
 */
const char *top_line(char buf[TOP_TEXT_MAX], size_t columns, const struct top_row *row);

#endif
