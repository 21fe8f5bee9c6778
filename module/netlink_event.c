// SPDX-License-Identifier: GPL-2.0
/*
 * Records as netlink attributes.
 *
 * The attributes of a kind of event are always the same, so they are laid out once, and
 * written without one nla_put() for each. A reader that asks for differences gets only the
 * attributes that have changed since the event before: a few for most calls.
 */
#include <linux/bitops.h>
#include <linux/brkwatch.h>
#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "netlink_fill.h"
#include "record.h"

#define EVENT(name, member) FIELD(bw_record, EVENT, name, member)

/* The attributes that a reader may want to see at a glance come first, in this order. */
static const struct bw_field event_fields[] = {
	EVENT(KIND, kind), EVENT(WATCH, watch), EVENT(PID, pid),   EVENT(TID, tid),
	EVENT(LOST, lost), EVENT(ERROR, error), EVENT(TIME, time), EVENT(TRAITS, traits),
};

static const struct bw_field duration_fields[] = {
	EVENT(DURATION, duration),
};

static const struct bw_field state_fields[] = {
	EVENT(HEAP_START, heap_start),
	EVENT(BRK, brk),
	EVENT(RSS, rss),
};

static const struct bw_field brk_fields[] = {
	EVENT(BRK_KIND, brk_args.kind),
	EVENT(REQUESTED, brk_args.requested),
	EVENT(BEFORE, brk_args.before),
	EVENT(AFTER, brk_args.after),
};

static const struct bw_field mmap_fields[] = {
	EVENT(ADDR, map.addr),	   EVENT(LENGTH, map.length), EVENT(PROT, map.prot),
	EVENT(FLAGS, map.flags),   EVENT(FD, number),	      EVENT(OFFSET, map.offset),
	EVENT(RESULT, map.result),
};

static const struct bw_field munmap_fields[] = {
	EVENT(ADDR, map.addr),
	EVENT(LENGTH, map.length),
	EVENT(RESULT, map.result),
};

static const struct bw_field mremap_fields[] = {
	EVENT(ADDR, map.addr),	 EVENT(LENGTH, map.length),	EVENT(NEW_LENGTH, map.new_length),
	EVENT(FLAGS, map.flags), EVENT(NEW_ADDR, map.new_addr), EVENT(RESULT, map.result),
};

static const struct bw_field mprotect_fields[] = {
	EVENT(ADDR, map.addr),
	EVENT(LENGTH, map.length),
	EVENT(PROT, map.prot),
	EVENT(RESULT, map.result),
};

static const struct bw_field pkey_mprotect_fields[] = {
	EVENT(ADDR, map.addr), EVENT(LENGTH, map.length), EVENT(PROT, map.prot),
	EVENT(PKEY, number),   EVENT(RESULT, map.result),
};

static const struct bw_field madvise_fields[] = {
	EVENT(ADDR, map.addr),
	EVENT(LENGTH, map.length),
	EVENT(ADVICE, number),
	EVENT(RESULT, map.result),
};

static const struct bw_field shmat_fields[] = {
	EVENT(SHMID, number),
	EVENT(ADDR, map.addr),
	EVENT(FLAGS, map.flags),
	EVENT(RESULT, map.result),
};

static const struct bw_field shmdt_fields[] = {
	EVENT(ADDR, map.addr),
	EVENT(RESULT, map.result),
};

static const struct bw_field clone_fields[] = {
	EVENT(CLONE_KIND, clone.kind),
	EVENT(CHILD, clone.child),
	EVENT(CHILD_WATCH, clone.watch),
};

static const struct bw_field exec_fields[] = {
	EVENT(SECCOMP, seccomp),
};

static const struct bw_field exit_fields[] = {
	EVENT(EXIT_CODE, exit.code),
	EVENT(PEAK_RSS, exit.peak_rss),
};

static const struct bw_field fault_fields[] = {
	EVENT(SIGNAL, fault.signal),
	EVENT(CODE, fault.code),
	EVENT(ADDR, fault.addr),
};

static const struct bw_field snapshot_fields[] = {
	EVENT(SNAPSHOT, snapshot),
};

static const struct bw_field leave_fields[] = {
	EVENT(LEAVE_REASON, leave_reason),
};

