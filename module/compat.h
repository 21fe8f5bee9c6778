/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels and architectures; tested for here and nowhere
 * else.
 */
#ifndef _BRKWATCH_COMPAT_H
#define _BRKWATCH_COMPAT_H

#include <linux/fs.h>
#include <linux/sched/coredump.h>
#include <linux/sched/task_stack.h>
#include <linux/version.h>
/* Distributions take it into older versions, so it is looked for; sparse cannot look. */
#ifdef __has_include
#if __has_include("linux/sched/exec_state.h")
#include <linux/sched/exec_state.h>
#define HAS_EXEC_STATE
#endif
#endif
#include <asm/ptrace.h>

#ifdef CONFIG_X86_64
#define SYSCALL_SYMBOL(name) "__x64_sys_" name
#define SYSCALL_SYMBOL_32(name) "__ia32_sys_" name
/* Those whose arguments or results a 32-bit process has in another shape. */
#define SYSCALL_SYMBOL_COMPAT(name) "__ia32_compat_sys_" name

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

/* The same of a call by the 32-bit entry, which passes 32 bits in each. */
static inline bool syscall_args_32(const struct pt_regs *wrapper, unsigned long arg[6])
{
	const struct pt_regs *user = task_pt_regs(current);

	if (wrapper->di != (unsigned long)user)
		return false;
	arg[0] = (u32)user->bx;
	arg[1] = (u32)user->cx;
	arg[2] = (u32)user->dx;
	arg[3] = (u32)user->si;
	arg[4] = (u32)user->di;
	arg[5] = (u32)user->bp;
	return true;
}

/* Those that DWARF numbers on x86-64: the general ones and the return address. */
#define USER_REGISTERS 17

/* What current had in them in user space; returns its stack pointer. */
static inline unsigned long user_registers(u64 to[USER_REGISTERS])
{
	const struct pt_regs *user = task_pt_regs(current);

	to[0] = user->ax;
	to[1] = user->dx;
	to[2] = user->cx;
	to[3] = user->bx;
	to[4] = user->si;
	to[5] = user->di;
	to[6] = user->bp;
	to[7] = user->sp;
	to[8] = user->r8;
	to[9] = user->r9;
	to[10] = user->r10;
	to[11] = user->r11;
	to[12] = user->r12;
	to[13] = user->r13;
	to[14] = user->r14;
	to[15] = user->r15;
	to[16] = user->ip;
	return user->sp;
}
#else
#error "brkwatch knows the system-call entry of x86-64 only"
#endif

/* A kernel that clears what lies on its stack is to spare this; its use is to be sure. */
#ifndef __uninitialized
#if __has_attribute(__uninitialized__)
#define __uninitialized __attribute__((__uninitialized__))
#else
#define __uninitialized
#endif
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
static inline struct timespec64 inode_get_mtime(const struct inode *inode)
{
	return inode->i_mtime;
}

/* Where a file is for the process that has mapped it, which may be on an overlay. */
static inline const struct path *file_user_path(const struct file *file)
{
	return &file->f_path;
}
#endif

/*
 * Where others of the same user need CAP_SYS_PTRACE to read the memory map of @task,
 * whose mm is @mm; NULL if they may as they are. Call and use it with the RCU lock held.
 */
#ifdef HAS_EXEC_STATE
static inline struct user_namespace *memory_guard(struct task_struct *task, struct mm_struct *mm)
{
	struct task_exec_state *state = rcu_dereference(task->exec_state);

	return READ_ONCE(state->dumpable) == TASK_DUMPABLE_OWNER ? NULL : state->user_ns;
}
#else
static inline struct user_namespace *memory_guard(struct task_struct *task, struct mm_struct *mm)
{
	return get_dumpable(mm) == SUID_DUMP_USER ? NULL : mm->user_ns;
}
#endif

#endif
