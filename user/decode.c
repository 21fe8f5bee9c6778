// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes to structures, by tables. Messages come from a kernel module of
 * any version, later from files too: nothing in them is taken on trust.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "decode.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum field_type { FIELD_U32, FIELD_U64, FIELD_FLAG, FIELD_COMM };

/**
 * struct field - where one attribute goes
 * @attr: its number
 * @type: what it holds
 * @offset: of the field in the structure
 * @optional: a message without it is still whole
 */
struct field {
	int attr;
	enum field_type type;
	size_t offset;
	bool optional;
};

#define EVENT(attr, type, member)                                                            \
	{                                                                                    \
		BRKWATCH_A_EVENT_##attr, FIELD_##type, offsetof(struct event, member), false \
	}

static const struct field event_fields[] = {
	EVENT(KIND, U32, kind),
	EVENT(WATCH, U32, watch),
	EVENT(PID, U32, pid),
	EVENT(TID, U32, tid),
	EVENT(TIME, U64, time),
	{ BRKWATCH_A_EVENT_HEAP_START, FIELD_U64, offsetof(struct event, heap_start), true },
	{ BRKWATCH_A_EVENT_BRK, FIELD_U64, offsetof(struct event, brk), true },
	{ BRKWATCH_A_EVENT_RSS, FIELD_U64, offsetof(struct event, rss), true },
	EVENT(COMM, COMM, comm),
};

static const struct field brk_fields[] = {
	EVENT(DURATION, U64, duration),	 EVENT(ERROR, U32, error),
	EVENT(BRK_KIND, U32, move.kind), EVENT(REQUESTED, U64, move.requested),
	EVENT(BEFORE, U64, move.before), EVENT(AFTER, U64, move.after),
};

static const struct field mmap_fields[] = {
	EVENT(DURATION, U64, duration), EVENT(ERROR, U32, error),
	EVENT(ADDR, U64, map.addr),	EVENT(LENGTH, U64, map.length),
	EVENT(PROT, U64, map.prot),	EVENT(FLAGS, U64, map.flags),
	EVENT(FD, U32, map.fd),		EVENT(OFFSET, U64, map.offset),
	EVENT(RESULT, U64, map.result),
};

static const struct field munmap_fields[] = {
	EVENT(DURATION, U64, duration), EVENT(ERROR, U32, error),	EVENT(ADDR, U64, map.addr),
	EVENT(LENGTH, U64, map.length), EVENT(RESULT, U64, map.result),
};

static const struct field exit_fields[] = {
	EVENT(EXIT_CODE, U32, exit_code),
};

#define TABLE(table)                     \
	{                                \
		table, ARRAY_SIZE(table) \
	}

/* What each kind has besides event_fields. */
static const struct {
	const struct field *fields;
	size_t n;
} kinds[] = {
	[BRKWATCH_EVENT_KIND_BRK] = TABLE(brk_fields),
	[BRKWATCH_EVENT_KIND_MMAP] = TABLE(mmap_fields),
	[BRKWATCH_EVENT_KIND_MUNMAP] = TABLE(munmap_fields),
	[BRKWATCH_EVENT_KIND_EXEC] = { NULL, 0 },
	[BRKWATCH_EVENT_KIND_EXIT] = TABLE(exit_fields),
};

#define WATCH(attr, type, member)                                                               \
	{                                                                                       \
		BRKWATCH_A_WATCH_##attr, FIELD_##type, offsetof(struct counters, member), false \
	}

static const struct field watch_fields[] = {
	WATCH(ID, U32, id),
	WATCH(PID, U32, pid),
	{ BRKWATCH_A_WATCH_EXITED, FIELD_FLAG, offsetof(struct counters, exited), true },
	{ BRKWATCH_A_WATCH_EXIT_CODE, FIELD_U32, offsetof(struct counters, exit_code), true },
	WATCH(HEAP_START, U64, heap_start),
	WATCH(BRK_FIRST, U64, brk_first),
	WATCH(BRK_PEAK, U64, brk_peak),
	WATCH(BRK, U64, brk),
	WATCH(BRK_CALLS, U64, brk_calls),
	WATCH(BRK_QUERIES, U64, brk_queries),
	WATCH(BRK_GROWS, U64, brk_grows),
	WATCH(BRK_SHRINKS, U64, brk_shrinks),
	WATCH(BRK_REFUSED, U64, brk_refused),
	WATCH(GROWN_BYTES, U64, grown_bytes),
	WATCH(SHRUNK_BYTES, U64, shrunk_bytes),
	WATCH(GROWN_LARGEST, U64, grown_largest),
	WATCH(MMAP_CALLS, U64, mmap_calls),
	WATCH(MMAP_FAILED, U64, mmap_failed),
	WATCH(MMAP_ANONYMOUS, U64, mmap_anonymous),
	WATCH(MAPPED_BYTES, U64, mapped_bytes),
	WATCH(MAPPED_LARGEST, U64, mapped_largest),
	WATCH(MAPPED_FILE_BYTES, U64, mapped_file_bytes),
	WATCH(MUNMAP_CALLS, U64, munmap_calls),
	WATCH(MUNMAP_FAILED, U64, munmap_failed),
	WATCH(UNMAPPED_BYTES, U64, unmapped_bytes),
	WATCH(UNMAPPED_LARGEST, U64, unmapped_largest),
	WATCH(MADE, U64, made),
	WATCH(LOST, U64, lost),
	WATCH(COMM, COMM, comm),
};

