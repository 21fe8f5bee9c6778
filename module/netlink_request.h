/* SPDX-License-Identifier: GPL-2.0 */
/* Each of these requests is answered by one message. */
#ifndef _BRKWATCH_NETLINK_REQUEST_H
#define _BRKWATCH_NETLINK_REQUEST_H

struct genl_info;
struct sk_buff;

int bw_session_new_doit(struct sk_buff *skb, struct genl_info *info);
int bw_session_get_doit(struct sk_buff *skb, struct genl_info *info);
int bw_watch_new_doit(struct sk_buff *skb, struct genl_info *info);
int bw_watch_all_doit(struct sk_buff *skb, struct genl_info *info);
int bw_watch_del_doit(struct sk_buff *skb, struct genl_info *info);

#endif
