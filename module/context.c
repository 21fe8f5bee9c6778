// SPDX-License-Identifier: GPL-2.0
/* What the kernel decided a failed call by. The probe copies, and the tool judges. */
#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/time64.h>
#include <linux/user_namespace.h>

#include "context.h"

static_assert(RLIM_INFINITY == U64_MAX);

static u64 bytes_of(const unsigned long *pages)
{
	return (u64)READ_ONCE(*pages) << PAGE_SHIFT;
}

/* Older than this a figure is only if no call has failed for a while. */
#define COMMITTED_STALE_NS (16 * NSEC_PER_MSEC)

/*
 * The kernel sums up over all CPUs, under a lock that all mappings need at times. A process fails
 * as often as it likes, on all CPUs, so only one of them looks, and only after a millisecond. The
 * others need not wait for it, unless the figure is from before a pause. Another CPU may have
 * looked after @now, so the differences are signed.
 */
static u64 committed_bytes(u64 now)
{
	static u64 committed, looked, claimed;
	u64 claim = READ_ONCE(claimed);
	/* Pairs with the release below: the figure is as new as the look. */
	u64 last = smp_load_acquire(&looked);

	if ((s64)(now - claim) >= NSEC_PER_MSEC && cmpxchg(&claimed, claim, now) == claim) {
		WRITE_ONCE(committed, (u64)vm_memory_committed() << PAGE_SHIFT);
		/* Pairs with the acquire above. */
		smp_store_release(&looked, now);
	} else if ((s64)(now - last) >= COMMITTED_STALE_NS) {
		return (u64)vm_memory_committed() << PAGE_SHIFT;
	}
	return READ_ONCE(committed);
}

/* As capable(), which the kernel asks, but without an audit record and without security modules. */
static bool may_lock_any(void)
{
	const struct cred *cred = current_cred();

	return cred->user_ns == &init_user_ns && cap_raised(cred->cap_effective, CAP_IPC_LOCK);
}

static u32 up_to_u32(unsigned long value)
{
	return min_t(unsigned long, value, U32_MAX);
}

/**
 * bw_context_take_limits() - note what the kernel decided a call of current by
 * @context: gets it; limits take the place of all but a few words
 * @now: CLOCK_MONOTONIC in ns when the call returned
 *
 * Context: the return probe of the call, preemption off.
 */
void bw_context_take_limits(struct bw_context *context, u64 now)
{
	const struct mm_struct *mm = current->mm;

	context->n = min_t(u32, context->n, CONTEXT_WORDS_BESIDE_LIMITS);
	context->mappings = READ_ONCE(mm->map_count);
	context->lock_future = !!(READ_ONCE(mm->def_flags) & VM_LOCKED);
	context->limits = (struct bw_limits){
		.as = bytes_of(&mm->total_vm),
		.data = bytes_of(&mm->data_vm),
		.locked = bytes_of(&mm->locked_vm),
		.limit_as = rlimit(RLIMIT_AS),
		.limit_data = rlimit(RLIMIT_DATA),
		.limit_memlock = may_lock_any() ? RLIM_INFINITY : rlimit(RLIMIT_MEMLOCK),
		.limit_stack = rlimit(RLIMIT_STACK),
		.committed = committed_bytes(now),
		.stack_pages = up_to_u32(READ_ONCE(mm->stack_vm)),
		.static_data = up_to_u32(READ_ONCE(mm->end_data) - READ_ONCE(mm->start_data)),
	};
}
