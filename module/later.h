/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_LATER_H
#define _BRKWATCH_LATER_H

#include <linux/task_work.h>

struct watch;

bool later_add(struct watch *watch, struct task_struct *task, struct callback_head *work,
	       task_work_func_t function);
void later_done(struct watch *watch);
void later_module_exit(void);

#endif
