// SPDX-License-Identifier: GPL-2.0
/* Failed calls by call and errno. */
#include <stdbool.h>

#include "event/kinds.h"
#include "event/refusals.h"

/* Kind and errno decide between equals, so that equal counts always come in the same order. */
static bool is_before(const struct refusal *a, const struct refusal *b)
{
	if (a->calls != b->calls)
		return a->calls > b->calls;
	if (a->kind != b->kind)
		return a->kind < b->kind;
	return a->error < b->error;
}

/* Move an entry up to where it belongs after its calls have become more. */
static void move_up(struct refusals *refusals, size_t at)
{
	struct refusal *v = refusals->v;

	for (; at && is_before(&v[at], &v[at - 1]); at--) {
		struct refusal less = v[at - 1];

		v[at - 1] = v[at];
		v[at] = less;
	}
}

void refusals_count(struct refusals *refusals, uint32_t kind, uint32_t error, uint64_t calls)
{
	struct refusal *v = refusals->v;
	size_t at = 0;

	while (at < refusals->n && (v[at].kind != kind || v[at].error != error))
		at++;
	if (at == REFUSALS_MAX || !error || !event_is_call(kind)) {
		refusals->others += calls;
		return;
	}
	if (at == refusals->n)
		v[refusals->n++] = (struct refusal){ .kind = kind, .error = error };
	v[at].calls += calls;
	move_up(refusals, at);
}

void refusals_add(struct refusals *sum, const struct refusals *refusals)
{
	size_t i;

	sum->unknown |= refusals->unknown;
	sum->others += refusals->others;
	for (i = 0; i < refusals->n; i++)
		refusals_count(sum, refusals->v[i].kind, refusals->v[i].error,
			       refusals->v[i].calls);
}
