// SPDX-License-Identifier: GPL-2.0
/* A watch as netlink attributes: its counters, distributions and growth. */
#include <linux/brkwatch.h>
#include <linux/ktime.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "compat.h"
#include "distribution.h"
#include "growth.h"
#include "netlink_fill.h"
#include "refusals.h"
#include "watch.h"

#define COUNTER(name, member) FIELD(bw_counters, WATCH, name, member)

static const struct bw_field counter_fields[] = {
	COUNTER(HEAP_START, heap_start),
	COUNTER(BRK_FIRST, brk_first),
	COUNTER(BRK_PEAK, brk_peak),
	COUNTER(BRK, brk),
	COUNTER(BRK_CALLS, brk_calls),
	COUNTER(BRK_QUERIES, brk_kinds[BRKWATCH_BRK_KIND_QUERY]),
	COUNTER(BRK_GROWS, brk_kinds[BRKWATCH_BRK_KIND_GROW]),
	COUNTER(BRK_SHRINKS, brk_kinds[BRKWATCH_BRK_KIND_SHRINK]),
	COUNTER(BRK_REFUSED, brk_kinds[BRKWATCH_BRK_KIND_REFUSED]),
	COUNTER(GROWN_BYTES, grown_bytes),
	COUNTER(SHRUNK_BYTES, shrunk_bytes),
	COUNTER(GROWN_LARGEST, grown_largest),
	COUNTER(MMAP_CALLS, mmap_calls),
	COUNTER(MMAP_FAILED, mmap_failed),
	COUNTER(MMAP_ANONYMOUS, mmap_anonymous),
	COUNTER(MAPPED_BYTES, mapped_bytes),
	COUNTER(MAPPED_LARGEST, mapped_largest),
	COUNTER(MAPPED_FILE_BYTES, mapped_file_bytes),
	COUNTER(MUNMAP_CALLS, munmap_calls),
	COUNTER(MUNMAP_FAILED, munmap_failed),
	COUNTER(UNMAPPED_BYTES, unmapped_bytes),
	COUNTER(UNMAPPED_LARGEST, unmapped_largest),
	COUNTER(MREMAP_CALLS, mremap_calls),
	COUNTER(MREMAP_FAILED, mremap_failed),
	COUNTER(MPROTECT_CALLS, mprotect_calls),
	COUNTER(MPROTECT_FAILED, mprotect_failed),
	COUNTER(MADVISE_CALLS, madvise_calls),
	COUNTER(MADVISE_FAILED, madvise_failed),
	COUNTER(SHMAT_CALLS, shmat_calls),
	COUNTER(SHMAT_FAILED, shmat_failed),
	COUNTER(SHMDT_CALLS, shmdt_calls),
	COUNTER(SHMDT_FAILED, shmdt_failed),
	COUNTER(GIVEN_BACK_BYTES, given_back_bytes),
	COUNTER(CLONES, clones),
	COUNTER(FAULTS, faults),
	COUNTER(MADE, made),
	COUNTER(LOST, lost),
	COUNTER(HEAP_GIVEN_BACK, heap_given_back),
	COUNTER(RESERVED_BYTES, reserved_bytes),
	COUNTER(THREADS, threads),
	COUNTER(SHRINKS_REFUSED, shrinks_refused),
	COUNTER(REMAPPED_BYTES, remapped_bytes),
	COUNTER(REMAPS_UNKNOWN, remaps_unknown),
	COUNTER(ARENAS, arenas),
	COUNTER(ARENAS_UNKNOWN, arenas_unknown),
};

/* Every attribute is at most a u64 behind its header. */
#define FIELD_ROOM (NLA_HDRLEN + sizeof(u64))
#define COMM_ROOM (NLA_HDRLEN + TASK_COMM_LEN)

/* A watch has six more attributes: id, pid, exited, exit code, peak RSS, mode of seccomp. */
#define WATCH_ROOM ((ARRAY_SIZE(counter_fields) + 6) * FIELD_ROOM + COMM_ROOM)

#define DISTRIBUTION_ROOM                                                                  \
	nla_total_size(3 * nla_total_size(sizeof(u32)) + 2 * nla_total_size(sizeof(u64)) + \
		       nla_total_size(BUCKETS * sizeof(u64)))
#define REFUSAL_ROOM nla_total_size(2 * nla_total_size(sizeof(u32)) + nla_total_size(sizeof(u64)))
#define GROWTH_ROOM \
	nla_total_size(5 * nla_total_size(sizeof(u64)) + nla_total_size(GROWTH_STEPS * sizeof(u64)))

