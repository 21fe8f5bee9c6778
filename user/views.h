/* SPDX-License-Identifier: GPL-2.0 */
/* All views, and which of them the options ask for. */
#ifndef BRKWATCH_VIEWS_H
#define BRKWATCH_VIEWS_H

struct options;
struct view_type;

/**
 * views_choose() - find the view that the options ask for
 * @options: as options_parse() filled them; gets the name and the traits of the view
 *
 * Says which options do not go together if they ask for more than one.
 *
 * Return: its type, or NULL.
 */
const struct view_type *views_choose(struct options *options);

#endif
