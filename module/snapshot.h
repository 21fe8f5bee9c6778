/* SPDX-License-Identifier: GPL-2.0 */
/* A snapshot lists the mappings of an address space at one moment. */
#ifndef _BRKWATCH_SNAPSHOT_H
#define _BRKWATCH_SNAPSHOT_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct netlink_ext_ack;
struct bw_session;
struct bw_walk;
struct bw_watch;

/**
 * struct bw_snapshot_area - one mapping
 * @start: first address
 * @end: first address after
 * @flags: bits of enum brkwatch_area_flag
 */
struct bw_snapshot_area {
	u64 start;
	u64 end;
	u32 flags;
};

/**
 * struct bw_snapshot - an address space at one moment
 * @list: in the list of snapshots that wait for the reader
 * @time: when it was taken, in ns of CLOCK_MONOTONIC
 * @heap_start: start_brk
 * @brk: program break
 * @id: number in the session
 * @watch: id of the watch
 * @n: how many areas
 * @areas: by rising address
 */
struct bw_snapshot {
	struct list_head list;
	u64 time;
	u64 heap_start;
	u64 brk;
	u32 id;
	u32 watch;
	u32 n;
	struct bw_snapshot_area areas[];
};

/**
 * struct bw_snapshots - snapshots that processes took after an exec and that wait for the reader
 * @lock: for the following
 * @list: oldest first
 * @bytes: their size
 * @ended: the session is over, so the reader will read no more
 * @last_id: number of the last one
 */
struct bw_snapshots {
	/* For all that follows. */
	spinlock_t lock;
	struct list_head list;
	size_t bytes;
	bool ended;
	atomic_t last_id;
};

void bw_snapshots_init(struct bw_snapshots *snapshots);
void bw_snapshots_end(struct bw_snapshots *snapshots);

struct bw_snapshot *bw_snapshot_take(struct bw_session *session, u32 watch, struct bw_walk *walk);
struct bw_snapshot *bw_snapshot_next(struct bw_snapshots *snapshots);
void bw_snapshot_free(struct bw_snapshot *snapshot);

void bw_snapshot_defer(struct bw_watch *watch);

#endif
