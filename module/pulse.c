// SPDX-License-Identifier: GPL-2.0
/*
 * Do the probes see anything? Root can switch off all of ftrace (kernel.ftrace_enabled) or all
 * kprobes (debugfs, kprobes/enabled), on which they stand, and the kernel does not notify a
 * module. The kernel refuses the first as long as ftrace has a permanent user, so the module is
 * one. Nothing keeps root from the second, so the module has a function with a probe of its own:
 * the module calls the function and looks whether the probe saw the call.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/netlink.h>

#include "pulse.h"

static atomic_t beats;

/* The barrier keeps the compiler from leaving out a call that does nothing. */
static noinline void pulse_beat(void)
{
	barrier();
}

static int pulse_probed(struct kprobe *kp, struct pt_regs *regs)
{
	atomic_inc(&beats);
	return 0;
}

NOKPROBE_SYMBOL(pulse_probed);

static struct kprobe pulse_probe;

#ifdef CONFIG_KPROBES_ON_FTRACE
static void notrace pulse_traced(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
				 struct ftrace_regs *fregs)
{
}

static struct ftrace_ops pulse_ops;

static int ftrace_hold(struct netlink_ext_ack *extack)
{
	int err;

	/* Begin afresh, because ftrace_free_filter() leaves pointers to freed memory. */
	pulse_ops = (struct ftrace_ops){
		.func = pulse_traced,
		.flags = FTRACE_OPS_FL_PERMANENT,
	};
	err = ftrace_set_filter_ip(&pulse_ops, (unsigned long)pulse_beat, 0, 0);
	if (!err)
		err = register_ftrace_function(&pulse_ops);
	if (!err)
		return 0;
	ftrace_free_filter(&pulse_ops);
	if (err == -EBUSY)
		NL_SET_ERR_MSG(extack, "ftrace is off, so no probe would see anything");
	else
		NL_SET_ERR_MSG(extack, "this kernel lets no one trace functions");
	return err;
}

static void ftrace_release(void)
{
	unregister_ftrace_function(&pulse_ops);
	ftrace_free_filter(&pulse_ops);
}
#else
static int ftrace_hold(struct netlink_ext_ack *extack)
{
	return 0;
}

static void ftrace_release(void)
{
}
#endif

/**
 * bw_pulse_register() - keep ftrace on, and probe a function of the module
 * @extack: gets a sentence on error
 *
 * Return: 0, -EBUSY if ftrace is off, or another negative errno.
 */
int bw_pulse_register(struct netlink_ext_ack *extack)
{
	int err = ftrace_hold(extack);

	if (err)
		return err;
	/* Begin afresh, because the kernel leaves its own state in the probe. */
	pulse_probe = (struct kprobe){
		.addr = (kprobe_opcode_t *)pulse_beat,
		.pre_handler = pulse_probed,
	};
	err = register_kprobe(&pulse_probe);
	if (err) {
		NL_SET_ERR_MSG(extack, "this kernel refuses a probe on a function of ours");
		ftrace_release();
	}
	return err;
}

/**
 * bw_pulse_unregister() - undo bw_pulse_register()
 */
void bw_pulse_unregister(void)
{
	unregister_kprobe(&pulse_probe);
	ftrace_release();
}

/**
 * bw_pulse_felt() - do the probes see anything now?
 *
 * Context: task context; the probes are in.
 * Return: whether they do.
 */
bool bw_pulse_felt(void)
{
	int before = atomic_read(&beats);

	pulse_beat();
	return atomic_read(&beats) != before;
}

/**
 * bw_pulse_note() - look whether the probes see anything, and note since when they do not
 * @pulse: the pulse of a locked session; its time @seen is set when the session begins
 */
void bw_pulse_note(struct bw_pulse *pulse)
{
	bool felt = bw_pulse_felt();
	u64 now = ktime_get_ns();

	if (!felt && !pulse->from)
		pulse->from = pulse->seen;
	if (!felt || pulse->off)
		pulse->to = now;
	if (felt)
		pulse->seen = now;
	pulse->off = !felt;
}
