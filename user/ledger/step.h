/* SPDX-License-Identifier: GPL-2.0 */
/* An event with all that is known of it: what the views get. */
#ifndef BRKWATCH_STEP_H
#define BRKWATCH_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "event/change.h"
#include "event/event.h"
#include "ledger/origin.h"

struct places;
struct process;

/**
 * struct step - an event with all that is known of it
 * @ev: the event
 * @process: the account of its process, with the event booked
 * @change: what it did to the account
 * @asked: who made it, if it is a call that asks for memory; else the origin is ORIGIN_UNKNOWN
 * @places: its addresses as text, see view/normalize.h; the ledger does not look at them
 */
struct step {
	const struct event *ev;
	const struct process *process;
	struct change change;
	struct asked asked;
	const struct places *places;
};

/**
 * step_is_blind() - is @change worth nothing
 * @step: the call
 *
 * Return: whether events were lost, and no snapshot has shown since what is mapped.
 */
bool step_is_blind(const struct step *step);

/**
 * step_is_of_files() - does a call have to do with files only, as far as is known
 * @step: a call of mremap, mprotect, pkey_mprotect or madvise
 * @page: bytes in a page
 *
 * Return: whether something is mapped where the call did or asked for something,
 * and is all files.
 */
bool step_is_of_files(const struct step *step, uint64_t page);

/**
 * step_gets_memory() - is it a call that asks for more memory
 * @step: the event
 * @page: bytes in a page
 *
 * Return: true for a brk that grows the heap or is refused, an mmap of anonymous memory and an
 * mremap to a larger size, whether or not they succeed.
 */
bool step_gets_memory(const struct step *step, uint64_t page);

#endif
