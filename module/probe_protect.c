// SPDX-License-Identifier: GPL-2.0
/* mprotect(2), pkey_mprotect(2) and madvise(2): what mapped memory is used for. */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <uapi/linux/mman.h>

#include "arenas.h"
#include "probe.h"
#include "record.h"
#include "refusals.h"
#include "watch.h"

static void mprotect_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	bw_map_record(rec, call, result);
	rec->map.prot = call->arg[2];
}

static void pkey_mprotect_record(struct bw_record *rec, const struct bw_call *call,
				 unsigned long result)
{
	mprotect_record(rec, call, result);
	rec->number = call->arg[3];
}

static void madvise_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	bw_map_record(rec, call, result);
	rec->number = call->arg[2];
}

/* Is this the call by which glibc begins an arena? It has the right length. */
static bool begins_arena(const struct bw_call *call, u32 shift)
{
	return call->type->kind == BRKWATCH_EVENT_KIND_MPROTECT &&
	       call->arg[2] == (PROT_READ | PROT_WRITE) && IS_ALIGNED(call->arg[0], 1UL << shift);
}

static void count_arena(struct bw_watch *watch, const struct bw_call *call)
{
	u32 shift = call->traits & BRKWATCH_TRAIT_COMPAT ? ARENA_SHIFT_32 : ARENA_SHIFT;
	int added;

	if (!begins_arena(call, shift))
		return;
	added = bw_arenas_add(&watch->tables->arenas, call->arg[0], shift);
	if (added < 0)
		watch->counters.arenas_unknown++;
	else
		watch->counters.arenas += added;
}

static void mprotect_count(struct bw_watch *watch, const struct bw_call *call, unsigned long result)
{
	struct bw_counters *c = &watch->counters;

	c->mprotect_calls++;
	if (IS_ERR_VALUE(result)) {
		c->mprotect_failed++;
		bw_refusals_count(&watch->tables->refusals, call->type->kind,
				  bw_call_error(result));
	} else if (unlikely(call->arg[1] == ARENA_FIRST_BYTES)) {
		count_arena(watch, call);
	}
}

/* Bytes of the range that lie in the heap as it is after the call. */
static u64 heap_part(u64 addr, u64 length)
{
	const struct mm_struct *mm = current->mm;
	u64 start = max_t(u64, addr, READ_ONCE(mm->start_brk));
	u64 end = min_t(u64, addr + PAGE_ALIGN(length), PAGE_ALIGN(READ_ONCE(mm->brk)));

	return start < end ? end - start : 0;
}

static bool gives_back(int advice)
{
	return advice == MADV_DONTNEED || advice == MADV_DONTNEED_LOCKED || advice == MADV_FREE;
}

static void madvise_count(struct bw_watch *watch, const struct bw_call *call, unsigned long result)
{
	struct bw_counters *c = &watch->counters;

	c->madvise_calls++;
	if (IS_ERR_VALUE(result)) {
		c->madvise_failed++;
		bw_refusals_count(&watch->tables->refusals, BRKWATCH_EVENT_KIND_MADVISE,
				  bw_call_error(result));
	} else if (gives_back(call->arg[2])) {
		c->given_back_bytes += PAGE_ALIGN(call->arg[1]);
		c->heap_given_back += heap_part(call->arg[0], call->arg[1]);
	}
}

const struct bw_call_type bw_mprotect_call = {
	.name = "mprotect",
	.kind = BRKWATCH_EVENT_KIND_MPROTECT,
	.duration = MPROTECT_DURATION,
	.record = mprotect_record,
	.count = mprotect_count,
};

const struct bw_call_type bw_pkey_mprotect_call = {
	.name = "pkey_mprotect",
	.kind = BRKWATCH_EVENT_KIND_PKEY_MPROTECT,
	.duration = MPROTECT_DURATION,
	.record = pkey_mprotect_record,
	.count = mprotect_count,
};

const struct bw_call_type bw_madvise_call = {
	.name = "madvise",
	.kind = BRKWATCH_EVENT_KIND_MADVISE,
	.duration = MADVISE_DURATION,
	.record = madvise_record,
	.count = madvise_count,
};
