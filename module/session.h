/* SPDX-License-Identifier: GPL-2.0 */
/* A session is a netlink socket that watches processes. */
#ifndef _BRKWATCH_SESSION_H
#define _BRKWATCH_SESSION_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>

#include "access.h"
#include "filter.h"
#include "follow.h"
#include "ring.h"
#include "snapshot.h"
#include "wakeup.h"

struct exec_maps;
struct net;
struct netlink_ext_ack;
struct pid;
struct pid_namespace;
struct quota;
struct record;
struct sock;
struct watch;

extern struct mutex sessions_lock;

/**
 * struct session - one netlink socket that watches
 * @list: in the list of sessions; empty once the session has ended
 * @refs: one for the open session, one for each dump in flight
 * @sk: the socket, while in the list; the reference tells a dead socket from a
 *	newer one that got its port id
 * @net: network namespace of @sk
 * @portid: address of @sk
 * @pid_ns: where PIDs are read and shown: that of the process that opened it
 * @access: on whose behalf it watches
 * @quota: of the user who opened it
 * @system: it watches all processes, whoever they belong to
 * @filter: which events the ring takes
 * @ring_bytes: size of the ring of one CPU
 * @ring: undelivered records
 * @delta: the reader does not need to be told twice what is the same in two events
 * @watches: by rising id; children that are followed come from @follow
 * @last_id: id of the last watch
 * @live: watches whose process runs
 * @gone: watches whose process is gone, which the reader has not been told of
 * @missed_before: what probe_missed() said when the session began
 * @past_made: events made by watches that are gone
 * @past_lost: events lost by them
 * @follow: how children are watched
 * @snapshots: those that wait for the reader
 * @exec_maps: those of a session with stacks, else NULL
 * @wakeup: tells the reader to drain
 */
struct session {
	struct list_head list;
	struct kref refs;
	struct sock *sk;
	struct net *net;
	u32 portid;
	struct pid_namespace *pid_ns;
	struct access access;
	struct quota *quota;
	bool system;
	struct filter filter;
	u32 ring_bytes;
	struct ring ring;
	bool delta;
	struct list_head watches;
	atomic_t last_id;
	atomic_t live;
	atomic_t gone;
	u64 missed_before;
	u64 past_made;
	u64 past_lost;
	struct follow follow;
	struct snapshots snapshots;
	struct exec_maps *exec_maps;
	struct wakeup wakeup;
};

/**
 * struct session_wish - what a session is to be
 * @ring_bytes: ring of one CPU in bytes, a power of two
 * @stack_bytes: of the user's stack that come with an event at most, 0 for none
 * @filter: what the ring takes; is freed with the session, or if there is none
 * @follow: watch the children of watched processes
 * @delta: as in struct session
 */
struct session_wish {
	u32 ring_bytes;
	u32 stack_bytes;
	struct filter filter;
	bool follow;
	bool delta;
};

/**
 * struct session_totals - what a session has to say of itself
 * @watches: watches, dead ones that nobody has read included
 * @made: events that the filter let through
 * @delivered: events drained
 * @lost_ring: events that found the ring full
 * @lost_probe: calls that the probes missed
 * @lost_watch: children that could not be followed
 * @lost_exec_map: times that maps could not be noted or did not wait
 */
struct session_totals {
	u32 watches;
	u64 made;
	u64 delivered;
	u64 lost_ring;
	u64 lost_probe;
	u64 lost_watch;
	u64 lost_exec_map;
};

struct session *session_create(struct sock *sk, u32 portid, struct session_wish *wish,
			       struct netlink_ext_ack *extack);
struct session *session_find(const struct sock *sk);
void session_released(const struct net *net, u32 portid);
void session_get(struct session *session);
void session_put(struct session *session);

void session_insert(struct session *session, struct watch *watch);
struct watch *session_watch(struct session *session, struct pid *tgid, bool on_exec,
			    struct netlink_ext_ack *extack);
struct watch *session_watch_pid(struct session *session, u32 pid, bool on_exec,
				struct netlink_ext_ack *extack);
int session_watch_all(struct session *session, struct netlink_ext_ack *extack);
struct watch *session_watch_of(struct session *session, u32 id);
void session_stop(struct session *session, struct list_head *gone);
void session_stop_all(struct session *session);
void session_forget(struct session *session, struct list_head *gone);
void session_reap(struct session *session);
void session_totals(struct session *session, struct session_totals *totals);
void session_drained(struct session *session);

bool session_record(struct session *session, const struct watch *watch, const struct record *rec,
		    u32 lost);
void session_exited(struct session *session);

#endif
