// SPDX-License-Identifier: GPL-2.0
/*
 * This file makes hooks of direct calls of ftrace: all functions call one trampoline, which keeps a
 * call on the stack of its thread. So no call is missed for want of room. A function has one direct
 * caller at most; the caller of this file puts a kretprobe where another was first.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "handler.h"
#include "hook.h"
#include "probe.h"
#include "trampoline.h"
#include "watch.h"

/**
 * struct direct_call - a call in flight; it lies on the stack of its thread
 * @call: what its entry keeps
 * @hook: the hook of its function
 */
struct direct_call {
	struct bw_call call;
	const struct bw_hook *hook;
};

static_assert(sizeof(struct direct_call) == DIRECT_CALL_BYTES);

/* Calls that return to the module, of all CPUs together: a thread may leave on another CPU. */
static DEFINE_PER_CPU(long, in_flight);

/*
 * Hooks by the number of the system call: 64-bit calls, then 32-bit ones. The number is in the
 * registers of the user. The trampoline cannot go by the function that called it, because livepatch
 * puts another return address there.
 */
static const struct bw_hook *by_number[2][SYSCALL_NUMBERS];

static __always_inline const struct bw_hook *hook_of(const struct pt_regs *user)
{
	return READ_ONCE(by_number[in_ia32_syscall()][syscall_number(user)]);
}

/* Out of line, so that the path of a process that nobody watches saves no registers. */
static noinline notrace bool direct_keep(const struct pt_regs *user, struct direct_call *direct,
					 u64 epoch, const struct bw_watch *first)
{
	const struct bw_hook *hook;

	if (user != task_pt_regs(current))
		return false;
	hook = hook_of(user);
	if (!hook || !hook->handlers->keep(hook, user, &direct->call, epoch, first))
		return false;
	direct->hook = hook;
	this_cpu_inc(in_flight);
	return true;
}

/**
 * bw_direct_enter() - a system call begins
 * @user: the user's registers, if the function is the wrapper of a system call
 * @direct: room for the call
 *
 * Return: whether bw_direct_leave() must see its result.
 */
notrace bool bw_direct_enter(const struct pt_regs *user, struct direct_call *direct)
{
	const struct bw_watch *first;
	bool kept = false;
	u64 epoch;

	preempt_disable();
	epoch = bw_watch_epoch();
	first = bw_watch_first(task_tgid(current));
	if (first)
		kept = direct_keep(user, direct, epoch, first);
	preempt_enable();
	return kept;
}

/**
 * bw_direct_leave() - a system call returns that bw_direct_enter() has kept
 * @direct: the call
 * @result: what it returned
 */
notrace void bw_direct_leave(struct direct_call *direct, unsigned long result)
{
	preempt_disable();
	direct->hook->handlers->deliver(&direct->call, result);
	this_cpu_dec(in_flight);
	preempt_enable();
}

static bool any_in_flight(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(&in_flight, cpu));
	return sum;
}

/*
 * A session holds the module. When the last one ends while calls are in flight, the module holds
 * itself, and looks whether they have returned: soon, and less often later.
 */
#define LOOK_SOON msecs_to_jiffies(100)
#define LOOK_LATER msecs_to_jiffies(10000)
static unsigned long look_after;
static bool holds_itself;

static void look_again(struct work_struct *work);
static DECLARE_DELAYED_WORK(later, look_again);

static void look_again(struct work_struct *work)
{
	if (any_in_flight()) {
		look_after = min(2 * look_after, LOOK_LATER);
		schedule_delayed_work(&later, look_after);
		return;
	}
	holds_itself = false;
	module_put(THIS_MODULE);
}

/**
 * bw_hook_direct_hold() - hold the module while calls are in flight
 *
 * Context: the hooks are out, and the caller holds the module; one caller at a time.
 */
void bw_hook_direct_hold(void)
{
	if (!any_in_flight())
		return;
	__module_get(THIS_MODULE);
	holds_itself = true;
	look_after = LOOK_SOON;
	schedule_delayed_work(&later, look_after);
}

/**
 * bw_hook_direct_release() - undo bw_hook_direct_hold(), because a session holds the module
 *
 * Context: as bw_hook_direct_hold(); sleeps.
 */
void bw_hook_direct_release(void)
{
	cancel_delayed_work_sync(&later);
	if (!holds_itself)
		return;
	holds_itself = false;
	module_put(THIS_MODULE);
}

/*
 * One for all functions; or one for each, if another direct caller holds some of them, because
 * then the kernel takes none and does not say which.
 */
static struct ftrace_ops together, alone[BW_HOOKS_MAX];
static bool is_together;

/* The kernel keeps what it did not unregister: nothing may touch it any more. */
static bool stuck;

