/* SPDX-License-Identifier: GPL-2.0 */
/* A mark is a line of text among the events of a process. */
#ifndef _BRKWATCH_MARK_H
#define _BRKWATCH_MARK_H

#include <linux/brkwatch.h>
#include <net/netlink.h>

struct genl_info;

extern const struct nla_policy bw_mark_policy[BRKWATCH_A_MARK_MAX + 1];

int bw_mark_init(void);
void bw_mark_exit(void);
int bw_mark_doit(struct sk_buff *skb, struct genl_info *info);

#endif
