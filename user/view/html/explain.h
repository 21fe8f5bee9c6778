/* SPDX-License-Identifier: GPL-2.0 */
/* What happened, in words for who sees it for the first time. */
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
 * What glibc has to do with it is said where the call is of a form that it uses.
 */
void put_explanation(FILE *out, const struct step *step, uint64_t page);

#endif
