// SPDX-License-Identifier: GPL-2.0
/*
 * Records, watches and sessions as netlink attributes.
 *
 * The layout of each kind of event is fixed, so an event is written straight
 * from a table, many times cheaper than by one nla_put() for each attribute.
 */
#include <linux/brkwatch.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "distribution.h"
#include "growth.h"
#include "netlink_fill.h"
#include "probe.h"
#include "record.h"
#include "session.h"
#include "watch.h"

/**
 * struct field - an attribute and where its value lies
 * @attr: attribute number
 * @size: of the value in the struct, in bytes: 2 (widened to 4), 4 or 8
 * @offset: of the value in the struct, in bytes
 */
struct field {
	u16 attr;
	u16 size;
	u16 offset;
};

#define FIELD(type, set, name, member)                                                        \
	{                                                                                     \
		.attr = BRKWATCH_A_##set##_##name, .size = sizeof_field(struct type, member), \
		.offset = offsetof(struct type, member),                                      \
	}
#define EVENT(name, member) FIELD(record, EVENT, name, member)
#define COUNTER(name, member) FIELD(counters, WATCH, name, member)

static const struct field event_fields[] = {
	EVENT(KIND, kind), EVENT(WATCH, watch),	      EVENT(PID, pid),	 EVENT(TID, tid),
	EVENT(TIME, time), EVENT(DURATION, duration), EVENT(LOST, lost), EVENT(TRAITS, traits),
};

static const struct field state_fields[] = {
	EVENT(HEAP_START, heap_start),
	EVENT(BRK, brk),
	EVENT(RSS, rss),
	EVENT(ERROR, error),
};

static const struct field brk_fields[] = {
	EVENT(BRK_KIND, brk_args.kind),
	EVENT(REQUESTED, brk_args.requested),
	EVENT(BEFORE, brk_args.before),
	EVENT(AFTER, brk_args.after),
};

static const struct field mmap_fields[] = {
	EVENT(ADDR, map.addr),	   EVENT(LENGTH, map.length), EVENT(PROT, map.prot),
	EVENT(FLAGS, map.flags),   EVENT(FD, number),	      EVENT(OFFSET, map.offset),
	EVENT(RESULT, map.result),
};

static const struct field munmap_fields[] = {
	EVENT(ADDR, map.addr),
	EVENT(LENGTH, map.length),
	EVENT(RESULT, map.result),
};

static const struct field mremap_fields[] = {
	EVENT(ADDR, map.addr),	 EVENT(LENGTH, map.length),	EVENT(NEW_LENGTH, map.new_length),
	EVENT(FLAGS, map.flags), EVENT(NEW_ADDR, map.new_addr), EVENT(RESULT, map.result),
};

static const struct field mprotect_fields[] = {
	EVENT(ADDR, map.addr),
	EVENT(LENGTH, map.length),
	EVENT(PROT, map.prot),
	EVENT(RESULT, map.result),
};

static const struct field pkey_mprotect_fields[] = {
	EVENT(ADDR, map.addr), EVENT(LENGTH, map.length), EVENT(PROT, map.prot),
	EVENT(PKEY, number),   EVENT(RESULT, map.result),
};

static const struct field madvise_fields[] = {
	EVENT(ADDR, map.addr),
	EVENT(LENGTH, map.length),
	EVENT(ADVICE, number),
	EVENT(RESULT, map.result),
};

static const struct field shmat_fields[] = {
	EVENT(SHMID, number),
	EVENT(ADDR, map.addr),
	EVENT(FLAGS, map.flags),
	EVENT(RESULT, map.result),
};

static const struct field shmdt_fields[] = {
	EVENT(ADDR, map.addr),
	EVENT(RESULT, map.result),
};

static const struct field clone_fields[] = {
	EVENT(CLONE_KIND, clone.kind),
	EVENT(CHILD, clone.child),
	EVENT(CHILD_WATCH, clone.watch),
};

static const struct field exit_fields[] = {
	EVENT(EXIT_CODE, exit.code),
	EVENT(PEAK_RSS, exit.peak_rss),
};

static const struct field fault_fields[] = {
	EVENT(SIGNAL, fault.signal),
	EVENT(CODE, fault.code),
	EVENT(ADDR, fault.addr),
};

static const struct field snapshot_fields[] = {
	EVENT(SNAPSHOT, snapshot),
};

