// SPDX-License-Identifier: GPL-2.0
/*
 * A session has the socket of a reader, its filter, its ring and its watches. The session ends with
 * the socket. The probes are in while at least one session is open.
 */
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/percpu.h>
#include <linux/personality.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/sock.h>

#include "exec_map.h"
#include "hooks.h"
#include "probe.h"
#include "quota.h"
#include "record.h"
#include "session.h"
#include "watch.h"

/*
 * Protects only the list of sessions. No session takes the lock of another: the lock of a session
 * protects the state of that session (struct bw_session). What sessions share is under locks that a
 * task holds for a few steps: this one, the lock of quotas, the locks of watches. A task that holds
 * a session's lock may take all other locks of the module except hooks_lock (hooks.c), because a
 * task takes that with no other lock held. No task waits for a watched process while it holds any
 * lock of the module.
 */
static DEFINE_SPINLOCK(sessions_lock);
static LIST_HEAD(sessions);

static void session_free(struct kref *refs)
{
	struct bw_session *session = container_of(refs, struct bw_session, refs);

	bw_ring_free(&session->ring);
	bw_exec_maps_free(session->exec_maps);
	bw_filter_free(&session->filter);
	bw_access_put(&session->access);
	put_pid_ns(session->pid_ns);
	bw_quota_put(session->quota);
	kfree(session);
}

/**
 * bw_session_get() - one more reference to a session
 * @session: the session
 */
void bw_session_get(struct bw_session *session)
{
	kref_get(&session->refs);
}

/**
 * bw_session_put() - drop a reference to a session; the last one frees it
 * @session: the session
 */
void bw_session_put(struct bw_session *session)
{
	kref_put(&session->refs, session_free);
}

static struct bw_session *session_alloc(struct sock *sk, u32 portid,
					const struct bw_session_wish *wish, struct bw_quota *quota)
{
	struct bw_session *session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);
	bool needs_maps = wish->stack_bytes || wish->contexts.askers;

	if (!session)
		return NULL;
	if (needs_maps)
		session->exec_maps = bw_exec_maps_alloc();
	if ((needs_maps && !session->exec_maps) ||
	    bw_ring_init(&session->ring, wish->ring_bytes, wish->stack_bytes, &wish->contexts)) {
		bw_exec_maps_free(session->exec_maps);
		kfree(session);
		return NULL;
	}
	kref_init(&session->refs);
	mutex_init(&session->lock);
	session->sk = sk;
	session->net = sock_net(sk);
	session->portid = portid;
	session->pid_ns = get_pid_ns(task_active_pid_ns(current));
	bw_access_take(&session->access, sk);
	session->quota = quota;
	session->filter = wish->filter;
	session->ring_bytes = wish->ring_bytes;
	session->contexts = wish->contexts;
	session->delta = wish->delta;
	session->latencies = wish->latencies;
	session->huge_page = wish->huge_page;
	INIT_LIST_HEAD(&session->list);
	INIT_LIST_HEAD(&session->watches);
	bw_follow_init(&session->follow);
	bw_snapshots_init(&session->snapshots);
	bw_wakeup_init(&session->wakeup);
	return session;
}

static struct bw_session *session_of(const struct sock *sk)
{
	struct bw_session *session;

	list_for_each_entry(session, &sessions, list)
		if (session->sk == sk)
			return session;
	return NULL;
}

/* Adds the session with a reference for the caller, unless its socket has a session already. */
static int session_enter(struct bw_session *session, struct netlink_ext_ack *extack)
{
	bool known;

	sock_hold(session->sk);
	bw_session_get(session);
	spin_lock(&sessions_lock);
	known = session_of(session->sk);
	if (!known)
		list_add_tail(&session->list, &sessions);
	spin_unlock(&sessions_lock);
	if (!known)
		return 0;
	NL_SET_ERR_MSG(extack, "this socket has a session already");
	bw_session_put(session);
	sock_put(session->sk);
	return -EEXIST;
}

