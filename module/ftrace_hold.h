/* SPDX-License-Identifier: GPL-2.0 */
/* Ftrace stays on while a session is open. */
#ifndef _BRKWATCH_FTRACE_HOLD_H
#define _BRKWATCH_FTRACE_HOLD_H

struct netlink_ext_ack;

#ifdef CONFIG_DYNAMIC_FTRACE
int bw_ftrace_module_init(void);
void bw_ftrace_module_exit(void);
int bw_ftrace_hold(struct netlink_ext_ack *extack);
void bw_ftrace_release(void);
#else
static inline int bw_ftrace_module_init(void)
{
	return 0;
}

static inline void bw_ftrace_module_exit(void)
{
}

static inline int bw_ftrace_hold(struct netlink_ext_ack *extack)
{
	return 0;
}

static inline void bw_ftrace_release(void)
{
}
#endif

#endif
