// SPDX-License-Identifier: GPL-2.0
/* Which effects of recent calls to remember, and for how long. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "ledger/overlap.h"

#define NSEC_PER_SEC 1000000000ULL
/* Calls that return so much later than others are too rare to remember all effects for them. */
#define FORGET_AFTER (4 * NSEC_PER_SEC)
#define RECENT_MIN 8
#define KEEP_MAX 2048

static void free_sets(struct recent *recent)
{
	ranges_free(&recent->before);
	ranges_free(&recent->state);
	ranges_free(&recent->found);
}

static void forget(struct overlap *overlap, size_t n)
{
	size_t i;

	if (!n)
		return;
	for (i = 0; i < n; i++)
		free_sets(&overlap->v[i]);
	memmove(overlap->v, overlap->v + n, (overlap->n - n) * sizeof(*overlap->v));
	overlap->n -= n;
}

void overlap_forget_over(struct overlap *overlap, uint64_t began)
{
	size_t n = 0;

	while (n < overlap->n && overlap->v[n].moment.ended <= began)
		n++;
	forget(overlap, n);
}

/* Forgets effects that are too old, or half of all if none is too old and they are too many. */
static void forget_old(struct overlap *overlap, uint64_t now)
{
	size_t n = 0;

	while (n < overlap->n && overlap->v[n].moment.ended + FORGET_AFTER < now)
		n++;
	if (!n && overlap->n >= KEEP_MAX)
		n = KEEP_MAX / 2;
	if (n)
		overlap->horizon = overlap->v[n - 1].moment.ended;
	forget(overlap, n);
}

static int make_room(struct overlap *overlap, uint64_t now)
{
	struct recent *v;

	if (overlap->n == overlap->cap)
		forget_old(overlap, now);
	v = array_room(overlap->v, overlap->n, &overlap->cap, sizeof(*v), RECENT_MIN);
	if (!v)
		return -ENOMEM;
	overlap->v = v;
	return 0;
}

int overlap_keep(struct overlap *overlap, struct recent *mine)
{
	size_t at;

	if (make_room(overlap, mine->moment.ended)) {
		free_sets(mine);
		return -ENOMEM;
	}
	for (at = overlap->n; at > 0 && overlap->v[at - 1].moment.ended > mine->moment.ended; at--)
		;
	memmove(&overlap->v[at + 1], &overlap->v[at], (overlap->n - at) * sizeof(*mine));
	mine->number = overlap->number++;
	overlap->v[at] = *mine;
	overlap->n++;
	return 0;
}

void overlap_free(struct overlap *overlap)
{
	forget(overlap, overlap->n);
	free(overlap->v);
	overlap->v = NULL;
	overlap->cap = 0;
}
