// SPDX-License-Identifier: GPL-2.0
/*
 * A ring of records: for each CPU a circular buffer with one producer and one
 * consumer, as "Circular Buffers" in the kernel's documentation describes them.
 *
 * Producers run in task context with preemption off from reserve to commit,
 * so the CPU itself is the producer's lock, because no interrupt makes a system call, forks,
 * executes, exits or returns to user space, and a page fault in between ends in a
 * fixup. The consumer is the session's dump, because a netlink socket runs one at a time.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/vmalloc.h>

#include "ring.h"

/* A session that asks for no size gets a ring for a burst, on few CPUs and on many. */
#define RING_BYTES_DEFAULT SZ_4M
#define RINGS_BYTES_DEFAULT SZ_64M

static uint ring_bytes;
module_param(ring_bytes, uint, 0444);
MODULE_PARM_DESC(ring_bytes,
		 "Ring of one CPU, in bytes (4194304, less if all would have over 64 MiB)");

/**
 * bw_ring_module_init() - check the parameter
 *
 * Return: 0 or -EINVAL.
 */
int bw_ring_module_init(void)
{
	if (!ring_bytes)
		ring_bytes = clamp(RINGS_BYTES_DEFAULT / num_possible_cpus(), RING_BYTES_MIN,
				   RING_BYTES_DEFAULT);
	if (ring_bytes < RING_BYTES_MIN || ring_bytes > RING_BYTES_MAX) {
		pr_err("ring_bytes must be between %d and %d\n", RING_BYTES_MIN, RING_BYTES_MAX);
		return -EINVAL;
	}
	return 0;
}

/**
 * bw_ring_bytes_rounded() - the size for one CPU of a ring of about so many bytes
 * @asked: between RING_BYTES_MIN and RING_BYTES_MAX, or 0 for the default
 *
 * Return: a power of two, so that a position is taken modulo the size by masking.
 */
u32 bw_ring_bytes_rounded(u32 asked)
{
	return asked ? roundup_pow_of_two(asked) : rounddown_pow_of_two(ring_bytes);
}

/**
 * bw_ring_records() - how many records a ring has for one CPU
 * @bytes: size for one CPU, a power of two
 * @stack_bytes: room for the user's stack beside each record, a multiple of 8, or 0
 * @contexts: the contexts that lie beside records, if any
 *
 * Return: a power of two, or 0 if not even one fits.
 */
u32 bw_ring_records(u32 bytes, u32 stack_bytes, const struct bw_contexts *contexts)
{
	u32 each = sizeof(struct bw_record);

	if (stack_bytes)
		each += sizeof(struct bw_user_stack) + stack_bytes;
	if (bw_contexts_any(contexts))
		each += sizeof(struct bw_context);
	return bytes < each ? 0 : rounddown_pow_of_two(bytes / each);
}

static void *ring_alloc(size_t bytes)
{
	return __vmalloc(bytes, GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN);
}

static int ring_cpu_init(const struct bw_ring *ring, struct bw_ring_cpu *rc)
{
	size_t stack = sizeof(struct bw_user_stack) + ring->stack_bytes;
	u32 records = ring->mask + 1;

	rc->slots = ring_alloc(array_size(records, sizeof(struct bw_record)));
	if (!rc->slots)
		return -ENOMEM;
	if (ring->stack_bytes) {
		rc->stacks = ring_alloc(array_size(records, stack));
		if (!rc->stacks)
			return -ENOMEM;
	}
	if (ring->contexts) {
		rc->contexts = ring_alloc(array_size(records, sizeof(struct bw_context)));
		if (!rc->contexts)
			return -ENOMEM;
	}
	return 0;
}

/**
 * bw_ring_init() - make an empty ring
 * @ring: the ring
 * @bytes: size for each possible CPU, a power of two
 * @stack_bytes: room for the user's stack beside each record, a multiple of 8, or 0
 * @contexts: the contexts that lie beside records, if any; @bytes has room for one record at least
 *
 * The memory is charged to the caller's memory cgroup. A ring that would take
 * more than half of the machine's memory is refused before the OOM killer looks at it.
 *
 * Return: 0 or -ENOMEM, with nothing left behind.
 */
