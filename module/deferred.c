// SPDX-License-Identifier: GPL-2.0
/*
 * Work that a process does for the module on its way back to user space, where it may sleep.
 * The module stays until the work is done, which may be for as long as somebody holds the
 * process; the end of a session does not wait for it.
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
 * @work: what the function gets; it stays until bw_deferred_done()
 * @function: ends with bw_deferred_done()
 *
 * Context: a probe, preemption off; RCU read side.
 * Return: false if the process exits and will not return.
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
	/* Neither reference is the last, because both objects outlive running probes. */
	bw_session_put(watch->session);
	bw_watch_put(watch);
	return false;
}

/**
 * bw_deferred_done() - work that bw_deferred_add() asked for is done
 * @watch: the watch that needed it; freed with its session, if nobody else holds them
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
 * bw_deferred_module_exit() - no process runs deferred work on return
 *
 * A process that has counted down may still have to return from the function, so wait for
 * an RCU tasks grace period.
 */
void bw_deferred_module_exit(void)
{
	wait_var_event(&pending, !atomic_read(&pending));
	synchronize_rcu_tasks();
}
