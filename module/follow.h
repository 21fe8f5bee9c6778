/* SPDX-License-Identifier: GPL-2.0 */
/* A session follows the children of the processes that it watches. */
#ifndef _BRKWATCH_FOLLOW_H
#define _BRKWATCH_FOLLOW_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct netlink_ext_ack;
struct bw_session;
struct task_struct;

/**
 * struct bw_follow - how a session watches the children of its processes
 * @on: the session follows children
 * @lock: protects @pool, @free and @wanted; taken with preemption off
 * @pool: watches made in advance
 * @free: how many @pool holds
 * @wanted: how many it should hold, more each time that it had too few; 0 before children
 *	are followed and afterwards
 * @refill: makes more
 * @born: watches on children, not yet in the session's list
 * @lost: children that could not be followed
 */
struct bw_follow {
	bool on;
	raw_spinlock_t lock;
	struct list_head pool;
	u32 free;
	u32 wanted;
	struct work_struct refill;
	struct llist_head born;
	atomic64_t lost;
};

void bw_follow_init(struct bw_follow *follow);
int bw_follow_start(struct bw_session *session, struct netlink_ext_ack *extack);
void bw_follow_stop(struct bw_session *session);
u32 bw_follow_child(struct bw_session *session, struct task_struct *child);
bool bw_follow_adopt(struct bw_session *session);
int bw_follow_all(struct bw_session *session, struct netlink_ext_ack *extack);

#endif