int bw_ring_init(struct bw_ring *ring, u32 bytes, u32 stack_bytes,
		 const struct bw_contexts *contexts)
{
	u32 records = bw_ring_records(bytes, stack_bytes, contexts);
	int cpu;

	if ((u64)bytes * num_possible_cpus() > (u64)totalram_pages() << (PAGE_SHIFT - 1))
		return -ENOMEM;

	ring->mask = records - 1;
	ring->spare = records / 8;
	ring->stack_bytes = stack_bytes;
	ring->contexts = bw_contexts_any(contexts);
	ring->beside = (stack_bytes ? RING_STACKS : 0) | (contexts->limits ? RING_LIMITS : 0) |
		       (contexts->askers ? CALL_KINDS : 0);
	ring->cpu = alloc_percpu(struct bw_ring_cpu);
	if (!ring->cpu)
		return -ENOMEM;

	for_each_possible_cpu(cpu) {
		if (ring_cpu_init(ring, per_cpu_ptr(ring->cpu, cpu))) {
			bw_ring_free(ring);
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * bw_ring_free() - free what bw_ring_init() made
 * @ring: a ring that nobody writes or reads any more
 */
void bw_ring_free(struct bw_ring *ring)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		vfree(per_cpu_ptr(ring->cpu, cpu)->slots);
		vfree(per_cpu_ptr(ring->cpu, cpu)->stacks);
		vfree(per_cpu_ptr(ring->cpu, cpu)->contexts);
	}
	free_percpu(ring->cpu);
}

/**
 * bw_ring_cursor_init() - begin a drain
 * @cursor: the position that bw_ring_next() reads from
 *
 * The moment is taken before any head is read. A record's time is read before
 * it is published, so when a thread's later record (from another CPU, after a
 * migration) is not newer than the moment, its earlier ones were published
 * before the moment and are seen. Therefore one thread's records come in order.
 */
void bw_ring_cursor_init(struct bw_ring_cursor *cursor)
{
	cursor->moment = ktime_get_ns();
	cursor->rc = NULL;
	/* The clock is read before the heads: see above. */
	smp_mb();
}

/**
 * bw_ring_search() - the oldest record of all CPUs, and how long to stay with its CPU
 * @ring: the ring
 * @cursor: made by bw_ring_cursor_init()
 *
 * One pass finds the CPU to read and how long its records precede all others' records, so a
 * burst on one CPU costs one pass.
 *
 * Return: as bw_ring_next().
 */
const struct bw_record *bw_ring_search(const struct bw_ring *ring, struct bw_ring_cursor *cursor)
{
	const struct bw_record *oldest = NULL;
	int cpu;

	cursor->rc = NULL;
	cursor->until = cursor->moment;
	for_each_possible_cpu(cpu) {
		struct bw_ring_cpu *rc = per_cpu_ptr(ring->cpu, cpu);
		const struct bw_record *rec = bw_ring_peek(ring, rc, cursor->moment);

		if (!rec)
			continue;
		if (!oldest || rec->time < oldest->time) {
			if (oldest)
				cursor->until = oldest->time;
			oldest = rec;
			cursor->rc = rc;
		} else {
			cursor->until = min(cursor->until, rec->time);
		}
	}
	return oldest;
}

/**
 * bw_ring_empty() - is there nothing to drain?
 * @ring: the ring
 *
 * Return: whether no CPU's buffer holds a record.
 */
bool bw_ring_empty(const struct bw_ring *ring)
{
	int cpu;

	for_each_possible_cpu(cpu)
		if (bw_ring_peek(ring, per_cpu_ptr(ring->cpu, cpu), U64_MAX))
			return false;
	return true;
}

/**
 * bw_ring_consumed() - how many records were taken out since bw_ring_init()
 * @ring: the ring
 *
 * Return: their number, of all CPUs.
 */
u64 bw_ring_consumed(const struct bw_ring *ring)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(ring->cpu, cpu)->tail);
	return sum;
}
