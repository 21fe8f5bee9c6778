// SPDX-License-Identifier: GPL-2.0
/*
 * A process decides how long a reader waits to look at its memory map. A page fault holds the mmap
 * lock for reading until the process's own file system answers, and then a thread that waits for
 * writing keeps all readers out. When the process ends, the reader may also drop the last
 * reference to the map, and then waits for all that the process has under way. While it waits, a
 * reader holds a lock that all of generic netlink needs. So the module leaves both to workers of
 * its own, because mmput_async() uses the system's workers, and some hundreds of such waits there
 * would stop others' work.
 */
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "access.h"
#include "session.h"
#include "user.h"
#include "walk.h"
#include "watch.h"

/* Memory maps that one user can leave to the workers; more of them are no accident. */
#define WAITING_MAX 16

/* Threads that queue up to map and unmap are through in some milliseconds. */
#define LOOK_WAIT_MS 1000

static struct workqueue_struct *walk_workqueue;

/* Innermost lock, for the list: its holder only counts or moves a walk. */
static DEFINE_SPINLOCK(waiting_lock);
static LIST_HEAD(waiting);

/* The target's user, so that the module refuses walks only to readers of this user's processes. */
static kuid_t user_of(struct task_struct *task)
{
	kuid_t uid;

	rcu_read_lock();
	uid = bw_user_of(__task_cred(task));
	rcu_read_unlock();
	return uid;
}

static bool has_many_waiting(kuid_t uid)
{
	const struct bw_walk *walk;
	unsigned int n = 0;

	spin_lock(&waiting_lock);
	list_for_each_entry(walk, &waiting, list)
		n += uid_eq(walk->uid, uid);
	spin_unlock(&waiting_lock);
	return n >= WAITING_MAX;
}

static void walk_free(struct bw_walk *walk)
{
	spin_lock(&waiting_lock);
	list_del(&walk->list);
	spin_unlock(&waiting_lock);
	kfree(walk);
}

/* The worker holds the module; after module_put() the module's exit waits for the workqueue. */
static void walk_put(struct work_struct *work)
{
	struct bw_walk *walk = container_of(work, struct bw_walk, work);

	mmput(walk->mm);
	walk_free(walk);
	module_put(THIS_MODULE);
}

/* The caller, a request, a dump or a worker, holds a reference to the module. */
static void walk_drop(struct bw_walk *walk)
{
	if (!refcount_dec_and_test(&walk->refs))
		return;
	if (atomic_add_unless(&walk->mm->mm_users, -1, 1)) {
		walk_free(walk);
		return;
	}
	INIT_WORK(&walk->work, walk_put);
	__module_get(THIS_MODULE);
	spin_lock(&waiting_lock);
	list_move(&walk->list, &waiting);
	spin_unlock(&waiting_lock);
	queue_work(walk_workqueue, &walk->work);
}

/**
 * bw_walk_begin() - hold what a process has mapped, if a session may look into it
 * @session: the session
 * @task: the process
 *
 * Context: no lock of ours held.
 * Return: the walk, or -ENOMEM, -EUSERS (too many walks of that user still wait), or as
 * bw_access_hold().
 */
struct bw_walk *bw_walk_begin(const struct bw_session *session, struct task_struct *task)
{
	const struct bw_access *access = bw_watch_access(session);
	struct bw_walk *walk = kmalloc(sizeof(*walk), GFP_KERNEL_ACCOUNT);
	int err;

	if (!walk)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&walk->list);
	refcount_set(&walk->refs, 1);
	walk->uid = user_of(task);
	err = has_many_waiting(walk->uid) ? -EUSERS : 0;
	if (!err)
		err = bw_access_hold(access, task, &walk->mm, NULL);
	if (err) {
		kfree(walk);
		return ERR_PTR(err);
	}
	if (!mmget_not_zero(walk->mm))
		err = -ESRCH;
	bw_access_release(access, task, walk->mm);
	if (!err)
		return walk;
	kfree(walk);
	return ERR_PTR(err);
}

/* False if the reader has given up. */
static bool look_begin(struct bw_walk *walk)
{
	spin_lock(&waiting_lock);
	walk->begun = list_empty(&walk->list);
	spin_unlock(&waiting_lock);
	return walk->begun;
}

