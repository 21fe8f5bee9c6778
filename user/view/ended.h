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
 * struct ended_name - all that had one name
 * @comm: the name, as of their counters
 * @processes: how many
 * @unknown: what rests on events is not known of some
 * @sum: their calls, see counters_add()
 * @account: of the account of each: remapped, unmapped, anonymous and inherited, summed
 */
struct ended_name {
	char comm[COMM_LEN];
	uint64_t processes;
	bool unknown;
	struct counters sum;
	struct process account;
};

/**
 * struct ended - the names
 * @v: by name; so many and no more, as anybody may give himself any name
 * @n: how many
 * @cap: room in @v
 * @others: those whose name found no more room
 *
 * All zero has none.
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
 * @account: its account, NULL if what rests on events is not known
 *
 * Return: 0 or -ENOMEM.
 */
int ended_add(struct ended *ended, const struct counters *last, const struct process *account);

/**
 * ended_copy() - have the same once more
 * @to: all zero
 * @from: the names
 *
 * Return: 0 or -ENOMEM, when ended_free() is due all the same.
 */
int ended_copy(struct ended *to, const struct ended *from);

/**
 * ended_free() - give back its memory
 * @ended: the names
 */
void ended_free(struct ended *ended);

#endif
