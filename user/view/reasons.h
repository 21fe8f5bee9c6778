/* SPDX-License-Identifier: GPL-2.0 */
/* Why the kernel refused a call, as text and as JSON. */
#ifndef BRKWATCH_REASONS_H
#define BRKWATCH_REASONS_H

#include "view/view.h"

struct line;

/**
 * put_reasons() - write what stood in the way of a call
 * @view: the view
 * @step: the call
 * @before: text to write before it
 *
 * Writes nothing if nothing is known.
 *
 * Return: whether it wrote something.
 */
bool put_reasons(struct view *view, const struct step *step, const char *before);

/**
 * line_reasons() - add what stood in the way of a call as "refusal"
 * @line: the object
 * @view: the view
 * @step: the call
 *
 * Adds null if the call was not refused, or if the module sent no limits with it.
 */
void line_reasons(struct line *line, const struct view *view, const struct step *step);

#endif
