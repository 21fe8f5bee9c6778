// SPDX-License-Identifier: GPL-2.0
/*
 * Children of watched processes. The probe at a clone must not sleep, and on a real-time
 * kernel it must not even allocate atomically, so the child's watch comes from a pool. The
 * parent puts another watch into the pool before it returns to user space, so that it cannot
 * outrun the pool; a work item helps when many children come at once.
 */
#include <linux/cpumask.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "deferred.h"
#include "follow.h"
#include "quota.h"
#include "session.h"
#include "watch.h"

/* A pool begins with so many, unless there are more CPUs, because a session should be small. */
#define POOL_MIN 3
/* The most that a pool grows to, when children come faster than watches. */
#define POOL_MAX 256

/* A reader comes back to some dozens; a reader stopped for long must not take all memory. */
static uint gone_max = 4096;
module_param(gone_max, uint, 0644);
MODULE_PARM_DESC(gone_max, "Gone processes that a session keeps for its reader, in watches (4096)");

/* PIDs that are found in one walk of the processes. */
#define CHUNK 128

static bool pool_give(struct bw_follow *follow, struct bw_watch *watch)
{
	bool wanted;

	raw_spin_lock(&follow->lock);
	wanted = follow->wanted;
	if (wanted) {
		list_add(&watch->list, &follow->pool);
		follow->free++;
	}
	raw_spin_unlock(&follow->lock);
	return wanted;
}

/* A watch that is still missing is counted as lost when a child finds the pool empty. */
static void pool_fill(struct bw_session *session, gfp_t gfp)
{
	struct bw_follow *follow = &session->follow;
	bool given = true;

	while (given && READ_ONCE(follow->free) < READ_ONCE(follow->wanted)) {
		struct bw_watch *watch = bw_watch_alloc(session, gfp);

		if (!watch)
			return;
		preempt_disable();
		given = pool_give(follow, watch);
		preempt_enable();
		if (!given)
			bw_watch_put(watch);
	}
}

/* Neither this nor pool_repay() may cause an OOM kill: only brkwatch needs the memory. */
static void pool_refill(struct work_struct *work)
{
	pool_fill(container_of(work, struct bw_session, follow.refill), BW_DEFERRED_GFP);
}

static void pool_repay(struct callback_head *work)
{
	struct bw_watch *watch = container_of(work, struct bw_watch, repay);

	pool_fill(watch->session, BW_DEFERRED_GFP);
	bw_deferred_done(watch);
}

/*
 * A parent that lends its memory map to the child waits for as long as the child likes, so the
 * child fills the pool instead, before it begins.
 */
static void pool_repay_deferred(struct bw_watch *watch, struct task_struct *child)
{
	struct task_struct *first = child->mm == current->mm ? child : current;

	bw_deferred_add(watch, first, &watch->repay, pool_repay);
}

static struct bw_watch *pool_take(struct bw_session *session)
{
	struct bw_follow *follow = &session->follow;
	struct bw_watch *watch;
	bool low;

	raw_spin_lock(&follow->lock);
	watch = list_first_entry_or_null(&follow->pool, struct bw_watch, list);
	if (watch) {
		list_del(&watch->list);
		follow->free--;
	}
	low = follow->free <= follow->wanted / 2;
	if (low)
		WRITE_ONCE(follow->wanted, min_t(u32, 2 * follow->wanted, POOL_MAX));
	raw_spin_unlock(&follow->lock);
	if (low)
		queue_work(system_highpri_wq, &follow->refill);
	return watch;
}

/**
 * bw_follow_init() - a session begins that follows no children yet
 * @follow: its state
 */
void bw_follow_init(struct bw_follow *follow)
{
	raw_spin_lock_init(&follow->lock);
	INIT_LIST_HEAD(&follow->pool);
	INIT_WORK(&follow->refill, pool_refill);
	init_llist_head(&follow->born);
}

/**
 * bw_follow_start() - from now on children are watched too
 * @session: the session
 * @extack: gets a sentence on error
 *
 * Return: 0 or -ENOMEM.
 */
int bw_follow_start(struct bw_session *session, struct netlink_ext_ack *extack)
{
	struct bw_follow *follow = &session->follow;

	follow->wanted = clamp_t(u32, num_online_cpus() + 1, POOL_MIN, POOL_MAX);
	pool_fill(session, GFP_KERNEL_ACCOUNT);
	if (follow->free < follow->wanted) {
		NL_SET_ERR_MSG(extack, "no memory for the watches of children");
		return -ENOMEM;
	}
	WRITE_ONCE(follow->on, true);
	return 0;
}

