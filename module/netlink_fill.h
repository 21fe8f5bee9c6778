/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_NETLINK_FILL_H
#define _BRKWATCH_NETLINK_FILL_H

struct record;
struct session;
struct sk_buff;
struct watch;

int fill_event(struct sk_buff *skb, const struct record *rec);
int fill_watch(struct sk_buff *skb, struct watch *watch, bool *exited);
int fill_session(struct sk_buff *skb, struct session *session);

#endif
