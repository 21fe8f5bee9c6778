/* SPDX-License-Identifier: GPL-2.0 */
/* The table that a summary of several processes begins with: who got most. */
#ifndef BRKWATCH_RANKING_H
#define BRKWATCH_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "event/event.h"
#include "ledger/ledger.h"
#include "view/ended.h"

/**
 * struct rank - a line of the table
 * @watch: id of the watch, 0 if it is of several processes
 * @pid: number of the process
 * @comm: its name, or that of all of them
 * @others: of all whose names found no room
 * @processes: how many
 * @brk: bytes by which brk grew their heaps
 * @mmap: bytes that mmap and, where that is known, mremap mapped as anonymous
 * @calls: calls of all kinds
 * @failures: those of them that failed or were refused
 */
struct rank {
	uint32_t watch;
	uint32_t pid;
	char comm[COMM_LEN];
	bool others;
	uint64_t processes;
	uint64_t brk;
	uint64_t mmap;
	uint64_t calls;
	uint64_t failures;
};

/**
 * struct ranking - those that got most
 * @v: in no order; no more than twice as many as are shown
 * @n: how many
 * @cap: room in @v
 * @most: how many are shown
 * @total: the sum of all, those that are in @v no more among them
 */
struct ranking {
	struct rank *v;
	size_t n;
	size_t cap;
	size_t most;
	struct rank total;
};

/**
 * ranking_add() - a process takes its place
 * @ranking: the table
 * @c: its figures
 * @account: its account, NULL if what rests on events is not known
 *
 * Return: 0 or -ENOMEM.
 */
int ranking_add(struct ranking *ranking, const struct counters *c, const struct process *account);

/**
 * ranking_add_ended() - all that had one name take a place, for each name
 * @ranking: the table
 * @ended: the names
 *
 * Return: 0 or -ENOMEM.
 */
int ranking_add_ended(struct ranking *ranking, const struct ended *ended);

/**
 * ranking_copy() - have the same once more
 * @to: all zero
 * @from: the table
 *
 * Return: 0 or -ENOMEM, when ranking_free() is due all the same.
 */
int ranking_copy(struct ranking *to, const struct ranking *from);

/**
 * ranking_put() - write the table
 * @ranking: the table
 * @out: where to
 * @normalize: nothing that differs from run to run
 */
void ranking_put(struct ranking *ranking, FILE *out, bool normalize);

/**
 * ranking_free() - give back its memory
 * @ranking: the table
 */
void ranking_free(struct ranking *ranking);

#endif
