/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The differences between kernels and architectures; the module tests for them
 * here and nowhere else.
 */
#ifndef _BRKWATCH_COMPAT_H
#define _BRKWATCH_COMPAT_H

#include <linux/version.h>

#ifdef __ASSEMBLER__
/* Kernels that do not count calls (Skylake's return stack) do not have this. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define CALL_DEPTH_ACCOUNT
#endif
#else
#include <linux/fs.h>
#include <linux/ftrace.h>
#include <linux/irqflags.h>
#include <linux/sched/coredump.h>
#include <linux/sched/task_stack.h>
#include <linux/seccomp.h>
#include <linux/spinlock.h>
/* Distributions backport this header, so test for the file itself; sparse cannot. */
#ifdef __has_include
#if __has_include("linux/sched/exec_state.h")
#include <linux/sched/exec_state.h>
#define HAS_EXEC_STATE
#endif
#endif
#include <asm/asm.h>
#include <asm/barrier.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/smap.h>
#include <asm/unistd.h>

#ifdef CONFIG_X86_64
#define SYSCALL_SYMBOL(name) "__x64_sys_" name
#define SYSCALL_SYMBOL_32(name) "__ia32_sys_" name
/* Calls with arguments or results that have another shape in a 32-bit process. */
#define SYSCALL_SYMBOL_COMPAT(name) "__ia32_compat_sys_" name

/* Numbers of the calls of the 32-bit entry. */
#define SYSCALL_NUMBER_32(name) __NR_ia32_##name

/* The wrapper of a system call gets the user's registers as its only argument. */
static __always_inline const struct pt_regs *wrapper_argument(const struct pt_regs *wrapper)
{
	return (const struct pt_regs *)wrapper->di;
}

/* Copies the first n arguments of a call. */
static __always_inline void syscall_args(const struct pt_regs *user, unsigned long *arg, int n)
{
	arg[0] = user->di;
	if (n > 1)
		arg[1] = user->si;
	if (n > 2)
		arg[2] = user->dx;
	if (n > 3)
		arg[3] = user->r10;
	if (n > 4)
		arg[4] = user->r8;
	if (n > 5)
		arg[5] = user->r9;
}

/* The same for a call by the 32-bit entry, which passes 32 bits in each register. */
static inline void syscall_args_32(const struct pt_regs *user, unsigned long arg[6])
{
	arg[0] = (u32)user->bx;
	arg[1] = (u32)user->cx;
	arg[2] = (u32)user->dx;
	arg[3] = (u32)user->si;
	arg[4] = (u32)user->di;
	arg[5] = (u32)user->bp;
}

/*
 * The number of the call that current makes, if it is one of ours. The mask takes the bit of x32
 * away; it also keeps a CPU that speculates within a table.
 */
#define SYSCALL_NUMBERS 512
static __always_inline unsigned int syscall_number(const struct pt_regs *user)
{
	return user->orig_ax & (SYSCALL_NUMBERS - 1);
}

/* The registers that DWARF numbers on x86-64: the general ones and the return address. */
#define USER_REGISTERS 17

/* Copies the registers that current had in user space; returns its stack pointer. */
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

/*
 * Copies words of user space, and returns how many are left because their page is not resident.
 * Page faults are off. The kernel's own functions are made for any number of bytes, and take more
 * guest instructions.
 */
static __always_inline unsigned long copy_user_words(u64 *to, unsigned long from, unsigned long n)
{
	/* An address beyond is another fault than that of a page, of which the kernel warns. */
	if (from > TASK_SIZE_MAX - n * sizeof(*to))
		return n;
	stac();
	/* No speculation reads what is not the user's. */
	barrier_nospec();
	asm volatile("1:	rep movsq\n"
		     "2:\n" _ASM_EXTABLE_UA(1b, 2b)
		     : "+c"(n), "+S"(from), "+D"(to)
		     :
		     : "memory");
	clac();
	return n;
}
#else
#error "brkwatch knows the system-call entry of x86-64 only"
#endif

