// SPDX-License-Identifier: GPL-2.0
/* mprotect(2), pkey_mprotect(2) and madvise(2): what mapped memory is used for. */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <uapi/linux/mman.h>

#include "probe.h"
#include "record.h"
#include "watch.h"

static void mprotect_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	bw_map_record(rec, call, result);
	rec->kind = BRKWATCH_EVENT_KIND_MPROTECT;
	rec->map.prot = call->arg[2];
}

static void pkey_mprotect_record(struct bw_record *rec, const struct bw_call *call,
				 unsigned long result)
{
	mprotect_record(rec, call, result);
	rec->kind = BRKWATCH_EVENT_KIND_PKEY_MPROTECT;
	rec->number = call->arg[3];
}

static void madvise_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	bw_map_record(rec, call, result);
	rec->kind = BRKWATCH_EVENT_KIND_MADVISE;
	rec->number = call->arg[2];
}

/* Is this the call by which glibc begins an arena? It has the right length. */
static bool begins_arena(const struct bw_record *rec, u32 shift)
{
	return rec->kind == BRKWATCH_EVENT_KIND_MPROTECT &&
	       rec->map.prot == (PROT_READ | PROT_WRITE) &&
	       IS_ALIGNED(rec->map.addr, 1ULL << shift);
}

static void count_arena(struct bw_counters *c, const struct bw_record *rec)
{
	u32 shift = rec->traits & BRKWATCH_TRAIT_COMPAT ? ARENA_SHIFT_32 : ARENA_SHIFT;
	int added;

	if (!begins_arena(rec, shift))
		return;
	added = bw_arenas_add(&bw_watch_tables(c)->arenas, rec->map.addr, shift);
	if (added < 0)
		c->arenas_unknown++;
	else
		c->arenas += added;
}

static u64 mprotect_count(struct bw_counters *c, const struct bw_record *rec)
{
	c->mprotect_calls++;
	if (rec->error) {
		c->mprotect_failed++;
		bw_refusals_count(&bw_watch_tables(c)->refusals, rec);
	} else if (unlikely(rec->map.length == ARENA_FIRST_BYTES)) {
		count_arena(c, rec);
	}
	return 0;
}

/* Bytes of the range that lie in the heap as it is after the call. */
static u64 heap_part(const struct bw_record *rec)
{
	const struct mm_struct *mm = current->mm;
	u64 start = max_t(u64, rec->map.addr, READ_ONCE(mm->start_brk));
	u64 end = min_t(u64, rec->map.addr + PAGE_ALIGN(rec->map.length),
			PAGE_ALIGN(READ_ONCE(mm->brk)));

	return start < end ? end - start : 0;
}

static bool gives_back(int advice)
{
	return advice == MADV_DONTNEED || advice == MADV_DONTNEED_LOCKED || advice == MADV_FREE;
}

static u64 madvise_count(struct bw_counters *c, const struct bw_record *rec)
{
	c->madvise_calls++;
	if (rec->error) {
		c->madvise_failed++;
		bw_refusals_count(&bw_watch_tables(c)->refusals, rec);
	} else if (gives_back(rec->number)) {
		c->given_back_bytes += PAGE_ALIGN(rec->map.length);
		c->heap_given_back += heap_part(rec);
	}
	return 0;
}

const struct bw_call_type bw_mprotect_call = {
	.name = "mprotect",
	.record = mprotect_record,
	.count = mprotect_count,
};

const struct bw_call_type bw_pkey_mprotect_call = {
	.name = "pkey_mprotect",
	.record = pkey_mprotect_record,
	.count = mprotect_count,
};

const struct bw_call_type bw_madvise_call = {
	.name = "madvise",
	.record = madvise_record,
	.count = madvise_count,
};
