/* SPDX-License-Identifier: GPL-2.0 */
/* User space talks to the module through a generic netlink family. */
#ifndef _BRKWATCH_NETLINK_H
#define _BRKWATCH_NETLINK_H

struct genl_family;
struct netlink_ext_ack;
struct bw_wakeup;

extern struct genl_family bw_family;

int bw_netlink_no_session(struct netlink_ext_ack *extack);

int bw_netlink_init(void);
void bw_netlink_exit(void);
void bw_netlink_send_ready(struct bw_wakeup *wakeup);

#endif