static void ops_unregister(struct ftrace_ops *ops)
{
	int err = direct_calls_unregister(ops, bw_trampoline);

	if (!err) {
		ftrace_free_filter(ops);
		return;
	}
	pr_err("the kernel keeps direct calls, so the module stays (%pe)\n", ERR_PTR(err));
	__module_get(THIS_MODULE);
	stuck = true;
}

/* Makes all of the functions call the trampoline, or none: -EBUSY if one has a direct caller. */
static int ops_register(struct ftrace_ops *ops, struct bw_hook *const *hooks, int n)
{
	unsigned long addresses[BW_HOOKS_MAX];
	int i, err;

	for (i = 0; i < n; i++)
		addresses[i] = hooks[i]->address;
	/* Begin afresh, because the kernel leaves its own state in the operations. */
	*ops = (struct ftrace_ops){ .ops_func = DIRECT_CALLS_SHARE };
	err = ftrace_set_filter_ips(ops, addresses, n, 0, 1);
	if (!err)
		err = direct_calls_register(ops, bw_trampoline);
	if (err)
		ftrace_free_filter(ops);
	return err;
}

static void set_in(struct bw_hook *hook)
{
	hook->state = BRKWATCH_PROBE_STATE_ACTIVE;
	hook->kind = BRKWATCH_HOOK_DIRECT;
}

static bool is_direct(const struct bw_hook *hook)
{
	return hook->state == BRKWATCH_PROBE_STATE_ACTIVE && hook->kind == BRKWATCH_HOOK_DIRECT;
}

/*
 * Notes the addresses of the functions that the kernel has and the user has not named. A disabled
 * probe is not armed; where another one is, the kernel lists both, and calls the other by way of
 * the list from then on.
 */
static void find_addresses(struct bw_hook *const *hooks, int n)
{
	static struct kprobe kps[BW_HOOKS_MAX];
	struct kprobe *found[BW_HOOKS_MAX];
	int i, in = 0;

	for (i = 0; i < n; i++) {
		kps[i] = (struct kprobe){ .symbol_name = hooks[i]->symbol,
					  .flags = KPROBE_FLAG_DISABLED };
		if (hooks[i]->address || hooks[i]->named || register_kprobe(&kps[i]))
			continue;
		hooks[i]->address = (unsigned long)kps[i].addr;
		found[in++] = &kps[i];
	}
	if (in)
		unregister_kprobes(found, in);
}

/**
 * bw_hook_direct_register() - hook as many functions as possible
 * @hooks: all hooks, none of which is in; state and kind of those that are hooked are set
 * @n: how many, at most BW_HOOKS_MAX
 *
 * It passes over functions that the kernel does not have, that the user has named, or that
 * another direct caller holds; and over all, if memory is short.
 *
 * Context: ftrace is on and stays so (bw_ftrace_hold()); a session holds the module; one caller at
 * a time; sleeps.
 */
void bw_hook_direct_register(struct bw_hook *const *hooks, int n)
{
	struct bw_hook *found[BW_HOOKS_MAX];
	int i, in = 0, err;

	if (stuck)
		return;
	find_addresses(hooks, n);
	for (i = 0; i < n; i++) {
		if (!hooks[i]->address)
			continue;
		WRITE_ONCE(by_number[hooks[i]->compat][hooks[i]->number], hooks[i]);
		found[in++] = hooks[i];
	}
	if (!in)
		return;
	err = ops_register(&together, found, in);
	is_together = !err;
	for (i = 0; i < n; i++)
		if (hooks[i]->address &&
		    (!err || (err == -EBUSY && !ops_register(&alone[i], &hooks[i], 1))))
			set_in(hooks[i]);
}

/**
 * bw_hook_direct_unregister() - take out those that are in
 * @hooks: all hooks
 * @n: how many
 *
 * A call that is in flight is delivered when it returns. See bw_hook_direct_hold().
 *
 * Context: as bw_hook_direct_register().
 */
void bw_hook_direct_unregister(struct bw_hook *const *hooks, int n)
{
	bool any = false;
	int i;

	for (i = 0; i < n; i++) {
		if (!is_direct(hooks[i]))
			continue;
		if (!is_together)
			ops_unregister(&alone[i]);
		hooks[i]->state = BRKWATCH_PROBE_STATE_MISSING;
		any = true;
	}
	if (!any)
		return;
	if (is_together)
		ops_unregister(&together);
	/* A thread may be in the trampoline that no counter shows yet. */
	synchronize_rcu_tasks();
}

/**
 * bw_hook_direct_module_exit() - wait until no thread is in the trampoline
 */
void bw_hook_direct_module_exit(void)
{
	cancel_delayed_work_sync(&later);
	/* A thread that no counter shows any more may not have returned yet. */
	synchronize_rcu_tasks();
}
