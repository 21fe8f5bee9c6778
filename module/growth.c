// SPDX-License-Identifier: GPL-2.0
/*
 * How private memory grew, in as many steps of time whether the process runs for
 * a blink or a year. Each step keeps the least value, because memory that the
 * process releases again is no growth. Steps without a change are alike, so they are
 * made up at the next change, and when the module is asked.
 */
#include <linux/minmax.h>

#include "growth.h"

/* The shortest step takes about 1 ms. */
#define SHIFT 20

/**
 * bw_growth_begin() - begin anew
 * @growth: what is known, locked
 * @time: now, in ns of CLOCK_MONOTONIC
 * @bytes: see bw_growth_bytes()
 */
void bw_growth_begin(struct bw_growth *growth, u64 time, u64 bytes)
{
	*growth = (struct bw_growth){
		.began = time,
		.until = time,
		.first = bytes,
		.peak = bytes,
		.least = bytes,
		.shift = SHIFT,
	};
}

/* Merge pairs of steps. An odd last step is merged into the one in progress. */
static void halve(struct bw_growth *growth)
{
	u32 i, n = growth->n / 2;

	for (i = 0; i < n; i++)
		growth->steps[i] = min(growth->steps[2 * i], growth->steps[2 * i + 1]);
	if (growth->n % 2)
		growth->least = min(growth->least, growth->steps[growth->n - 1]);
	growth->n = n;
	growth->shift++;
}

/**
 * bw_growth_pass() - time passes
 * @growth: what is known, locked
 * @time: now, in ns of CLOCK_MONOTONIC; one that is earlier changes nothing
 * @bytes: what it was all the time since the last change
 */
void bw_growth_pass(struct bw_growth *growth, u64 time, u64 bytes)
{
	if (time <= growth->until)
		return;
	growth->until = time;
	while ((time - growth->began) >> growth->shift >= GROWTH_STEPS)
		halve(growth);
	while (growth->n < (time - growth->began) >> growth->shift) {
		growth->steps[growth->n++] = growth->least;
		growth->least = bytes;
	}
}

/**
 * bw_growth_change() - memory has changed
 * @growth: what is known, locked
 * @time: now, in ns of CLOCK_MONOTONIC
 * @before: what it was before
 * @bytes: what it is now, see bw_growth_bytes()
 */
void bw_growth_change(struct bw_growth *growth, u64 time, u64 before, u64 bytes)
{
	bw_growth_pass(growth, time, before);
	growth->peak = max(growth->peak, bytes);
	growth->least = min(growth->least, bytes);
}
