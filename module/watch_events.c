// SPDX-License-Identifier: GPL-2.0
/*
 * An event that is no call goes from a probe to each watch on the process: to its counters, then
 * to the ring of its session. For calls see deliver.h.
 */
#include <linux/bits.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "access.h"
#include "compat.h"
#include "exec_map.h"
#include "filter.h"
#include "follow.h"
#include "growth.h"
#include "record.h"
#include "session.h"
#include "snapshot.h"
#include "watch.h"

static bool is_end(const struct bw_record *rec)
{
	return rec->kind == BRKWATCH_EVENT_KIND_EXIT || rec->kind == BRKWATCH_EVENT_KIND_LEAVE;
}

/*
 * The figures of the heap and of growth begin with the first call that is counted. The heaps of
 * arenas have gone with the address space.
 */
static void count_exec(struct bw_watch *watch, const struct bw_record *rec,
		       const struct mm_struct *mm)
{
	struct bw_counters *c = &watch->counters;

	memset(&watch->tables->arenas, 0, sizeof(watch->tables->arenas));
	c->arenas = 0;
	c->arenas_unknown = 0;
	watch->seccomp = rec->seccomp;
	if (!c->brk_calls && !c->mmap_calls) {
		bw_watch_heap(watch, mm, rec->time);
		return;
	}
	bw_watch_heap_moved(c, READ_ONCE(mm->start_brk), READ_ONCE(mm->brk));
	bw_watch_data(watch, rec->time, bw_growth_bytes(mm));
}

/* Kinds not listed here keep the state of the last call. */
static void count_event(struct bw_watch *watch, const struct bw_record *rec)
{
	switch (rec->kind) {
	case BRKWATCH_EVENT_KIND_CLONE:
		watch->counters.clones++;
		watch->counters.threads += rec->clone.kind == BRKWATCH_CLONE_KIND_THREAD;
		break;
	case BRKWATCH_EVENT_KIND_FAULT:
		watch->counters.faults++;
		break;
	case BRKWATCH_EVENT_KIND_EXEC:
		count_exec(watch, rec, current->mm);
		memcpy(watch->comm, current->comm, sizeof(watch->comm));
		break;
	case BRKWATCH_EVENT_KIND_EXIT:
		watch->exit_code = rec->exit.code;
		watch->peak_rss = rec->exit.peak_rss;
		watch->seccomp = seccomp_mode_of(current->group_leader);
		fallthrough;
	case BRKWATCH_EVENT_KIND_LEAVE:
		/* Most kernels have dropped the memory map by now. */
		bw_growth_pass(&watch->growth, rec->time, watch->counters.data);
		break;
	}
}

/* The counters are final only once they include the last loss. */
static void watch_stored(struct bw_watch *watch, bool stored, bool end)
{
	unsigned long flags;

	lock_in_place(&watch->lock, flags);
	watch->counters.lost += !stored;
	watch->exited |= end;
	unlock_in_place(&watch->lock, flags);
}

/* The counters come before the ring, so that they are exact even when the ring is full. */
static void watch_deliver(struct bw_watch *watch, const struct bw_record *rec)
{
	bool wanted = watch->events & BIT(rec->kind) &&
		      bw_filter_matches(&watch->session->filter, rec);
	bool end = is_end(rec), stored = true;
	unsigned long flags;
	u32 lost;

	lock_in_place(&watch->lock, flags);
	count_event(watch, rec);
	watch->counters.made += wanted;
	lost = watch->counters.lost;
	unlock_in_place(&watch->lock, flags);

	if (wanted)
		stored = bw_session_record(watch->session, watch, rec, lost, end);
	if (!stored || end)
		watch_stored(watch, stored, end);
}

/*
 * Does the event belong to what the watch counts? An exec that finds the watch does, even if the
 * watch waits for it or has entered the table since the exec looked at the epoch: it leaves no call
 * in flight behind, and what the watch knows so far may be of the program before.
 */
static bool watch_takes(struct bw_watch *watch, const struct bw_record *rec, u64 epoch)
{
	if (rec->kind == BRKWATCH_EVENT_KIND_EXEC && watch->since > epoch)
		WRITE_ONCE(watch->since, epoch);
	if (rec->kind == BRKWATCH_EVENT_KIND_EXIT)
		return !test_and_set_bit(WATCH_EXITED, &watch->state);
	return bw_watch_takes(watch, epoch);
}

/**
 * bw_watch_lost() - the ring had no room for a call
 * @watch: the watch
 *
 * Context: a probe, preemption off.
 */
