/* SPDX-License-Identifier: GPL-2.0 */
/* A session is a netlink socket that watches processes. */
#ifndef _BRKWATCH_SESSION_H
#define _BRKWATCH_SESSION_H

#include <linux/bits.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>

#include "access.h"
#include "context.h"
#include "filter.h"
#include "follow.h"
#include "pulse.h"
#include "ring.h"
#include "snapshot.h"
#include "wakeup.h"

#define HUGE_PAGE_MIN 4096ULL
#define HUGE_PAGE_MAX BIT_ULL(40)

struct bw_exec_maps;
struct net;
struct netlink_ext_ack;
struct pid;
struct pid_namespace;
struct bw_quota;
struct bw_record;
struct sock;
struct bw_watch;

/**
 * struct bw_session - one netlink socket that watches
 * @ring: undelivered records
 * @pid_ns: PID namespace of the process that opened it, for PIDs in requests and events
 * @exec_maps: the maps of a session with stacks or askers, else NULL
 * @filter: which events the ring takes
 * @wakeup: asks the reader to drain
 * @list: in the list of sessions; empty once the session has ended
 * @refs: one for the open session, one for each dump in flight
 * @lock: protects @watches, @past_made, @past_lost and the members of watches that say so.
 *	Requests take it by bw_session_lock(). No holder waits for a process, for memory or
 *	for a grace period, because the end of the session takes it too
 * @sk: the socket, while in the list; its reference distinguishes a dead socket from a
 *	newer one that got its port id
 * @net: network namespace of @sk
 * @portid: address of @sk
 * @access: the credentials that it watches with
 * @quota: the quota of the user that opened it
 * @system: it watches all processes, of any user
 * @ring_bytes: size of the ring of one CPU
 * @contexts: what the ring has beside its records of the context of calls
 * @delta: events may leave out values that are the same as in the event before
 * @latencies: the reader wants to know how long calls take
 * @huge_page: bytes of a huge page in calls that name no size
 * @watches: its watches by rising id; @follow brings the watches on children
 * @last_id: id of the last watch
 * @live: number of watches on running processes
 * @gone: number of watches on gone processes that the reader has not read yet
 * @missed_before: bw_probe_missed() when the session began
 * @refused: calls that were not followed because their user has too many in flight
 * @pulse: when the probes saw nothing
 * @past_made: events made by watches that are gone
 * @past_lost: events lost by them
 * @follow: how children are watched
 * @snapshots: snapshots that wait for the reader
 *
 * A call that goes into the ring needs what comes first, up to the head of @filter: one cache line.
 * It also looks whether @wakeup has been sent.
 */
struct bw_session {
	struct bw_ring ring;
	struct pid_namespace *pid_ns;
	struct bw_exec_maps *exec_maps;
	struct bw_filter filter;
	struct bw_wakeup wakeup;
	struct list_head list;
	struct kref refs;
	struct mutex lock; /* see above */
	struct sock *sk;
	struct net *net;
	u32 portid;
	struct bw_access access;
	struct bw_quota *quota;
	bool system;
	u32 ring_bytes;
	struct bw_contexts contexts;
	bool delta;
	bool latencies;
	u64 huge_page;
	struct list_head watches;
	atomic_t last_id;
	atomic_t live;
	atomic_t gone;
	u64 missed_before;
	atomic64_t refused;
	struct bw_pulse pulse;
	u64 past_made;
	u64 past_lost;
	struct bw_follow follow;
	struct bw_snapshots snapshots;
};

/**
 * struct bw_session_wish - what a reader asks of a new session
 * @ring_bytes: ring of one CPU in bytes, a power of two
 * @stack_bytes: most bytes of the user's stack that come with an event, 0 for none
 * @contexts: what comes with a call
 * @filter: what the ring takes; freed with the session, or at once if none opens
 * @follow: watch the children of watched processes
 * @delta: as in struct bw_session
 * @latencies: as in struct bw_session
 * @huge_page: as in struct bw_session, a power of two
 */
struct bw_session_wish {
	u32 ring_bytes;
	u32 stack_bytes;
	struct bw_contexts contexts;
	struct bw_filter filter;
	bool follow;
	bool delta;
	bool latencies;
	u64 huge_page;
};

/**
 * struct bw_session_totals - the totals of a session
 * @watches: watches, including dead ones that the reader has not read
 * @made: events that the filter let through
 * @delivered: events drained
 * @lost_ring: events that found the ring full
 * @lost_probe: calls that the probes missed, at least
 * @lost_watch: children that could not be followed
 * @lost_exec_map: times that maps could not be recorded or kept for the reader
 */
struct bw_session_totals {
	u32 watches;
	u64 made;
	u64 delivered;
	u64 lost_ring;
	u64 lost_probe;
	u64 lost_watch;
	u64 lost_exec_map;
};

struct bw_session *bw_session_create(struct sock *sk, u32 portid, struct bw_session_wish *wish,
				     struct netlink_ext_ack *extack);
struct bw_session *bw_session_find(const struct sock *sk);
int bw_session_lock(struct bw_session *session, struct netlink_ext_ack *extack);
void bw_session_close(struct bw_session *session);
void bw_session_released(const struct net *net, u32 portid);
void bw_session_get(struct bw_session *session);
void bw_session_put(struct bw_session *session);

void bw_session_insert(struct bw_session *session, struct bw_watch *watch);
struct bw_watch *bw_session_watch(struct bw_session *session, struct pid *tgid, bool on_exec,
				  struct netlink_ext_ack *extack);
struct bw_watch *bw_session_watch_pid(struct bw_session *session, u32 pid, bool on_exec,
				      struct netlink_ext_ack *extack);
int bw_session_watch_all(struct bw_session *session, struct netlink_ext_ack *extack);
struct bw_watch *bw_session_watch_of(struct bw_session *session, u32 id);
void bw_session_part(struct bw_watch *watch, struct llist_head *gone);
void bw_session_stop_all(struct bw_session *session);
void bw_session_forget(struct bw_session *session, struct llist_head *gone);
void bw_session_forget_all(struct bw_session *session);
void bw_session_reap(struct bw_session *session);
void bw_session_totals(struct bw_session *session, struct bw_session_totals *totals);
void bw_session_drained(struct bw_session *session);

void bw_session_publish(struct bw_session *session, const struct bw_watch *watch,
			struct bw_ring_cpu *rc, struct bw_record *slot, u32 lost);
bool bw_session_record(struct bw_session *session, const struct bw_watch *watch,
		       const struct bw_record *rec, u32 lost, bool end);
void bw_session_exited(struct bw_session *session);

#endif