static int session_open(struct bw_session *session, struct netlink_ext_ack *extack)
{
	int err;

	/* The reference makes rmmod fail while a session is open; session_end() releases it. */
	if (!try_module_get(THIS_MODULE)) {
		NL_SET_ERR_MSG(extack, "the module is being removed");
		return -ENODEV;
	}
	err = bw_hooks_get(extack);
	if (err) {
		module_put(THIS_MODULE);
		return err;
	}
	session->missed_before = bw_probe_missed();
	session->pulse.seen = ktime_get_ns();
	err = session_enter(session, extack);
	if (err) {
		bw_hooks_put();
		module_put(THIS_MODULE);
	}
	return err;
}

static int session_begin(struct bw_session *session, bool follow, struct netlink_ext_ack *extack)
{
	int err = 0;

	if (follow)
		err = bw_follow_start(session, extack);
	if (!err)
		err = session_open(session, extack);
	if (err)
		bw_follow_stop(session);
	return err;
}

/**
 * bw_session_create() - open the session of a socket
 * @sk: the socket
 * @portid: its address
 * @wish: what the reader asks for
 * @extack: gets a sentence on error
 *
 * Return: the session with a reference for the caller, or -EEXIST, -EDQUOT,
 * -ENOMEM, -ENODEV, -EINTR (a fatal signal), or the error of a probe that is not available.
 */
struct bw_session *bw_session_create(struct sock *sk, u32 portid, struct bw_session_wish *wish,
				     struct netlink_ext_ack *extack)
{
	u64 bytes = (u64)wish->ring_bytes * num_possible_cpus();
	struct bw_session *session;
	struct bw_quota *quota;
	int err;

	/* The quota comes first, so that a ring beyond it is not even allocated. */
	quota = bw_quota_take_session(bytes, extack);
	if (IS_ERR(quota)) {
		bw_filter_free(&wish->filter);
		return ERR_CAST(quota);
	}
	session = session_alloc(sk, portid, wish, quota);
	if (!session) {
		bw_filter_free(&wish->filter);
		bw_quota_give_session(quota, bytes);
		bw_quota_put(quota);
		NL_SET_ERR_MSG(extack, "no memory for a ring of that size");
		return ERR_PTR(-ENOMEM);
	}
	err = session_begin(session, wish->follow, extack);
	if (!err)
		return session;
	bw_quota_give_session(quota, bytes);
	bw_session_put(session);
	return ERR_PTR(err);
}

/**
 * bw_session_find() - the session of a socket
 * @sk: the socket that sent the request
 *
 * The search goes by the socket and not by its address (the port id), because the address may
 * belong to another user's socket already while the session of the previous socket is about to
 * end.
 *
 * Return: the session with a reference for the caller, or NULL.
 */
struct bw_session *bw_session_find(const struct sock *sk)
{
	struct bw_session *session;

	spin_lock(&sessions_lock);
	session = session_of(sk);
	if (session)
		kref_get(&session->refs);
	spin_unlock(&sessions_lock);
	return session;
}

/**
 * bw_session_lock() - lock the state of a session, to answer a request of its reader
 * @session: the session
 * @extack: gets a sentence on error; may be NULL
 *
 * Return: 0, or -EINTR if a fatal signal came to the reader.
 */
int bw_session_lock(struct bw_session *session, struct netlink_ext_ack *extack)
{
	if (!mutex_lock_killable(&session->lock))
		return 0;
	NL_SET_ERR_MSG(extack, "killed while another request of this session was under way");
	return -EINTR;
}

/*
 * Each step needs the ones before it:
 * 1. The caller has taken the session from the list, so requests no longer find it. A dump in
 *    flight holds a reference of its own.
 * 2. All watches stop. A probe that begins now neither finds one nor follows a child, and after a
 *    grace period no probe uses a watch or writes into the ring.
 * 3. If this is the last session, the probes go out.
 * 4. Nothing asks for a wakeup or for more watches any more, so both end here, and none is under
 *    way afterwards. A process that has yet to take a snapshot, record maps or make a watch finds
 *    that the session no longer wants them.
 * 5. Now the watches can go, and so can the module. The ring goes with the last reference to the
 *    session.
 *
 * session_end() cannot fail and does not wait for another session. At most it waits for a dump of
 * its own session that is forgetting watches (bw_session_reap()), because both take its lock.
 */
