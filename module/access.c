// SPDX-License-Identifier: GPL-2.0
/*
 * Access: a reader may watch a process if it may read /proc/PID/maps of that process.
 *
 * The kernel's own check, ptrace_may_access() with PTRACE_MODE_READ_FSCREDS, is not available
 * to modules, so its rule is written out here. (Since 6.15 CAP_PERFMON is enough to read any
 * memory map; this rule leaves that out, because being stricter does no harm.) The module
 * cannot ask security modules other than the capabilities, so only a module parameter lets
 * users without privilege in.
 */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>
#include <net/sock.h>

#include "access.h"
#include "compat.h"

/* An ordinary execve holds its lock for some hundred microseconds. */
#define EXEC_WAIT_MS 1000

static bool unprivileged;
module_param(unprivileged, bool, 0444);
MODULE_PARM_DESC(unprivileged, "Let users watch processes whose maps they may read, in y or n (n)");

static bool is_privileged(const struct sk_buff *skb)
{
	return netlink_capable(skb, CAP_SYS_ADMIN) || netlink_capable(skb, CAP_SYS_PTRACE) ||
	       netlink_capable(skb, CAP_PERFMON);
}

/**
 * bw_access_session() - may the sender of a request open a session?
 * @skb: the request
 * @extack: gets a sentence if not
 *
 * Return: 0 or -EPERM.
 */
int bw_access_session(const struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (unprivileged || is_privileged(skb))
		return 0;
	NL_SET_ERR_MSG(extack, "watching needs CAP_SYS_ADMIN, CAP_SYS_PTRACE or CAP_PERFMON");
	return -EPERM;
}

/**
 * bw_access_stacks() - may the sender of a request see what lies on stacks?
 * @skb: the request
 * @extack: gets a sentence if not
 *
 * Stacks hold more than the maps that a user without privilege may be allowed to watch.
 *
 * Return: 0 or -EPERM.
 */
int bw_access_stacks(const struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (is_privileged(skb))
		return 0;
	NL_SET_ERR_MSG(extack, "stacks need CAP_SYS_ADMIN, CAP_SYS_PTRACE or CAP_PERFMON");
	return -EPERM;
}

/**
 * bw_access_askers() - may the sender of a request see who makes calls?
 * @skb: the request
 * @extack: gets a sentence if not
 *
 * The words that come with a call lie on stacks: see bw_access_stacks().
 *
 * Return: 0 or -EPERM.
 */
int bw_access_askers(const struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (is_privileged(skb))
		return 0;
	NL_SET_ERR_MSG(extack,
		       "askers need CAP_SYS_ADMIN, CAP_SYS_PTRACE or CAP_PERFMON; leave them out");
	return -EPERM;
}

/**
 * bw_access_system() - may the sender of a request watch the whole system?
 * @skb: the request
 * @extack: gets a sentence if not
 *
 * Return: 0 or -EPERM.
 */
int bw_access_system(const struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (netlink_capable(skb, CAP_SYS_ADMIN) || netlink_capable(skb, CAP_PERFMON))
		return 0;
	NL_SET_ERR_MSG(extack, "to watch all processes needs CAP_PERFMON or CAP_SYS_ADMIN");
	return -EPERM;
}

/**
 * bw_access_take() - record the credentials that a session is opened with
 * @access: filled
 * @sk: the socket of the session
 */
void bw_access_take(struct bw_access *access, struct sock *sk)
{
	const struct file *file = sk->sk_socket ? sk->sk_socket->file : NULL;

	access->cred = get_current_cred();
	access->opener = get_cred(file ? file->f_cred : current_cred());
}

/**
 * bw_access_put() - undo bw_access_take()
 * @access: what it filled
 */
void bw_access_put(struct bw_access *access)
{
	put_cred(access->opener);
	put_cred(access->cred);
}

/* The rule of cap_capable(), for any credentials and without an audit record. */
static bool cred_capable(const struct cred *cred, struct user_namespace *ns, int cap)
{
	for (;; ns = ns->parent) {
		if (ns == cred->user_ns)
			return cap_raised(cred->cap_effective, cap);
		if (ns->level <= cred->user_ns->level)
			return false;
		/* The owner of a namespace has all capabilities in it. */
		if (ns->parent == cred->user_ns && uid_eq(ns->owner, cred->euid))
			return true;
	}
}

static bool cred_same_user(const struct cred *cred, const struct cred *target)
{
	return uid_eq(cred->fsuid, target->euid) && uid_eq(cred->fsuid, target->suid) &&
	       uid_eq(cred->fsuid, target->uid) && gid_eq(cred->fsgid, target->egid) &&
	       gid_eq(cred->fsgid, target->sgid) && gid_eq(cred->fsgid, target->gid);
}

