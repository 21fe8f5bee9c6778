/* SPDX-License-Identifier: GPL-2.0 */
/* What the figures of a process say about how it uses memory, if they say anything. */
#ifndef BRKWATCH_VERDICT_H
#define BRKWATCH_VERDICT_H

#include <stdbool.h>

#include "event/event.h"

#define VERDICT_MAX 512

/**
 * enum verdict - the verdicts
 * @VERDICT_FREED: the program gave pages of the heap back, and the break stays high
 * @VERDICT_ARENAS: the C library holds addresses for several threads
 * @VERDICT_CHURN: the program maps and unmaps the same size all the time
 * @VERDICT_GROWING: memory grew for as long as the module watched the process
 * @VERDICTS: how many there are
 */
enum verdict { VERDICT_FREED, VERDICT_ARENAS, VERDICT_CHURN, VERDICT_GROWING, VERDICTS };

/**
 * verdict_name() - get the name of a verdict
 * @verdict: the verdict
 *
 * Return: its name, such as "mmap churn".
 */
const char *verdict_name(enum verdict verdict);

/**
 * verdict_holds() - check whether a verdict holds
 * @verdict: the verdict
 * @c: figures of the process
 * @text: filled with a sentence that gives the figures, if the verdict holds
 *
 * Return: whether the verdict holds.
 */
bool verdict_holds(enum verdict verdict, const struct counters *c, char text[VERDICT_MAX]);

/**
 * verdict_is_told() - check whether a summary reports a verdict
 * @verdict: the verdict
 * @c: figures of the process
 * @normalize: leave out verdicts that may hold in one run of a program and not in the next
 * @text: as in verdict_holds()
 *
 * Return: whether the summary reports it.
 */
bool verdict_is_told(enum verdict verdict, const struct counters *c, bool normalize,
		     char text[VERDICT_MAX]);

#endif
