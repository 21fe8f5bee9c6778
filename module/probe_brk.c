// SPDX-License-Identifier: GPL-2.0
/* brk(2): how the heap moves. */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm_types.h>
#include <linux/sched.h>

#include "probe.h"
#include "record.h"
#include "watch.h"

/*
 * A refused brk returns the old break and no errno, so compare the break with the
 * request. After a success the kernel returns exactly what was requested.
 */
static u32 brk_kind(const struct bw_brk_args *brk)
{
	if (!brk->requested)
		return BRKWATCH_BRK_KIND_QUERY;
	if (brk->after != brk->requested)
		return BRKWATCH_BRK_KIND_REFUSED;
	if (brk->after == brk->before)
		return BRKWATCH_BRK_KIND_QUERY;
	return brk->after > brk->before ? BRKWATCH_BRK_KIND_GROW : BRKWATCH_BRK_KIND_SHRINK;
}

static void brk_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	struct bw_brk_args *brk = &rec->brk_args;

	rec->kind = BRKWATCH_EVENT_KIND_BRK;
	brk->requested = call->arg[0];
	brk->after = result;
	brk->before = call->brk;
	brk->kind = brk_kind(brk);
	/* A fatal signal came while the call waited for the mmap lock. */
	if (IS_ERR_VALUE(result)) {
		rec->error = -(long)result;
		brk->after = brk->before;
		brk->kind = BRKWATCH_BRK_KIND_REFUSED;
	}
}

/*
 * When threads move the break at the same time, no call's own share can be known.
 * So the bytes come from the break as it is now, under the lock of the counters:
 * whatever the order, grown less shrunk is where the break went.
 */
static u64 brk_move(struct bw_counters *c, u64 now)
{
	u64 grown = now > c->brk ? now - c->brk : 0;

	if (now == c->brk)
		return 0;
	if (!grown)
		c->shrunk_bytes += c->brk - now;
	c->grown_bytes += grown;
	c->grown_largest = max(c->grown_largest, grown);
	c->brk = now;
	c->brk_peak = max(c->brk_peak, now);
	return grown;
}

/* A refused shrink: the target lies inside the heap, and no fatal signal interrupted the call. */
static bool is_shrink_refused(const struct bw_counters *c, const struct bw_record *rec)
{
	const struct bw_brk_args *brk = &rec->brk_args;

	return !rec->error && brk->requested >= c->heap_start && brk->requested < brk->before;
}

/* Returns the bytes that the heap has grown by. */
static u64 brk_count(struct bw_counters *c, const struct bw_record *rec)
{
	const struct mm_struct *mm = current->mm;
	u64 start = READ_ONCE(mm->start_brk);

	c->brk_calls++;
	/* Something other than brk(2) has moved the break there. */
	if (unlikely(start != c->heap_start))
		bw_watch_heap_moved(c, start, rec->brk_args.before);
	switch (rec->brk_args.kind) {
	case BRKWATCH_BRK_KIND_QUERY:
		c->brk_queries++;
		break;
	case BRKWATCH_BRK_KIND_GROW:
		c->brk_grows++;
		break;
	case BRKWATCH_BRK_KIND_SHRINK:
		c->brk_shrinks++;
		break;
	case BRKWATCH_BRK_KIND_REFUSED:
		c->brk_refused++;
		c->shrinks_refused += is_shrink_refused(c, rec);
		if (rec->error)
			bw_refusals_count(&bw_watch_tables(c)->refusals, rec);
		break;
	}
	return brk_move(c, READ_ONCE(mm->brk));
}

const struct bw_call_type bw_brk_call = {
	.name = "brk",
	.record = brk_record,
	.count = brk_count,
};