/*
 * Takes a raw spinlock as raw_spin_lock_irqsave() does, with preemption off already, and without a
 * call: the kernel's own functions are calls, and they count preemption. A raw spinlock spins on
 * real-time kernels too, so this holds for them. A kernel that checks locks or traces interrupts
 * would not notice this, so it gets its own functions, which take the same lock.
 */
#if defined(CONFIG_LOCKDEP) || defined(CONFIG_DEBUG_SPINLOCK) || defined(CONFIG_TRACE_IRQFLAGS)
#define lock_in_place(lock, flags) raw_spin_lock_irqsave(lock, flags)
#define unlock_in_place(lock, flags) raw_spin_unlock_irqrestore(lock, flags)
#else
#define lock_in_place(lock, flags)                 \
	do {                                       \
		raw_local_irq_save(flags);         \
		arch_spin_lock(&(lock)->raw_lock); \
	} while (0)
#define unlock_in_place(lock, flags)                 \
	do {                                         \
		arch_spin_unlock(&(lock)->raw_lock); \
		raw_local_irq_restore(flags);        \
	} while (0)
#endif

/*
 * The mode of seccomp(2) of a thread. A thread that seccomp kills gets one that no header names.
 * Its filters say which mode it had before, because a thread in strict mode can have none.
 */
static inline u8 seccomp_mode_of(const struct task_struct *task)
{
#ifdef CONFIG_SECCOMP
	int mode = READ_ONCE(task->seccomp.mode);

	if (mode <= SECCOMP_MODE_FILTER)
		return mode;
	return atomic_read(&task->seccomp.filter_count) ? SECCOMP_MODE_FILTER : SECCOMP_MODE_STRICT;
#else
	return SECCOMP_MODE_DISABLED;
#endif
}

/* Direct calls of ftrace lead the functions of ops to a trampoline. */
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
static inline int direct_calls_register(struct ftrace_ops *ops, void (*trampoline)(void))
{
	return register_ftrace_direct_multi(ops, (unsigned long)trampoline);
}

static inline int direct_calls_unregister(struct ftrace_ops *ops, void (*trampoline)(void))
{
	return unregister_ftrace_direct_multi(ops, (unsigned long)trampoline);
}
#else
static inline int direct_calls_register(struct ftrace_ops *ops, void (*trampoline)(void))
{
	return register_ftrace_direct(ops, (unsigned long)trampoline);
}

static inline int direct_calls_unregister(struct ftrace_ops *ops, void (*trampoline)(void))
{
	return unregister_ftrace_direct(ops, (unsigned long)trampoline, false);
}
#endif

/*
 * The answer of ops to livepatch, which wants to change a function as well: it may, because the
 * trampoline goes on where ftrace says. The kernel asks with another signature since 7.0.
 */
static inline int direct_calls_share(struct ftrace_ops *ops, enum ftrace_ops_cmd cmd)
{
	return 0;
}

static inline int direct_calls_share_ip(struct ftrace_ops *ops, unsigned long ip,
					enum ftrace_ops_cmd cmd)
{
	return 0;
}

#define DIRECT_CALLS_SHARE                                                                \
	__builtin_choose_expr(__builtin_types_compatible_p(ftrace_ops_func_t,             \
							   typeof(direct_calls_share) *), \
			      direct_calls_share, direct_calls_share_ip)
#endif

/* A kernel that clears its stack need not clear this, because users set what they read. */
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

/* The path of a file, perhaps on an overlay, for the process that has mapped the file. */
static inline const struct path *file_user_path(const struct file *file)
{
	return &file->f_path;
}
#endif

/*
 * The namespace in which others of the same user need CAP_SYS_PTRACE to read @mm, the memory
 * map of @task; NULL if they need no capability. Call and use it with the RCU lock held.
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

#endif
