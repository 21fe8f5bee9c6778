// SPDX-License-Identifier: GPL-2.0
/* This file makes hooks of kretprobes, which leave room for others on the same function. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/module.h>

#include "flight.h"
#include "hook.h"
#include "probe.h"

static int maxactive = 1024;
module_param(maxactive, int, 0444);
MODULE_PARM_DESC(maxactive, "Calls in flight that one kretprobe can follow, in calls (1024)");

/**
 * bw_hook_kprobe_init() - check the parameter
 *
 * Return: 0 or -EINVAL.
 */
int bw_hook_kprobe_init(void)
{
	if (maxactive >= 1)
		return 0;
	pr_err("maxactive must be at least 1\n");
	return -EINVAL;
}

/**
 * bw_hook_kprobe_register() - put a kretprobe on a function
 * @hook: the hook; its state is set
 *
 * Return: 0 or the error of the kernel.
 */
int bw_hook_kprobe_register(struct bw_hook *hook)
{
	int err;

	/* Begin afresh, because the kernel leaves its own state in the probe. */
	hook->rp = (struct kretprobe){
		.kp.symbol_name = hook->symbol,
		.entry_handler = hook->handlers->entry,
		.handler = hook->handlers->leave,
		.data_size = sizeof(struct bw_call),
		.maxactive = maxactive,
	};
	/* The module never sees the end of calls in flight when the probe last went out. */
	bw_flight_init(&hook->flight, maxactive);
	err = register_kretprobe(&hook->rp);
	hook->kind = BRKWATCH_HOOK_KPROBE;
	if (!err)
		hook->state = BRKWATCH_PROBE_STATE_ACTIVE;
	else
		hook->state = err == -ENOENT ? BRKWATCH_PROBE_STATE_MISSING :
					       BRKWATCH_PROBE_STATE_REFUSED;
	return err;
}

static bool is_kprobe(const struct bw_hook *hook)
{
	return hook->state == BRKWATCH_PROBE_STATE_ACTIVE && hook->kind == BRKWATCH_HOOK_KPROBE;
}

/**
 * bw_hook_kprobe_unregister() - take out those that are in; no handler runs on return
 * @hooks: all hooks
 * @n: how many, at most BW_HOOKS_MAX
 */
void bw_hook_kprobe_unregister(struct bw_hook *const *hooks, int n)
{
	struct kretprobe *rps[BW_HOOKS_MAX];
	int i, in = 0;

	for (i = 0; i < n; i++) {
		if (!is_kprobe(hooks[i]))
			continue;
		rps[in++] = &hooks[i]->rp;
		hooks[i]->state = BRKWATCH_PROBE_STATE_MISSING;
	}
	if (in)
		unregister_kretprobes(rps, in);
}

/**
 * bw_hook_kprobe_missed() - calls that went past a kretprobe since it was put in
 * @hook: the hook
 *
 * Return: their number; 0 if it is no kretprobe.
 */
u64 bw_hook_kprobe_missed(const struct bw_hook *hook)
{
	if (!is_kprobe(hook))
		return 0;
	return READ_ONCE(hook->rp.nmissed) + READ_ONCE(hook->rp.kp.nmissed);
}
