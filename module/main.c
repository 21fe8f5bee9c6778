// SPDX-License-Identifier: GPL-2.0
/* Load and unload. */
#include <linux/module.h>

#include "deferred.h"
#include "ftrace_hold.h"
#include "hook.h"
#include "mark.h"
#include "netlink.h"
#include "probe.h"
#include "ring.h"
#include "wakeup.h"
#include "walk.h"

static int __init brkwatch_init(void)
{
	int err;

	err = bw_probe_init();
	if (err)
		return err;
	err = bw_ring_module_init();
	if (err)
		return err;
	err = bw_wakeup_module_init(bw_netlink_send_ready);
	if (err)
		return err;
	err = bw_walk_module_init();
	if (err)
		goto err_walk;
	err = bw_ftrace_module_init();
	if (err)
		goto err_ftrace;
	err = bw_mark_init();
	if (err)
		goto err_mark;
	err = bw_netlink_init();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	bw_mark_exit();
err_mark:
	bw_ftrace_module_exit();
err_ftrace:
	bw_walk_module_exit();
err_walk:
	bw_wakeup_module_exit();
	return err;
}

static void __exit brkwatch_exit(void)
{
	bw_netlink_exit();
	bw_mark_exit();
	bw_ftrace_module_exit();
	bw_deferred_module_exit();
	bw_walk_module_exit();
	bw_wakeup_module_exit();
	bw_hook_direct_module_exit();
}

module_init(brkwatch_init);
module_exit(brkwatch_exit);

MODULE_DESCRIPTION("Shows where a process gets its memory from: program break and mappings");
MODULE_AUTHOR("The brkwatch developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(BRKWATCH_VERSION);
