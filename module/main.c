// SPDX-License-Identifier: GPL-2.0
/* Load and unload. */
#include <linux/module.h>

#include "deferred.h"
#include "mark.h"
#include "netlink.h"
#include "probe.h"
#include "ring.h"
#include "wakeup.h"

static int __init brkwatch_init(void)
{
	int err;

	err = probe_init();
	if (err)
		return err;
	err = ring_module_init();
	if (err)
		return err;
	err = wakeup_module_init(netlink_send_ready);
	if (err)
		return err;
	err = mark_init();
	if (err)
		goto err_mark;
	err = netlink_init();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	mark_exit();
err_mark:
	wakeup_module_exit();
	return err;
}

static void __exit brkwatch_exit(void)
{
	netlink_exit();
	mark_exit();
	deferred_module_exit();
	wakeup_module_exit();
}

module_init(brkwatch_init);
module_exit(brkwatch_exit);

MODULE_DESCRIPTION("Shows where a process gets its memory from: program break and mappings");
MODULE_AUTHOR("The brkwatch developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(BRKWATCH_VERSION);