static bool cred_allowed(const struct cred *cred, const struct cred *target,
			 struct task_struct *task, struct mm_struct *mm)
{
	struct user_namespace *guard = memory_guard(task, mm);

	if (guard && !cred_capable(cred, guard, CAP_SYS_PTRACE))
		return false;
	if (cred_capable(cred, target->user_ns, CAP_SYS_PTRACE))
		return true;
	return cred_same_user(cred, target) && cred->user_ns == target->user_ns &&
	       cap_issubset(target->cap_permitted, cred->cap_effective);
}

/**
 * bw_access_allowed() - may a session watch this process?
 * @access: credentials of the session
 * @task: the process
 * @mm: its memory map
 *
 * Context: any, probes included.
 * Return: whether it may.
 */
bool bw_access_allowed(const struct bw_access *access, struct task_struct *task,
		       struct mm_struct *mm)
{
	const struct cred *target;
	bool allowed;

	rcu_read_lock();
	target = __task_cred(task);
	/* Read the credentials before the dumpability: pairs with commit_creds(). */
	smp_rmb();
	allowed =
		cred_allowed(access->cred, target, task, mm) &&
		(access->opener == access->cred || cred_allowed(access->opener, target, task, mm));
	rcu_read_unlock();
	return allowed;
}

/*
 * Any thread will do, because the main thread may have exited before the others. The reference
 * keeps the map alone, not what is mapped: the task that drops the last reference to the
 * mappings waits for what the process has under way, perhaps for ever.
 */
static struct mm_struct *process_mm(struct task_struct *leader)
{
	struct mm_struct *mm = NULL;
	struct task_struct *thread;

	if (leader->flags & PF_KTHREAD)
		return NULL;
	rcu_read_lock();
	for_each_thread(leader, thread) {
		task_lock(thread);
		mm = thread->mm;
		if (mm)
			mmgrab(mm);
		task_unlock(thread);
		if (mm)
			break;
	}
	rcu_read_unlock();
	return mm;
}

/*
 * A process decides how long its execve takes, because a read of its own file system can keep
 * it there. The caller holds a lock that all of generic netlink needs, so it does not wait for
 * long, and any signal ends the wait.
 */
static int exec_wait(struct task_struct *task, struct netlink_ext_ack *extack)
{
	unsigned long end = jiffies + msecs_to_jiffies(EXEC_WAIT_MS);

	while (!down_read_trylock(&task->signal->exec_update_lock)) {
		if (signal_pending(current)) {
			NL_SET_ERR_MSG(extack, "a signal came while that process was in execve()");
			return -EINTR;
		}
		if (time_after(jiffies, end)) {
			NL_SET_ERR_MSG(extack, "that process stays in execve(); ask again later");
			return -EAGAIN;
		}
		schedule_timeout_interruptible(1);
	}
	return 0;
}

static int access_check(const struct bw_access *access, struct task_struct *task,
			struct mm_struct *mm, struct netlink_ext_ack *extack)
{
	if (!mm) {
		NL_SET_ERR_MSG(extack, "a kernel thread or an exited process has no memory map");
		return task->flags & PF_KTHREAD ? -EINVAL : -ESRCH;
	}
	if (access && !bw_access_allowed(access, task, mm)) {
		NL_SET_ERR_MSG(extack, "you may not read the memory map of that process");
		return -EPERM;
	}
	return 0;
}

/**
 * bw_access_hold() - get the memory map of a process, if a session may read it
 * @access: credentials of the session, or NULL if it may read all processes
 * @task: the process
 * @mm: set to the map; its fields may be read, but what is mapped may go meanwhile
 * @extack: gets a sentence on error, or NULL
 *
 * The process cannot change its program until bw_access_release(), so that the answer stays
 * true. A session that may read all processes does not need that and waits for nobody.
 *
 * Context: no lock held that another session needs.
 * Return: 0, -ESRCH (it has no map any more), -EINVAL (a kernel thread), -EPERM,
 * -EINTR (a signal), -EAGAIN (it stays in execve()).
 */
int bw_access_hold(const struct bw_access *access, struct task_struct *task, struct mm_struct **mm,
		   struct netlink_ext_ack *extack)
{
	/* An exec changes map and credentials one after the other. */
	int err = access ? exec_wait(task, extack) : 0;

	if (err)
		return err;
	*mm = process_mm(task);
	err = access_check(access, task, *mm, extack);
	if (!err)
		return 0;
	if (*mm)
		mmdrop(*mm);
	if (access)
		up_read(&task->signal->exec_update_lock);
	return err;
}

/**
 * bw_access_release() - undo bw_access_hold()
 * @access: as given to it
 * @task: as given to it
 * @mm: the map that it returned
 */
void bw_access_release(const struct bw_access *access, struct task_struct *task,
		       struct mm_struct *mm)
{
	mmdrop(mm);
	if (access)
		up_read(&task->signal->exec_update_lock);
}
