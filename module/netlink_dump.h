/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_NETLINK_DUMP_H
#define _BRKWATCH_NETLINK_DUMP_H

struct netlink_callback;
struct sk_buff;

int watch_get_start(struct netlink_callback *cb);
int watch_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int watch_get_done(struct netlink_callback *cb);

int drain_start(struct netlink_callback *cb);
int drain_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int dump_done(struct netlink_callback *cb);

#endif
