/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The account of every watched process, kept from its events: what is mapped
 * now, and what an event changed. Pure: no input, no output, no clock.
 */
#ifndef BRKWATCH_LEDGER_H
#define BRKWATCH_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "ranges.h"

/**
 * struct geometry - sizes that lengths are rounded up to
 * @page: bytes in a page
 * @huge: bytes in a huge page when MAP_HUGETLB does not say which, 0 if there are none
 */
struct geometry {
	uint64_t page;
	uint64_t huge;
};

/**
 * struct process - the account of one watch
 * @watch: id of the watch
 * @from_exec: all of its life since an exec was seen
 * @unknown: events were lost since, figures that rest on events are not to be trusted
 * @mapped: what is known to be mapped, by enum mapped
 * @anonymous: bytes of anonymous memory in @mapped
 * @unmapped: bytes that were anonymous and are no more, over the whole watch
 */
struct process {
	uint32_t watch;
	bool from_exec;
	bool unknown;
	struct ranges mapped;
	uint64_t anonymous;
	uint64_t unmapped;
};

/* Tags of struct process's ranges. */
enum mapped { MAPPED_ANONYMOUS = 1, MAPPED_FILE };

/**
 * struct change - what an event did to the account
 * @added: bytes of anonymous memory that it mapped
 * @removed: bytes that were anonymous before and are not, or are anew
 * @removed_file: the same of file mappings
 */
struct change {
	uint64_t added;
	uint64_t removed;
	uint64_t removed_file;
};

/**
 * struct ledger - the accounts of a session
 * @geometry: see there
 * @lossy: events were lost around those that are being applied; see ledger_lossy()
 * @processes: the accounts
 * @n: how many
 */
struct ledger {
	struct geometry geometry;
	bool lossy;
	struct process **processes;
	size_t n;
};

/**
 * ledger_process() - find the account of a watch, open it if there is none
 * @ledger: the ledger
 * @watch: id of the watch
 *
 * Return: the account, which stays where it is, or NULL without memory.
 */
struct process *ledger_process(struct ledger *ledger, uint32_t watch);

/**
 * ledger_apply() - book one event
 * @ledger: the ledger
 * @ev: the event
 * @change: filled with what it did
 *
 * Return: the account it was booked in, or NULL without memory.
 */
struct process *ledger_apply(struct ledger *ledger, const struct event *ev, struct change *change);

/**
 * ledger_lossy() - say whether events were lost around those applied next
 * @ledger: the ledger
 * @lossy: they were
 *
 * Where exactly they are missing is not known, so even an exec among them does
 * not make an account good again; one after them does.
 */
void ledger_lossy(struct ledger *ledger, bool lossy);

/**
 * ledger_free() - give back the memory of all accounts
 * @ledger: the ledger
 */
void ledger_free(struct ledger *ledger);

/**
 * event_span() - addresses that a successful mmap or munmap covers
 * @ev: the event
 * @geometry: see there
 * @start: filled with the first
 * @end: filled with the first after
 *
 * Return: whether there are any.
 */
bool event_span(const struct event *ev, const struct geometry *geometry, uint64_t *start,
		uint64_t *end);

#endif
