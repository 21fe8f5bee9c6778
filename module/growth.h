/* SPDX-License-Identifier: GPL-2.0 */
/* A growth records how the private memory of a process grew over time. */
#ifndef _BRKWATCH_GROWTH_H
#define _BRKWATCH_GROWTH_H

#include <linux/compiler.h>
#include <linux/mm_types.h>
#include <linux/types.h>

#define GROWTH_STEPS 16

/**
 * struct bw_growth - how much private memory a process has had over time
 * @began: when this was first noted, in ns of CLOCK_MONOTONIC
 * @until: the time that the steps reach to
 * @first: bytes at @began
 * @peak: most bytes noted
 * @least: least bytes in the step that has not ended
 * @shift: log2 of the ns in a step; a run that does not fit doubles it
 * @n: steps that have ended
 * @steps: least bytes in each of them
 */
struct bw_growth {
	u64 began;
	u64 until;
	u64 first;
	u64 peak;
	u64 least;
	u32 shift;
	u32 n;
	u64 steps[GROWTH_STEPS];
};

void bw_growth_begin(struct bw_growth *growth, u64 time, u64 bytes);
void bw_growth_pass(struct bw_growth *growth, u64 time, u64 bytes);
void bw_growth_change(struct bw_growth *growth, u64 time, u64 before, u64 bytes);

/**
 * bw_growth_bytes() - private memory that a process may write to, but for its stack
 * @mm: its memory map; not locked, so this is the kernel's running figure
 *
 * Return: bytes, VmData of /proc/PID/status.
 */
static inline u64 bw_growth_bytes(const struct mm_struct *mm)
{
	return (u64)READ_ONCE(mm->data_vm) << PAGE_SHIFT;
}

#endif
