// SPDX-License-Identifier: GPL-2.0
/*
 * The table of watches by process, which every probe reads under RCU.
 */
#include <linux/hashtable.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "access.h"
#include "compat.h"
#include "distribution.h"
#include "quota.h"
#include "session.h"
#include "watch.h"

DEFINE_HASHTABLE(bw_watches, WATCHES_BITS);

/* Written under watches_lock. */
u64 bw_epoch __read_mostly;

/* Protects changes of the table; probes take it too, with preemption off. */
static DEFINE_RAW_SPINLOCK(watches_lock);

/**
 * bw_watch_id() - the watch of a session on a process
 * @session: the session
 * @tgid: the process
 *
 * Context: RCU read side, or watches_lock held.
 * Return: its id, or 0.
 */
u32 bw_watch_id(const struct bw_session *session, const struct pid *tgid)
{
	struct bw_watch *watch;

	bw_for_each_watch(watch, tgid)
		if (watch->session == session)
			return watch->id;
	return 0;
}

/**
 * bw_watch_heap() - begin the figures of the heap and of growth
 * @watch: the watch, locked
 * @mm: the memory map that they are counted against
 * @time: now, in ns of CLOCK_MONOTONIC
 */
void bw_watch_heap(struct bw_watch *watch, const struct mm_struct *mm, u64 time)
{
	struct bw_counters *c = &watch->counters;

	c->heap_start = READ_ONCE(mm->start_brk);
	c->brk = READ_ONCE(mm->brk);
	c->brk_first = c->brk;
	c->brk_peak = c->brk;
	c->data = bw_growth_bytes(mm);
	bw_growth_begin(&watch->growth, time, c->data);
}

/**
 * bw_watch_data() - the private memory of a process has changed
 * @watch: the watch, locked
 * @time: now, in ns of CLOCK_MONOTONIC
 * @bytes: see bw_growth_bytes()
 */
void bw_watch_data(struct bw_watch *watch, u64 time, u64 bytes)
{
	bw_growth_change(&watch->growth, time, watch->counters.data, bytes);
	watch->counters.data = bytes;
}

/**
 * bw_watch_heap_moved() - the heap is another one, after an exec or PR_SET_MM
 * @c: the counters of the watch, locked
 * @start: where it begins
 * @brk: where it ends
 *
 * The recorded breaks keep their distance from the beginning of the heap, so that the first,
 * the largest and the present size cover the same time as all other counters.
 */
void bw_watch_heap_moved(struct bw_counters *c, u64 start, u64 brk)
{
	u64 distance = start - c->heap_start;

	c->brk_first += distance;
	c->brk_peak = max(c->brk_peak + distance, brk);
	c->heap_start = start;
	c->brk = brk;
}

/* Sets what the first counters are counted against; the caller holds the watch's lock. */
static void watch_state(struct bw_watch *watch, const struct task_struct *task,
			const struct mm_struct *mm)
{
	watch->seccomp = seccomp_mode_of(task);
	bw_watch_heap(watch, mm, ktime_get_ns());
}

/**
 * bw_watch_add() - put a watch into the table
 * @watch: made by bw_watch_alloc()
 * @task: the main thread of the process
 * @mm: its memory map
 *
 * For the probes the watch enters the table and takes its first state in one step,
 * because an event of the process waits for the lock and comes after. The watch says from which
 * epoch on it takes calls before any probe can find it, and the epoch begins when all can.
 *
 * Context: task context, preemption off.
 * Return: false if the session watches the process already.
 */
bool bw_watch_add(struct bw_watch *watch, struct task_struct *task, struct mm_struct *mm)
{
	struct bw_session *session = watch->session;
	struct pid *tgid = task_tgid(task);
	unsigned long flags;
	bool known;

	memcpy(watch->comm, task->comm, sizeof(watch->comm));
	raw_spin_lock(&watches_lock);
	known = bw_watch_id(session, tgid);
	if (!known) {
		watch->tgid = get_pid(tgid);
		watch->pid = pid_nr_ns(tgid, session->pid_ns);
		watch->id = atomic_inc_return(&session->last_id);
		atomic_inc(&session->live);
		if (watch->since != WATCH_WAITS)
			watch->since = bw_epoch + 1;
		raw_spin_lock_irqsave(&watch->lock, flags);
		hash_add_rcu(bw_watches, &watch->node, (unsigned long)tgid);
		/* Pairs with bw_watch_epoch(). */
		smp_store_release(&bw_epoch, bw_epoch + 1);
		watch_state(watch, task, mm);
		raw_spin_unlock_irqrestore(&watch->lock, flags);
	}
	raw_spin_unlock(&watches_lock);
	return !known;
}

/*
 * An exiting process may have passed its exit probe before the watch was in the table. Then
 * no probe reports its exit, now or later.
 */
static bool watch_missed_exit(struct bw_watch *watch, const struct task_struct *task)
{
	/* The watch is in the table before live is read: pairs with do_exit(). */
	smp_mb();
	return !atomic_read(&task->signal->live) && !test_and_set_bit(WATCH_EXITED, &watch->state);
}

