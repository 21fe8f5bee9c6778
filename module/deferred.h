/* SPDX-License-Identifier: GPL-2.0 */
/* A process does deferred work on its way back to user space. */
#ifndef _BRKWATCH_DEFERRED_H
#define _BRKWATCH_DEFERRED_H

#include <linux/task_work.h>

struct watch;

bool deferred_add(struct watch *watch, struct task_struct *task, struct callback_head *work,
		  task_work_func_t function);
void deferred_done(struct watch *watch);
void deferred_module_exit(void);

#endif
