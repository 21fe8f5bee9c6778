/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels and architectures; tested for here and nowhere
 * else.
 */
#ifndef _BRKWATCH_COMPAT_H
#define _BRKWATCH_COMPAT_H

#include <linux/sched/task_stack.h>
#include <asm/ptrace.h>

#ifdef CONFIG_X86_64
#define SYSCALL_SYMBOL(name) "__x64_sys_" name

/*
 * The wrapper of a system call gets the user's registers as its only argument
 * and finds the call's arguments in them. False if that is not what was probed.
 */
static inline bool syscall_args(const struct pt_regs *wrapper, unsigned long arg[6])
{
	const struct pt_regs *user = task_pt_regs(current);

	if (wrapper->di != (unsigned long)user)
		return false;
	arg[0] = user->di;
	arg[1] = user->si;
	arg[2] = user->dx;
	arg[3] = user->r10;
	arg[4] = user->r8;
	arg[5] = user->r9;
	return true;
}
#else
#error "brkwatch knows the system-call entry of x86-64 only"
#endif

#endif
