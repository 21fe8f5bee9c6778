// SPDX-License-Identifier: GPL-2.0
/* brk(2): how the heap moves. */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm_types.h>
#include <linux/sched.h>

#include "distribution.h"
#include "handler.h"
#include "probe.h"
#include "record.h"
#include "refusals.h"
#include "watch.h"

/*
 * A refused brk returns the old break and no errno, so compare the break with the request. After a
 * success the kernel returns exactly what was requested. There is an errno if a fatal signal came
 * while the call waited for the mmap lock.
 */
static __always_inline u32 brk_kind(const struct bw_call *call, unsigned long result)
{
	u64 requested = call->arg[0];

	if (IS_ERR_VALUE(result))
		return BRKWATCH_BRK_KIND_REFUSED;
	if (!requested)
		return BRKWATCH_BRK_KIND_QUERY;
	if (result != requested)
		return BRKWATCH_BRK_KIND_REFUSED;
	if (result == call->brk)
		return BRKWATCH_BRK_KIND_QUERY;
	return result > call->brk ? BRKWATCH_BRK_KIND_GROW : BRKWATCH_BRK_KIND_SHRINK;
}

static void brk_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	struct bw_brk_args *brk = &rec->brk_args;

	brk->requested = call->arg[0];
	brk->before = call->brk;
	brk->after = rec->error ? call->brk : result;
	brk->kind = brk_kind(call, result);
}

/*
 * When threads move the break at the same time, no call's own share can be known.
 * So the bytes come from the break as it is now, under the lock of the counters:
 * whatever the order, grown less shrunk is where the break went.
 */
static noinline void brk_move(struct bw_watch *watch, u64 now)
{
	struct bw_counters *c = &watch->counters;
	u64 before = c->brk, grown = now - before;

	c->brk = now;
	if (now < before) {
		c->shrunk_bytes += before - now;
		return;
	}
	c->grown_bytes += grown;
	c->grown_largest = max(c->grown_largest, grown);
	c->brk_peak = max(c->brk_peak, now);
	bw_distribution_add(watch->distributions, BRK_SIZE, grown);
}

/* A shrink was refused if the target lies inside the heap, and no fatal signal came. */
static noinline void brk_refused(struct bw_watch *watch, const struct bw_call *call,
				 unsigned long result)
{
	struct bw_counters *c = &watch->counters;
	u64 requested = call->arg[0];

	if (IS_ERR_VALUE(result))
		bw_refusals_count(&watch->tables->refusals, BRKWATCH_EVENT_KIND_BRK,
				  bw_call_error(result));
	else if (requested >= c->heap_start && requested < call->brk)
		c->shrinks_refused++;
}

static __always_inline void brk_count(struct bw_watch *watch, const struct bw_call *call,
				      unsigned long result)
{
	const struct mm_struct *mm = current->mm;
	u64 start = READ_ONCE(mm->start_brk), now;
	struct bw_counters *c = &watch->counters;
	u32 kind = brk_kind(call, result);

	c->brk_calls++;
	c->brk_kinds[kind]++;
	/* Something other than brk(2) has moved the break there. */
	if (unlikely(start != c->heap_start))
		bw_watch_heap_moved(c, start, call->brk);
	if (unlikely(kind == BRKWATCH_BRK_KIND_REFUSED))
		brk_refused(watch, call, result);
	now = READ_ONCE(mm->brk);
	if (now != c->brk)
		brk_move(watch, now);
}

const struct bw_call_type bw_brk_call = {
	.name = "brk",
	.kind = BRKWATCH_EVENT_KIND_BRK,
	.duration = BRK_DURATION,
	.record = brk_record,
	.count = brk_count,
};

BW_CALL_HANDLERS(brk, 1);
