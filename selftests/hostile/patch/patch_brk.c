// SPDX-License-Identifier: GPL-2.0
/*
 * A livepatch of brk(2), which others.py puts on the function that brkwatch hooks: the new function
 * counts the calls of one process, and goes on in the original.
 */
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/sched.h>

#define FUNCTION "__x64_sys_brk"
/* The first byte of what is at the place of ftrace: a call of five bytes, or a nop as long. */
#define CALL 0xe8
#define NOP 0x0f

static int pid;
module_param(pid, int, 0444);
MODULE_PARM_DESC(pid, "Process whose calls are counted, as a number (0)");

/* The process that the test counts has one thread. */
static unsigned long calls;
module_param(calls, ulong, 0444);
MODULE_PARM_DESC(calls, "Calls so far, in calls (0)");

static asmlinkage long (*original)(const struct pt_regs *regs);

static asmlinkage long patched(const struct pt_regs *regs)
{
	if (current->tgid == pid)
		calls++;
	return original(regs);
}

/*
 * The original begins behind its call of ftrace, which would lead here again. A kprobe on a
 * function's name is at that call, behind an ENDBR if there is one. So no ENDBR is where we go on,
 * and a CPU that enforces IBT would refuse that; the guests have none.
 */
static int find_original(void)
{
	struct kprobe probe = { .symbol_name = FUNCTION, .flags = KPROBE_FLAG_DISABLED };
	int err = register_kprobe(&probe);
	const u8 *at = (const u8 *)probe.addr;

	if (err)
		return err;
	unregister_kprobe(&probe);
	if (*at != CALL && *at != NOP)
		return -EOPNOTSUPP;
	original = (void *)(at + MCOUNT_INSN_SIZE);
	return 0;
}

static struct klp_func functions[] = {
	{ .old_name = FUNCTION, .new_func = patched },
	{},
};

static struct klp_object objects[] = {
	{ .funcs = functions },
	{},
};

static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

static int __init patch_brk_init(void)
{
	int err = find_original();

	return err ?: klp_enable_patch(&patch);
}

/* The kernel lets the module go only when the patch is disabled and no task runs it. */
static void __exit patch_brk_exit(void)
{
}

module_init(patch_brk_init);
module_exit(patch_brk_exit);
MODULE_DESCRIPTION("A livepatch of brk(2), to test brkwatch beside it");
MODULE_AUTHOR("The brkwatch developers");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
