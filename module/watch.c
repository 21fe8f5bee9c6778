// SPDX-License-Identifier: GPL-2.0
/*
 * Who is watched: a table of watches by process, read by every probe under
 * RCU, and what each watch counts.
 */
#include <linux/hashtable.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "probe.h"
#include "record.h"
#include "session.h"
#include "watch.h"

static DEFINE_HASHTABLE(watches, 10);

/*
 * Into the table, and the state that the first counters are told against, in one
 * step for the probes: an event of the process waits for the lock and comes after.
 */
static void watch_begin(struct watch *watch, const struct mm_struct *mm)
{
	struct counters *c = &watch->counters;

	raw_spin_lock(&watch->lock);
	watch->since = ktime_get_ns();
	hash_add_rcu(watches, &watch->node, (unsigned long)watch->tgid);
	c->heap_start = READ_ONCE(mm->start_brk);
	c->brk = READ_ONCE(mm->brk);
	c->brk_first = c->brk;
	c->brk_peak = c->brk;
	raw_spin_unlock(&watch->lock);
}

/* That of any thread: the main one may have left the others. */
static struct mm_struct *process_mm(struct task_struct *leader)
{
	struct mm_struct *mm = NULL;
	struct task_struct *thread;

	rcu_read_lock();
	for_each_thread(leader, thread) {
		mm = get_task_mm(thread);
		if (mm)
			break;
	}
	rcu_read_unlock();
	return mm;
}

static struct task_struct *watch_task(struct session *session, u32 pid,
				      struct netlink_ext_ack *extack)
{
	struct task_struct *task;

	rcu_read_lock();
	task = pid_task(find_pid_ns(pid, session->pid_ns), PIDTYPE_PID);
	if (task)
		task = get_task_struct(task->group_leader);
	rcu_read_unlock();

	if (!task)
		NL_SET_ERR_MSG(extack, "no such process");
	return task;
}

/*
 * A process that was on its way out may have passed its exit probe before it
 * found the watch. Whoever sets the bit first tells of the exit.
 */
static bool watch_missed_exit(struct watch *watch, const struct task_struct *task)
{
	/* The watch is in the table before live is read: pairs with do_exit(). */
	smp_mb();
	return !atomic_read(&task->signal->live) && !test_and_set_bit(WATCH_EXITED, &watch->state);
}

static int watch_link(struct watch *watch, struct task_struct *task, struct netlink_ext_ack *extack)
{
	struct session *session = watch->session;
	struct mm_struct *mm = process_mm(task);

	if (!mm) {
		NL_SET_ERR_MSG(extack, "a kernel thread or an exited process has no memory map");
		return task->flags & PF_KTHREAD ? -EINVAL : -ESRCH;
	}
	get_task_comm(watch->comm, task);
	atomic_inc(&session->live);
	watch_begin(watch, mm);
	mmput(mm);
	if (!watch_missed_exit(watch, task))
		return 0;

	atomic_dec(&session->live);
	watch_unlink(watch);
	synchronize_rcu();
	session->past_made += watch->counters.made;
	session->past_lost += watch->counters.lost;
	NL_SET_ERR_MSG(extack, "the process has just exited");
	return -ESRCH;
}

static struct watch *watch_alloc(struct session *session, u32 id, struct pid *tgid, bool on_exec,
				 struct netlink_ext_ack *extack)
{
	struct watch *watch = kzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT);

	if (!watch) {
		NL_SET_ERR_MSG(extack, "no memory for a watch");
		return NULL;
	}
	watch->session = session;
	watch->id = id;
	watch->tgid = get_pid(tgid);
	watch->pid = pid_nr_ns(tgid, session->pid_ns);
	raw_spin_lock_init(&watch->lock);
	if (on_exec)
		__set_bit(WATCH_WAITS, &watch->state);
	return watch;
}

static bool watch_exists(const struct session *session, const struct pid *tgid,
			 struct netlink_ext_ack *extack)
{
	struct watch *watch;

	list_for_each_entry(watch, &session->watches, list) {
		if (watch->tgid == tgid) {
			NL_SET_ERR_MSG(extack, "this session watches that process already");
			return true;
		}
	}
	return false;
}

/**
 * watch_create() - begin to watch a process
 * @session: for whom
 * @id: number of the watch in its session
 * @pid: the process or one of its threads, in the session's PID namespace
 * @on_exec: begin to count at the next exec
 * @extack: gets a sentence on error
 *
 * Context: sessions_lock held.
 * Return: the watch, or -ESRCH, -EINVAL (a kernel thread), -EEXIST, -ENOMEM.
 */
