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
 * session_insert() - put a watch into the session's list
 * @session: the session
 * @watch: the watch
 *
 * Context: sessions_lock held.
 */
void session_insert(struct session *session, struct watch *watch)
{
	struct watch *before;

	/* Nearly always at the end: ids rise. */
	list_for_each_entry_reverse(before, &session->watches, list)
		if (before->id < watch->id)
			break;
	list_add(&watch->list, &before->list);
}

/**
 * session_watch() - watch one more process
 * @session: the session
 * @tgid: the process
 * @on_exec: begin to count at its next exec
 * @extack: gets a sentence on error
 *
 * Context: sessions_lock held.
 * Return: the watch, or an error as watch_create(); -ESHUTDOWN if the session
 * has ended.
 */
struct watch *session_watch(struct session *session, struct pid *tgid, bool on_exec,
			    struct netlink_ext_ack *extack)
{
	struct watch *watch;

	if (list_empty(&session->list)) {
		NL_SET_ERR_MSG(extack, "the session has ended");
		return ERR_PTR(-ESHUTDOWN);
	}
	watch = watch_create(session, tgid, on_exec, extack);
	if (!IS_ERR(watch))
		session_insert(session, watch);
	return watch;
}

/**
 * session_watch_pid() - watch one more process, by its number
 * @session: the session
 * @pid: the process or one of its threads, in the session's PID namespace
 * @on_exec: begin to count at its next exec
 * @extack: gets a sentence on error
 *
 * Context: sessions_lock held.
 * Return: as session_watch().
 */
struct watch *session_watch_pid(struct session *session, u32 pid, bool on_exec,
				struct netlink_ext_ack *extack)
{
	struct task_struct *task;
	struct pid *tgid = NULL;
	struct watch *watch;

	rcu_read_lock();
	task = pid_task(find_pid_ns(pid, session->pid_ns), PIDTYPE_PID);
	if (task)
		tgid = get_pid(task_tgid(task));
	rcu_read_unlock();
	if (!tgid) {
		NL_SET_ERR_MSG(extack, "no such process");
		return ERR_PTR(-ESRCH);
	}
	watch = session_watch(session, tgid, on_exec, extack);
	put_pid(tgid);
	return watch;
}

/**
 * session_watch_all() - watch all processes, and those to come
 * @session: the session
 * @extack: gets a sentence on error
 *
 * The probes are in, and children of watched processes are followed, before the
 * first process is looked at: none is missed.
 *
 * Context: sessions_lock held.
 * Return: 0, or -EDQUOT, -ENOMEM, -EINTR, -ESHUTDOWN.
 */
int session_watch_all(struct session *session, struct netlink_ext_ack *extack)
{
	int err = 0;

	lockdep_assert_held(&sessions_lock);

	if (list_empty(&session->list)) {
		NL_SET_ERR_MSG(extack, "the session has ended");
		return -ESHUTDOWN;
	}
	if (!session->follow.on)
		err = follow_start(session, extack);
	if (err)
		return err;
	WRITE_ONCE(session->system, true);
	return follow_all(session, extack);
}

/**
 * session_watch_of() - a watch of the session by its id
 * @session: the session
 * @id: the id
 *
 * Context: sessions_lock held.
 * Return: the watch, or NULL.
 */
struct watch *session_watch_of(struct session *session, u32 id)
{
	struct watch *watch;

	lockdep_assert_held(&sessions_lock);
	follow_adopt(session);
	list_for_each_entry(watch, &session->watches, list)
		if (watch->id == id)
			return watch;
	return NULL;
}

/**
 * session_stop() - end watches; their counters no longer change on return
 * @session: their session
 * @gone: the watches, the session's own list or taken out of it
 *
 * Once is enough, and more does no harm.
 *
 * Context: sessions_lock held; sleeps.
 */
void session_stop(struct session *session, struct list_head *gone)
{
	struct watch *watch;

	lockdep_assert_held(&sessions_lock);
	list_for_each_entry(watch, gone, list) {
		watch_unlink(watch);
		if (!test_and_set_bit(WATCH_EXITED, &watch->state))
			atomic_dec(&session->live);
	}
	synchronize_rcu();
}

/**
 * session_stop_all() - end all watches, also of children born meanwhile
 * @session: the session
 *
 * Context: sessions_lock held; sleeps.
 */
void session_stop_all(struct session *session)
{
	WRITE_ONCE(session->follow.on, false);
	follow_adopt(session);
	do {
		session_stop(session, &session->watches);
	} while (follow_adopt(session));
}

/**
 * session_forget() - fold stopped watches into the session's totals, free them
 * @session: their session
 * @gone: the watches, as given to session_stop()
 */
void session_forget(struct session *session, struct list_head *gone)
{
	struct watch *watch, *next;

	list_for_each_entry_safe(watch, next, gone, list) {
		session->past_made += watch->counters.made;
		session->past_lost += watch->counters.lost;
		if (watch->exited)
			atomic_dec(&session->gone);
		list_del(&watch->list);
		quota_give_watch(session->quota);
		watch_put(watch);
	}
}

/**
 * session_reap() - forget the watches whose last counters were read
 * @session: the session, which may have ended
 */
void session_reap(struct session *session)
{
	struct watch *watch, *next;
	LIST_HEAD(gone);

	mutex_lock(&sessions_lock);
	list_for_each_entry_safe(watch, next, &session->watches, list)
		if (watch->reported)
			list_move_tail(&watch->list, &gone);
	if (!list_empty(&gone)) {
		session_stop(session, &gone);
		session_forget(session, &gone);
	}
	mutex_unlock(&sessions_lock);
}
