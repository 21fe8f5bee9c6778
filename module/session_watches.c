// SPDX-License-Identifier: GPL-2.0
/* The watches of a session: how they come and how they go. */
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>

#include "quota.h"
#include "session.h"
#include "watch.h"

/**
 * bw_session_insert() - put a watch into the session's list
 * @session: the session
 * @watch: the watch
 *
 * Context: the session is locked.
 */
void bw_session_insert(struct bw_session *session, struct bw_watch *watch)
{
	struct bw_watch *before;

	lockdep_assert_held(&session->lock);
	/* Search from the end, because ids rise: a new watch is nearly always the last. */
	list_for_each_entry_reverse(before, &session->watches, list)
		if (before->id < watch->id)
			break;
	list_add(&watch->list, &before->list);
}

/**
 * bw_session_watch() - watch one more process
 * @session: the session, of a socket that is open
 * @tgid: the process
 * @on_exec: begin to count at its next exec
 * @extack: gets a sentence on error
 *
 * Context: the session is not locked, because the process decides how long this takes.
 * Return: the watch with a reference for the caller, or an error as bw_watch_create().
 */
struct bw_watch *bw_session_watch(struct bw_session *session, struct pid *tgid, bool on_exec,
				  struct netlink_ext_ack *extack)
{
	struct bw_watch *watch = bw_watch_create(session, tgid, on_exec, extack);

	if (IS_ERR(watch))
		return watch;
	kref_get(&watch->refs);
	/* The watch counts already, so it must get into the list; no holder keeps the lock long. */
	mutex_lock(&session->lock);
	bw_session_insert(session, watch);
	mutex_unlock(&session->lock);
	return watch;
}

/**
 * bw_session_watch_pid() - watch one more process, by its number
 * @session: the session
 * @pid: the process or one of its threads, in the session's PID namespace
 * @on_exec: begin to count at its next exec
 * @extack: gets a sentence on error
 *
 * Context: as bw_session_watch().
 * Return: as bw_session_watch().
 */
struct bw_watch *bw_session_watch_pid(struct bw_session *session, u32 pid, bool on_exec,
				      struct netlink_ext_ack *extack)
{
	struct task_struct *task;
	struct pid *tgid = NULL;
	struct bw_watch *watch;

	rcu_read_lock();
	task = pid_task(find_pid_ns(pid, session->pid_ns), PIDTYPE_PID);
	if (task)
		tgid = get_pid(task_tgid(task));
	rcu_read_unlock();
	if (!tgid) {
		NL_SET_ERR_MSG(extack, "no such process");
		return ERR_PTR(-ESRCH);
	}
	watch = bw_session_watch(session, tgid, on_exec, extack);
	put_pid(tgid);
	return watch;
}

/**
 * bw_session_watch_all() - watch all processes, and all that begin later
 * @session: the session
 * @extack: gets a sentence on error
 *
 * The probes are in, and children of watched processes are followed, before the
 * first process is looked at, so that none is missed.
 *
 * Context: as bw_session_watch().
 * Return: 0, or -EDQUOT, -ENOMEM, -EINTR.
 */
int bw_session_watch_all(struct bw_session *session, struct netlink_ext_ack *extack)
{
	int err = 0;

	if (!READ_ONCE(session->follow.on))
		err = bw_follow_start(session, extack);
	if (err)
		return err;
	WRITE_ONCE(session->system, true);
	return bw_follow_all(session, extack);
}

/**
 * bw_session_watch_of() - a watch of the session by its id
 * @session: the session
 * @id: the id
 *
 * Context: the session is locked.
 * Return: the watch, or NULL.
 */
struct bw_watch *bw_session_watch_of(struct bw_session *session, u32 id)
{
	struct bw_watch *watch;

	lockdep_assert_held(&session->lock);
	bw_follow_adopt(session);
	list_for_each_entry(watch, &session->watches, list)
		if (watch->id == id && !watch->leaves)
			return watch;
	return NULL;
}

/*
 * The watch's counters no longer change after a grace period. May be called more than once:
 * it returns false then, and also if the process has just exited.
 */
static bool watch_stop(struct bw_watch *watch)
{
	bw_watch_unlink(watch);
	if (test_and_set_bit(WATCH_EXITED, &watch->state))
		return false;
	atomic_dec(&watch->session->live);
	return true;
}

/**
 * bw_session_part() - a watch leaves its session
 * @watch: the watch, which is not leaving yet
 * @gone: gets it, for bw_session_forget() after a grace period
 *
 * Until then the watch stays in the session's list, so that totals do not fall, but no other
 * caller finds it there.
 *
 * Context: the session is locked.
 */
void bw_session_part(struct bw_watch *watch, struct llist_head *gone)
{
	lockdep_assert_held(&watch->session->lock);
	watch_stop(watch);
	watch->leaves = true;
	/* The watch was adopted, so its member born is free. */
	__llist_add(&watch->born, gone);
}

/* Returns whether any watch still ran. */
static bool stop_known(struct bw_session *session)
{
	struct bw_watch *watch;
	bool any = false;

	mutex_lock(&session->lock);
	bw_follow_adopt(session);
	list_for_each_entry(watch, &session->watches, list)
		any |= watch_stop(watch);
	mutex_unlock(&session->lock);
	return any;
}

/**
 * bw_session_stop_all() - end all watches, also of children born meanwhile
 * @session: the session
 *
 * Their counters no longer change on return.
 *
 * Context: the session is not locked; sleeps.
 */
void bw_session_stop_all(struct bw_session *session)
{
	WRITE_ONCE(session->follow.on, false);
	stop_known(session);
	do {
		synchronize_rcu();
	} while (stop_known(session));
}

static void watch_forget(struct bw_watch *watch)
{
	struct bw_session *session = watch->session;

	session->past_made += watch->counters.made;
	session->past_lost += watch->counters.lost;
	if (watch->exited)
		atomic_dec(&session->gone);
	list_del(&watch->list);
	bw_quota_give_watch(session->quota);
	bw_watch_put(watch);
}

/**
 * bw_session_forget() - fold watches into their session's totals, and free them
 * @session: the session
 * @gone: watches that bw_session_part() was given a grace period ago
 *
 * Context: the session is not locked.
 */
void bw_session_forget(struct bw_session *session, struct llist_head *gone)
{
	struct bw_watch *watch, *next;

	mutex_lock(&session->lock);
	llist_for_each_entry_safe(watch, next, __llist_del_all(gone), born)
		watch_forget(watch);
	mutex_unlock(&session->lock);
}

/**
 * bw_session_forget_all() - forget all watches, after bw_session_stop_all()
 * @session: the session
 *
 * It spares watches that a dump is about to forget, because the dump has its own reference.
 */
void bw_session_forget_all(struct bw_session *session)
{
	struct bw_watch *watch, *next;

	mutex_lock(&session->lock);
	list_for_each_entry_safe(watch, next, &session->watches, list)
		if (!watch->leaves)
			watch_forget(watch);
	mutex_unlock(&session->lock);
}

/**
 * bw_session_reap() - forget the watches after their last counters were read
 * @session: the session, which may have ended
 */
void bw_session_reap(struct bw_session *session)
{
	struct bw_watch *watch;
	LLIST_HEAD(gone);

	/* Not killable, because a dump ends whether or not its reader was killed. */
	mutex_lock(&session->lock);
	list_for_each_entry(watch, &session->watches, list)
		if (watch->reported && !watch->leaves)
			bw_session_part(watch, &gone);
	mutex_unlock(&session->lock);
	if (llist_empty(&gone))
		return;
	synchronize_rcu();
	bw_session_forget(session, &gone);
}
