/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_RING_H
#define _BRKWATCH_RING_H

#include <linux/types.h>

struct record;
struct ring_cpu;

/**
 * struct ring - a session's records, one single-producer buffer per CPU
 * @mask: records per CPU less one
 * @cpu: the buffers
 */
struct ring {
	u32 mask;
	struct ring_cpu __percpu *cpu;
};

/**
 * struct ring_cursor - where a drain stands
 * @moment: nothing newer is read, in ns of CLOCK_MONOTONIC
 * @until: records of @cpu up to here precede those of all other CPUs
 * @cpu: CPU being read, or -1 to look for the oldest record
 */
struct ring_cursor {
	u64 moment;
	u64 until;
	int cpu;
};

int ring_init(struct ring *ring, u32 bytes);
void ring_free(struct ring *ring);

struct record *ring_reserve(struct ring *ring);
u32 ring_commit(struct ring *ring);

void ring_cursor_init(struct ring_cursor *cursor);
const struct record *ring_next(struct ring *ring, struct ring_cursor *cursor);
void ring_consume(struct ring *ring, const struct ring_cursor *cursor);
bool ring_empty(const struct ring *ring);
u64 ring_consumed(const struct ring *ring);

#endif