static void session_end(struct bw_session *session)
{
	bw_session_stop_all(session);
	bw_hooks_put();
	bw_wakeup_stop(&session->wakeup);
	bw_follow_stop(session);
	bw_snapshots_end(&session->snapshots);
	bw_exec_maps_end(session->exec_maps);
	bw_session_forget_all(session);
	bw_quota_give_session(session->quota, (u64)session->ring_bytes * num_possible_cpus());
	sock_put(session->sk);
	bw_session_put(session);
	module_put(THIS_MODULE);
}

/**
 * bw_session_close() - end an open session, because the module could not tell its reader the answer
 * @session: the session; the caller holds a reference
 */
void bw_session_close(struct bw_session *session)
{
	bool open;

	spin_lock(&sessions_lock);
	open = !list_empty(&session->list);
	list_del_init(&session->list);
	spin_unlock(&sessions_lock);
	if (open)
		session_end(session);
}

/* Takes a session whose socket is closed from the list, so that only one caller ends it. */
static struct bw_session *session_take_dead(const struct net *net, u32 portid)
{
	struct bw_session *session, *dead = NULL;

	spin_lock(&sessions_lock);
	list_for_each_entry(session, &sessions, list) {
		if (session->net == net && session->portid == portid &&
		    sock_flag(session->sk, SOCK_DEAD)) {
			dead = session;
			list_del_init(&dead->list);
			break;
		}
	}
	spin_unlock(&sessions_lock);
	return dead;
}

/**
 * bw_session_released() - a netlink socket was closed: end its session, if it has one
 * @net: network namespace of the socket
 * @portid: address of the socket, which may belong to a newer socket by now
 */
void bw_session_released(const struct net *net, u32 portid)
{
	struct bw_session *session;

	while ((session = session_take_dead(net, portid)))
		session_end(session);
}

/*
 * The kernel counts missed calls without a lock, so its figure may be too low, and may even fall.
 * If it has fallen, it has changed, so at least one call was missed.
 */
static u64 session_missed(const struct bw_session *session)
{
	u64 missed = bw_probe_missed();

	return missed > session->missed_before ? missed - session->missed_before :
						 missed != session->missed_before;
}

/**
 * bw_session_totals() - add up the totals of a session
 * @session: the session
 * @totals: filled
 *
 * Context: the session is locked.
 */
void bw_session_totals(struct bw_session *session, struct bw_session_totals *totals)
{
	struct bw_watch *watch;

	lockdep_assert_held(&session->lock);
	bw_pulse_note(&session->pulse);
	*totals = (struct bw_session_totals){
		.made = session->past_made,
		.lost_ring = session->past_lost,
		.delivered = bw_ring_consumed(&session->ring),
		.lost_probe = session_missed(session) + atomic64_read(&session->refused),
		.lost_watch = atomic64_read(&session->follow.lost),
		.lost_exec_map = session->exec_maps ? atomic64_read(&session->exec_maps->lost) : 0,
	};
	bw_follow_adopt(session);
	list_for_each_entry(watch, &session->watches, list) {
		totals->watches += !watch->leaves;
		raw_spin_lock_irq(&watch->lock);
		totals->made += watch->counters.made;
		totals->lost_ring += watch->counters.lost;
		raw_spin_unlock_irq(&watch->lock);
	}
}

