/* SPDX-License-Identifier: GPL-2.0 */
/* A quota limits what the sessions of one user take. */
#ifndef _BRKWATCH_QUOTA_H
#define _BRKWATCH_QUOTA_H

#include <linux/types.h>

struct netlink_ext_ack;
struct bw_quota;

struct bw_quota *bw_quota_take_session(u64 ring_bytes, struct netlink_ext_ack *extack);
void bw_quota_give_session(struct bw_quota *quota, u64 ring_bytes);
void bw_quota_put(struct bw_quota *quota);
bool bw_quota_take_watch(struct bw_quota *quota);
void bw_quota_give_watch(struct bw_quota *quota);

#endif
