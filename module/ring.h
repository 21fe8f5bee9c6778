/* SPDX-License-Identifier: GPL-2.0 */
/* A ring holds the events of a session that have not been delivered. */
#ifndef _BRKWATCH_RING_H
#define _BRKWATCH_RING_H

#include <linux/cache.h>
#include <linux/lockdep.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include "context.h"
#include "record.h"
#include "user_stack.h"

#define RING_BYTES_MIN SZ_4K
#define RING_BYTES_MAX SZ_64M

/* The bits above those of the kinds of events. */
#define RING_STACKS BIT(31)
#define RING_LIMITS BIT(30)
static_assert(BRKWATCH_EVENT_KIND_MARK < 30);

/**
 * struct bw_ring_cpu - a circular buffer with one producer and one consumer
 * @slots: its records
 * @stacks: a struct bw_user_stack for each record, NULL without stacks
 * @contexts: the context of each record that is a call, NULL without contexts
 * @head: records ever put in; as @tail it runs freely, and is taken modulo the size on use
 * @tail: records ever taken out; on its own cache line, because the consumer writes it
 */
struct bw_ring_cpu {
	struct bw_record *slots;
	void *stacks;
	struct bw_context *contexts;
	u64 head ____cacheline_aligned_in_smp;
	u64 tail ____cacheline_aligned_in_smp;
};

/**
 * struct bw_ring - a session's records, one single-producer buffer per CPU
 * @mask: records per CPU less one
 * @spare: records per CPU that are kept for the ends of processes
 * @stack_bytes: most bytes of the user's stack that come with a record, 0 for none
 * @contexts: calls have their context
 * @beside: what lies beside records: RING_STACKS, RING_LIMITS, and bits (1 << kind) of the calls
 *	that have their asker
 * @cpu: the buffers
 */
struct bw_ring {
	u32 mask;
	u32 spare;
	u32 stack_bytes;
	bool contexts;
	u32 beside;
	struct bw_ring_cpu __percpu *cpu;
};

/**
 * struct bw_ring_cursor - where a drain stands
 * @moment: nothing newer is read, in ns of CLOCK_MONOTONIC
 * @until: records of @rc up to here precede the records of all other CPUs
 * @rc: buffer being read, or NULL to look for the oldest record
 */
struct bw_ring_cursor {
	u64 moment;
	u64 until;
	struct bw_ring_cpu *rc;
};

int bw_ring_module_init(void);

u32 bw_ring_bytes_rounded(u32 asked);
u32 bw_ring_records(u32 bytes, u32 stack_bytes, const struct bw_contexts *contexts);
int bw_ring_init(struct bw_ring *ring, u32 bytes, u32 stack_bytes,
		 const struct bw_contexts *contexts);
void bw_ring_free(struct bw_ring *ring);

/**
 * bw_ring_reserve() - room for one record in a buffer
 * @ring: the ring
 * @rc: its buffer of this CPU
 * @spare: records that have to stay free
 *
 * Context: task context, preemption off until bw_ring_commit().
 * Return: the slot to fill, or NULL when the buffer is full: the record is then lost.
 */
static inline struct bw_record *bw_ring_reserve(const struct bw_ring *ring, struct bw_ring_cpu *rc,
						u32 spare)
{
	lockdep_assert_preemption_disabled();
	/* A producer that interrupted another would get the same slot. */
	lockdep_assert(in_task());

	/* Pairs with bw_ring_consume(): the slot has been read before it is reused. */
	if (rc->head - smp_load_acquire(&rc->tail) > ring->mask - spare)
		return NULL;
	return &rc->slots[rc->head & ring->mask];
}

/**
 * bw_ring_stack() - the user's stack that belongs to a record
 * @ring: a ring with stacks
 * @rc: the buffer that the record is in
 * @rec: the record
 *
 * Return: its stack, or room for it.
 */
static inline struct bw_user_stack *
bw_ring_stack(const struct bw_ring *ring, const struct bw_ring_cpu *rc, const struct bw_record *rec)
{
	return rc->stacks + (rec - rc->slots) * (sizeof(struct bw_user_stack) + ring->stack_bytes);
}

/**
 * bw_ring_context() - the context that belongs to a record
 * @rc: the buffer that the record is in, of a ring with contexts
 * @rec: the record
 *
 * Return: its context, or room for it.
 */
static inline struct bw_context *bw_ring_context(const struct bw_ring_cpu *rc,
						 const struct bw_record *rec)
{
	return &rc->contexts[rec - rc->slots];
}

/**
 * bw_ring_commit() - publish the record that was reserved
 * @rc: the buffer
 *
 * Return: how many records it now holds.
 */
static inline u32 bw_ring_commit(struct bw_ring_cpu *rc)
{
	u64 head = rc->head + 1;

	/* Pairs with bw_ring_peek(): the record is whole before it is seen. */
	smp_store_release(&rc->head, head);
	return head - READ_ONCE(rc->tail);
}

/**
 * bw_ring_peek() - the oldest record of one CPU
 * @ring: the ring
 * @rc: the buffer of the CPU
 * @moment: ns of CLOCK_MONOTONIC
 *
 * Return: the record, or NULL if it is newer than @moment or there is none.
 */
static inline const struct bw_record *bw_ring_peek(const struct bw_ring *ring,
						   const struct bw_ring_cpu *rc, u64 moment)
{
	const struct bw_record *rec;

	/* Pairs with bw_ring_commit(). */
	if (smp_load_acquire(&rc->head) == rc->tail)
		return NULL;
	rec = &rc->slots[rc->tail & ring->mask];
	return rec->time <= moment ? rec : NULL;
}

void bw_ring_cursor_init(struct bw_ring_cursor *cursor);
const struct bw_record *bw_ring_search(const struct bw_ring *ring, struct bw_ring_cursor *cursor);

/**
 * bw_ring_next() - the oldest record of all CPUs
 * @ring: the ring
 * @cursor: made by bw_ring_cursor_init()
 *
 * Return: the record, which stays until bw_ring_consume(), or NULL when the
 * drain has reached its moment.
 */
static inline const struct bw_record *bw_ring_next(const struct bw_ring *ring,
						   struct bw_ring_cursor *cursor)
{
	const struct bw_record *rec = NULL;

	if (cursor->rc)
		rec = bw_ring_peek(ring, cursor->rc, cursor->until);
	return rec ?: bw_ring_search(ring, cursor);
}

/**
 * bw_ring_consume() - release the slot that bw_ring_next() returned
 * @cursor: as given to bw_ring_next()
 */
static inline void bw_ring_consume(const struct bw_ring_cursor *cursor)
{
	struct bw_ring_cpu *rc = cursor->rc;

	/* Pairs with bw_ring_reserve(). */
	smp_store_release(&rc->tail, rc->tail + 1);
}

bool bw_ring_empty(const struct bw_ring *ring);
u64 bw_ring_consumed(const struct bw_ring *ring);

#endif