/* A leave must report nothing of the new program, so it has the name from before the exec. */
static void record_state(struct bw_record *slot, const struct bw_watch *watch)
{
	struct mm_struct *mm = current->mm;

	if (unlikely(slot->kind == BRKWATCH_EVENT_KIND_LEAVE)) {
		memcpy(slot->comm, watch->comm, sizeof(slot->comm));
		return;
	}
	memcpy(slot->comm, current->comm, sizeof(slot->comm));
	if (current->personality & READ_IMPLIES_EXEC)
		slot->traits |= BRKWATCH_TRAIT_READ_IMPLIES_EXEC;
	slot->heap_start = mm ? READ_ONCE(mm->start_brk) : 0;
	slot->brk = mm ? READ_ONCE(mm->brk) : 0;
	slot->rss = mm ? get_mm_counter(mm, MM_ANONPAGES) : 0;
}

/* Fills in what lies beside a record in the ring. An event that is no call has not failed. */
static __always_inline void record_beside(const struct bw_ring *ring, const struct bw_ring_cpu *rc,
					  const struct bw_record *slot)
{
	if (ring->beside & BIT(slot->kind))
		bw_context_take_asker(bw_ring_context(rc, slot), slot->kind);
	if (ring->beside & RING_LIMITS && bw_record_failed(slot))
		bw_context_take_limits(bw_ring_context(rc, slot), slot->time);
	if (ring->beside & RING_STACKS)
		bw_user_stack_take(bw_ring_stack(ring, rc, slot), slot->kind, ring->stack_bytes);
}

/**
 * bw_session_publish() - complete a record of current in the ring, and publish it
 * @session: the session
 * @watch: the watch that the event belongs to
 * @rc: the buffer of this CPU
 * @slot: the record that was reserved in it, with all that does not depend on the watch
 * @lost: events of the watch lost so far
 *
 * Context: a probe, preemption off since bw_ring_reserve().
 */
void bw_session_publish(struct bw_session *session, const struct bw_watch *watch,
			struct bw_ring_cpu *rc, struct bw_record *slot, u32 lost)
{
	slot->watch = watch->id;
	slot->lost = lost;
	slot->pid = watch->pid;
	slot->tid = thread_group_leader(current) ? watch->pid :
						   task_pid_nr_ns(current, session->pid_ns);
	record_state(slot, watch);
	if (unlikely(session->ring.beside))
		record_beside(&session->ring, rc, slot);
	bw_wakeup_event(&session->wakeup, bw_ring_commit(rc) > session->ring.mask / 4);
}

/**
 * bw_session_record() - put an event of current that is no call into the ring
 * @session: the session
 * @watch: the watch that the event belongs to
 * @rec: the event
 * @lost: events of the watch lost so far
 * @end: the event is the last of its process. It may take one of the spare slots. No other event
 *	may, because a process ends only once but makes as many calls as it likes
 *
 * Context: a probe, preemption off.
 * Return: false if there was no room: the event is lost.
 */
bool bw_session_record(struct bw_session *session, const struct bw_watch *watch,
		       const struct bw_record *rec, u32 lost, bool end)
{
	struct bw_ring_cpu *rc = this_cpu_ptr(session->ring.cpu);
	struct bw_record *slot = bw_ring_reserve(&session->ring, rc, end ? 0 : session->ring.spare);

	if (!slot)
		return false;
	*slot = *rec;
	bw_session_publish(session, watch, rc, slot, lost);
	return true;
}

/**
 * bw_session_exited() - a watched process is gone: wake the reader at once
 * @session: the session
 *
 * Context: a probe, preemption off.
 */
void bw_session_exited(struct bw_session *session)
{
	atomic_dec(&session->live);
	atomic_inc(&session->gone);
	bw_wakeup_now(&session->wakeup);
}

/**
 * bw_session_drained() - a drain has reached its moment: the next event needs a wakeup
 * @session: the session
 *
 * An event that came during the drain sent no wakeup, because one had been sent already. So the
 * function looks whether there is such an event, and sends the wakeup for it.
 */
void bw_session_drained(struct bw_session *session)
{
	bw_wakeup_arm(&session->wakeup);
	if (!bw_ring_empty(&session->ring))
		bw_wakeup_event(&session->wakeup, false);
}
