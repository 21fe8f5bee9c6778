/* SPDX-License-Identifier: GPL-2.0 */
/* A process does deferred work on its way back to user space. */
#ifndef _BRKWATCH_DEFERRED_H
#define _BRKWATCH_DEFERRED_H

#include <linux/gfp.h>
#include <linux/task_work.h>

/*
 * Memory for work that a watched process does for the module: it is not charged to the process's
 * control group, and causes no OOM kill. For a kmalloc() of at most a page, which may fail.
 */
#define BW_DEFERRED_GFP (GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

struct bw_watch;

bool bw_deferred_add(struct bw_watch *watch, struct task_struct *task, struct callback_head *work,
		     task_work_func_t function);
void bw_deferred_done(struct bw_watch *watch);
void bw_deferred_module_exit(void);

#endif
