// SPDX-License-Identifier: GPL-2.0
/* Watches, sessions, snapshots and probes as netlink attributes. */
#include <linux/brkwatch.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "distribution.h"
#include "growth.h"
#include "image.h"
#include "netlink_fill.h"
#include "probe.h"
#include "session.h"
#include "watch.h"

#define COUNTER(name, member) FIELD(counters, WATCH, name, member)

static const struct field counter_fields[] = {
	COUNTER(HEAP_START, heap_start),
	COUNTER(BRK_FIRST, brk_first),
	COUNTER(BRK_PEAK, brk_peak),
	COUNTER(BRK, brk),
	COUNTER(BRK_CALLS, brk_calls),
	COUNTER(BRK_QUERIES, brk_queries),
	COUNTER(BRK_GROWS, brk_grows),
	COUNTER(BRK_SHRINKS, brk_shrinks),
	COUNTER(BRK_REFUSED, brk_refused),
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
};

/* Every attribute is at most a u64 behind its header. */
#define FIELD_ROOM (NLA_HDRLEN + sizeof(u64))
#define COMM_ROOM (NLA_HDRLEN + TASK_COMM_LEN)

/* Of a watch there are five more: id, pid, exited, exit code, peak RSS. */
#define WATCH_ROOM ((ARRAY_SIZE(counter_fields) + 5) * FIELD_ROOM + COMM_ROOM)

static int fill_counters(struct sk_buff *skb, const struct counters *counters)
{
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(counter_fields) && !err; i++)
		err = nla_put(skb, counter_fields[i].attr, counter_fields[i].size,
			      (const void *)counters + counter_fields[i].offset);
	return err;
}

/**
 * fill_watch_room() - bytes that the attributes of a watch take
 *
 * Return: the most they can take.
 */
size_t fill_watch_room(void)
{
	return WATCH_ROOM + distributions_room() + growth_room();
}

/**
 * fill_watch() - attributes of a watch, its counters of one moment
 * @skb: where to
 * @watch: the watch
 * @exited: set to whether these are its last counters
 *
 * Return: 0 or -EMSGSIZE.
 */
int fill_watch(struct sk_buff *skb, struct watch *watch, bool *exited)
{
	char comm[TASK_COMM_LEN];
	struct counters counters;
	u32 exit_code;
	u64 peak_rss;
	int err;

	if (skb_tailroom(skb) < fill_watch_room())
		return -EMSGSIZE;

	raw_spin_lock_irq(&watch->lock);
	err = distributions_fill(skb, watch->distributions);
	counters = watch->counters;
	*exited = watch->exited;
	if (!*exited)
		growth_pass(&watch->growth, ktime_get_ns());
	err = err ?: growth_fill(skb, &watch->growth);
	exit_code = watch->exit_code;
	peak_rss = watch->peak_rss;
	memcpy(comm, watch->comm, sizeof(comm));
	raw_spin_unlock_irq(&watch->lock);

	if (err || nla_put_u32(skb, BRKWATCH_A_WATCH_ID, watch->id) ||
	    nla_put_u32(skb, BRKWATCH_A_WATCH_PID, watch->pid))
		return -EMSGSIZE;
	if (*exited && (nla_put_flag(skb, BRKWATCH_A_WATCH_EXITED) ||
			nla_put_u32(skb, BRKWATCH_A_WATCH_EXIT_CODE, exit_code) ||
			put_u64(skb, BRKWATCH_A_WATCH_PEAK_RSS, peak_rss)))
		return -EMSGSIZE;
	return fill_counters(skb, &counters) ?: nla_put_string(skb, BRKWATCH_A_WATCH_COMM, comm);
}

/**
 * fill_session() - attributes of a session
 * @skb: where to
 * @session: the session
 *
 * Context: sessions_lock held.
 * Return: 0 or -EMSGSIZE.
 */
