// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of an empty hook: a kretprobe on each call that the benchmark makes.
 * Each observer that needs the time of a return pays this cost.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

static bool skip;
module_param(skip, bool, 0444);
MODULE_PARM_DESC(skip,
		 "Take no return instance, as for a process that nobody watches, as a flag (0)");

static int on_entry(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	return skip;
}

static int on_return(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	return 0;
}

#define PROBE(call)                                                              \
	{                                                                        \
		.kp.symbol_name = "__x64_sys_" #call, .entry_handler = on_entry, \
		.handler = on_return, .maxactive = 64,                           \
	}

static struct kretprobe brk = PROBE(brk), mmap = PROBE(mmap), munmap = PROBE(munmap);
static struct kretprobe *probes[] = { &brk, &mmap, &munmap };

static int __init floor_init(void)
{
	return register_kretprobes(probes, ARRAY_SIZE(probes));
}

static void __exit floor_exit(void)
{
	unregister_kretprobes(probes, ARRAY_SIZE(probes));
}

module_init(floor_init);
module_exit(floor_exit);
MODULE_DESCRIPTION("Empty kretprobes, to measure what those of brkwatch cost besides");
MODULE_AUTHOR("brkwatch developers");
MODULE_LICENSE("GPL");
