// SPDX-License-Identifier: GPL-2.0
/*
 * Work that a process does for the module on its way back to user space, because it may sleep
 * there and may not in a probe. If somebody keeps the process stopped, the work has to wait. The
 * end of a session does not wait for the work, but the removal of the module does.
 */
#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/wait_bit.h>

#include "deferred.h"
#include "session.h"
#include "watch.h"

static atomic_t pending;

/**
 * bw_deferred_add() - have a process do something when it returns to user space
 * @watch: the watch that needs the work; it and its session stay until bw_deferred_done()
 * @task: current, or a child that does not run yet
 * @work: what @function gets; it stays until bw_deferred_done()
 * @function: does the work; its last step is bw_deferred_done()
 *
 * Context: a probe, preemption off; RCU read side.
 * Return: false if @task is exiting, so that it will not return to user space to do the work.
 */
bool bw_deferred_add(struct bw_watch *watch, struct task_struct *task, struct callback_head *work,
		     task_work_func_t function)
{
	kref_get(&watch->refs);
	bw_session_get(watch->session);
	init_task_work(work, function);
	atomic_inc(&pending);
	if (!task_work_add(task, work, TWA_RESUME))
		return true;
	atomic_dec(&pending);
	/* This frees nothing, because the watch and its session stay while a probe uses them. */
	bw_session_put(watch->session);
	bw_watch_put(watch);
	return false;
}

/**
 * bw_deferred_done() - the process has done the work that bw_deferred_add() asked for
 * @watch: the watch that needed it; it and its session go now if nobody else holds them
 */
void bw_deferred_done(struct bw_watch *watch)
{
	struct bw_session *session = watch->session;

	bw_watch_put(watch);
	bw_session_put(session);
	if (atomic_dec_and_test(&pending))
		wake_up_var(&pending);
}

/**
 * bw_deferred_module_exit() - wait until no process has deferred work to do
 *
 * A process that has decremented @pending may still be on its way out of the code of the module,
 * so wait for an RCU tasks grace period as well.
 */
void bw_deferred_module_exit(void)
{
	wait_var_event(&pending, !atomic_read(&pending));
	synchronize_rcu_tasks();
}
