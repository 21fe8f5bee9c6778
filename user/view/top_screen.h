/* SPDX-License-Identifier: GPL-2.0 */
/* The screen of --top and its keys. */
#ifndef BRKWATCH_TOP_SCREEN_H
#define BRKWATCH_TOP_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/signals.h"
#include "view/top.h"

/**
 * struct top_screen - what the user looks at
 * @top: the processes
 * @signals: those end it; NULL if nobody catches any
 * @on: the terminal is ours
 * @quit: the user has had enough
 * @over: nothing more will come
 * @typing: letters go into the filter
 * @selected: watch of the process that is chosen
 * @detail: it is looked at alone
 * @first: row at the top of the list, or line at the top of its map
 */
struct top_screen {
	struct top top;
	struct signals *signals;
	bool on;
	bool quit;
	bool over;
	bool typing;
	uint32_t selected;
	bool detail;
	size_t first;
};

extern const struct view_type top_view;

/**
 * top_open() - take the terminal
 * @screen: what is seen; all zero but for @signals
 *
 * Says what is wrong.
 *
 * Return: 0 or a negative errno.
 */
int top_open(struct top_screen *screen);

/**
 * top_keys() - see to all keys that were pressed, and to a new size
 * @view: the view
 *
 * Return: whether the user has had enough.
 */
bool top_keys(struct view *view);

/**
 * top_close() - give the terminal back
 * @screen: may never have been opened
 */
void top_close(struct top_screen *screen);

#endif
