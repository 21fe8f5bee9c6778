/* SPDX-License-Identifier: GPL-2.0 */
/* What happened, in words for readers that see it for the first time. */
#ifndef BRKWATCH_EXPLAIN_H
#define BRKWATCH_EXPLAIN_H

#include "view/view.h"

/**
 * put_explanation() - say what an event is and what it does to memory
 * @view: the view
 * @step: the event
 *
 * The text names an allocator only if it is certain that this one made the call. If the kernel
 * refused the call, a second line has the reason as put_reasons() writes it.
 */
void put_explanation(struct view *view, const struct step *step);

#endif
