/* SPDX-License-Identifier: GPL-2.0 */
/* What the figures of a process say about how it uses memory, if they say anything. */
#ifndef BRKWATCH_VERDICT_H
#define BRKWATCH_VERDICT_H

#include <stdbool.h>

#include "event/event.h"
#include "ledger/ledger.h"

#define VERDICT_MAX 512

/**
 * enum verdict - the verdicts
 * @VERDICT_FREED: the program gave pages of the heap back, and the break stays high
 * @VERDICT_ARENAS: glibc's malloc holds addresses for several threads
 * @VERDICT_CHURN: the program maps and unmaps the same size all the time
 * @VERDICT_GROWING: memory grew for as long as the module watched the process
 * @VERDICTS: how many there are
 */
enum verdict { VERDICT_FREED, VERDICT_ARENAS, VERDICT_CHURN, VERDICT_GROWING, VERDICTS };

/**
 * struct verdict_basis - what the verdicts on a process rest on
 * @counters: its figures
 * @account: its account, NULL if events are missing
 * @ledger: the ledger of the account
 * @callers: the summary names the callers that asked for its memory
 *
 * A sentence names an allocator, or what to set in it, only where @counters or @account show for
 * certain that it was at work.
 */
struct verdict_basis {
	const struct counters *counters;
	const struct process *account;
	const struct ledger *ledger;
	bool callers;
};

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
 * @basis: what is known of the process
 * @text: filled with a sentence that gives the figures, if the verdict holds
 *
 * Return: whether the verdict holds.
 */
bool verdict_holds(enum verdict verdict, const struct verdict_basis *basis, char text[VERDICT_MAX]);

/**
 * verdict_is_told() - check whether a summary reports a verdict
 * @verdict: the verdict
 * @basis: what is known of the process
 * @normalize: leave out verdicts that may hold in one run of a program and not in the next
 * @text: as in verdict_holds()
 *
 * Return: whether the summary reports it.
 */
bool verdict_is_told(enum verdict verdict, const struct verdict_basis *basis, bool normalize,
		     char text[VERDICT_MAX]);

#endif
