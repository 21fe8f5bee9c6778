// SPDX-License-Identifier: GPL-2.0
/*
 * The table of probed calls: registered while a session is open, so that the
 * module costs nothing when nobody watches.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/sched.h>

#include "compat.h"
#include "flight.h"
#include "handler.h"
#include "probe.h"
#include "pulse.h"
#include "watch.h"

static int maxactive = 1024;
module_param(maxactive, int, 0444);
MODULE_PARM_DESC(maxactive, "Calls in flight that one probe can follow, in calls (1024)");

/**
 * struct probe - a call and the probe on it
 * @type: the call
 * @symbol: the kernel function behind it
 * @handlers: its own, or NULL for those of all other calls
 * @optional: go on without it
 * @compat: a 32-bit entry
 * @state: enum brkwatch_probe_state, while a session is open
 * @kretprobe: the probe; valid while active
 * @missing: message when the kernel has no such function
 * @refused: message when the kernel refuses to probe it
 */
struct probe {
	const struct bw_call_type *type;
	const char *symbol;
	const struct bw_handlers *handlers;
	bool optional;
	bool compat;
	u32 state;
	struct bw_kretprobe kretprobe;
	char missing[96];
	char refused[96];
};

#define OWN(call)                                                           \
	{                                                                   \
		.type = &bw_##call##_call, .symbol = SYSCALL_SYMBOL(#call), \
		.handlers = &bw_##call##_handlers,                          \
	}
#define NATIVE(call)                                                       \
	{                                                                  \
		.type = &bw_##call##_call, .symbol = SYSCALL_SYMBOL(#call) \
	}
#define OPTIONAL(call)                                                                        \
	{                                                                                     \
		.type = &bw_##call##_call, .symbol = SYSCALL_SYMBOL(#call), .optional = true, \
	}
#define COMPAT(call, sym)                                                         \
	{                                                                         \
		.type = &(call), .symbol = sym, .optional = true, .compat = true, \
	}

static struct probe probes[] = {
	OWN(brk),
	OWN(mmap),
	OWN(munmap),
	NATIVE(mremap),
	NATIVE(mprotect),
	OPTIONAL(pkey_mprotect),
	OPTIONAL(madvise),
	OPTIONAL(shmat),
	OPTIONAL(shmdt),
	COMPAT(bw_brk_call, SYSCALL_SYMBOL_32("brk")),
	COMPAT(bw_mmap_pages_call, SYSCALL_SYMBOL_32("mmap_pgoff")),
	COMPAT(bw_mmap_struct_call, SYSCALL_SYMBOL_COMPAT("ia32_mmap")),
	COMPAT(bw_munmap_call, SYSCALL_SYMBOL_32("munmap")),
	COMPAT(bw_mremap_call, SYSCALL_SYMBOL_32("mremap")),
	COMPAT(bw_mprotect_call, SYSCALL_SYMBOL_32("mprotect")),
	COMPAT(bw_pkey_mprotect_call, SYSCALL_SYMBOL_32("pkey_mprotect")),
	COMPAT(bw_madvise_call, SYSCALL_SYMBOL_32("madvise")),
	COMPAT(bw_shmat_call, SYSCALL_SYMBOL_COMPAT("shmat")),
	COMPAT(bw_shmdt_call, SYSCALL_SYMBOL_32("shmdt")),
	COMPAT(bw_ipc_call, SYSCALL_SYMBOL_COMPAT("ipc")),
};

static char *symbols[ARRAY_SIZE(probes)];
static int symbols_given;
module_param_array(symbols, charp, &symbols_given, 0444);
MODULE_PARM_DESC(symbols, "Kernel functions behind the calls, in the order of --status, in names");

/* The handlers of all calls that have none of their own; see BW_HANDLERS. */
static noinline int probe_keep(struct kretprobe_instance *instance, struct pt_regs *regs, u64 epoch,
			       const struct bw_watch *first)
{
	struct bw_call *call = (struct bw_call *)instance->data;
	struct bw_kretprobe *kretprobe = bw_kretprobe_of(instance);
	struct probe *probe;

	if (!current->mm || !kretprobe)
		return 1;

	probe = container_of(kretprobe, struct probe, kretprobe);
	if (!(probe->compat ? syscall_args_32(regs, call->arg) : syscall_args(regs, call->arg, 6)))
		return 1;
	call->type = probe->type;
	call->traits = probe->compat ? BRKWATCH_TRAIT_COMPAT : 0;
	if (probe->type->entry && !probe->type->entry(call))
		return 1;
	return bw_handler_begin(kretprobe, call, epoch, first, call->type);
}

NOKPROBE_SYMBOL(probe_keep);

static int probe_entry(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	u64 epoch = bw_watch_epoch();
	const struct bw_watch *first = bw_watch_first(task_tgid(current));

	return first ? probe_keep(instance, regs, epoch, first) : 1;
}

NOKPROBE_SYMBOL(probe_entry);

static int probe_leave(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct bw_call *call = (struct bw_call *)instance->data;
	u64 time = bw_handler_time(instance);

	if (call->type->leave)
		call->type->leave(call, regs_return_value(regs));
	return bw_handler_leave(instance, regs, time, call->type);
}

NOKPROBE_SYMBOL(probe_leave);