/**
 * bw_watch_access() - the credentials that a session reads processes with
 * @session: the session
 *
 * Return: what bw_access_hold() takes; NULL if the session may read all processes.
 */
const struct bw_access *bw_watch_access(const struct bw_session *session)
{
	return READ_ONCE(session->system) ? NULL : &session->access;
}

/*
 * The watch enters the table while the process cannot change its program: so every exec from
 * here on finds the watch, and none has come since the reader's permission was checked. An
 * exit that finds the watch is reported like any other, and so is the watch.
 */
static int watch_link(struct bw_watch *watch, struct task_struct *task, bool on_exec,
		      struct netlink_ext_ack *extack)
{
	struct bw_session *session = watch->session;
	const struct bw_access *access = bw_watch_access(session);
	struct mm_struct *mm;
	bool added;
	int err = bw_access_hold(access, task, &mm, extack);

	if (err)
		return err;
	if (on_exec)
		watch->since = WATCH_WAITS;
	preempt_disable();
	added = bw_watch_add(watch, task, mm);
	preempt_enable();
	bw_access_release(access, task, mm);
	if (!added) {
		NL_SET_ERR_MSG(extack, "this session watches that process already");
		return -EEXIST;
	}
	if (!watch_missed_exit(watch, task))
		return 0;

	NL_SET_ERR_MSG(extack, "the process has just exited");
	atomic_dec(&session->live);
	bw_watch_unlink(watch);
	synchronize_rcu();
	mutex_lock(&session->lock);
	session->past_made += watch->counters.made;
	session->past_lost += watch->counters.lost;
	mutex_unlock(&session->lock);
	return -ESRCH;
}

/**
 * bw_watch_alloc() - allocate a watch that has no process yet
 * @session: the session that it belongs to
 * @gfp: how to allocate it
 *
 * Return: the watch with one reference, or NULL.
 */
struct bw_watch *bw_watch_alloc(struct bw_session *session, gfp_t gfp)
{
	struct bw_watch *watch = kzalloc(sizeof(*watch), gfp);

	if (!watch)
		return NULL;
	watch->tables = kzalloc(sizeof(*watch->tables), gfp);
	if (!watch->tables) {
		kfree(watch);
		return NULL;
	}
	kref_init(&watch->refs);
	watch->session = session;
	watch->events = session->filter.events;
	watch->latencies = session->latencies;
	bw_distributions_init(watch->distributions);
	raw_spin_lock_init(&watch->lock);
	return watch;
}

/**
 * bw_watch_create() - begin to watch a process
 * @session: the session that watches
 * @tgid: the process
 * @on_exec: begin to count at the next exec
 * @extack: gets a sentence on error
 *
 * Context: no lock held.
 * Return: the watch, or -ESRCH, -EINVAL (a kernel thread), -EPERM, -EEXIST,
 * -EDQUOT, -ENOMEM, -EINTR (a signal), -EAGAIN (it stays in execve()).
 */
struct bw_watch *bw_watch_create(struct bw_session *session, struct pid *tgid, bool on_exec,
				 struct netlink_ext_ack *extack)
{
	struct task_struct *task;
	struct bw_watch *watch;
	int err = -ENOMEM;

	task = get_pid_task(tgid, PIDTYPE_TGID);
	if (!task) {
		NL_SET_ERR_MSG(extack, "the process has just exited");
		return ERR_PTR(-ESRCH);
	}
	if (!bw_quota_take_watch(session->quota)) {
		put_task_struct(task);
		NL_SET_ERR_MSG(extack, "you watch as many processes as watches_max allows");
		return ERR_PTR(-EDQUOT);
	}
	watch = bw_watch_alloc(session, GFP_KERNEL_ACCOUNT);
	if (watch) {
		err = watch_link(watch, task, on_exec, extack);
		if (err)
			bw_watch_put(watch);
	} else {
		NL_SET_ERR_MSG(extack, "no memory for a watch");
	}
	if (err)
		bw_quota_give_watch(session->quota);
	put_task_struct(task);
	return err ? ERR_PTR(err) : watch;
}

/**
 * bw_watch_unlink() - no probe that begins from now on finds the watch
 * @watch: the watch; probes that run may still use it for an RCU grace period
 *
 * May be called more than once.
 */
void bw_watch_unlink(struct bw_watch *watch)
{
	preempt_disable();
	raw_spin_lock(&watches_lock);
	if (hash_hashed(&watch->node))
		hlist_del_init_rcu(&watch->node);
	raw_spin_unlock(&watches_lock);
	preempt_enable();
}

static void watch_free(struct kref *refs)
{
	struct bw_watch *watch = container_of(refs, struct bw_watch, refs);

	put_pid(watch->tgid);
	kfree(watch->tables);
	kfree(watch);
}

/**
 * bw_watch_put() - drop a reference to a watch
 * @watch: the watch; the session's reference goes a grace period after
 *	bw_watch_unlink()
 */
void bw_watch_put(struct bw_watch *watch)
{
	kref_put(&watch->refs, watch_free);
}
