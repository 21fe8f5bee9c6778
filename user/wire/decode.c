// SPDX-License-Identifier: GPL-2.0
/* Which attributes a message has, and what they are to the tool. */
#include <errno.h>
#include <string.h>
#include <netlink/attr.h>

#include "wire/decode.h"
#include "wire/attrs.h"

/* A capture may have this version. */
#define PROTOCOL_OLDEST 2

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define WATCH(attr, type, member) \
	FIELD(BRKWATCH_A_WATCH_##attr, type, struct counters, member, false)
#define WATCH_IF_ANY(attr, type, member) \
	FIELD(BRKWATCH_A_WATCH_##attr, type, struct counters, member, true)

static const struct attr_field watch_fields[] = {
	WATCH(ID, U32, id),
	WATCH(PID, U32, pid),
	WATCH_IF_ANY(EXITED, FLAG, exited),
	WATCH_IF_ANY(EXIT_CODE, U32, exit_code),
	WATCH_IF_ANY(PEAK_RSS, U64, peak_rss),
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
	WATCH(MREMAP_CALLS, U64, mremap_calls),
	WATCH(MREMAP_FAILED, U64, mremap_failed),
	WATCH(MPROTECT_CALLS, U64, mprotect_calls),
	WATCH(MPROTECT_FAILED, U64, mprotect_failed),
	WATCH(MADVISE_CALLS, U64, madvise_calls),
	WATCH(MADVISE_FAILED, U64, madvise_failed),
	WATCH(SHMAT_CALLS, U64, shmat_calls),
	WATCH(SHMAT_FAILED, U64, shmat_failed),
	WATCH(SHMDT_CALLS, U64, shmdt_calls),
	WATCH(SHMDT_FAILED, U64, shmdt_failed),
	WATCH(GIVEN_BACK_BYTES, U64, given_back_bytes),
	WATCH(CLONES, U64, clones),
	WATCH(FAULTS, U64, faults),
	WATCH(MADE, U64, made),
	WATCH(LOST, U64, lost),
	WATCH_IF_ANY(HEAP_GIVEN_BACK, U64, heap_given_back),
	WATCH_IF_ANY(RESERVED_BYTES, U64, reserved_bytes),
	WATCH_IF_ANY(THREADS, U64, threads),
	WATCH_IF_ANY(SHRINKS_REFUSED, U64, shrinks_refused),
	WATCH_IF_ANY(REMAPPED_BYTES, U64, remapped_bytes),
	WATCH_IF_ANY(REMAPS_UNKNOWN, U64, remaps_unknown),
	WATCH_IF_ANY(ARENAS, U64, arenas),
	WATCH_IF_ANY(ARENAS_UNKNOWN, U64, arenas_unknown),
	WATCH_IF_ANY(SECCOMP, U32, seccomp),
	WATCH(COMM, TEXT, comm),
};

#define SESSION(attr, type, member) \
	FIELD(BRKWATCH_A_SESSION_##attr, type, struct session_state, member, false)

static const struct attr_field protocol_fields[] = {
	SESSION(PROTOCOL, U32, protocol),
};

static const struct attr_field session_fields[] = {
	SESSION(LIVE, U32, live),
	SESSION(MADE, U64, made),
	SESSION(DELIVERED, U64, delivered),
	SESSION(LOST_RING, U64, lost_ring),
	SESSION(LOST_PROBE, U64, lost_probe),
	SESSION(LOST_WATCH, U64, lost_watch),
	FIELD(BRKWATCH_A_SESSION_STACK_BYTES, U32, struct session_state, stack_bytes, true),
	FIELD(BRKWATCH_A_SESSION_LOST_IMAGE, U64, struct session_state, lost_image, true),
	FIELD(BRKWATCH_A_SESSION_BLIND_FROM, U64, struct session_state, blind_from, true),
	FIELD(BRKWATCH_A_SESSION_BLIND_TO, U64, struct session_state, blind_to, true),
};

#define AREA(attr, type, member) \
	FIELD(BRKWATCH_A_AREA_##attr, type, struct area_message, member, false)

static const struct attr_field moment_fields[] = {
	AREA(SNAPSHOT, U32, head.id), AREA(WATCH, U32, head.watch),
	AREA(TIME, U64, head.time),   AREA(HEAP_START, U64, head.heap_start),
	AREA(BRK, U64, head.brk),
};

static const struct attr_field area_fields[] = {
	AREA(START, U64, area.start),
	AREA(END, U64, area.end),
	AREA(FLAGS, U32, area.flags),
};

#define PROBE(attr, type, member) \
	FIELD(BRKWATCH_A_PROBE_##attr, type, struct probe_state, member, false)

static const struct attr_field probe_fields[] = {
	PROBE(NAME, TEXT, name),
	PROBE(SYMBOL, TEXT, symbol),
	PROBE(STATE, U32, state),
	PROBE(OPTIONAL, BOOL, optional),
	PROBE(MISSED, U64, missed),
	FIELD(BRKWATCH_A_PROBE_HOOK, U32, struct probe_state, hook, true),
};

int decode_counters(const struct nlmsghdr *hdr, struct counters *counters)
{
	const struct nlattr *tb[BRKWATCH_A_WATCH_MAX + 1];
	int err;

	memset(counters, 0, sizeof(*counters));
	counters->seccomp = SECCOMP_UNKNOWN;
	err = attrs_parse(hdr, tb, BRKWATCH_A_WATCH_MAX);
	if (!err)
		err = attrs_get(watch_fields, ARRAY_SIZE(watch_fields), tb, counters);
	if (err)
		return err;
	/* A module that did not look at them. */
	if (!tb[BRKWATCH_A_WATCH_REMAPS_UNKNOWN] &&
	    counters->mremap_calls > counters->mremap_failed)
		counters->remaps_unknown = counters->mremap_calls - counters->mremap_failed;
	counters->knows_arenas = tb[BRKWATCH_A_WATCH_ARENAS];
	/* A module that knows arenas also counts these, and sends nothing if there are none. */
	counters->refusals.unknown = !counters->knows_arenas;
	err = decode_growth(tb[BRKWATCH_A_WATCH_GROWTH], &counters->growth);
	if (!err)
		err = decode_refusals(hdr, &counters->refusals);
	return err ?: decode_distributions(hdr, counters->distributions);
}

bool decode_knows(uint32_t protocol)
{
	return protocol >= PROTOCOL_OLDEST && protocol <= BRKWATCH_PROTOCOL_VERSION;
}

int decode_session(const struct nlmsghdr *hdr, struct session_state *state)
{
	const struct nlattr *tb[BRKWATCH_A_SESSION_MAX + 1];
	int err;

	memset(state, 0, sizeof(*state));
	err = attrs_parse(hdr, tb, BRKWATCH_A_SESSION_MAX);
	if (!err)
		err = attrs_get(protocol_fields, ARRAY_SIZE(protocol_fields), tb, state);
	if (err || !decode_knows(state->protocol))
		return err;
	state->has_images = tb[BRKWATCH_A_SESSION_LOST_IMAGE];
	return attrs_get(session_fields, ARRAY_SIZE(session_fields), tb, state);
}

static int decode_moment(const struct nlattr **tb, struct area_message *message)
{
	int err = attrs_get(moment_fields, ARRAY_SIZE(moment_fields), tb, message);
	uint32_t areas;

	if (err || nla_len(tb[BRKWATCH_A_AREA_AREAS]) != sizeof(areas))
		return -EBADMSG;
	memcpy(&areas, nla_data(tb[BRKWATCH_A_AREA_AREAS]), sizeof(areas));
	message->is_head = true;
	message->snapshot = message->head.id;
	message->head.n = areas;
	return 0;
}

int decode_area(const struct nlmsghdr *hdr, struct area_message *message)
{
	static const struct attr_field number[] = { AREA(SNAPSHOT, U32, snapshot) };
	const struct nlattr *tb[BRKWATCH_A_AREA_MAX + 1];
	int err;

	memset(message, 0, sizeof(*message));
	err = attrs_parse(hdr, tb, BRKWATCH_A_AREA_MAX);
	if (err)
		return err;
	if (tb[BRKWATCH_A_AREA_AREAS])
		return decode_moment(tb, message);
	err = attrs_get(number, ARRAY_SIZE(number), tb, message);
	if (!err)
		err = attrs_get(area_fields, ARRAY_SIZE(area_fields), tb, message);
	if (err)
		return err;
	return message->area.start < message->area.end ? 0 : -EBADMSG;
}

#define IMAGE(attr, type, member) FIELD(BRKWATCH_A_IMAGE_##attr, type, struct image, member, false)
#define IMAGE_IF_ANY(attr, type, member) \
	FIELD(BRKWATCH_A_IMAGE_##attr, type, struct image, member, true)

static const struct attr_field image_fields[] = {
	IMAGE(WATCH, U32, watch),
	IMAGE(TIME, U64, time),
	IMAGE(START, U64, start),
	IMAGE(END, U64, end),
	IMAGE(OFFSET, U64, offset),
	IMAGE(FILE_SIZE, U64, file_size),
	IMAGE(FILE_TIME, U64, file_time),
	IMAGE_IF_ANY(FILE_DEVICE, U32, file_device),
	IMAGE_IF_ANY(FILE_INODE, U64, file_inode),
	IMAGE_IF_ANY(BELOW, U64, below),
};

int decode_image(const struct nlmsghdr *hdr, struct image *image)
{
	const struct nlattr *tb[BRKWATCH_A_IMAGE_MAX + 1], *path;
	int err;

	memset(image, 0, sizeof(*image));
	err = attrs_parse(hdr, tb, BRKWATCH_A_IMAGE_MAX);
	if (!err)
		err = attrs_get(image_fields, ARRAY_SIZE(image_fields), tb, image);
	path = tb[BRKWATCH_A_IMAGE_PATH];
	if (err || !path || !memchr(nla_data(path), '\0', nla_len(path)))
		return -EBADMSG;
	image->path = nla_data(path);
	return image->start < image->end ? 0 : -EBADMSG;
}

int decode_probe(const struct nlmsghdr *hdr, struct probe_state *probe)
{
	const struct nlattr *tb[BRKWATCH_A_PROBE_MAX + 1];
	int err;

	memset(probe, 0, sizeof(*probe));
	probe->hook = HOOK_UNKNOWN;
	err = attrs_parse(hdr, tb, BRKWATCH_A_PROBE_MAX);
	if (!err)
		err = attrs_get(probe_fields, ARRAY_SIZE(probe_fields), tb, probe);
	if (err)
		return err;
	/* A newer module may have a hook that has no name here; all else still holds. */
	if (probe->hook > BRKWATCH_HOOK_TRACEPOINT)
		probe->hook = HOOK_UNKNOWN;
	return probe->state > BRKWATCH_PROBE_STATE_DISARMED ? -ENOMSG : 0;
}