/* What each distribution counts: enum brkwatch_event_kind and enum brkwatch_measure. */
static const struct {
	u32 kind;
	u32 measure;
} distribution_types[DISTRIBUTIONS] = {
	[BRK_SIZE] = { BRKWATCH_EVENT_KIND_BRK, BRKWATCH_MEASURE_SIZE },
	[MMAP_SIZE] = { BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_SIZE },
	[MUNMAP_SIZE] = { BRKWATCH_EVENT_KIND_MUNMAP, BRKWATCH_MEASURE_SIZE },
	[MMAP_FILE] = { BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_FILE },
	[MMAP_RESERVED] = { BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_RESERVED },
	[MMAP_AGAIN] = { BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_AGAIN },
	[BRK_DURATION] = { BRKWATCH_EVENT_KIND_BRK, BRKWATCH_MEASURE_DURATION },
	[MMAP_DURATION] = { BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_DURATION },
	[MUNMAP_DURATION] = { BRKWATCH_EVENT_KIND_MUNMAP, BRKWATCH_MEASURE_DURATION },
	[MREMAP_DURATION] = { BRKWATCH_EVENT_KIND_MREMAP, BRKWATCH_MEASURE_DURATION },
	[MPROTECT_DURATION] = { BRKWATCH_EVENT_KIND_MPROTECT, BRKWATCH_MEASURE_DURATION },
	[MADVISE_DURATION] = { BRKWATCH_EVENT_KIND_MADVISE, BRKWATCH_MEASURE_DURATION },
};

