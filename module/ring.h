/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_RING_H
#define _BRKWATCH_RING_H

#include <linux/cache.h>
#include <linux/lockdep.h>
#include <linux/types.h>

#include "record.h"
#include "stack.h"

/**
 * struct ring_cpu - a circular buffer with one producer and one consumer
 * @slots: its records
 * @stacks: a struct user_stack for each of them, NULL without
 * @busy: one is reserved
 * @head: records ever put in; as @tail it runs freely, and is taken modulo the size on use
 * @tail: records ever taken out; on another line, since the other side writes it
 */
struct ring_cpu {
	struct record *slots;
	void *stacks;
	bool busy;
	u64 head ____cacheline_aligned_in_smp;
	u64 tail ____cacheline_aligned_in_smp;
};

/**
 * struct ring - a session's records, one single-producer buffer per CPU
 * @mask: records per CPU less one
 * @stack_bytes: of the user's stack that come with a record at most, 0 for none
 * @cpu: the buffers
 */
struct ring {
	u32 mask;
	u32 stack_bytes;
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

u32 ring_records(u32 bytes, u32 stack_bytes);
int ring_init(struct ring *ring, u32 bytes, u32 stack_bytes);
void ring_free(struct ring *ring);

/**
 * ring_reserve() - room for one record in a buffer
 * @ring: the ring
 * @rc: its buffer of this CPU
 *
 * Context: task context, preemption off until ring_commit().
 * Return: the slot to fill, or NULL when the buffer is full or when this
 * interrupted a writer on the same CPU: the record is then lost.
 */
static inline struct record *ring_reserve(const struct ring *ring, struct ring_cpu *rc)
{
	lockdep_assert_preemption_disabled();

	/* Pairs with ring_consume(): the slot has been read before it is reused. */
	if (rc->busy || rc->head - smp_load_acquire(&rc->tail) > ring->mask)
		return NULL;

	WRITE_ONCE(rc->busy, true);
	return &rc->slots[rc->head & ring->mask];
}

/**
 * ring_stack() - what came with a record
 * @ring: a ring with stacks
 * @rc: the buffer that the record is in
 * @rec: the record
 *
 * Return: its stack, or room for it.
 */
static inline struct user_stack *ring_stack(const struct ring *ring, const struct ring_cpu *rc,
					    const struct record *rec)
{
	return rc->stacks + (rec - rc->slots) * (sizeof(struct user_stack) + ring->stack_bytes);
}

/**
 * ring_commit() - publish the record that was reserved
 * @rc: the buffer
 *
 * Return: how many records it now holds.
 */
static inline u32 ring_commit(struct ring_cpu *rc)
{
	u64 head = rc->head + 1;

	/* Pairs with ring_peek(): the record is whole before it is seen. */
	smp_store_release(&rc->head, head);
	WRITE_ONCE(rc->busy, false);
	return head - READ_ONCE(rc->tail);
}

void ring_cursor_init(struct ring_cursor *cursor);
const struct record *ring_next(struct ring *ring, struct ring_cursor *cursor);
const struct user_stack *ring_cursor_stack(const struct ring *ring,
					   const struct ring_cursor *cursor,
					   const struct record *rec);
void ring_consume(struct ring *ring, const struct ring_cursor *cursor);
bool ring_empty(const struct ring *ring);
u64 ring_consumed(const struct ring *ring);

#endif