/* False if the worker has begun to look, so that it will be done at once. */
static bool look_give_up(struct bw_walk *walk)
{
	bool begun;

	spin_lock(&waiting_lock);
	begun = walk->begun;
	if (!begun)
		list_add(&walk->list, &waiting);
	spin_unlock(&waiting_lock);
	return !begun;
}

static void look_now(struct work_struct *work)
{
	struct bw_walk *walk = container_of(work, struct bw_walk, work);

	/* No signal kills a worker, but the kernel reports no killable wait as a hung task. */
	walk->err = mmap_read_lock_killable(walk->mm);
	if (!walk->err) {
		if (look_begin(walk))
			walk->look(walk->mm, walk->arg);
		mmap_read_unlock(walk->mm);
	}
	complete(&walk->looked);
	walk_drop(walk);
	module_put(THIS_MODULE);
}

/* A process that kept one reader waiting in vain would keep the next one waiting as well. */
static bool is_given_up(const struct mm_struct *mm)
{
	const struct bw_walk *walk;
	bool found = false;

	spin_lock(&waiting_lock);
	list_for_each_entry(walk, &waiting, list)
		found |= walk->mm == mm;
	spin_unlock(&waiting_lock);
	return found;
}

static int look_later(struct bw_walk *walk, bw_look_fn *look, void *arg)
{
	long left;

	if (is_given_up(walk->mm))
		return -EAGAIN;
	if (has_many_waiting(walk->uid))
		return -EUSERS;
	walk->look = look;
	walk->arg = arg;
	walk->begun = false;
	init_completion(&walk->looked);
	INIT_WORK(&walk->work, look_now);
	refcount_inc(&walk->refs);
	__module_get(THIS_MODULE);
	queue_work(walk_workqueue, &walk->work);
	left = wait_for_completion_killable_timeout(&walk->looked, msecs_to_jiffies(LOOK_WAIT_MS));
	if (left <= 0) {
		if (look_give_up(walk))
			return left ? -EINTR : -EAGAIN;
		wait_for_completion(&walk->looked);
	}
	return walk->err;
}

/* The process waits only for its own threads, as it does in each of its page faults. */
static int look_own(struct mm_struct *mm, bw_look_fn *look, void *arg)
{
	if (mmap_read_lock_killable(mm))
		return -EINTR;
	look(mm, arg);
	mmap_read_unlock(mm);
	return 0;
}

/**
 * bw_walk_look() - look at an address space with its lock held for reading
 * @walk: walk of another process, or NULL if current looks at its own address space
 * @look: function that looks, called here or in a worker
 * @arg: second argument of @look
 *
 * The caller waits for another process's mmap lock for LOOK_WAIT_MS at most. After an error it may
 * only end the walk.
 *
 * Context: no lock held that another session needs; sleeps.
 * Return: 0, -EINTR (a fatal signal), -EAGAIN (the process keeps its lock), or -EUSERS as
 * bw_walk_begin().
 */
int bw_walk_look(struct bw_walk *walk, bw_look_fn *look, void *arg)
{
	if (fatal_signal_pending(current))
		return -EINTR;
	if (!walk)
		return look_own(current->mm, look, arg);
	if (!mmap_read_trylock(walk->mm))
		return look_later(walk, look, arg);
	look(walk->mm, arg);
	mmap_read_unlock(walk->mm);
	return 0;
}

/**
 * bw_walk_end() - undo bw_walk_begin(), without waiting for the process
 * @walk: the walk
 */
void bw_walk_end(struct bw_walk *walk)
{
	walk_drop(walk);
}

/**
 * bw_walk_module_init() - set up what all walks share
 *
 * Return: 0 or -ENOMEM.
 */
int bw_walk_module_init(void)
{
	walk_workqueue = alloc_workqueue("brkwatch_walk", WQ_UNBOUND, WQ_MAX_ACTIVE);
	return walk_workqueue ? 0 : -ENOMEM;
}

/**
 * bw_walk_module_exit() - undo bw_walk_module_init(); no worker runs on return
 */
void bw_walk_module_exit(void)
{
	destroy_workqueue(walk_workqueue);
}
