// SPDX-License-Identifier: GPL-2.0
/*
 * The table of probed calls: registered while a session is open, so that the
 * module costs nothing when nobody watches.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/sched.h>

#include "compat.h"
#include "probe.h"
#include "record.h"
#include "watch.h"

static int maxactive = 1024;
module_param(maxactive, int, 0444);
MODULE_PARM_DESC(maxactive, "Calls in flight that one probe can follow, in calls (1024)");

static char *symbols[3];
static int symbols_given;
module_param_array(symbols, charp, &symbols_given, 0444);
MODULE_PARM_DESC(symbols, "Kernel functions behind brk, mmap and munmap, in names");

static int probe_entry(struct kretprobe_instance *instance, struct pt_regs *regs);
static int probe_return(struct kretprobe_instance *instance, struct pt_regs *regs);

/**
 * struct probe - a call and the probe on it
 * @type: the call
 * @symbol: the kernel function behind it
 * @rp: the probe; valid while registered
 * @missing: message when the kernel has no such function
 * @refused: message when the kernel refuses to probe it
 */
struct probe {
	const struct call_type *type;
	const char *symbol;
	struct kretprobe rp;
	char missing[96];
	char refused[96];
};

static struct probe probes[] = {
	{ .type = &brk_call, .symbol = SYSCALL_SYMBOL("brk") },
	{ .type = &mmap_call, .symbol = SYSCALL_SYMBOL("mmap") },
	{ .type = &munmap_call, .symbol = SYSCALL_SYMBOL("munmap") },
};

/**
 * probe_record_state() - note the time, the thread and the state of its memory
 * @rec: the record of an event of current
 */
void probe_record_state(struct record *rec)
{
	struct mm_struct *mm = current->mm;

	rec->time = ktime_get_ns();
	memcpy(rec->comm, current->comm, sizeof(rec->comm));
	if (!mm)
		return;
	rec->heap_start = READ_ONCE(mm->start_brk);
	rec->brk = READ_ONCE(mm->brk);
	rec->rss = get_mm_counter(mm, MM_ANONPAGES);
}

/*
 * Non-zero: the kernel takes no return instance, so a process that nobody
 * watches cannot use them up.
 */
static int probe_entry(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct call *call = (struct call *)instance->data;
	bool watched;

	rcu_read_lock();
	watched = watch_any(task_tgid(current));
	rcu_read_unlock();
	if (!watched || !current->mm || !syscall_args(regs, call->arg))
		return 1;

	call->brk = READ_ONCE(current->mm->brk);
	call->time = ktime_get_ns();
	return 0;
}

NOKPROBE_SYMBOL(probe_entry);

static int probe_return(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct call *call = (const struct call *)instance->data;
	const struct kretprobe *rp = get_kretprobe(instance);
	struct record rec = {};

	/* Without rethook: the probe is being unregistered, the session is over. */
	if (!rp)
		return 0;

	preempt_disable();
	probe_record_state(&rec);
	rec.duration = rec.time - call->time;
	container_of(rp, struct probe, rp)->type->record(&rec, call, regs_return_value(regs));
	watch_event(&rec);
	preempt_enable();
	return 0;
}

NOKPROBE_SYMBOL(probe_return);

/**
 * probe_init() - check the parameters and prepare the messages
 *
 * They are made once, since an extack message must outlive its request.
 *
 * Return: 0 or -EINVAL.
 */
int probe_init(void)
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

static void probe_unregister_first(int n)
{
	while (n--)
		unregister_kretprobe(&probes[n].rp);
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

/**
 * probe_register() - put all probes in
 * @extack: gets a sentence that names the symbol on error
 *
 * Return: 0, or the error of the first probe that cannot be had, with none left.
 */
int probe_register(struct netlink_ext_ack *extack)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		struct probe *p = &probes[i];

		/* The kernel leaves its own state in there: begin afresh. */
		p->rp = (struct kretprobe){
			.kp.symbol_name = p->symbol,
			.entry_handler = probe_entry,
			.handler = probe_return,
			.data_size = sizeof(struct call),
			.maxactive = maxactive,
		};
		err = register_kretprobe(&p->rp);
		if (err)
			goto fail;
	}
	err = life_register(extack);
	if (err)
		probe_unregister_first(ARRAY_SIZE(probes));
	return err;

fail:
	extack->_msg = probe_sentence(&probes[i], err);
	pr_err("%s (%pe)\n", extack->_msg, ERR_PTR(err));
	probe_unregister_first(i);
	return err;
}

/**
 * probe_unregister() - take all probes out; no handler runs on return
 */
void probe_unregister(void)
{
	struct kretprobe *rps[ARRAY_SIZE(probes)];
	int i;

	life_unregister();
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		rps[i] = &probes[i].rp;
	unregister_kretprobes(rps, ARRAY_SIZE(rps));
}

/**
 * probe_missed() - calls that went past the probes since they were put in
 *
 * A call is missed when all return instances are taken, or when it came from
 * within another probe. Unwatched processes are included: which process it was
 * cannot be told.
 *
 * Return: their number, which begins anew when the first session opens.
 */
u64 probe_missed(void)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		sum += READ_ONCE(probes[i].rp.nmissed) + READ_ONCE(probes[i].rp.kp.nmissed);
	return sum;
}
