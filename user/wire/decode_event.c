// SPDX-License-Identifier: GPL-2.0
/* Which attributes each kind of event has, and reading a message that is one event. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "wire/decode.h"
#include "wire/decode_event.h"
#include "wire/attrs.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define EVENT(attr, type, member) FIELD(BRKWATCH_A_EVENT_##attr, type, struct event, member, false)

static const struct attr_field event_fields[] = {
	EVENT(KIND, U32, kind), EVENT(WATCH, U32, watch), EVENT(PID, U32, pid),
	EVENT(TID, U32, tid),	EVENT(TIME, U64, time),	  EVENT(TRAITS, U32, traits),
	EVENT(LOST, U32, lost), EVENT(COMM, TEXT, comm),
};

/*
 * The tool reads these from every event but an exit, a leave and a mark: the module does not say
 * with those what state the process is in (netlink_event.c gives the reasons).
 */
static const struct attr_field state_fields[] = {
	EVENT(DURATION, U64, duration),
	EVENT(ERROR, U32, error),
	EVENT(HEAP_START, U64, heap_start),
	EVENT(BRK, U64, brk),
	FIELD(BRKWATCH_A_EVENT_RSS, U32, struct event, rss, true),
};

static const struct attr_field brk_fields[] = {
	EVENT(BRK_KIND, U32, move.kind),
	EVENT(REQUESTED, U64, move.requested),
	EVENT(BEFORE, U64, move.before),
	EVENT(AFTER, U64, move.after),
};

static const struct attr_field mmap_fields[] = {
	EVENT(ADDR, U64, map.addr),	EVENT(LENGTH, U64, map.length),
	EVENT(PROT, U64, map.prot),	EVENT(FLAGS, U64, map.flags),
	EVENT(FD, U32, map.fd),		EVENT(OFFSET, U64, map.offset),
	EVENT(RESULT, U64, map.result),
};

static const struct attr_field munmap_fields[] = {
	EVENT(ADDR, U64, map.addr),
	EVENT(LENGTH, U64, map.length),
	EVENT(RESULT, U64, map.result),
};

static const struct attr_field mremap_fields[] = {
	EVENT(ADDR, U64, map.addr),
	EVENT(LENGTH, U64, map.length),
	EVENT(NEW_LENGTH, U64, map.new_length),
	EVENT(FLAGS, U64, map.flags),
	EVENT(NEW_ADDR, U64, map.new_addr),
	EVENT(RESULT, U64, map.result),
};

static const struct attr_field mprotect_fields[] = {
	EVENT(ADDR, U64, map.addr),
	EVENT(LENGTH, U64, map.length),
	EVENT(PROT, U64, map.prot),
	EVENT(RESULT, U64, map.result),
};

static const struct attr_field pkey_mprotect_fields[] = {
	EVENT(ADDR, U64, map.addr), EVENT(LENGTH, U64, map.length), EVENT(PROT, U64, map.prot),
	EVENT(PKEY, U32, map.pkey), EVENT(RESULT, U64, map.result),
};

static const struct attr_field madvise_fields[] = {
	EVENT(ADDR, U64, map.addr),
	EVENT(LENGTH, U64, map.length),
	EVENT(ADVICE, U32, map.advice),
	EVENT(RESULT, U64, map.result),
};

static const struct attr_field shmat_fields[] = {
	EVENT(SHMID, U32, map.shmid),
	EVENT(ADDR, U64, map.addr),
	EVENT(FLAGS, U64, map.flags),
	EVENT(RESULT, U64, map.result),
};

static const struct attr_field shmdt_fields[] = {
	EVENT(ADDR, U64, map.addr),
	EVENT(RESULT, U64, map.result),
};

static const struct attr_field clone_fields[] = {
	EVENT(CLONE_KIND, U32, clone.kind),
	EVENT(CHILD, U32, clone.child),
	EVENT(CHILD_WATCH, U32, clone.watch),
};