#define SESSION(attr, type, member)                                                              \
	{                                                                                        \
		BRKWATCH_A_SESSION_##attr, FIELD_##type, offsetof(struct session_state, member), \
			false                                                                    \
	}

static const struct field protocol_fields[] = {
	SESSION(PROTOCOL, U32, protocol),
};

static const struct field session_fields[] = {
	SESSION(LIVE, U32, live),
	SESSION(MADE, U64, made),
	SESSION(DELIVERED, U64, delivered),
	SESSION(LOST_RING, U64, lost_ring),
	SESSION(LOST_PROBE, U64, lost_probe),
};

/*
 * Like genlmsg_parse(), but bytes that are left over are an error: a message
 * that was cut short must not pass for one whose last attribute is optional.
 */
static int parse(const struct nlmsghdr *hdr, const struct nlattr **tb, int max)
{
	const struct genlmsghdr *genl = nlmsg_data(hdr);
	const struct nlattr *nla = genlmsg_attrdata(genl, 0);
	int rem;

	if (!genlmsg_valid_hdr((struct nlmsghdr *)hdr, 0))
		return -EBADMSG;
	memset(tb, 0, sizeof(*tb) * (max + 1));
	rem = genlmsg_attrlen(genl, 0);
	/* Without padding behind the last one rem ends below 0, which nla_ok() takes for much. */
	for (; rem > 0 && nla_ok(nla, rem); nla = nla_next(nla, &rem)) {
		if (nla_type(nla) <= max)
			tb[nla_type(nla)] = nla;
	}
	return rem > 0 ? -EBADMSG : 0;
}

static int get_comm(const struct nlattr *nla, char *to)
{
	size_t len = strnlen(nla_data(nla), nla_len(nla));

	if (len == (size_t)nla_len(nla) || len >= COMM_LEN)
		return -EBADMSG;
	memcpy(to, nla_data(nla), len + 1);
	return 0;
}

static int get_field(const struct field *field, const struct nlattr *nla, char *to)
{
	static const int sizes[] = { [FIELD_U32] = 4, [FIELD_U64] = 8, [FIELD_FLAG] = 0 };
	const bool yes = true;

	if (field->type == FIELD_COMM)
		return get_comm(nla, to);
	if (nla_len(nla) != sizes[field->type])
		return -EBADMSG;
	if (field->type == FIELD_FLAG)
		memcpy(to, &yes, sizeof(yes));
	else
		memcpy(to, nla_data(nla), nla_len(nla));
	return 0;
}

static int get_fields(const struct field *fields, size_t n, const struct nlattr **tb, void *to)
{
	size_t i;
	int err;

	for (i = 0; i < n; i++) {
		const struct nlattr *nla = tb[fields[i].attr];

		if (!nla && !fields[i].optional)
			return -EBADMSG;
		if (!nla)
			continue;
		err = get_field(&fields[i], nla, (char *)to + fields[i].offset);
		if (err)
			return err;
	}
	return 0;
}

int decode_event(const struct nlmsghdr *hdr, struct event *ev)
{
	const struct nlattr *tb[BRKWATCH_A_EVENT_MAX + 1];
	int err;

	memset(ev, 0, sizeof(*ev));
	err = parse(hdr, tb, BRKWATCH_A_EVENT_MAX);
	if (!err)
		err = get_fields(event_fields, ARRAY_SIZE(event_fields), tb, ev);
	if (err)
		return err;
	if (ev->kind >= ARRAY_SIZE(kinds))
		return -ENOMSG;
	ev->has_heap = tb[BRKWATCH_A_EVENT_HEAP_START] && tb[BRKWATCH_A_EVENT_BRK];
	ev->has_rss = tb[BRKWATCH_A_EVENT_RSS];
	/* At its exit a process may have no memory map any more. */
	if (!ev->has_heap && ev->kind != BRKWATCH_EVENT_KIND_EXIT)
		return -EBADMSG;
	err = get_fields(kinds[ev->kind].fields, kinds[ev->kind].n, tb, ev);
	if (err)
		return err;
	if (ev->kind == BRKWATCH_EVENT_KIND_BRK && ev->move.kind > BRKWATCH_BRK_KIND_REFUSED)
		return -ENOMSG;
	return ev->error > MAX_ERRNO ? -EBADMSG : 0;
}

int decode_counters(const struct nlmsghdr *hdr, struct counters *counters)
{
	const struct nlattr *tb[BRKWATCH_A_WATCH_MAX + 1];
	int err;

	memset(counters, 0, sizeof(*counters));
	err = parse(hdr, tb, BRKWATCH_A_WATCH_MAX);
	return err ?: get_fields(watch_fields, ARRAY_SIZE(watch_fields), tb, counters);
}

int decode_session(const struct nlmsghdr *hdr, struct session_state *state)
{
	const struct nlattr *tb[BRKWATCH_A_SESSION_MAX + 1];
	int err;

	memset(state, 0, sizeof(*state));
	err = parse(hdr, tb, BRKWATCH_A_SESSION_MAX);
	if (!err)
		err = get_fields(protocol_fields, ARRAY_SIZE(protocol_fields), tb, state);
	if (err || state->protocol != BRKWATCH_PROTOCOL_VERSION)
		return err;
	return get_fields(session_fields, ARRAY_SIZE(session_fields), tb, state);
}
