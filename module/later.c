// SPDX-License-Identifier: GPL-2.0
/*
 * What a process has to do for us on its way back to user space, where it may sleep. The
 * module stays until it is done, which may be for as long as somebody holds the process;
 * the end of a session does not wait for it.
 */
#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/wait_bit.h>

#include "later.h"

static atomic_t pending;

/**
 * later_add() - have a process do something when it returns to user space
 * @task: current, or a child that does not run yet
 * @work: what the function gets; it stays until later_done()
 * @function: ends with later_done()
 *
 * Context: any.
 * Return: false if it is on its way out and will not return.
 */
bool later_add(struct task_struct *task, struct callback_head *work, task_work_func_t function)
{
	init_task_work(work, function);
	atomic_inc(&pending);
	if (!task_work_add(task, work, TWA_RESUME))
		return true;
	atomic_dec(&pending);
	return false;
}

/**
 * later_done() - what later_add() was asked for is done
 */
void later_done(void)
{
	if (atomic_dec_and_test(&pending))
		wake_up_var(&pending);
}

/**
 * later_module_exit() - no process runs our code on return
 *
 * Who has counted down may still have to return from the function, which a grace
 * period of tasks sees to.
 */
void later_module_exit(void)
{
	wait_var_event(&pending, !atomic_read(&pending));
	synchronize_rcu_tasks();
}