/**
 * bw_follow_stop() - no child is followed any more on return
 * @session: the session; no probe has found its watches for a grace period
 */
void bw_follow_stop(struct bw_session *session)
{
	struct bw_follow *follow = &session->follow;
	struct bw_watch *watch, *next;

	/* A process that has yet to fill the pool finds that it need not. */
	preempt_disable();
	raw_spin_lock(&follow->lock);
	WRITE_ONCE(follow->wanted, 0);
	raw_spin_unlock(&follow->lock);
	preempt_enable();
	cancel_work_sync(&follow->refill);
	list_for_each_entry_safe(watch, next, &follow->pool, list)
		bw_watch_put(watch);
	INIT_LIST_HEAD(&follow->pool);
	follow->free = 0;
}

/**
 * bw_follow_child() - watch a new process, if the session wants that
 * @session: the session, which watches the parent
 * @child: the process, which does not run yet
 *
 * Context: a probe, preemption off; RCU read side.
 * Return: id of the watch, or 0.
 */
u32 bw_follow_child(struct bw_session *session, struct task_struct *child)
{
	struct bw_follow *follow = &session->follow;
	struct bw_watch *watch;

	if (!READ_ONCE(follow->on))
		return 0;
	if (atomic_read(&session->gone) >= READ_ONCE(gone_max) ||
	    !bw_quota_take_watch(session->quota)) {
		atomic64_inc(&follow->lost);
		return 0;
	}
	watch = pool_take(session);
	/* The child's own memory map cannot go before the child has run. */
	if (watch && bw_watch_add(watch, child, child->mm)) {
		llist_add(&watch->born, &follow->born);
		pool_repay_deferred(watch, child);
		return watch->id;
	}
	bw_quota_give_watch(session->quota);
	if (watch) {
		/* A walk of all processes has found the child first. */
		pool_give(follow, watch);
		return bw_watch_id(session, task_tgid(child));
	}
	atomic64_inc(&follow->lost);
	return 0;
}

/**
 * bw_follow_adopt() - bring followed children into the session's list
 * @session: the session
 *
 * Context: the session is locked.
 * Return: whether there were any.
 */
bool bw_follow_adopt(struct bw_session *session)
{
	struct llist_node *born = llist_reverse_order(llist_del_all(&session->follow.born));
	struct bw_watch *watch, *next;

	lockdep_assert_held(&session->lock);
	llist_for_each_entry_safe(watch, next, born, born)
		bw_session_insert(session, watch);
	return born;
}

/* The main thread may have exited before the others. */
static bool has_memory(struct task_struct *leader)
{
	struct task_struct *thread;

	for_each_thread(leader, thread)
		if (READ_ONCE(thread->mm))
			return true;
	return false;
}

/* Finds processes of the session's PID namespace that have a memory map and no watch yet. */
static unsigned int find_unwatched(struct bw_session *session, struct pid *found[CHUNK])
{
	struct task_struct *task;
	unsigned int n = 0;

	rcu_read_lock();
	for_each_process(task) {
		struct pid *tgid = task_tgid(task);

		if (n == CHUNK)
			break;
		if (task->flags & PF_KTHREAD || !has_memory(task) ||
		    !atomic_read(&task->signal->live) || !pid_nr_ns(tgid, session->pid_ns) ||
		    bw_watch_id(session, tgid))
			continue;
		found[n++] = get_pid(tgid);
	}
	rcu_read_unlock();
	return n;
}

/**
 * bw_follow_all() - watch all processes, and their children
 * @session: the session
 * @extack: gets a sentence on error
 *
 * If an unwatched process makes another during a walk, the next walk finds the new one; once a
 * walk finds nothing new, all processes are watched. A process in execve() is watched like any
 * other, and its exec is reported when it comes.
 *
 * Context: no lock held.
 * Return: 0, or -EDQUOT, -ENOMEM, -EINTR (a fatal signal).
 */
int bw_follow_all(struct bw_session *session, struct netlink_ext_ack *extack)
{
	struct pid *found[CHUNK];
	unsigned int n, i;
	int err = 0;

	while (!err && (n = find_unwatched(session, found))) {
		for (i = 0; i < n; i++) {
			struct bw_watch *watch = ERR_PTR(err);

			if (!err)
				watch = bw_session_watch(session, found[i], false, extack);
			if (PTR_ERR(watch) == -EDQUOT || PTR_ERR(watch) == -ENOMEM)
				err = PTR_ERR(watch);
			if (!IS_ERR_OR_NULL(watch))
				bw_watch_put(watch);
			put_pid(found[i]);
		}
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}
