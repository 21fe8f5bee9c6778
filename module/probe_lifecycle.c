// SPDX-License-Identifier: GPL-2.0
/* Probes on the lifecycle events of a process: clone, exec, exit and faults. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/binfmts.h>
#include <linux/netlink.h>
#include <linux/sched/signal.h>
#include <linux/tracepoint.h>
#include <trace/events/sched.h>
#include <trace/events/signal.h>

#include "compat.h"
#include "probe.h"
#include "record.h"
#include "watch.h"

/* The kernel calls this before the child runs, so that its first call finds the watch on it. */
static void probe_clone(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct bw_record rec = { .kind = BRKWATCH_EVENT_KIND_CLONE };

	/* The child is a kernel thread. */
	if (!child->mm)
		return;
	if (same_thread_group(parent, child))
		rec.clone.kind = BRKWATCH_CLONE_KIND_THREAD;
	else if (parent->mm == child->mm)
		rec.clone.kind = BRKWATCH_CLONE_KIND_SHARED;
	else
		rec.clone.kind = BRKWATCH_CLONE_KIND_COPY;
	bw_watch_clone(&rec, child);
}

static void probe_exec(void *data, struct task_struct *task, pid_t old_pid,
		       struct linux_binprm *bprm)
{
	struct bw_record rec = {
		.kind = BRKWATCH_EVENT_KIND_EXEC,
		.seccomp = seccomp_mode_of(task),
	};

	bw_watch_exec(&rec);
}

/*
 * The kernel decrements live before this point, so a thread that finds 0 here knows
 * that every other thread is past its last system call. Two threads may find 0: the
 * watch takes the event of the first.
 */
static void probe_exit(void *data, struct task_struct *task)
{
	struct bw_record rec = { .kind = BRKWATCH_EVENT_KIND_EXIT };
	struct signal_struct *signal = task->signal;

	if (atomic_read(&signal->live))
		return;
	/* Whatever ended the process has set it, or the last thread that left. */
	rec.exit.code = signal->group_exit_code;
	/* The kernel has just taken the last memory map into account. */
	rec.exit.peak_rss = signal->maxrss;
	bw_watch_event(task_tgid(current), &rec);
}

/* Newer kernels also pass whether it is the last thread. */
static void probe_exit_of_group(void *data, struct task_struct *task, bool group_dead)
{
	probe_exit(data, task);
}

/* A signal that another process sent has a code of 0 or less, and no address. */
static void probe_fault(void *data, int sig, struct kernel_siginfo *info, struct k_sigaction *ka)
{
	struct bw_record rec = { .kind = BRKWATCH_EVENT_KIND_FAULT };

	if ((sig != SIGSEGV && sig != SIGBUS) || info->si_code <= 0)
		return;
	rec.fault.signal = sig;
	rec.fault.code = info->si_code;
	rec.fault.addr = (unsigned long)info->si_addr;
	bw_watch_event(task_tgid(current), &rec);
}

/* The probe function of the exit that has the type of this kernel. */
#define EXIT_PROBE                                                                                 \
	__builtin_choose_expr(                                                                     \
		__builtin_types_compatible_p(typeof(check_trace_callback_type_sched_process_exit), \
					     void(void (*)(void *, struct task_struct *))),        \
		probe_exit, probe_exit_of_group)

/* A kernel with CFI panics if a tracepoint calls a function of another type: check at build. */
static void __maybe_unused lifecycle_types(void)
{
	check_trace_callback_type_sched_process_fork(probe_clone);
	check_trace_callback_type_sched_process_exec(probe_exec);
	check_trace_callback_type_sched_process_exit(EXIT_PROBE);
	check_trace_callback_type_signal_deliver(probe_fault);
}

/**
 * struct lifecycle_probe - a tracepoint and the function on it
 * @name: the lifecycle event
 * @tracepoint: its name; few are exported, so it is looked up by name
 * @function: what to call
 * @missing: message when the kernel does not have it
 * @tp: the tracepoint, once found
 */
struct lifecycle_probe {
	const char *name;
	const char *tracepoint;
	void *function;
	const char *missing;
	struct tracepoint *tp;
};

#define LIFECYCLE(step, tracepoint_name, probe)                                         \
	{                                                                               \
		.name = #step, .tracepoint = tracepoint_name, .function = probe,        \
		.missing = "this kernel lets no one probe tracepoint " tracepoint_name, \
	}

static struct lifecycle_probe lifecycle_probes[] = {
	LIFECYCLE(clone, "sched_process_fork", probe_clone),
	LIFECYCLE(exec, "sched_process_exec", probe_exec),
	LIFECYCLE(exit, "sched_process_exit", EXIT_PROBE),
	LIFECYCLE(fault, "signal_deliver", probe_fault),
};

static void lifecycle_find(struct tracepoint *tp, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(lifecycle_probes); i++)
		if (!strcmp(tp->name, lifecycle_probes[i].tracepoint))
			lifecycle_probes[i].tp = tp;
}

static void lifecycle_unregister_first(int n)
{
	while (n--)
		tracepoint_probe_unregister(lifecycle_probes[n].tp, lifecycle_probes[n].function,
					    NULL);
	tracepoint_synchronize_unregister();
}

/**
 * bw_lifecycle_register() - probe clone, exec, exit and faults
 * @extack: gets a sentence that names the tracepoint on error
 *
 * Return: 0, -ENOENT or the tracepoint's error, with nothing left behind.
 */
int bw_lifecycle_register(struct netlink_ext_ack *extack)
{
	int i, err;

	for_each_kernel_tracepoint(lifecycle_find, NULL);
	for (i = 0; i < ARRAY_SIZE(lifecycle_probes); i++) {
		err = -ENOENT;
		if (lifecycle_probes[i].tp)
			err = tracepoint_probe_register(lifecycle_probes[i].tp,
							lifecycle_probes[i].function, NULL);
		if (err) {
			extack->_msg = lifecycle_probes[i].missing;
			pr_err("%s (%pe)\n", lifecycle_probes[i].missing, ERR_PTR(err));
			lifecycle_unregister_first(i);
			return err;
		}
	}
	return 0;
}

/**
 * bw_lifecycle_unregister() - no longer probe lifecycle events; no handler runs on return
 */
void bw_lifecycle_unregister(void)
{
	lifecycle_unregister_first(ARRAY_SIZE(lifecycle_probes));
}

/**
 * bw_lifecycle_info() - describe a tracepoint
 * @n: its number
 * @info: filled
 *
 * Context: a session is open.
 * Return: false if there are fewer.
 */
bool bw_lifecycle_info(unsigned int n, struct bw_probe_info *info)
{
	if (n >= ARRAY_SIZE(lifecycle_probes))
		return false;
	*info = (struct bw_probe_info){
		.name = lifecycle_probes[n].name,
		.symbol = lifecycle_probes[n].tracepoint,
		.state = BRKWATCH_PROBE_STATE_ACTIVE,
		.hook = BRKWATCH_HOOK_TRACEPOINT,
	};
	return true;
}
