/* SPDX-License-Identifier: GPL-2.0 */
/* The hooks are all probes: in while a session is open. */
#ifndef _BRKWATCH_HOOKS_H
#define _BRKWATCH_HOOKS_H

struct netlink_ext_ack;

int bw_hooks_get(struct netlink_ext_ack *extack);
void bw_hooks_put(void);

#endif
