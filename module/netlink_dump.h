/* SPDX-License-Identifier: GPL-2.0 */
/* A dump answers a request in more than one message. */
#ifndef _BRKWATCH_NETLINK_DUMP_H
#define _BRKWATCH_NETLINK_DUMP_H

#include <linux/list.h>
#include <linux/types.h>

#include "exec_walk.h"
#include "ring.h"

struct netlink_callback;
struct netlink_ext_ack;
struct bw_session;
struct sk_buff;
struct bw_snapshot;
struct bw_walk;

/**
 * struct bw_dump_state - what a dump keeps between two parts of its reply
 * @session: the session of the socket, or NULL
 * @err: snapshot-get and image-get: why the dump has nothing to send
 * @one: snapshot-get and image-get: the reader asked for one watch
 * @cursor: drain: where the dump reads next
 * @last_id: watch-get: the last watch that the dump has sent
 * @stop: watch-get: end the watches
 * @gone: watch-get: only watches on processes that are gone
 * @snapshot: snapshot-get: the snapshot that the dump sends now
 * @next_area: snapshot-get: the next area of @snapshot; 0 is the snapshot itself
 * @maps: image-get: maps that the dump has yet to send
 * @walk: image-get of one watch: how far the walk is
 * @next_probe: probe-get: the probe to send next
 */
struct bw_dump_state {
	struct bw_session *session;
	int err;
	bool one;
	union {
		struct bw_ring_cursor cursor;
		struct {
			u32 last_id;
			bool stop;
			bool gone;
		};
		struct {
			struct bw_snapshot *snapshot;
			u32 next_area;
		};
		struct {
			struct list_head maps;
			struct bw_exec_walk walk;
		};
		u32 next_probe;
	};
};

struct bw_dump_state *bw_dump_state(struct netlink_callback *cb);
int bw_dump_start(struct netlink_callback *cb);
int bw_dump_done(struct netlink_callback *cb);
void *bw_dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd);

struct bw_walk *bw_dump_walk(struct bw_session *session, u32 watch);
int bw_dump_refuse_memory(int err, struct netlink_ext_ack *extack);

int bw_watch_get_start(struct netlink_callback *cb);
int bw_watch_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int bw_watch_get_done(struct netlink_callback *cb);

int bw_drain_start(struct netlink_callback *cb);
int bw_drain_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

int bw_snapshot_get_start(struct netlink_callback *cb);
int bw_snapshot_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int bw_snapshot_get_done(struct netlink_callback *cb);

int bw_image_get_start(struct netlink_callback *cb);
int bw_image_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int bw_image_get_done(struct netlink_callback *cb);

int bw_probe_get_start(struct netlink_callback *cb);
int bw_probe_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

#endif
