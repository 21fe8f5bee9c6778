/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes system calls without libc, because libc changes arguments and results, and
 * its threads map memory of their own.
 */
#ifndef RAW_H
#define RAW_H

#include <stdbool.h>
#include <sys/syscall.h>

static inline long raw(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 asm("r10") = d;
	register long r8 asm("r8") = e;
	register long r9 asm("r9") = f;
	long result;

	asm volatile("syscall"
		     : "=a"(result)
		     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		     : "rcx", "r11", "memory");
	return result;
}

static inline bool raw_failed(long result)
{
	return result < 0 && result >= -4095;
}

/**
 * raw_task() - start a task in this address space
 * @flags: of clone(2); CLONE_VM is among them
 * @top: end of its stack, aligned to 16 bytes
 * @run: function that the task runs; must not return
 * @arg: argument of @run
 * @tid: number that the kernel clears when the task ends, with CLONE_CHILD_CLEARTID
 *
 * Return: its number, or a negative errno.
 */
static inline long raw_task(unsigned long flags, void *top, void (*run)(void *), void *arg,
			    int *tid)
{
	register int *r10 asm("r10") = tid;
	register long r8 asm("r8") = 0;
	void **stack = top;
	long result;

	*--stack = arg;
	*--stack = run;
	asm volatile("syscall\n\t"
		     "test %%rax, %%rax\n\t"
		     "jnz 1f\n\t"
		     "xor %%ebp, %%ebp\n\t"
		     "pop %%rax\n\t"
		     "pop %%rdi\n\t"
		     "call *%%rax\n\t"
		     "hlt\n"
		     "1:"
		     : "=a"(result)
		     : "a"(SYS_clone), "D"(flags), "S"(stack), "d"(0L), "r"(r10), "r"(r8)
		     : "rcx", "r11", "memory");
	return result;
}

#endif