static const struct attr_field exec_fields[] = {
	FIELD(BRKWATCH_A_EVENT_SECCOMP, U32, struct event, seccomp, true),
};

static const struct attr_field exit_fields[] = {
	EVENT(EXIT_CODE, U32, exit.code),
	EVENT(PEAK_RSS, U64, exit.peak_rss),
};

static const struct attr_field fault_fields[] = {
	EVENT(SIGNAL, U32, fault.signal),
	EVENT(CODE, U32, fault.code),
	EVENT(ADDR, U64, fault.addr),
};

static const struct attr_field snapshot_fields[] = {
	EVENT(SNAPSHOT, U32, snapshot),
};

static const struct attr_field leave_fields[] = {
	EVENT(LEAVE_REASON, U32, leave_reason),
};

static const struct attr_field mark_fields[] = {
	EVENT(MARK, TEXT, mark),
};

static const struct attr_field asker_fields[] = {
	FIELD(BRKWATCH_A_EVENT_IP, U64, struct event, asker.ip, true),
};

#define TABLE(table)                     \
	{                                \
		table, ARRAY_SIZE(table) \
	}

/* The attributes of one kind alone, besides those in event_fields and state_fields. */
static const struct {
	const struct attr_field *fields;
	size_t n;
} kinds[] = {
	[BRKWATCH_EVENT_KIND_BRK] = TABLE(brk_fields),
	[BRKWATCH_EVENT_KIND_MMAP] = TABLE(mmap_fields),
	[BRKWATCH_EVENT_KIND_MUNMAP] = TABLE(munmap_fields),
	[BRKWATCH_EVENT_KIND_MREMAP] = TABLE(mremap_fields),
	[BRKWATCH_EVENT_KIND_MPROTECT] = TABLE(mprotect_fields),
	[BRKWATCH_EVENT_KIND_PKEY_MPROTECT] = TABLE(pkey_mprotect_fields),
	[BRKWATCH_EVENT_KIND_MADVISE] = TABLE(madvise_fields),
	[BRKWATCH_EVENT_KIND_SHMAT] = TABLE(shmat_fields),
	[BRKWATCH_EVENT_KIND_SHMDT] = TABLE(shmdt_fields),
	[BRKWATCH_EVENT_KIND_CLONE] = TABLE(clone_fields),
	[BRKWATCH_EVENT_KIND_EXEC] = TABLE(exec_fields),
	[BRKWATCH_EVENT_KIND_EXIT] = TABLE(exit_fields),
	[BRKWATCH_EVENT_KIND_FAULT] = TABLE(fault_fields),
	[BRKWATCH_EVENT_KIND_SNAPSHOT] = TABLE(snapshot_fields),
	[BRKWATCH_EVENT_KIND_LEAVE] = TABLE(leave_fields),
	[BRKWATCH_EVENT_KIND_MARK] = TABLE(mark_fields),
};

/* The tool copies what it knows of the parent to the child, so they must be two. */
static int check_clone(const struct event *ev)
{
	if (ev->clone.watch && ev->clone.watch == ev->watch)
		return -EBADMSG;
	return ev->clone.kind > BRKWATCH_CLONE_KIND_THREAD ? -ENOMSG : 0;
}

int event_check(const struct event *ev)
{
	if (ev->error > MAX_ERRNO)
		return -EBADMSG;
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		return ev->move.kind > BRKWATCH_BRK_KIND_REFUSED ? -ENOMSG : 0;
	case BRKWATCH_EVENT_KIND_CLONE:
		return check_clone(ev);
	case BRKWATCH_EVENT_KIND_FAULT:
		return ev->fault.signal >= NSIG ? -EBADMSG : 0;
	case BRKWATCH_EVENT_KIND_LEAVE:
		return ev->leave_reason > BRKWATCH_LEAVE_REASON_CREDENTIALS ? -ENOMSG : 0;
	default:
		return 0;
	}
}

