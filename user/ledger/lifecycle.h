/* SPDX-License-Identifier: GPL-2.0 */
/* How processes get, share and leave address spaces. */
#ifndef BRKWATCH_LIFECYCLE_H
#define BRKWATCH_LIFECYCLE_H

#include "event/event.h"
#include "ledger/ledger.h"

/**
 * lifecycle_book() - book a lifecycle event
 * @ledger: the ledger
 * @p: the account of its process
 * @ev: the event; ignored if it is of another kind
 * @change: filled with what it did
 *
 * Return: 0 or -ENOMEM.
 */
int lifecycle_book(struct ledger *ledger, struct process *p, const struct event *ev,
		   struct change *change);

/**
 * lifecycle_change_space() - put a process into an address space about which nothing is known
 * @p: its account
 * @ev: the event that shows it
 *
 * Return: 0 or -ENOMEM.
 */
int lifecycle_change_space(struct process *p, const struct event *ev);

#endif
