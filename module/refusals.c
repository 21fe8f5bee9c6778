// SPDX-License-Identifier: GPL-2.0
/*
 * Failed calls by call and errno, in a table of fixed size, because a probe cannot allocate
 * memory. A process can make a call fail with many errnos, but most processes meet only a few.
 */
#include "record.h"
#include "refusals.h"

/* Returns the entry of a pair, a free one if the pair is new, or NULL if there is no room. */
static struct bw_refusal *refusal_of(struct bw_refusals *refusals, const struct bw_record *rec)
{
	struct bw_refusal *r;

	for (r = refusals->v; r < refusals->v + REFUSALS; r++)
		if (!r->calls || (r->kind == rec->kind && r->error == rec->error))
			return r;
	return NULL;
}

/**
 * bw_refusals_count() - count a failed call
 * @refusals: the failed calls of the process, locked
 * @rec: the call, with its errno
 */
void bw_refusals_count(struct bw_refusals *refusals, const struct bw_record *rec)
{
	struct bw_refusal *r = refusal_of(refusals, rec);

	if (!r) {
		refusals->others++;
		return;
	}
	r->kind = rec->kind;
	r->error = rec->error;
	r->calls++;
}
