/* SPDX-License-Identifier: GPL-2.0 */
/* Why the kernel refused a call, as text and as JSON. */
#ifndef BRKWATCH_REASONS_H
#define BRKWATCH_REASONS_H

#include <json-c/json.h>

#include "view/view.h"

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
 * reasons_json() - list what stood in the way of a call
 * @view: the view
 * @step: the call
 * @refused: set to whether the call was refused and the module sent limits with it
 *
 * Return: an array, NULL if the call was not @refused or if memory runs out.
 */
json_object *reasons_json(const struct view *view, const struct step *step, bool *refused);

#endif
