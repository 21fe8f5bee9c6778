/* SPDX-License-Identifier: GPL-2.0 */
/* User space talks to the module through a generic netlink family. */
#ifndef _BRKWATCH_NETLINK_H
#define _BRKWATCH_NETLINK_H

struct genl_family;
struct netlink_ext_ack;
struct wakeup;

extern struct genl_family brkwatch_family;

int netlink_no_session(struct netlink_ext_ack *extack);

int netlink_init(void);
void netlink_exit(void);
void netlink_send_ready(struct wakeup *wakeup);

#endif
