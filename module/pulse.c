// SPDX-License-Identifier: GPL-2.0
/*
 * Do the kprobes see anything? Root can switch off all kprobes (debugfs, kprobes/enabled), and the
 * kernel does not notify a module. So the module has a function with a probe of its own: the module
 * calls the function and looks whether the probe saw the call.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/netlink.h>

#include "pulse.h"

static atomic_t beats;

/*
 * The barrier keeps the compiler from leaving out a call that does nothing. Ftrace does not know
 * the function, so a probe on it costs no walk over all functions that ftrace knows; and it goes on
 * when the kernel has found a bug in ftrace and stopped all of that.
 */
static noinline notrace void pulse_beat(void)
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
/* Without kprobes there is nothing to feel. */
static bool pulse_in;

/**
 * bw_pulse_register() - probe a function of the module
 * @extack: gets a sentence on error
 *
 * Return: 0 or a negative errno.
 */
int bw_pulse_register(struct netlink_ext_ack *extack)
{
	int err;

	/* Begin afresh, because the kernel leaves its own state in the probe. */
	pulse_probe = (struct kprobe){
		.addr = (kprobe_opcode_t *)pulse_beat,
		.pre_handler = pulse_probed,
	};
	err = register_kprobe(&pulse_probe);
	if (err)
		NL_SET_ERR_MSG(extack, "this kernel refuses a probe on a function of ours");
	WRITE_ONCE(pulse_in, !err);
	return err;
}

/**
 * bw_pulse_unregister() - undo bw_pulse_register(), if it was called
 */
void bw_pulse_unregister(void)
{
	if (!pulse_in)
		return;
	WRITE_ONCE(pulse_in, false);
	unregister_kprobe(&pulse_probe);
}

/**
 * bw_pulse_felt() - do the kprobes see anything now?
 *
 * Context: task context; the probes are in.
 * Return: whether they do; true if there are none.
 */
bool bw_pulse_felt(void)
{
	int before = atomic_read(&beats);

	if (!READ_ONCE(pulse_in))
		return true;
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