static const struct bw_handlers all_handlers = { probe_entry, probe_leave };

/**
 * bw_probe_init() - check the parameters and prepare the messages
 *
 * They are made once, because an extack message must outlive its request.
 *
 * Return: 0 or -EINVAL.
 */
int bw_probe_init(void)
{
	int i;

	if (maxactive < 1) {
		pr_err("maxactive must be at least 1\n");
		return -EINVAL;
	}
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		struct probe *p = &probes[i];

		if (i < symbols_given)
			p->symbol = symbols[i];
		snprintf(p->missing, sizeof(p->missing), "%s: this kernel has no symbol %s",
			 p->type->name, p->symbol);
		snprintf(p->refused, sizeof(p->refused), "%s: this kernel refuses a probe on %s",
			 p->type->name, p->symbol);
	}
	return 0;
}

static void probe_unregister_all(void)
{
	struct kretprobe *rps[ARRAY_SIZE(probes)];
	int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (probes[i].state != BRKWATCH_PROBE_STATE_ACTIVE)
			continue;
		rps[n++] = &probes[i].kretprobe.rp;
		probes[i].state = BRKWATCH_PROBE_STATE_MISSING;
	}
	if (n)
		unregister_kretprobes(rps, n);
}

static const char *probe_sentence(const struct probe *p, int err)
{
	switch (err) {
	case -ENOENT:
		return p->missing;
	case -ENOMEM:
		return "no memory for the probes; load the module with a smaller maxactive";
	default:
		return p->refused;
	}
}

static int probe_register_one(struct probe *p)
{
	const struct bw_handlers *handlers = p->handlers ?: &all_handlers;
	int err;

	/* Begin afresh, because the kernel leaves its own state in the probe. */
	p->kretprobe.rp = (struct kretprobe){
		.kp.symbol_name = p->symbol,
		.entry_handler = handlers->entry,
		.handler = handlers->leave,
		.data_size = sizeof(struct bw_call),
		.maxactive = maxactive,
	};
	/* The module never sees the end of calls in flight when the probe last went out. */
	bw_flight_init(&p->kretprobe.flight, maxactive);
	err = register_kretprobe(&p->kretprobe.rp);
	if (!err)
		p->state = BRKWATCH_PROBE_STATE_ACTIVE;
	else
		p->state = err == -ENOENT ? BRKWATCH_PROBE_STATE_MISSING :
					    BRKWATCH_PROBE_STATE_REFUSED;
	return err;
}

/**
 * bw_probe_register() - put all probes in
 * @extack: gets a sentence that names the symbol on error
 *
 * Return: 0, -EBUSY if ftrace is off, or the error of the first required probe that fails,
 * with none left.
 */
int bw_probe_register(struct netlink_ext_ack *extack)
{
	int i, err = bw_pulse_register(extack);

	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		probes[i].state = BRKWATCH_PROBE_STATE_MISSING;
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		err = probe_register_one(&probes[i]);
		/* If only memory is short, the kernel must not seem to lack the function. */
		if (err && (err == -ENOMEM || !probes[i].optional))
			goto fail;
	}
	err = bw_lifecycle_register(extack);
	if (err)
		goto fail_lifecycle;
	return 0;

fail:
	extack->_msg = probe_sentence(&probes[i], err);
	pr_err("%s (%pe)\n", extack->_msg, ERR_PTR(err));
fail_lifecycle:
	probe_unregister_all();
	bw_pulse_unregister();
	return err;
}

/**
 * bw_probe_unregister() - take all probes out; no handler runs on return
 */
void bw_probe_unregister(void)
{
	bw_lifecycle_unregister();
	probe_unregister_all();
	bw_pulse_unregister();
}

static u64 probe_missed_one(const struct probe *p)
{
	const struct kretprobe *rp = &p->kretprobe.rp;

	if (p->state != BRKWATCH_PROBE_STATE_ACTIVE)
		return 0;
	return READ_ONCE(rp->nmissed) + READ_ONCE(rp->kp.nmissed);
}

/**
 * bw_probe_missed() - calls that went past the probes since they were put in
 *
 * A call is missed when all return instances are taken, or when it came from
 * within another probe. Unwatched processes are included, because the kernel does
 * not record which process it was.
 *
 * Return: their number, which begins anew when the first session opens.
 */
u64 bw_probe_missed(void)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		sum += probe_missed_one(&probes[i]);
	return sum;
}

/**
 * bw_probe_info() - describe a probe
 * @n: its number
 * @info: filled
 *
 * Context: a session is open.
 * Return: false if there are fewer.
 */
bool bw_probe_info(unsigned int n, struct bw_probe_info *info)
{
	const struct probe *p;

	if (n >= ARRAY_SIZE(probes))
		return bw_lifecycle_info(n - ARRAY_SIZE(probes), info);
	p = &probes[n];
	info->name = p->type->name;
	info->symbol = p->symbol;
	info->state = p->state;
	if (p->state == BRKWATCH_PROBE_STATE_ACTIVE && !bw_pulse_felt())
		info->state = BRKWATCH_PROBE_STATE_DISARMED;
	info->optional = p->optional;
	info->missed = probe_missed_one(p);
	info->hook = BRKWATCH_HOOK_KPROBE;
	return true;
}
