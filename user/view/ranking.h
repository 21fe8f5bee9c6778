/* SPDX-License-Identifier: GPL-2.0 */
/* The table at the beginning of a summary: one line a process, the one that got most first. */
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
 * @watch: id of the watch, 0 if the line sums several processes
 * @pid: number of the process
 * @comm: its name, or the name that several processes share
 * @others: the line sums all processes with names that found no room
 * @processes: how many
 * @brk: bytes by which brk grew their heaps
 * @mmap: bytes that mmap and, where it is known, mremap mapped as anonymous
 * @calls: calls of all kinds
 * @failures: calls that failed or were refused
 * @seccomp_filter: how many of the processes have a seccomp filter
 * @seccomp_unknown: how many of them have a mode of seccomp(2) that is not known
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
	uint64_t seccomp_filter;
	uint64_t seccomp_unknown;
};

/**
 * struct ranking - the processes that got most
 * @v: lines in no order; at most twice as many as are shown
 * @n: how many
 * @cap: room in @v
 * @most: how many are shown
 * @total: the sum of all processes, including any that @v has dropped
 */
struct ranking {
	struct rank *v;
	size_t n;
	size_t cap;
	size_t most;
	struct rank total;
};

/**
 * ranking_add() - add a process
 * @ranking: the table
 * @c: its figures
 * @account: its account, NULL if events are missing in it
 *
 * Return: 0 or -ENOMEM.
 */
int ranking_add(struct ranking *ranking, const struct counters *c, const struct process *account);

/**
 * ranking_add_ended() - add a line for each name of ended processes
 * @ranking: the table
 * @ended: the names
 *
 * Return: 0 or -ENOMEM.
 */
int ranking_add_ended(struct ranking *ranking, const struct ended *ended);

/**
 * ranking_copy() - copy the table
 * @to: the copy; all zero before
 * @from: the table
 *
 * Return: 0 or -ENOMEM; the caller must call ranking_free() in both cases.
 */
int ranking_copy(struct ranking *to, const struct ranking *from);

/**
 * ranking_put() - write the table
 * @ranking: the table
 * @out: where to
 * @normalize: leave out what differs from run to run
 */
void ranking_put(struct ranking *ranking, FILE *out, bool normalize);

/**
 * ranking_free() - release the memory
 * @ranking: the table
 */
void ranking_free(struct ranking *ranking);

#endif