int fill_session(struct sk_buff *skb, struct session *session)
{
	struct session_totals totals;

	session_totals(session, &totals);
	if (nla_put_u32(skb, BRKWATCH_A_SESSION_RING_BYTES, session->ring_bytes) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_EVENTS, session->filter.events) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_PROTOCOL, BRKWATCH_PROTOCOL_VERSION) ||
	    nla_put_string(skb, BRKWATCH_A_SESSION_MODULE_VERSION, BRKWATCH_VERSION) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_CPUS, num_possible_cpus()) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_WATCHES, totals.watches) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_LIVE, atomic_read(&session->live)) ||
	    put_u64(skb, BRKWATCH_A_SESSION_MADE, totals.made) ||
	    put_u64(skb, BRKWATCH_A_SESSION_DELIVERED, totals.delivered) ||
	    put_u64(skb, BRKWATCH_A_SESSION_LOST_RING, totals.lost_ring) ||
	    put_u64(skb, BRKWATCH_A_SESSION_LOST_PROBE, totals.lost_probe) ||
	    put_u64(skb, BRKWATCH_A_SESSION_LOST_WATCH, totals.lost_watch))
		return -EMSGSIZE;
	if (session->images &&
	    (nla_put_u32(skb, BRKWATCH_A_SESSION_STACK_BYTES, session->ring.stack_bytes) ||
	     put_u64(skb, BRKWATCH_A_SESSION_LOST_IMAGE, totals.lost_image)))
		return -EMSGSIZE;
	return 0;
}

/**
 * fill_snapshot() - attributes of a snapshot but for its areas
 * @skb: where to
 * @snapshot: the snapshot
 *
 * Return: 0 or -EMSGSIZE.
 */
int fill_snapshot(struct sk_buff *skb, const struct snapshot *snapshot)
{
	if (nla_put_u32(skb, BRKWATCH_A_AREA_SNAPSHOT, snapshot->id) ||
	    nla_put_u32(skb, BRKWATCH_A_AREA_WATCH, snapshot->watch) ||
	    put_u64(skb, BRKWATCH_A_AREA_TIME, snapshot->time) ||
	    put_u64(skb, BRKWATCH_A_AREA_HEAP_START, snapshot->heap_start) ||
	    put_u64(skb, BRKWATCH_A_AREA_BRK, snapshot->brk) ||
	    nla_put_u32(skb, BRKWATCH_A_AREA_AREAS, snapshot->n))
		return -EMSGSIZE;
	return 0;
}

/**
 * fill_area() - attributes of one area of a snapshot
 * @skb: where to
 * @snapshot: the snapshot
 * @area: one of its areas
 *
 * Return: 0 or -EMSGSIZE.
 */
int fill_area(struct sk_buff *skb, const struct snapshot *snapshot,
	      const struct snapshot_area *area)
{
	if (nla_put_u32(skb, BRKWATCH_A_AREA_SNAPSHOT, snapshot->id) ||
	    put_u64(skb, BRKWATCH_A_AREA_START, area->start) ||
	    put_u64(skb, BRKWATCH_A_AREA_END, area->end) ||
	    nla_put_u32(skb, BRKWATCH_A_AREA_FLAGS, area->flags))
		return -EMSGSIZE;
	return 0;
}

/**
 * fill_image() - attributes of an image
 * @skb: where to
 * @image: the image
 *
 * Return: 0 or -EMSGSIZE.
 */
int fill_image(struct sk_buff *skb, const struct image *image)
{
	if (nla_put_u32(skb, BRKWATCH_A_IMAGE_WATCH, image->watch) ||
	    put_u64(skb, BRKWATCH_A_IMAGE_TIME, image->time) ||
	    put_u64(skb, BRKWATCH_A_IMAGE_START, image->start) ||
	    put_u64(skb, BRKWATCH_A_IMAGE_END, image->end) ||
	    put_u64(skb, BRKWATCH_A_IMAGE_OFFSET, image->offset) ||
	    put_u64(skb, BRKWATCH_A_IMAGE_FILE_SIZE, image->file_size) ||
	    put_u64(skb, BRKWATCH_A_IMAGE_FILE_TIME, image->file_time) ||
	    nla_put_string(skb, BRKWATCH_A_IMAGE_PATH, image->path))
		return -EMSGSIZE;
	return 0;
}

/**
 * fill_probe() - attributes of a probe
 * @skb: where to
 * @info: what there is to say of it
 *
 * Return: 0 or -EMSGSIZE.
 */
int fill_probe(struct sk_buff *skb, const struct probe_info *info)
{
	if (nla_put_string(skb, BRKWATCH_A_PROBE_NAME, info->name) ||
	    nla_put_string(skb, BRKWATCH_A_PROBE_SYMBOL, info->symbol) ||
	    nla_put_u32(skb, BRKWATCH_A_PROBE_STATE, info->state) ||
	    nla_put_u32(skb, BRKWATCH_A_PROBE_OPTIONAL, info->optional) ||
	    put_u64(skb, BRKWATCH_A_PROBE_MISSED, info->missed))
		return -EMSGSIZE;
	return 0;
}
