/* SPDX-License-Identifier: GPL-2.0 */
/* What happened, in words for readers that see it for the first time. */
#ifndef BRKWATCH_EXPLAIN_H
#define BRKWATCH_EXPLAIN_H

#include <stdio.h>

#include "view/view.h"

/**
 * put_explanation() - say what an event is and what it does to memory
 * @out: where to
 * @step: the event
 * @page: size of a page
 *
 * The text names an allocator only if it is certain that this one made the call.
 */
void put_explanation(FILE *out, const struct step *step, uint64_t page);

#endif
