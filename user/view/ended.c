// SPDX-License-Identifier: GPL-2.0
/* Processes that have ended, folded by the name of their command. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/seccomp.h>

#include "event/counters.h"
#include "lib/array.h"
#include "view/ended.h"

#define NAMES_LEAST 16
#define NAMES_MOST 512

/* Find the index of the first name that does not sort before @comm. */
static size_t place_of(const struct ended *ended, const char *comm)
{
	size_t low = 0, high = ended->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(ended->v[middle]->comm, comm, COMM_LEN) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct ended_name *insert(struct ended *ended, size_t at, const char *comm)
{
	struct ended_name *name = calloc(1, sizeof(*name));
	struct ended_name **v;

	if (!name)
		return NULL;
	v = array_insert(ended->v, &ended->n, &ended->cap, sizeof(*v), NAMES_LEAST, at);
	if (!v) {
		free(name);
		return NULL;
	}
	memcpy(name->comm, comm, COMM_LEN);
	ended->v = v;
	ended->v[at] = name;
	return name;
}

/* Find a name, or add it while there is room. Returns NULL if memory runs out. */
static struct ended_name *name_of(struct ended *ended, const char *comm)
{
	size_t at = place_of(ended, comm);

	if (at < ended->n && !memcmp(ended->v[at]->comm, comm, COMM_LEN))
		return ended->v[at];
	return ended->n < NAMES_MOST ? insert(ended, at, comm) : &ended->others;
}

int ended_add(struct ended *ended, const struct counters *last, const struct process *account)
{
	char comm[COMM_LEN] = "";
	struct ended_name *name;

	/* Clear the bytes behind the name, because memcmp() would compare them. */
	memcpy(comm, last->comm, strnlen(last->comm, COMM_LEN - 1));
	name = name_of(ended, comm);
	if (!name)
		return -ENOMEM;
	name->processes++;
	name->seccomp_filter += last->seccomp == SECCOMP_MODE_FILTER;
	name->seccomp_unknown += last->seccomp == SECCOMP_UNKNOWN;
	counters_add(&name->sum, last);
	if (!account) {
		name->unknown = true;
		return 0;
	}
	name->account.remapped += account->remapped;
	name->account.unmapped += account->unmapped;
	name->account.anonymous += process_anonymous(account);
	name->account.inherited += process_inherited(account);
	name->account.grown += process_grown(account);
	name->account.mingled |= process_is_shared(account);
	return 0;
}

int ended_copy(struct ended *to, const struct ended *from)
{
	size_t i;

	to->others = from->others;
	for (i = 0; i < from->n; i++) {
		struct ended_name *name = insert(to, i, from->v[i]->comm);

		if (!name)
			return -ENOMEM;
		*name = *from->v[i];
	}
	return 0;
}

void ended_free(struct ended *ended)
{
	while (ended->n)
		free(ended->v[--ended->n]);
	free(ended->v);
	memset(ended, 0, sizeof(*ended));
}
