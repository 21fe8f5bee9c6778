// SPDX-License-Identifier: GPL-2.0
/*
 * Kprobes and direct calls stand on ftrace, and root can switch off all of it
 * (kernel.ftrace_enabled). The kernel does not notify a module. It refuses while ftrace has a
 * permanent user, so the module is one while a session is open. A new user costs a walk over all
 * functions that ftrace knows, so the module becomes a user when it is loaded, and permanent when
 * a session opens.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/ftrace.h>
#include <linux/netlink.h>
#include <linux/printk.h>

#include "ftrace_hold.h"

static atomic_t seen;

/* The barrier keeps the compiler from leaving out a call that does nothing. */
static noinline void held_function(void)
{
	barrier();
}

static void notrace see(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			struct ftrace_regs *fregs)
{
	atomic_inc(&seen);
}

static struct ftrace_ops hold_ops = { .func = see };

static bool is_on(void)
{
	int before = atomic_read(&seen);

	held_function();
	return atomic_read(&seen) != before;
}

/**
 * bw_ftrace_module_init() - become a user of ftrace
 *
 * Return: 0 or a negative errno.
 */
int bw_ftrace_module_init(void)
{
	int err;

	err = ftrace_set_filter_ip(&hold_ops, (unsigned long)held_function, 0, 0);
	if (!err)
		err = register_ftrace_function(&hold_ops);
	if (!err)
		return 0;
	pr_err("this kernel lets no one trace functions (%pe)\n", ERR_PTR(err));
	ftrace_free_filter(&hold_ops);
	return err;
}

/**
 * bw_ftrace_module_exit() - undo bw_ftrace_module_init()
 */
void bw_ftrace_module_exit(void)
{
	int err = unregister_ftrace_function(&hold_ops);

	if (err)
		pr_err("ftrace has died and keeps a pointer to the module (%pe)\n", ERR_PTR(err));
	ftrace_free_filter(&hold_ops);
}

/*
 * Root may be about to switch off ftrace, and have looked for permanent users already. Setting a
 * filter waits for the lock that root holds until all is off.
 */
static int wait_for_ftrace(void)
{
	static struct ftrace_ops unused;
	int err;

	unused = (struct ftrace_ops){};
	err = ftrace_set_filter_ip(&unused, (unsigned long)held_function, 0, 0);
	ftrace_free_filter(&unused);
	return err;
}

/**
 * bw_ftrace_hold() - keep ftrace on
 * @extack: gets a sentence on error
 *
 * Context: one caller at a time; sleeps.
 * Return: 0, -EBUSY if ftrace is off, or another negative errno.
 */
int bw_ftrace_hold(struct netlink_ext_ack *extack)
{
	int err;

	hold_ops.flags |= FTRACE_OPS_FL_PERMANENT;
	err = wait_for_ftrace();
	if (err) {
		NL_SET_ERR_MSG(extack, "this kernel lets no one trace functions now");
	} else if (!is_on()) {
		NL_SET_ERR_MSG(extack, "ftrace is off, so no probe would see anything");
		err = -EBUSY;
	}
	if (err)
		bw_ftrace_release();
	return err;
}

/**
 * bw_ftrace_release() - undo bw_ftrace_hold(), if it was called
 */
void bw_ftrace_release(void)
{
	hold_ops.flags &= ~FTRACE_OPS_FL_PERMANENT;
}
