/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_GROWTH_H
#define _BRKWATCH_GROWTH_H

#include <linux/types.h>

struct mm_struct;
struct sk_buff;

#define GROWTH_STEPS 16

/**
 * struct growth - how much private memory a process has had over time
 * @began: when this was first noted, in ns of CLOCK_MONOTONIC
 * @until: up to when the steps tell
 * @first: bytes at @began
 * @peak: most bytes noted
 * @now: bytes noted last
 * @least: least bytes in the step that has not ended
 * @shift: log2 of the ns in a step; a run that does not fit doubles it
 * @n: steps that have ended
 * @steps: least bytes in each of them
 */
struct growth {
	u64 began;
	u64 until;
	u64 first;
	u64 peak;
	u64 now;
	u64 least;
	u32 shift;
	u32 n;
	u64 steps[GROWTH_STEPS];
};

u64 growth_bytes(const struct mm_struct *mm);
void growth_begin(struct growth *growth, u64 time, u64 bytes);
void growth_pass(struct growth *growth, u64 time);
void growth_note(struct growth *growth, u64 time, u64 bytes);
size_t growth_room(void);
int growth_fill(struct sk_buff *skb, const struct growth *growth);

#endif
