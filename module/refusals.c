// SPDX-License-Identifier: GPL-2.0
/*
 * Failed calls by call and errno, in a table of fixed size, because a probe cannot allocate
 * memory. A process can make a call fail with many errnos, but most processes meet only a few.
 */
#include <linux/stddef.h>

#include "refusals.h"

/* Returns the entry of a pair, a free one if the pair is new, or NULL if there is no room. */
static struct bw_refusal *refusal_of(struct bw_refusals *refusals, u16 kind, u16 error)
{
	struct bw_refusal *r;

	for (r = refusals->v; r < refusals->v + REFUSALS; r++)
		if (!r->calls || (r->kind == kind && r->error == error))
			return r;
	return NULL;
}

/**
 * bw_refusals_count() - count a failed call
 * @refusals: the failed calls of the process, locked
 * @kind: enum brkwatch_event_kind
 * @error: the errno
 */
void bw_refusals_count(struct bw_refusals *refusals, u16 kind, u16 error)
{
	struct bw_refusal *r = refusal_of(refusals, kind, error);

	if (!r) {
		refusals->others++;
		return;
	}
	r->kind = kind;
	r->error = error;
	r->calls++;
}