struct watch *watch_create(struct session *session, u32 id, u32 pid, bool on_exec,
			   struct netlink_ext_ack *extack)
{
	struct task_struct *task;
	struct watch *watch;
	struct pid *tgid;
	int err;

	lockdep_assert_held(&sessions_lock);

	task = watch_task(session, pid, extack);
	if (!task)
		return ERR_PTR(-ESRCH);

	err = -ESRCH;
	tgid = get_task_pid(task, PIDTYPE_TGID);
	if (!tgid) {
		NL_SET_ERR_MSG(extack, "the process has just exited");
		goto put_task;
	}
	err = -EEXIST;
	if (watch_exists(session, tgid, extack))
		goto put_pid;
	err = -ENOMEM;
	watch = watch_alloc(session, id, tgid, on_exec, extack);
	if (!watch)
		goto put_pid;
	err = watch_link(watch, task, extack);
	if (err)
		watch_free(watch);
put_pid:
	put_pid(tgid);
put_task:
	put_task_struct(task);
	return err ? ERR_PTR(err) : watch;
}

/**
 * watch_unlink() - no probe that begins from now on finds the watch
 * @watch: the watch; probes that run may still use it for an RCU grace period
 */
void watch_unlink(struct watch *watch)
{
	lockdep_assert_held(&sessions_lock);
	hash_del_rcu(&watch->node);
}

/**
 * watch_free() - free a watch, a grace period after watch_unlink()
 * @watch: the watch
 */
void watch_free(struct watch *watch)
{
	put_pid(watch->tgid);
	kfree(watch);
}

/**
 * watch_any() - does anybody watch this process?
 * @tgid: the process
 *
 * Context: any probe; RCU read side.
 * Return: whether somebody does.
 */
bool watch_any(struct pid *tgid)
{
	struct watch *watch;

	hash_for_each_possible_rcu(watches, watch, node, (unsigned long)tgid)
		if (watch->tgid == tgid)
			return true;
	return false;
}

/* An exit counts nothing: the last state stands. */
static void (*const count[])(struct counters *, const struct record *) = {
	[BRKWATCH_EVENT_KIND_BRK] = brk_count,	     [BRKWATCH_EVENT_KIND_MMAP] = mmap_count,
	[BRKWATCH_EVENT_KIND_MUNMAP] = munmap_count, [BRKWATCH_EVENT_KIND_EXEC] = exec_count,
	[BRKWATCH_EVENT_KIND_EXIT] = NULL,
};

/* Counters come before the ring: they are exact even when it is full. */
static void watch_deliver(struct watch *watch, const struct record *rec)
{
	bool wanted = session_wants(watch->session, rec->kind);

	raw_spin_lock(&watch->lock);
	if (count[rec->kind])
		count[rec->kind](&watch->counters, rec);
	watch->counters.made += wanted;
	if (rec->kind == BRKWATCH_EVENT_KIND_EXEC)
		memcpy(watch->comm, rec->comm, sizeof(watch->comm));
	if (rec->kind == BRKWATCH_EVENT_KIND_EXIT) {
		watch->exit_code = rec->exit_code;
		watch->exited = true;
	}
	raw_spin_unlock(&watch->lock);

	if (!wanted || session_record(watch->session, watch, rec))
		return;
	raw_spin_lock(&watch->lock);
	watch->counters.lost++;
	raw_spin_unlock(&watch->lock);
}

/* Does the event belong to what the watch counts? */
static bool watch_takes(struct watch *watch, const struct record *rec)
{
	if (rec->kind == BRKWATCH_EVENT_KIND_EXEC)
		clear_bit(WATCH_WAITS, &watch->state);
	if (rec->kind == BRKWATCH_EVENT_KIND_EXIT)
		return !test_and_set_bit(WATCH_EXITED, &watch->state);
	return !test_bit(WATCH_WAITS, &watch->state) && rec->time - rec->duration >= watch->since;
}

/**
 * watch_event() - give an event of current to all who watch it
 * @rec: the event, but for what depends on the watch
 *
 * Context: a probe, preemption off.
 */
void watch_event(const struct record *rec)
{
	struct pid *tgid = task_tgid(current);
	struct watch *watch;

	lockdep_assert_preemption_disabled();

	rcu_read_lock();
	hash_for_each_possible_rcu(watches, watch, node, (unsigned long)tgid) {
		if (watch->tgid != tgid || !watch_takes(watch, rec))
			continue;
		watch_deliver(watch, rec);
		if (rec->kind == BRKWATCH_EVENT_KIND_EXIT)
			session_exited(watch->session);
	}
	rcu_read_unlock();
}
