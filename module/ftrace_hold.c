// SPDX-License-Identifier: GPL-2.0
/*
 * Kprobes stand on ftrace, and root can switch off all of it (kernel.ftrace_enabled). The kernel
 * does not notify a module. It refuses while ftrace has a permanent user, so the module is one.
 */
#include <linux/compiler.h>
#include <linux/ftrace.h>
#include <linux/netlink.h>

#include "ftrace_hold.h"

/* The barrier keeps the compiler from taking the function for one of its others. */
static noinline void held_function(void)
{
	barrier();
}

static void notrace do_nothing(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			       struct ftrace_regs *fregs)
{
}

static struct ftrace_ops hold_ops;
static bool holds;

/**
 * bw_ftrace_hold() - keep ftrace on
 * @extack: gets a sentence on error
 *
 * Return: 0, -EBUSY if ftrace is off, or another negative errno.
 */
int bw_ftrace_hold(struct netlink_ext_ack *extack)
{
	int err;

	/* Begin afresh, because ftrace_free_filter() leaves pointers to freed memory. */
	hold_ops = (struct ftrace_ops){
		.func = do_nothing,
		.flags = FTRACE_OPS_FL_PERMANENT,
	};
	err = ftrace_set_filter_ip(&hold_ops, (unsigned long)held_function, 0, 0);
	if (!err)
		err = register_ftrace_function(&hold_ops);
	holds = !err;
	if (!err)
		return 0;
	ftrace_free_filter(&hold_ops);
	if (err == -EBUSY)
		NL_SET_ERR_MSG(extack, "ftrace is off, so no probe would see anything");
	else
		NL_SET_ERR_MSG(extack, "this kernel lets no one trace functions");
	return err;
}

/**
 * bw_ftrace_release() - undo bw_ftrace_hold(), if it was called
 */
void bw_ftrace_release(void)
{
	if (!holds)
		return;
	holds = false;
	unregister_ftrace_function(&hold_ops);
	ftrace_free_filter(&hold_ops);
}