static int get_stack(const struct nlattr **tb, struct event_stack *stack)
{
	const struct nlattr *registers = tb[BRKWATCH_A_EVENT_REGISTERS];
	const struct nlattr *bytes = tb[BRKWATCH_A_EVENT_STACK];

	if (!registers && !bytes)
		return 0;
	if (!registers || !bytes || nla_len(registers) != EVENT_REGISTERS * sizeof(uint64_t))
		return -EBADMSG;
	*stack = (struct event_stack){ nla_data(registers), nla_data(bytes), nla_len(bytes) };
	return 0;
}

int event_get_words(const struct nlattr *words, struct event_asker *asker)
{
	size_t len = words ? nla_len(words) : 0;

	if (len % sizeof(*asker->words) || len > sizeof(asker->words))
		return -EBADMSG;
	if (len)
		memcpy(asker->words, nla_data(words), len);
	asker->n = len / sizeof(*asker->words);
	return 0;
}

/* Who made a call, and what the kernel decided it by. */
static int get_context(const struct nlattr **tb, struct event *ev)
{
	int err = attrs_get(asker_fields, ARRAY_SIZE(asker_fields), tb, ev);

	if (!err)
		err = event_get_words(tb[BRKWATCH_A_EVENT_ASKER], &ev->asker);
	return err ?: decode_limits(tb[BRKWATCH_A_EVENT_LIMITS], &ev->limits);
}

int event_get_own(const struct nlattr **tb, struct event *ev)
{
	return attrs_get(kinds[ev->kind].fields, kinds[ev->kind].n, tb, ev);
}

int event_get(const struct nlattr **tb, struct event *ev)
{
	int err;

	memset(ev, 0, sizeof(*ev));
	ev->seccomp = SECCOMP_UNKNOWN;
	err = attrs_get(event_fields, ARRAY_SIZE(event_fields), tb, ev);
	if (err)
		return err;
	if (ev->kind >= ARRAY_SIZE(kinds))
		return -ENOMSG;
	ev->has_heap = ev->kind != BRKWATCH_EVENT_KIND_EXIT &&
		       ev->kind != BRKWATCH_EVENT_KIND_LEAVE &&
		       ev->kind != BRKWATCH_EVENT_KIND_MARK;
	if (ev->has_heap) {
		ev->has_rss = tb[BRKWATCH_A_EVENT_RSS];
		err = attrs_get(state_fields, ARRAY_SIZE(state_fields), tb, ev);
	}
	if (!err)
		err = event_get_own(tb, ev);
	if (!err)
		err = get_stack(tb, &ev->stack);
	if (!err && event_is_call(ev->kind))
		err = get_context(tb, ev);
	return err ?: event_check(ev);
}

static void lay_out(struct event_place *places, const struct attr_field *fields, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (fields[i].type == FIELD_U32 || fields[i].type == FIELD_U64)
			places[fields[i].attr] =
				(struct event_place){ fields[i].offset, fields[i].size };
}

const struct event_place *event_places(uint32_t kind)
{
	static struct event_place all[ARRAY_SIZE(kinds)][BRKWATCH_A_EVENT_MAX + 1];
	struct event_place *places;

	if (kind >= ARRAY_SIZE(kinds) || !event_is_call(kind))
		return NULL;
	places = all[kind];
	/* All events have a time. */
	if (places[BRKWATCH_A_EVENT_TIME].size)
		return places;
	lay_out(places, event_fields, ARRAY_SIZE(event_fields));
	lay_out(places, state_fields, ARRAY_SIZE(state_fields));
	lay_out(places, asker_fields, ARRAY_SIZE(asker_fields));
	lay_out(places, kinds[kind].fields, kinds[kind].n);
	places[BRKWATCH_A_EVENT_KIND].size = 0;
	return places;
}

int decode_event(const struct nlmsghdr *hdr, struct event *ev)
{
	const struct nlattr *tb[BRKWATCH_A_EVENT_MAX + 1];
	int err = attrs_parse(hdr, tb, BRKWATCH_A_EVENT_MAX);

	return err ?: event_get(tb, ev);
}
