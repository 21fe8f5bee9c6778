// SPDX-License-Identifier: GPL-2.0
/* brk(2): how the heap moves. */
#include <linux/minmax.h>

#include "probe.h"
#include "record.h"
#include "watch.h"

/*
 * A refused brk returns the old break and no errno, so only asked against got
 * tells. Of success the kernel returns exactly what was asked.
 */
static u32 brk_kind(const struct brk_args *brk)
{
	if (!brk->requested)
		return BRKWATCH_BRK_KIND_QUERY;
	if (brk->after != brk->requested)
		return BRKWATCH_BRK_KIND_REFUSED;
	if (brk->after == brk->before)
		return BRKWATCH_BRK_KIND_QUERY;
	return brk->after > brk->before ? BRKWATCH_BRK_KIND_GROW : BRKWATCH_BRK_KIND_SHRINK;
}

static void brk_record(struct record *rec, const struct call *call, unsigned long result)
{
	struct brk_args *brk = &rec->brk_args;

	rec->kind = BRKWATCH_EVENT_KIND_BRK;
	brk->requested = call->arg[0];
	brk->after = result;
	brk->before = call->brk;
	brk->kind = brk_kind(brk);
	/* Another thread may have moved it again: this is the call's own answer. */
	rec->brk = result;
}

const struct call_type brk_call = { .name = "brk", .record = brk_record };

/**
 * brk_count() - count a call of brk(2)
 * @c: counters of the process
 * @rec: the call
 */
void brk_count(struct counters *c, const struct record *rec)
{
	const struct brk_args *brk = &rec->brk_args;

	c->brk_calls++;
	c->heap_start = rec->heap_start;
	c->brk = brk->after;
	c->brk_peak = max(c->brk_peak, brk->after);

	switch (brk->kind) {
	case BRKWATCH_BRK_KIND_QUERY:
		c->brk_queries++;
		break;
	case BRKWATCH_BRK_KIND_GROW:
		c->brk_grows++;
		c->grown_bytes += brk->after - brk->before;
		c->grown_largest = max(c->grown_largest, brk->after - brk->before);
		break;
	case BRKWATCH_BRK_KIND_SHRINK:
		c->brk_shrinks++;
		c->shrunk_bytes += brk->before - brk->after;
		break;
	case BRKWATCH_BRK_KIND_REFUSED:
		c->brk_refused++;
		break;
	}
}
