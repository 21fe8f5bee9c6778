// SPDX-License-Identifier: GPL-2.0
/* The table at the top of a summary of several processes: which of them got most memory. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <linux/seccomp.h>

#include "event/counters.h"
#include "lib/array.h"
#include "lib/format.h"
#include "view/ranking.h"

#define RANKS_LEAST 32

static uint64_t bytes_of(const struct rank *rank)
{
	return rank->brk + rank->mmap;
}

/*
 * Sort by falling bytes. Among equal lines, those for the names of ended processes come first, by
 * name; then come processes, in the order in which the session began to watch them.
 */
static int compare(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (bytes_of(x) != bytes_of(y))
		return bytes_of(x) < bytes_of(y) ? 1 : -1;
	if (x->watch != y->watch)
		return x->watch < y->watch ? -1 : 1;
	return strncmp(x->comm, y->comm, COMM_LEN);
}

static void sum_up(struct rank *sum, const struct rank *rank)
{
	sum->processes += rank->processes;
	sum->brk += rank->brk;
	sum->mmap += rank->mmap;
	sum->calls += rank->calls;
	sum->failures += rank->failures;
	sum->seccomp_filter += rank->seccomp_filter;
	sum->seccomp_unknown += rank->seccomp_unknown;
}

static void keep_most(struct ranking *ranking)
{
	if (ranking->n)
		qsort(ranking->v, ranking->n, sizeof(*ranking->v), compare);
	if (ranking->n > ranking->most)
		ranking->n = ranking->most;
}

static int add(struct ranking *ranking, const struct rank *rank)
{
	struct rank *v = array_room(ranking->v, ranking->n, &ranking->cap, sizeof(*v), RANKS_LEAST);

	if (!v)
		return -ENOMEM;
	ranking->v = v;
	ranking->v[ranking->n++] = *rank;
	sum_up(&ranking->total, rank);
	if (ranking->n >= RANKS_LEAST && ranking->n / 2 >= ranking->most)
		keep_most(ranking);
	return 0;
}

static struct rank rank_of(const struct counters *c, const struct process *account)
{
	struct rank rank = {
		.processes = 1,
		.brk = c->grown_bytes,
		.mmap = c->mapped_bytes + process_remapped(account, c),
		.calls = counters_calls(c),
		.failures = counters_failures(c),
		.seccomp_filter = c->seccomp == SECCOMP_MODE_FILTER,
		.seccomp_unknown = c->seccomp == SECCOMP_UNKNOWN,
	};

	memcpy(rank.comm, c->comm, COMM_LEN);
	return rank;
}

int ranking_add(struct ranking *ranking, const struct counters *c, const struct process *account)
{
	struct rank rank = rank_of(c, account);

	rank.watch = c->id;
	rank.pid = c->pid;
	return add(ranking, &rank);
}

static int add_name(struct ranking *ranking, const struct ended_name *name, bool others)
{
	struct rank rank = rank_of(&name->sum, &name->account);

	if (!name->processes)
		return 0;
	rank.others = others;
	rank.processes = name->processes;
	rank.seccomp_filter = name->seccomp_filter;
	rank.seccomp_unknown = name->seccomp_unknown;
	memcpy(rank.comm, name->comm, COMM_LEN);
	return add(ranking, &rank);
}

int ranking_add_ended(struct ranking *ranking, const struct ended *ended)
{
	int err = add_name(ranking, &ended->others, true);
	size_t i;

	for (i = 0; i < ended->n && !err; i++)
		err = add_name(ranking, ended->v[i], false);
	return err;
}

int ranking_copy(struct ranking *to, const struct ranking *from)
{
	*to = (struct ranking){ .most = from->most, .total = from->total };
	to->v = calloc(from->n + 1, sizeof(*to->v));
	if (!to->v)
		return -ENOMEM;
	to->n = from->n;
	to->cap = from->n + 1;
	if (from->n)
		memcpy(to->v, from->v, from->n * sizeof(*to->v));
	return 0;
}

/* The caller ends the line with the processes that have these figures. */
static void put_figures(FILE *out, const struct rank *rank)
{
	char all[FORMAT_MAX], brk[FORMAT_MAX], mmap[FORMAT_MAX];

	fprintf(out, "%16s %16s %16s %10" PRIu64 " %10" PRIu64 "  ",
		format_size(all, bytes_of(rank)), format_size(brk, rank->brk),
		format_size(mmap, rank->mmap), rank->calls, rank->failures);
}

static void put_rank(FILE *out, const struct rank *rank, bool normalize)
{
	char comm[FORMAT_MAX];

	put_figures(out, rank);
	if (rank->others)
		fprintf(out, "%" PRIu64 " ended, of other names\n", rank->processes);
	else if (!rank->watch)
		fprintf(out, "%" PRIu64 " ended (%s)\n", rank->processes,
			format_comm(comm, rank->comm));
	else
		fprintf(out, "%s %" PRIu32 " (%s)\n", normalize ? "watch" : "pid",
			normalize ? rank->watch : rank->pid, format_comm(comm, rank->comm));
}

void ranking_put(struct ranking *ranking, FILE *out, bool normalize)
{
	struct rank others = ranking->total;
	size_t i;

	keep_most(ranking);
	fprintf(out, "%16s %16s %16s %10s %10s  %s\n", "got", "by brk", "by mmap", "calls",
		"failures", "process");
	for (i = 0; i < ranking->n; i++) {
		const struct rank *rank = &ranking->v[i];

		put_rank(out, rank, normalize);
		others.processes -= rank->processes;
		others.brk -= rank->brk;
		others.mmap -= rank->mmap;
		others.calls -= rank->calls;
		others.failures -= rank->failures;
	}
	if (others.processes) {
		put_figures(out, &others);
		fprintf(out, "%" PRIu64 " other%s\n", others.processes,
			others.processes == 1 ? "" : "s");
	}
	put_figures(out, &ranking->total);
	fprintf(out, "%" PRIu64 " processes\n", ranking->total.processes);
}

void ranking_free(struct ranking *ranking)
{
	free(ranking->v);
	memset(ranking, 0, sizeof(*ranking));
}
