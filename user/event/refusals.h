/* SPDX-License-Identifier: GPL-2.0 */
/* Failed calls by call and errno. */
#ifndef BRKWATCH_REFUSALS_H
#define BRKWATCH_REFUSALS_H

#include <stdint.h>

#include "event/event.h"

/**
 * refusals_count() - count failed calls
 * @refusals: where to
 * @kind: enum brkwatch_event_kind; anything else if it is not known
 * @error: their errno, or 0 if it is not known
 * @calls: how many
 *
 * Without room for another pair, or if the pair is not known, they are among the others.
 */
void refusals_count(struct refusals *refusals, uint32_t kind, uint32_t error, uint64_t calls);

/**
 * refusals_add() - add the failed calls of a process to the failed calls of others
 * @sum: theirs; they become unknown if those of one process are
 * @refusals: its own
 */
void refusals_add(struct refusals *sum, const struct refusals *refusals);

#endif
