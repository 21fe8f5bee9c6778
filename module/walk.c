// SPDX-License-Identifier: GPL-2.0
/*
 * Who looks at what a process has mapped may be the last to hold it, when the process ends
 * meanwhile. The last to let go waits for all that the process has under way, such as a
 * read of a file system of its own that never answers. So that is left to workers of our
 * own: mmput_async() has the system's, where some hundreds of such would stop others' work.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "access.h"
#include "session.h"
#include "user.h"
#include "walk.h"
#include "watch.h"

/* Memory maps that one user can leave to us; more is no accident. */
#define WAITING_MAX 16

static struct workqueue_struct *walk_workqueue;

/* For the list; nothing is done under it but to count. */
static DEFINE_SPINLOCK(waiting_lock);
static LIST_HEAD(waiting);

/* Whoever is refused a walk for what a user has done is that user's own reader, or reads him. */
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

/* The module stays until the worker is through; its end waits for the workqueue. */
static void walk_put(struct work_struct *work)
{
	struct bw_walk *walk = container_of(work, struct bw_walk, work);

	mmput(walk->mm);
	spin_lock(&waiting_lock);
	list_del(&walk->list);
	spin_unlock(&waiting_lock);
	kfree(walk);
	module_put(THIS_MODULE);
}

/**
 * bw_walk_begin() - hold what a process has mapped, if a session may look into it
 * @session: the session
 * @task: the process
 *
 * Context: no lock of ours held.
 * Return: the walk, or -ENOMEM, -EUSERS (too much of that user's waits for its end), or as
 * bw_access_hold().
 */
struct bw_walk *bw_walk_begin(const struct bw_session *session, struct task_struct *task)
{
	const struct bw_access *access = bw_watch_access(session);
	struct bw_walk *walk = kmalloc(sizeof(*walk), GFP_KERNEL_ACCOUNT);
	int err;

	if (!walk)
		return ERR_PTR(-ENOMEM);
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

/**
 * bw_walk_end() - undo bw_walk_begin(); waits for nobody
 * @walk: what it returned
 */
void bw_walk_end(struct bw_walk *walk)
{
	if (atomic_add_unless(&walk->mm->mm_users, -1, 1)) {
		kfree(walk);
		return;
	}
	INIT_WORK(&walk->work, walk_put);
	/* The caller's request or dump holds it too. */
	__module_get(THIS_MODULE);
	spin_lock(&waiting_lock);
	list_add(&walk->list, &waiting);
	spin_unlock(&waiting_lock);
	queue_work(walk_workqueue, &walk->work);
}

/**
 * bw_walk_module_init() - what all walks share
 *
 * Return: 0 or -ENOMEM.
 */
int bw_walk_module_init(void)
{
	walk_workqueue = alloc_workqueue("brkwatch_walk", WQ_UNBOUND, 0);
	return walk_workqueue ? 0 : -ENOMEM;
}

/**
 * bw_walk_module_exit() - undo bw_walk_module_init(); no worker runs on return
 */
void bw_walk_module_exit(void)
{
	destroy_workqueue(walk_workqueue);
}
