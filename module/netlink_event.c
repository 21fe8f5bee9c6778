// SPDX-License-Identifier: GPL-2.0
/*
 * Records as netlink attributes.
 *
 * The attributes of a kind of event are always the same, so they are laid out once.
 * An event is a copy of that with its values put in, many times cheaper than one
 * nla_put() for each.
 */
#include <linux/brkwatch.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "netlink_fill.h"
#include "record.h"
#include "stack.h"

#define EVENT(name, member) FIELD(record, EVENT, name, member)

/* Those come first, and in this order, that a reader may want to see at a glance. */
static const struct field event_fields[] = {
	EVENT(KIND, kind), EVENT(WATCH, watch),	      EVENT(PID, pid),
	EVENT(TID, tid),   EVENT(LOST, lost),	      EVENT(ERROR, error),
	EVENT(TIME, time), EVENT(DURATION, duration), EVENT(TRAITS, traits),
};

static const struct field state_fields[] = {
	EVENT(HEAP_START, heap_start),
	EVENT(BRK, brk),
	EVENT(RSS, rss),
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

/* Every attribute is at most a u64 behind its header. */
#define FIELD_ROOM (NLA_HDRLEN + sizeof(u64))
#define VALUES_MAX (ARRAY_SIZE(event_fields) + ARRAY_SIZE(state_fields) + ARRAY_SIZE(mmap_fields))
#define TEXT_ROOM \
	(2 * NLA_HDRLEN + NLA_ALIGN(TASK_COMM_LEN) + NLA_ALIGN(sizeof_field(struct record, mark)))

/**
 * struct value - where a value comes from and goes to
 * @from: bytes from the beginning of the record
 * @to: bytes from the beginning of the attributes
 */
struct value {
	u16 from;
	u16 to;
};

/**
 * struct layout - the attributes of a kind of event, but for its texts
 * @bytes: them, with the header of the one that holds all, and room for the values
 * @len: their length
 * @n64: how many values have 64 bits
 * @n32: how many have 32
 * @n16: how many have 16, widened to 32
 * @values: these, in this order
 */
struct layout {
	u8 bytes[NLA_HDRLEN + VALUES_MAX * FIELD_ROOM];
	u16 len;
	u8 n64;
	u8 n32;
	u8 n16;
	struct value values[VALUES_MAX];
};

static struct layout layouts[ARRAY_SIZE(kind_fields)];

/*
 * Where the exit is seen, most kernels have dropped the memory map; of who leaves
 * nothing may be told; a mark may be another's.
 */
static bool has_state(u32 kind)
{
	return kind != BRKWATCH_EVENT_KIND_EXIT && kind != BRKWATCH_EVENT_KIND_LEAVE &&
	       kind != BRKWATCH_EVENT_KIND_MARK;
}

/* A list of fields behind those that are there; @values gets them with their sizes. */
static u32 lay_out_fields(struct layout *layout, const struct field *fields, u32 n,
			  struct value *values, u16 *sizes)
{
	u32 i;

	for (i = 0; i < n; i++) {
		struct nlattr *nla = (struct nlattr *)&layout->bytes[layout->len];

		nla->nla_type = fields[i].attr;
		nla->nla_len = NLA_HDRLEN + max_t(u16, fields[i].size, sizeof(u32));
		values[i].from = fields[i].offset;
		values[i].to = layout->len + NLA_HDRLEN;
		sizes[i] = fields[i].size;
		layout->len += nla->nla_len;
	}
	return n;
}

static u32 take_size(struct layout *layout, u32 at, const struct value *values, const u16 *sizes,
		     u32 n, u16 size)
{
	u32 i, taken = 0;

	for (i = 0; i < n; i++)
		if (sizes[i] == size)
			layout->values[at + taken++] = values[i];
	return taken;
}

static void lay_out(struct layout *layout, u32 kind)
{
	struct nlattr *nest = (struct nlattr *)layout->bytes;
	struct value values[VALUES_MAX];
	u16 sizes[VALUES_MAX];
	u32 n;

	nest->nla_type = BRKWATCH_A_EVENTS_EVENT | NLA_F_NESTED;
	layout->len = NLA_HDRLEN;
	n = lay_out_fields(layout, event_fields, ARRAY_SIZE(event_fields), values, sizes);
	if (has_state(kind))
		n += lay_out_fields(layout, state_fields, ARRAY_SIZE(state_fields), values + n,
				    sizes + n);
	n += lay_out_fields(layout, kind_fields[kind].table, kind_fields[kind].n, values + n,
			    sizes + n);
	layout->n64 = take_size(layout, 0, values, sizes, n, sizeof(u64));
	layout->n32 = take_size(layout, layout->n64, values, sizes, n, sizeof(u32));
	layout->n16 = take_size(layout, layout->n64 + layout->n32, values, sizes, n, sizeof(u16));
}

/**
 * fill_event_init() - lay out all kinds of events
 */
void fill_event_init(void)
{
	u32 kind;

	for (kind = 0; kind < ARRAY_SIZE(layouts); kind++)
		lay_out(&layouts[kind], kind);
}

/* No attribute is aligned to more than 4 bytes. */
static void fill_values(void *to, const struct layout *layout, const struct record *rec)
{
	const struct value *v = layout->values;
	const void *from = rec;
	u32 i;

	memcpy(to, layout->bytes, layout->len);
	for (i = 0; i < layout->n64; i++, v++)
		memcpy(to + v->to, from + v->from, sizeof(u64));
	for (i = 0; i < layout->n32; i++, v++)
		memcpy(to + v->to, from + v->from, sizeof(u32));
	for (i = 0; i < layout->n16; i++, v++)
		*(u32 *)(to + v->to) = *(const u16 *)(from + v->from);
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

static void *fill_bytes(void *to, u16 attr, const void *from, u32 bytes)
{
	struct nlattr *nla = to;

	nla->nla_type = attr;
	nla->nla_len = NLA_HDRLEN + bytes;
	memcpy(nla_data(nla), from, bytes);
	return to + NLA_ALIGN(nla->nla_len);
}

/* Lengths are multiples of 4, so there is nothing to pad. */
static void *fill_stack(void *to, const struct user_stack *stack)
{
	u32 len = round_down(stack->len, sizeof(u64));

	to = fill_bytes(to, BRKWATCH_A_EVENT_REGISTERS, stack->registers, sizeof(stack->registers));
	return fill_bytes(to, BRKWATCH_A_EVENT_STACK, stack->bytes, len);
}

static size_t stack_room(u32 stack_bytes)
{
	return 2 * NLA_HDRLEN + sizeof_field(struct user_stack, registers) + stack_bytes;
}

/**
 * fill_event_room() - what the attribute that holds an event takes
 * @stack_bytes: of the user's stack that come with it at most, 0 for none
 *
 * Return: the most it can take.
 */
size_t fill_event_room(u32 stack_bytes)
{
	return sizeof_field(struct layout, bytes) + TEXT_ROOM +
	       (stack_bytes ? stack_room(stack_bytes) : 0);
}

/**
 * fill_event() - the attribute that holds an event
 * @skb: where to
 * @rec: the event
 * @stack: what came with it, or NULL
 *
 * Return: 0 or -EMSGSIZE with nothing written.
 */
int fill_event(struct sk_buff *skb, const struct record *rec, const struct user_stack *stack)
{
	const struct layout *layout = &layouts[rec->kind];
	struct nlattr *nest = (struct nlattr *)skb_tail_pointer(skb);
	void *end = (void *)nest + layout->len;

	if (stack && !stack->taken)
		stack = NULL;
	if (skb_tailroom(skb) < layout->len + TEXT_ROOM + (stack ? stack_room(stack->len) : 0))
		return -EMSGSIZE;
	fill_values(nest, layout, rec);
	if (rec->kind == BRKWATCH_EVENT_KIND_MARK)
		end = fill_text(end, BRKWATCH_A_EVENT_MARK, rec->mark, sizeof(rec->mark));
	end = fill_text(end, BRKWATCH_A_EVENT_COMM, rec->comm, sizeof(rec->comm));
	if (unlikely(stack))
		end = fill_stack(end, stack);
	nest->nla_len = end - (void *)nest;
	skb_put(skb, nest->nla_len);
	return 0;
}