static const struct field leave_fields[] = {
	EVENT(LEAVE_REASON, leave_reason),
};

#define KIND(kind, fields) \
	[BRKWATCH_EVENT_KIND_##kind] = { .table = fields, .n = ARRAY_SIZE(fields) }

/* What each kind has of its own; an exec has nothing, and a mark its text. */
static const struct {
	const struct field *table;
	u32 n;
} kind_fields[] = {
	KIND(BRK, brk_fields),		 KIND(MMAP, mmap_fields),
	KIND(MUNMAP, munmap_fields),	 KIND(MREMAP, mremap_fields),
	KIND(MPROTECT, mprotect_fields), KIND(PKEY_MPROTECT, pkey_mprotect_fields),
	KIND(MADVISE, madvise_fields),	 KIND(SHMAT, shmat_fields),
	KIND(SHMDT, shmdt_fields),	 KIND(CLONE, clone_fields),
	KIND(EXIT, exit_fields),	 KIND(FAULT, fault_fields),
	KIND(SNAPSHOT, snapshot_fields), KIND(LEAVE, leave_fields),
	[BRKWATCH_EVENT_KIND_MARK] = {},
};

static_assert(ARRAY_SIZE(kind_fields) == BRKWATCH_EVENT_KIND_MARK + 1);

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
};

/* Every attribute is at most a u64 behind its header. */
#define FIELD_ROOM (NLA_HDRLEN + sizeof(u64))
#define COMM_ROOM (NLA_HDRLEN + TASK_COMM_LEN)
#define MARK_ROOM (NLA_HDRLEN + sizeof_field(struct record, mark))
#define EVENT_ROOM (BRKWATCH_A_EVENT_MAX * FIELD_ROOM + COMM_ROOM + MARK_ROOM)

/* Of a watch there are five more: id, pid, exited, exit code, peak RSS. */
#define WATCH_ROOM ((ARRAY_SIZE(counter_fields) + 5) * FIELD_ROOM + COMM_ROOM)

static void fill_field(struct sk_buff *skb, const struct field *field, const void *from)
{
	const void *value = from + field->offset;
	u32 wide;
	u32 size = field->size;
	struct nlattr *nla;

	if (size == sizeof(u16)) {
		wide = *(const u16 *)value;
		value = &wide;
		size = sizeof(wide);
	}
	nla = skb_put(skb, NLA_HDRLEN + size);
	nla->nla_len = NLA_HDRLEN + size;
	nla->nla_type = field->attr;
	memcpy(nla_data(nla), value, size);
}

static void fill_fields(struct sk_buff *skb, const struct field *fields, int n, const void *from)
{
	while (n--)
		fill_field(skb, fields++, from);
}

/*
 * Where the exit is seen, most kernels have dropped the memory map; of who leaves
 * nothing may be told; a mark may be another's.
 */
static bool has_state(const struct record *rec)
{
	return rec->kind != BRKWATCH_EVENT_KIND_EXIT && rec->kind != BRKWATCH_EVENT_KIND_LEAVE &&
	       rec->kind != BRKWATCH_EVENT_KIND_MARK;
}

/**
 * fill_event() - attributes of an event
 * @skb: where to
 * @rec: the event
 *
 * Return: 0 or -EMSGSIZE with nothing written.
 */
int fill_event(struct sk_buff *skb, const struct record *rec)
{
	if (skb_tailroom(skb) < EVENT_ROOM)
		return -EMSGSIZE;

	fill_fields(skb, event_fields, ARRAY_SIZE(event_fields), rec);
	if (has_state(rec))
		fill_fields(skb, state_fields, ARRAY_SIZE(state_fields), rec);
	fill_fields(skb, kind_fields[rec->kind].table, kind_fields[rec->kind].n, rec);
	if (rec->kind == BRKWATCH_EVENT_KIND_MARK &&
	    nla_put_string(skb, BRKWATCH_A_EVENT_MARK, rec->mark))
		return -EMSGSIZE;
	return nla_put_string(skb, BRKWATCH_A_EVENT_COMM, rec->comm);
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
	fill_fields(skb, counter_fields, ARRAY_SIZE(counter_fields), &counters);
	return nla_put_string(skb, BRKWATCH_A_WATCH_COMM, comm);
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
