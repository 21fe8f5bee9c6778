// SPDX-License-Identifier: GPL-2.0
/*
 * Records, watches and sessions as netlink attributes.
 *
 * The layout of each kind of event is fixed, so an event is written straight
 * from a table, many times cheaper than by one nla_put() for each attribute.
 */
#include <linux/brkwatch.h>
#include <linux/cpumask.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "netlink_fill.h"
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
	u8 size;
	u8 offset;
};

#define FIELD(type, set, name, member)                                                        \
	{                                                                                     \
		.attr = BRKWATCH_A_##set##_##name, .size = sizeof_field(struct type, member), \
		.offset = offsetof(struct type, member),                                      \
	}
#define EVENT(name, member) FIELD(record, EVENT, name, member)
#define COUNTER(name, member) FIELD(counters, WATCH, name, member)

static const struct field event_fields[] = {
	EVENT(KIND, kind), EVENT(WATCH, watch), EVENT(PID, pid),
	EVENT(TID, tid),   EVENT(TIME, time),	EVENT(DURATION, duration),
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
	EVENT(FLAGS, map.flags),   EVENT(FD, map.fd),	      EVENT(OFFSET, map.offset),
	EVENT(RESULT, map.result),
};

static const struct field munmap_fields[] = {
	EVENT(ADDR, map.addr),
	EVENT(LENGTH, map.length),
	EVENT(RESULT, map.result),
};

static const struct field exit_fields[] = {
	EVENT(EXIT_CODE, exit_code),
};

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
	COUNTER(MADE, made),
	COUNTER(LOST, lost),
};

/* Every attribute is at most a u64 behind its header. */
#define FIELD_ROOM (NLA_HDRLEN + sizeof(u64))
#define COMM_ROOM (NLA_HDRLEN + TASK_COMM_LEN)
#define EVENT_ROOM (BRKWATCH_A_EVENT_MAX * FIELD_ROOM + COMM_ROOM)

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

static void fill_kind(struct sk_buff *skb, const struct record *rec)
{
	switch (rec->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		fill_fields(skb, brk_fields, ARRAY_SIZE(brk_fields), rec);
		break;
	case BRKWATCH_EVENT_KIND_MMAP:
		fill_fields(skb, mmap_fields, ARRAY_SIZE(mmap_fields), rec);
		break;
	case BRKWATCH_EVENT_KIND_MUNMAP:
		fill_fields(skb, munmap_fields, ARRAY_SIZE(munmap_fields), rec);
		break;
	case BRKWATCH_EVENT_KIND_EXIT:
		fill_fields(skb, exit_fields, ARRAY_SIZE(exit_fields), rec);
		break;
	}
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
	/* Where the exit is seen, most kernels have dropped the memory map. */
	if (rec->kind != BRKWATCH_EVENT_KIND_EXIT)
		fill_fields(skb, state_fields, ARRAY_SIZE(state_fields), rec);
	fill_kind(skb, rec);
	return nla_put_string(skb, BRKWATCH_A_EVENT_COMM, rec->comm);
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

	raw_spin_lock(&watch->lock);
	counters = watch->counters;
	*exited = watch->exited;
	exit_code = watch->exit_code;
	memcpy(comm, watch->comm, sizeof(comm));
	raw_spin_unlock(&watch->lock);

	if (nla_put_u32(skb, BRKWATCH_A_WATCH_ID, watch->id) ||
	    nla_put_u32(skb, BRKWATCH_A_WATCH_PID, watch->pid))
		return -EMSGSIZE;
	if (*exited && (nla_put_flag(skb, BRKWATCH_A_WATCH_EXITED) ||
			nla_put_u32(skb, BRKWATCH_A_WATCH_EXIT_CODE, exit_code)))
		return -EMSGSIZE;
	if (skb_tailroom(skb) < ARRAY_SIZE(counter_fields) * FIELD_ROOM + COMM_ROOM)
		return -EMSGSIZE;
	fill_fields(skb, counter_fields, ARRAY_SIZE(counter_fields), &counters);
	return nla_put_string(skb, BRKWATCH_A_WATCH_COMM, comm);
}

/* No padding attribute: 64-bit values are read by copying. */
static int put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put(skb, attr, sizeof(value), &value);
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
	    nla_put_u32(skb, BRKWATCH_A_SESSION_EVENTS, session->events) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_PROTOCOL, BRKWATCH_PROTOCOL_VERSION) ||
	    nla_put_string(skb, BRKWATCH_A_SESSION_MODULE_VERSION, BRKWATCH_VERSION) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_CPUS, num_possible_cpus()) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_WATCHES, totals.watches) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_LIVE, atomic_read(&session->live)) ||
	    put_u64(skb, BRKWATCH_A_SESSION_MADE, totals.made) ||
	    put_u64(skb, BRKWATCH_A_SESSION_DELIVERED, totals.delivered) ||
	    put_u64(skb, BRKWATCH_A_SESSION_LOST_RING, totals.lost_ring) ||
	    put_u64(skb, BRKWATCH_A_SESSION_LOST_PROBE, totals.lost_probe))
		return -EMSGSIZE;
	return 0;
}