/* Sends the buckets from the first to the last that is not empty. */
static int fill_distribution(struct sk_buff *skb, enum bw_distribution_id id,
			     const struct bw_distribution *d)
{
	struct nlattr *nest = nla_nest_start(skb, BRKWATCH_A_WATCH_DISTRIBUTION);
	u32 first = 0, end = BUCKETS;

	while (!d->buckets[first])
		first++;
	while (!d->buckets[end - 1])
		end--;
	if (!nest || nla_put_u32(skb, BRKWATCH_A_DISTRIBUTION_KIND, distribution_types[id].kind) ||
	    nla_put_u32(skb, BRKWATCH_A_DISTRIBUTION_MEASURE, distribution_types[id].measure) ||
	    bw_put_u64(skb, BRKWATCH_A_DISTRIBUTION_LEAST, d->least) ||
	    bw_put_u64(skb, BRKWATCH_A_DISTRIBUTION_MOST, d->most) ||
	    nla_put_u32(skb, BRKWATCH_A_DISTRIBUTION_FIRST, bw_distribution_shift(id) + first) ||
	    nla_put(skb, BRKWATCH_A_DISTRIBUTION_BUCKETS, (end - first) * sizeof(u64),
		    &d->buckets[first]))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Sends only distributions that are not empty. */
static int fill_distributions(struct sk_buff *skb, const struct bw_distribution *all)
{
	int i, err = 0;

	for (i = 0; i < DISTRIBUTIONS && !err; i++)
		if (bw_distribution_any(&all[i]))
			err = fill_distribution(skb, i, &all[i]);
	return err;
}

/* The step in progress comes last. */
static int fill_growth(struct sk_buff *skb, const struct bw_growth *growth, u64 now)
{
	struct nlattr *nest = nla_nest_start(skb, BRKWATCH_A_WATCH_GROWTH);
	u64 steps[GROWTH_STEPS];

	memcpy(steps, growth->steps, growth->n * sizeof(u64));
	steps[growth->n] = growth->least;
	if (!nest || bw_put_u64(skb, BRKWATCH_A_GROWTH_DURATION, growth->until - growth->began) ||
	    bw_put_u64(skb, BRKWATCH_A_GROWTH_FIRST, growth->first) ||
	    bw_put_u64(skb, BRKWATCH_A_GROWTH_PEAK, growth->peak) ||
	    bw_put_u64(skb, BRKWATCH_A_GROWTH_NOW, now) ||
	    bw_put_u64(skb, BRKWATCH_A_GROWTH_STEP, 1ULL << growth->shift) ||
	    nla_put(skb, BRKWATCH_A_GROWTH_LEAST, (growth->n + 1) * sizeof(u64), steps))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_refusal(struct sk_buff *skb, const struct bw_refusal *refusal)
{
	struct nlattr *nest = nla_nest_start(skb, BRKWATCH_A_WATCH_REFUSALS);

	if (!nest || nla_put_u32(skb, BRKWATCH_A_REFUSALS_KIND, refusal->kind) ||
	    nla_put_u32(skb, BRKWATCH_A_REFUSALS_ERRNO, refusal->error) ||
	    bw_put_u64(skb, BRKWATCH_A_REFUSALS_CALLS, refusal->calls))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Calls that no entry had room for are of no one kind, and have no one errno. */
static int fill_other_refusals(struct sk_buff *skb, u64 calls)
{
	struct nlattr *nest = nla_nest_start(skb, BRKWATCH_A_WATCH_REFUSALS);

	if (!nest || nla_put_u32(skb, BRKWATCH_A_REFUSALS_ERRNO, 0) ||
	    bw_put_u64(skb, BRKWATCH_A_REFUSALS_CALLS, calls))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_refusals(struct sk_buff *skb, const struct bw_refusals *refusals)
{
	int i, err = 0;

	for (i = 0; i < REFUSALS && refusals->v[i].calls && !err; i++)
		err = fill_refusal(skb, &refusals->v[i]);
	if (!err && refusals->others)
		err = fill_other_refusals(skb, refusals->others);
	return err;
}

static int fill_counters(struct sk_buff *skb, const struct bw_counters *counters)
{
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(counter_fields) && !err; i++)
		err = nla_put(skb, counter_fields[i].attr, counter_fields[i].size,
			      (const void *)counters + counter_fields[i].offset);
	return err;
}

/**
 * bw_fill_watch_room() - bytes that the attributes of a watch take
 *
 * Return: the most they can take.
 */
size_t bw_fill_watch_room(void)
{
	return WATCH_ROOM + DISTRIBUTIONS * DISTRIBUTION_ROOM + GROWTH_ROOM +
	       (REFUSALS + 1) * REFUSAL_ROOM;
}

/*
 * A process that is gone keeps the mode that it had last, and so does one that has left the
 * session with a program that the reader may not look into.
 */
static u32 look_at_seccomp(struct bw_watch *watch)
{
	struct task_struct *leader;

	rcu_read_lock();
	leader = watch->exited ? NULL : pid_task(watch->tgid, PIDTYPE_TGID);
	if (leader)
		watch->seccomp = seccomp_mode_of(leader);
	rcu_read_unlock();
	return watch->seccomp;
}

/**
 * bw_fill_watch() - add the attributes of a watch, with its counters of one moment
 * @skb: message to fill
 * @watch: the watch
 * @exited: set to whether these are its last counters
 *
 * Return: 0 or -EMSGSIZE.
 */
int bw_fill_watch(struct sk_buff *skb, struct bw_watch *watch, bool *exited)
{
	char comm[TASK_COMM_LEN];
	struct bw_counters counters;
	u32 exit_code, seccomp;
	u64 peak_rss;
	int err;

	if (skb_tailroom(skb) < bw_fill_watch_room())
		return -EMSGSIZE;

	raw_spin_lock_irq(&watch->lock);
	err = fill_distributions(skb, watch->distributions);
	err = err ?: fill_refusals(skb, &watch->tables->refusals);
	counters = watch->counters;
	*exited = watch->exited;
	seccomp = look_at_seccomp(watch);
	if (!*exited)
		bw_growth_pass(&watch->growth, ktime_get_ns(), counters.data);
	err = err ?: fill_growth(skb, &watch->growth, counters.data);
	exit_code = watch->exit_code;
	peak_rss = watch->peak_rss;
	memcpy(comm, watch->comm, sizeof(comm));
	raw_spin_unlock_irq(&watch->lock);

	if (err || nla_put_u32(skb, BRKWATCH_A_WATCH_ID, watch->id) ||
	    nla_put_u32(skb, BRKWATCH_A_WATCH_PID, watch->pid) ||
	    nla_put_u32(skb, BRKWATCH_A_WATCH_SECCOMP, seccomp))
		return -EMSGSIZE;
	if (*exited && (nla_put_flag(skb, BRKWATCH_A_WATCH_EXITED) ||
			nla_put_u32(skb, BRKWATCH_A_WATCH_EXIT_CODE, exit_code) ||
			bw_put_u64(skb, BRKWATCH_A_WATCH_PEAK_RSS, peak_rss)))
		return -EMSGSIZE;
	return fill_counters(skb, &counters) ?: nla_put_string(skb, BRKWATCH_A_WATCH_COMM, comm);
}
