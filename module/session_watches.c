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
 * Context: bw_sessions_lock held.
 */
void bw_session_insert(struct bw_session *session, struct bw_watch *watch)
{
	struct bw_watch *before;

	/* Nearly always at the end: ids rise. */
	list_for_each_entry_reverse(before, &session->watches, list)
		if (before->id < watch->id)
			break;
	list_add(&watch->list, &before->list);
}

/**
 * bw_session_watch() - watch one more process
 * @session: the session
 * @tgid: the process
 * @on_exec: begin to count at its next exec
 * @extack: gets a sentence on error
 *
 * Context: bw_sessions_lock held.
 * Return: the watch, or an error as bw_watch_create(); -ESHUTDOWN if the session
 * has ended.
 */
struct bw_watch *bw_session_watch(struct bw_session *session, struct pid *tgid, bool on_exec,
				  struct netlink_ext_ack *extack)
{
	struct bw_watch *watch;

	if (list_empty(&session->list)) {
		NL_SET_ERR_MSG(extack, "the session has ended");
		return ERR_PTR(-ESHUTDOWN);
	}
	watch = bw_watch_create(session, tgid, on_exec, extack);
	if (!IS_ERR(watch))
		bw_session_insert(session, watch);
	return watch;
}

/**
 * bw_session_watch_pid() - watch one more process, by its number
 * @session: the session
 * @pid: the process or one of its threads, in the session's PID namespace
 * @on_exec: begin to count at its next exec
 * @extack: gets a sentence on error
 *
 * Context: bw_sessions_lock held.
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
 * bw_session_watch_all() - watch all processes, and those to come
 * @session: the session
 * @extack: gets a sentence on error
 *
 * The probes are in, and children of watched processes are followed, before the
 * first process is looked at: none is missed.
 *
 * Context: bw_sessions_lock held.
 * Return: 0, or -EDQUOT, -ENOMEM, -EINTR, -ESHUTDOWN.
 */
int bw_session_watch_all(struct bw_session *session, struct netlink_ext_ack *extack)
{
	int err = 0;

	lockdep_assert_held(&bw_sessions_lock);

	if (list_empty(&session->list)) {
		NL_SET_ERR_MSG(extack, "the session has ended");
		return -ESHUTDOWN;
	}
	if (!session->follow.on)
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
 * Context: bw_sessions_lock held.
 * Return: the watch, or NULL.
 */
struct bw_watch *bw_session_watch_of(struct bw_session *session, u32 id)
{
	struct bw_watch *watch;

	lockdep_assert_held(&bw_sessions_lock);
	bw_follow_adopt(session);
	list_for_each_entry(watch, &session->watches, list)
		if (watch->id == id)
			return watch;
	return NULL;
}

/**
 * bw_session_stop() - end watches; their counters no longer change on return
 * @session: their session
 * @gone: the watches, the session's own list or taken out of it
 *
 * Once is enough, and more does no harm.
 *
 * Context: bw_sessions_lock held; sleeps.
 */
void bw_session_stop(struct bw_session *session, struct list_head *gone)
{
	struct bw_watch *watch;

	lockdep_assert_held(&bw_sessions_lock);
	list_for_each_entry(watch, gone, list) {
		bw_watch_unlink(watch);
		if (!test_and_set_bit(WATCH_EXITED, &watch->state))
			atomic_dec(&session->live);
	}
	synchronize_rcu();
}

/**
 * bw_session_stop_all() - end all watches, also of children born meanwhile
 * @session: the session
 *
 * Context: bw_sessions_lock held; sleeps.
 */
void bw_session_stop_all(struct bw_session *session)
{
	WRITE_ONCE(session->follow.on, false);
	bw_follow_adopt(session);
	do {
		bw_session_stop(session, &session->watches);
	} while (bw_follow_adopt(session));
}

/**
 * bw_session_forget() - fold stopped watches into the session's totals, free them
 * @session: their session
 * @gone: the watches, as given to bw_session_stop()
 */
void bw_session_forget(struct bw_session *session, struct list_head *gone)
{
	struct bw_watch *watch, *next;

	list_for_each_entry_safe(watch, next, gone, list) {
		session->past_made += watch->counters.made;
		session->past_lost += watch->counters.lost;
		if (watch->exited)
			atomic_dec(&session->gone);
		list_del(&watch->list);
		bw_quota_give_watch(session->quota);
		bw_watch_put(watch);
	}
}

/**
 * bw_session_reap() - forget the watches whose last counters were read
 * @session: the session, which may have ended
 */
void bw_session_reap(struct bw_session *session)
{
	struct bw_watch *watch, *next;
	LIST_HEAD(gone);

	mutex_lock(&bw_sessions_lock);
	list_for_each_entry_safe(watch, next, &session->watches, list)
		if (watch->reported)
			list_move_tail(&watch->list, &gone);
	if (!list_empty(&gone)) {
		bw_session_stop(session, &gone);
		bw_session_forget(session, &gone);
	}
	mutex_unlock(&bw_sessions_lock);
}
