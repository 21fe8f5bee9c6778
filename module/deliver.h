/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A call goes from the probe at its return to each watch on its process: to the counters of the
 * watch, then to the ring of its session. All of this is inline, so that a handler that is for one
 * kind of call has the code of that kind alone.
 */
#ifndef _BRKWATCH_DELIVER_H
#define _BRKWATCH_DELIVER_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/types.h>

#include "compat.h"
#include "distribution.h"
#include "filter.h"
#include "growth.h"
#include "probe.h"
#include "record.h"
#include "ring.h"
#include "session.h"
#include "watch.h"

/* Reads the clock only if nothing has wanted the time of the call's return so far. */
static __always_inline u64 bw_time_once(u64 *time)
{
	if (!*time)
		*time = ktime_get_ns();
	return *time;
}

/* Fills all of a record that does not depend on the watch. */
static __always_inline void bw_record_call(struct bw_record *rec, const struct bw_call *call,
					   unsigned long result, u64 time, u32 traits,
					   const struct bw_call_type *type)
{
	rec->kind = type->kind;
	rec->error = bw_call_error(result);
	rec->time = time;
	/* These are set always, because events would differ in them otherwise (netlink_event.c). */
	rec->duration = call->time ? time - call->time : 0;
	rec->number = 0;
	rec->traits = traits;
	type->record(rec, call, result);
}

/* The watch is locked. */
static __always_inline void bw_count_call(struct bw_watch *watch, const struct bw_call *call,
					  unsigned long result, u64 *time,
					  const struct bw_call_type *type)
{
	u64 bytes = bw_growth_bytes(current->mm);

	type->count(watch, call, result);
	if (type->duration != NO_DISTRIBUTION && watch->latencies)
		bw_distribution_add(watch->distributions, type->duration, *time - call->time);
	if (unlikely(bytes != watch->counters.data))
		bw_watch_data(watch, bw_time_once(time), bytes);
}

/* Out of line, because few sessions have conditions: they need a record to look at. */
static noinline bool bw_call_meets(const struct bw_filter *filter, const struct bw_call *call,
				   unsigned long result, u64 time, u32 traits,
				   const struct bw_call_type *type)
{
	/* No code reads a member that the kind of call does not set. */
	struct bw_record rec __uninitialized;

	bw_record_call(&rec, call, result, time, traits, type);
	return bw_filter_meets(filter, &rec);
}

/* Does the ring take the call? */
static __always_inline bool bw_call_wanted(const struct bw_watch *watch, const struct bw_call *call,
					   unsigned long result, u64 *time, u32 traits,
					   const struct bw_call_type *type)
{
	const struct bw_filter *filter = &watch->session->filter;

	if (!(watch->events & BIT(type->kind)))
		return false;
	bw_time_once(time);
	return !filter->conditions || bw_call_meets(filter, call, result, *time, traits, type);
}

/* Puts a call into the ring. Returns false if there was no room: the call is lost. */
static __always_inline bool bw_store_call(const struct bw_watch *watch, const struct bw_call *call,
					  unsigned long result, u64 time, u32 traits, u32 lost,
					  const struct bw_call_type *type)
{
	struct bw_session *session = watch->session;
	struct bw_ring_cpu *rc = this_cpu_ptr(session->ring.cpu);
	struct bw_record *slot = bw_ring_reserve(&session->ring, rc, session->ring.spare);

	if (!slot)
		return false;
	bw_record_call(slot, call, result, time, traits, type);
	bw_session_publish(session, watch, rc, slot, lost);
	return true;
}

/**
 * bw_deliver_call() - deliver a call of current to all watches on it
 * @call: what its entry kept
 * @result: what it returned
 * @time: CLOCK_MONOTONIC in ns when it returned, or 0 if nothing has wanted that so far
 * @traits: bits of enum brkwatch_trait that the entry knows
 * @type: which call it is
 *
 * The counters come before the ring, so that they are exact even when the ring is full. A call
 * that no ring takes needs no record, and no time either, unless it changed how much memory there
 * is or a session wants to know how long it took.
 *
 * Context: a probe, preemption off, which is an RCU read side.
 */
static __always_inline void bw_deliver_call(const struct bw_call *call, unsigned long result,
					    u64 time, u32 traits, const struct bw_call_type *type)
{
	struct bw_watch *watch;

	lockdep_assert_preemption_disabled();

	bw_for_each_watch(watch, task_tgid(current)) {
		unsigned long flags;
		bool wanted;
		u32 lost = 0;

		if (!bw_watch_takes(watch, call->epoch))
			continue;
		wanted = bw_call_wanted(watch, call, result, &time, traits, type);
		if (type->note)
			type->note(watch, call, result);
		lock_in_place(&watch->lock, flags);
		bw_count_call(watch, call, result, &time, type);
		if (wanted) {
			watch->counters.made++;
			lost = watch->counters.lost;
		}
		unlock_in_place(&watch->lock, flags);
		if (wanted && !bw_store_call(watch, call, result, time, traits, lost, type))
			bw_watch_lost(watch);
	}
}

#endif
