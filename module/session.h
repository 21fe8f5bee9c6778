/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_SESSION_H
#define _BRKWATCH_SESSION_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>

#include "note.h"
#include "ring.h"

struct net;
struct netlink_ext_ack;
struct pid_namespace;
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
 * @events: bits (1 << kind) that the ring takes
 * @ring_bytes: size of the ring of one CPU
 * @ring: undelivered records
 * @watches: by rising id
 * @next_id: id of the next watch
 * @live: watches whose process runs
 * @missed_before: what probe_missed() said when the session began
 * @past_made: events made by watches that are gone
 * @past_lost: events lost by them
 * @note: tells the reader to drain
 */
struct session {
	struct list_head list;
	struct kref refs;
	struct sock *sk;
	struct net *net;
	u32 portid;
	struct pid_namespace *pid_ns;
	u32 events;
	u32 ring_bytes;
	struct ring ring;
	struct list_head watches;
	u32 next_id;
	atomic_t live;
	u64 missed_before;
	u64 past_made;
	u64 past_lost;
	struct note note;
};

/**
 * struct session_totals - what a session has to say of itself
 * @watches: watches, dead ones that nobody has read included
 * @made: events that the filter let through
 * @delivered: events drained
 * @lost_ring: events that found the ring full
 * @lost_probe: calls that the probes missed
 */
struct session_totals {
	u32 watches;
	u64 made;
	u64 delivered;
	u64 lost_ring;
	u64 lost_probe;
};

struct session *session_create(struct sock *sk, u32 portid, u32 ring_bytes, u32 events,
			       struct netlink_ext_ack *extack);
struct session *session_find(const struct sock *sk);
void session_released(const struct net *net, u32 portid);
void session_put(struct session *session);

struct watch *session_watch(struct session *session, u32 pid, bool on_exec,
			    struct netlink_ext_ack *extack);
void session_stop(struct session *session, struct list_head *gone);
void session_forget(struct session *session, struct list_head *gone);
void session_reap(struct session *session);
void session_totals(struct session *session, struct session_totals *totals);
void session_drained(struct session *session);

bool session_wants(const struct session *session, u32 kind);
bool session_record(struct session *session, const struct watch *watch, const struct record *rec);
void session_exited(struct session *session);

#endif
