/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that have ended, folded by the name of their command. */
#ifndef BRKWATCH_ENDED_H
#define BRKWATCH_ENDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "ledger/ledger.h"

/**
 * struct ended_name - the ended processes of one name
 * @comm: the name, from their counters
 * @processes: how many
 * @unknown: the account of at least one of them lacks events
 * @seccomp_filter: how many of them had a seccomp filter
 * @seccomp_unknown: how many of them had a mode of seccomp(2) that is not known
 * @sum: their calls, see counters_add()
 * @account: remapped, unmapped, anonymous, inherited and grown, summed over their accounts;
 *	mingled if one of them is
 */
struct ended_name {
	char comm[COMM_LEN];
	uint64_t processes;
	bool unknown;
	uint64_t seccomp_filter;
	uint64_t seccomp_unknown;
	struct counters sum;
	struct process account;
};

/**
 * struct ended - the names
 * @v: the names, sorted; bounded, because a process can give itself any name
 * @n: how many
 * @cap: room in @v
 * @others: the processes with names that found no room in @v
 *
 * An all-zero structure is empty.
 */
struct ended {
	struct ended_name **v;
	size_t n;
	size_t cap;
	struct ended_name others;
};

/**
 * ended_add() - fold a process
 * @ended: the names
 * @last: its last counters
 * @account: its account, NULL if events are missing in it
 *
 * Return: 0 or -ENOMEM.
 */
int ended_add(struct ended *ended, const struct counters *last, const struct process *account);

/**
 * ended_copy() - copy the names
 * @to: the copy; all zero before
 * @from: the names
 *
 * Return: 0 or -ENOMEM; the caller must call ended_free() in both cases.
 */
int ended_copy(struct ended *to, const struct ended *from);

/**
 * ended_free() - release the memory
 * @ended: the names
 */
void ended_free(struct ended *ended);

#endif
