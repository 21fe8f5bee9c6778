/* SPDX-License-Identifier: GPL-2.0 */
/* A quota limits what the sessions of one user take. */
#ifndef _BRKWATCH_QUOTA_H
#define _BRKWATCH_QUOTA_H

#include <linux/types.h>

struct netlink_ext_ack;
struct quota;

struct quota *quota_take_session(u64 ring_bytes, struct netlink_ext_ack *extack);
void quota_give_session(struct quota *quota, u64 ring_bytes);
bool quota_take_watch(struct quota *quota);
void quota_give_watch(struct quota *quota);

#endif