void bw_watch_lost(struct bw_watch *watch)
{
	watch_stored(watch, false, false);
}

/**
 * bw_watch_refused() - count a call of current as lost in all sessions that watch it
 * @epoch: bw_watch_epoch() when it began
 *
 * Context: a probe, preemption off, which is an RCU read side.
 */
void bw_watch_refused(u64 epoch)
{
	struct bw_watch *watch;

	bw_for_each_watch(watch, task_tgid(current))
		if (bw_watch_takes(watch, epoch))
			atomic64_inc(&watch->session->refused);
}

/* After the last event of a process no probe finds the watch any more. */
static void watch_end(struct bw_watch *watch)
{
	bw_watch_unlink(watch);
	bw_session_exited(watch->session);
}

/**
 * bw_watch_event() - deliver an event that is no call to all watches on a process
 * @tgid: the process, which is current's unless this is a mark
 * @rec: the event, but for its time and what depends on the watch
 *
 * Newer kernels call the probes of tracepoints with preemption on. The function turns it off,
 * so that it is an RCU read side.
 *
 * Context: task context.
 */
void bw_watch_event(struct pid *tgid, struct bw_record *rec)
{
	u64 epoch = bw_watch_epoch();
	struct bw_watch *watch;

	preempt_disable();
	rec->time = ktime_get_ns();
	bw_for_each_watch(watch, tgid) {
		if (!watch_takes(watch, rec, epoch))
			continue;
		watch_deliver(watch, rec);
		if (rec->kind == BRKWATCH_EVENT_KIND_EXIT)
			watch_end(watch);
	}
	preempt_enable();
}

/**
 * bw_watch_clone() - current has made a task, which does not run yet
 * @rec: the event, but for its time and what depends on the watch
 * @child: the task
 *
 * Context: task context.
 */
void bw_watch_clone(struct bw_record *rec, struct task_struct *child)
{
	u64 epoch = bw_watch_epoch();
	struct bw_watch *watch;

	preempt_disable();
	rec->time = ktime_get_ns();
	bw_for_each_watch(watch, task_tgid(current)) {
		if (!watch_takes(watch, rec, epoch))
			continue;
		rec->clone.child = task_pid_nr_ns(child, watch->session->pid_ns);
		rec->clone.watch = 0;
		if (rec->clone.kind != BRKWATCH_CLONE_KIND_THREAD)
			rec->clone.watch = bw_follow_child(watch->session, child);
		watch_deliver(watch, rec);
	}
	preempt_enable();
}

/* A leave reports nothing of the new program: neither where it is nor what it does. */
static void watch_leave(struct bw_watch *watch, const struct bw_record *exec)
{
	struct bw_record rec = {
		.time = exec->time,
		.kind = BRKWATCH_EVENT_KIND_LEAVE,
		.leave_reason = BRKWATCH_LEAVE_REASON_CREDENTIALS,
	};

	if (test_and_set_bit(WATCH_EXITED, &watch->state))
		return;
	watch_deliver(watch, &rec);
	watch_end(watch);
}

/**
 * bw_watch_exec() - current runs a new program
 * @rec: the event, but for its time and what depends on the watch
 *
 * Context: task context.
 */
void bw_watch_exec(struct bw_record *rec)
{
	u64 epoch = bw_watch_epoch();
	struct bw_watch *watch;

	preempt_disable();
	rec->time = ktime_get_ns();
	bw_for_each_watch(watch, task_tgid(current)) {
		struct bw_session *session = watch->session;

		if (!watch_takes(watch, rec, epoch))
			continue;
		if (!session->system &&
		    !bw_access_allowed(&session->access, current, current->mm)) {
			watch_leave(watch, rec);
			continue;
		}
		watch_deliver(watch, rec);
		if (session->filter.events & 1U << BRKWATCH_EVENT_KIND_SNAPSHOT)
			bw_snapshot_defer(watch);
		if (session->exec_maps)
			bw_exec_map_defer(watch, 0, TASK_SIZE_MAX);
	}
	preempt_enable();
}

/**
 * bw_watch_snapshot() - deliver the event of a snapshot to the watch that wanted it
 * @watch: the watch, of current
 * @rec: the event, but for its time
 *
 * Context: task context.
 */
void bw_watch_snapshot(struct bw_watch *watch, struct bw_record *rec)
{
	preempt_disable();
	/* Not after the watch's end, because the counters reported then are final. */
	if (hash_hashed(&watch->node)) {
		rec->time = ktime_get_ns();
		watch_deliver(watch, rec);
	}
	preempt_enable();
}
