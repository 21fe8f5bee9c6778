/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_NETLINK_H
#define _BRKWATCH_NETLINK_H

struct session;

int netlink_init(void);
void netlink_exit(void);
void netlink_send_ready(struct session *session);

#endif