#define KIND(kind, fields) \
	[BRKWATCH_EVENT_KIND_##kind] = { .table = fields, .n = ARRAY_SIZE(fields) }

/* The fields that each kind has of its own; a mark has its text. */
static const struct {
	const struct bw_field *table;
	u32 n;
} kind_fields[] = {
	KIND(BRK, brk_fields),		 KIND(MMAP, mmap_fields),
	KIND(MUNMAP, munmap_fields),	 KIND(MREMAP, mremap_fields),
	KIND(MPROTECT, mprotect_fields), KIND(PKEY_MPROTECT, pkey_mprotect_fields),
	KIND(MADVISE, madvise_fields),	 KIND(SHMAT, shmat_fields),
	KIND(SHMDT, shmdt_fields),	 KIND(CLONE, clone_fields),
	KIND(EXEC, exec_fields),	 KIND(EXIT, exit_fields),
	KIND(FAULT, fault_fields),	 KIND(SNAPSHOT, snapshot_fields),
	KIND(LEAVE, leave_fields),	 [BRKWATCH_EVENT_KIND_MARK] = {},
};

static_assert(ARRAY_SIZE(kind_fields) == BRKWATCH_EVENT_KIND_MARK + 1);

/* Every attribute is at most a u64 behind its header. */
#define FIELD_ROOM (NLA_HDRLEN + sizeof(u64))
#define VALUES_MAX                                                                           \
	(ARRAY_SIZE(event_fields) + ARRAY_SIZE(duration_fields) + ARRAY_SIZE(state_fields) + \
	 ARRAY_SIZE(mmap_fields))
#define TEXT_ROOM                                    \
	(2 * NLA_HDRLEN + NLA_ALIGN(TASK_COMM_LEN) + \
	 NLA_ALIGN(sizeof_field(struct bw_record, mark)))

#define WORDS (sizeof(struct bw_record) / sizeof(u64))
#define COMM BIT(VALUES_MAX)
static_assert(VALUES_MAX < BITS_PER_TYPE(u32));

/* The kind of a record that the next one is not compared with. */
#define NO_KIND ((u16)~0)

/**
 * struct value - an attribute and where its value comes from
 * @head: header of the attribute
 * @from: bytes from the beginning of the record
 * @size: 8, 4, or 2, which is widened to 4
 */
struct value {
	struct nlattr head;
	u16 from;
	u16 size;
};

/**
 * struct layout - the attributes of a kind of event
 * @values: the attributes that are numbers, in order
 * @all: bits of @values, and of the name of the thread
 * @own: bits of attributes that not every kind has, or not with the same meaning
 * @duration: bit of the duration, which not every session wants
 * @of_word: bits of the attributes that lie in each word of a record
 */
struct layout {
	struct value values[VALUES_MAX];
	u32 all;
	u32 own;
	u32 duration;
	u32 of_word[WORDS];
};

static struct layout layouts[ARRAY_SIZE(kind_fields)];

/*
 * Most kernels have dropped the memory map when the probe sees the exit; a leave must report
 * nothing of the new program; another process may have sent a mark.
 */
static bool has_state(u32 kind)
{
	return kind != BRKWATCH_EVENT_KIND_EXIT && kind != BRKWATCH_EVENT_KIND_LEAVE &&
	       kind != BRKWATCH_EVENT_KIND_MARK;
}

/* Appends a list of fields to the layout; returns their bits. */
static u32 lay_out_fields(struct layout *layout, const struct bw_field *fields, u32 n)
{
	u32 before = layout->all, at = hweight32(before), i;

	for (i = 0; i < n; i++) {
		struct value *v = &layout->values[at + i];

		v->head.nla_type = fields[i].attr;
		v->head.nla_len = NLA_HDRLEN + max_t(u16, fields[i].size, sizeof(u32));
		v->from = fields[i].offset;
		v->size = fields[i].size;
		layout->of_word[v->from / sizeof(u64)] |= BIT(at + i);
		layout->all |= BIT(at + i);
	}
	return layout->all & ~before;
}

static void lay_out(struct layout *layout, u32 kind)
{
	size_t comm = offsetof(struct bw_record, comm) / sizeof(u64);

	lay_out_fields(layout, event_fields, ARRAY_SIZE(event_fields));
	layout->duration = lay_out_fields(layout, duration_fields, ARRAY_SIZE(duration_fields));
	if (has_state(kind))
		lay_out_fields(layout, state_fields, ARRAY_SIZE(state_fields));
	layout->own = lay_out_fields(layout, kind_fields[kind].table, kind_fields[kind].n);
	layout->all |= COMM;
	layout->of_word[comm] |= COMM;
	layout->of_word[comm + 1] |= COMM;
}

/**
 * bw_fill_event_init() - lay out all kinds of events
 */
void bw_fill_event_init(void)
{
	u32 kind;

	for (kind = 0; kind < ARRAY_SIZE(layouts); kind++)
		lay_out(&layouts[kind], kind);
}

/**
 * bw_fill_event_begin() - the next event stands first in a message
 * @before: the event that bw_fill_event() compares with
 */
void bw_fill_event_begin(struct bw_record *before)
{
	before->kind = NO_KIND;
}

/*
 * Returns which values differ from the event before. An event without state is complete, and
 * so is the next one, so that no state is left out. A word may differ where it holds no value.
 */
static u32 changed(const struct layout *layout, const struct bw_record *rec,
		   struct bw_record *before)
{
	const u64 *now = (const u64 *)rec;
	u64 *was = (u64 *)before;
	u32 bits = 0, i;

	if (before->kind != rec->kind) {
		if (!has_state(rec->kind)) {
			bw_fill_event_begin(before);
			return layout->all;
		}
		if (before->kind == NO_KIND) {
			*before = *rec;
			return layout->all;
		}
		bits = layout->own;
	}
#pragma GCC unroll 16
	for (i = 0; i < WORDS; i++) {
		if (now[i] == was[i])
			continue;
		was[i] = now[i];
		bits |= layout->of_word[i];
	}
	return bits;
}

/* No attribute is aligned to more than 4 bytes. */
static void *fill_values(void *to, const struct layout *layout, const struct bw_record *rec,
			 u32 bits)
{
	for (bits &= ~COMM; bits; bits &= bits - 1) {
		const struct value *v = &layout->values[__ffs(bits)];
		const void *from = (const void *)rec + v->from;

		memcpy(to, &v->head, NLA_HDRLEN);
		if (v->size == sizeof(u64))
			memcpy(to + NLA_HDRLEN, from, sizeof(u64));
		else
			*(u32 *)(to + NLA_HDRLEN) = v->size == sizeof(u32) ? *(const u32 *)from :
									     *(const u16 *)from;
		to += v->head.nla_len;
	}
	return to;
}

/* As nla_put_string(), with room for the longest text and without its calls. */
static void *fill_text(void *to, u16 attr, const char *text, size_t room)
{
	struct nlattr *nla = to;

	nla->nla_type = attr;
	nla->nla_len = NLA_HDRLEN + strnlen(text, room - 1) + 1;
	memcpy(nla_data(nla), text, room);
	return to + NLA_ALIGN(nla->nla_len);
}

/**
 * bw_fill_event_room() - bytes that the attribute of an event takes
 *
 * Return: the most it can take, without what lies beside the record.
 */
size_t bw_fill_event_room(void)
{
	return NLA_HDRLEN + VALUES_MAX * FIELD_ROOM + TEXT_ROOM;
}

/**
 * bw_fill_event() - the attribute that holds an event
 * @to: where to write, with bw_fill_event_room()
 * @rec: the event
 * @before: the event before it in the message, or NULL to write all; becomes @rec
 * @latencies: the session wants to know how long calls take
 *
 * Return: the end of the attribute.
 */
void *bw_fill_event(void *to, const struct bw_record *rec, struct bw_record *before, bool latencies)
{
	const struct layout *layout = &layouts[rec->kind];
	struct nlattr *nest = to;
	u32 bits;

	/* Or else the compiler multiplies the kind anew for each word that has changed. */
	OPTIMIZER_HIDE_VAR(layout);
	bits = before ? changed(layout, rec, before) : layout->all;
	if (!latencies)
		bits &= ~layout->duration;
	to = fill_values(to + NLA_HDRLEN, layout, rec, bits);
	if (bits & COMM) {
		/* A mark and the event after it are always complete. */
		if (rec->kind == BRKWATCH_EVENT_KIND_MARK)
			to = fill_text(to, BRKWATCH_A_EVENT_MARK, rec->mark, sizeof(rec->mark));
		to = fill_text(to, BRKWATCH_A_EVENT_COMM, rec->comm, sizeof(rec->comm));
	}
	nest->nla_type = BRKWATCH_A_EVENTS_EVENT | NLA_F_NESTED;
	nest->nla_len = to - (void *)nest;
	return to;
}
