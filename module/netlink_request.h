/* SPDX-License-Identifier: GPL-2.0 */
/* Each of these requests is answered by one message. */
#ifndef _BRKWATCH_NETLINK_REQUEST_H
#define _BRKWATCH_NETLINK_REQUEST_H

struct genl_info;
struct sk_buff;

int session_new_doit(struct sk_buff *skb, struct genl_info *info);
int session_get_doit(struct sk_buff *skb, struct genl_info *info);
int watch_new_doit(struct sk_buff *skb, struct genl_info *info);
int watch_all_doit(struct sk_buff *skb, struct genl_info *info);
int watch_del_doit(struct sk_buff *skb, struct genl_info *info);

#endif
