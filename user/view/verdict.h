/* SPDX-License-Identifier: GPL-2.0 */
/* What the figures of a process say about how it uses memory, if they say anything. */
#ifndef BRKWATCH_VERDICT_H
#define BRKWATCH_VERDICT_H

#include <stdbool.h>

#include "event/event.h"

#define VERDICT_MAX 512

/**
 * enum verdict - what may hold
 * @VERDICT_FREED: pages of the heap were given back, and the break stays high
 * @VERDICT_ARENAS: the C library holds addresses for several threads
 * @VERDICT_CHURN: mappings of the same size are made and unmapped all the time
 * @VERDICT_GROWING: memory grows for as long as the process was watched
 * @VERDICTS: how many there are
 */
enum verdict { VERDICT_FREED, VERDICT_ARENAS, VERDICT_CHURN, VERDICT_GROWING, VERDICTS };

/**
 * verdict_name() - how a verdict is called
 * @verdict: the verdict
 *
 * Return: its name, such as "mmap churn".
 */
const char *verdict_name(enum verdict verdict);

/**
 * verdict_holds() - see whether it holds
 * @verdict: the verdict
 * @c: figures of the process
 * @text: filled with a sentence that says by which figures, if it does
 *
 * Return: whether it does.
 */
bool verdict_holds(enum verdict verdict, const struct counters *c, char text[VERDICT_MAX]);

/**
 * verdict_is_told() - see whether a summary has it
 * @verdict: the verdict
 * @c: figures of the process
 * @normalize: leave out what may hold in one run of a program and not in the next
 * @text: as in verdict_holds()
 *
 * Return: whether it does.
 */
bool verdict_is_told(enum verdict verdict, const struct counters *c, bool normalize,
		     char text[VERDICT_MAX]);

#endif
