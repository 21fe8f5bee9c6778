// SPDX-License-Identifier: GPL-2.0
/* One function for each request to the module. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "lib/array.h"
#include "lib/timestamp.h"
#include "wire/client.h"

#define AREAS_MIN 64
/* The module itself waits no longer for a process, and the kernel takes less for a dump. */
#define AGAIN_NS UINT64_C(1000000000)
#define AGAIN_WAIT_US 10000

static int take_session(const struct nlmsghdr *hdr, void *arg)
{
	return decode_session(hdr, arg);
}

static int take_counters(const struct nlmsghdr *hdr, void *arg)
{
	return decode_counters(hdr, arg);
}

static int take_events(const struct nlmsghdr *hdr, void *arg)
{
	return decode_events(hdr, arg);
}

static int put_request(struct nl_msg *msg, const struct session_request *request)
{
	const struct filter *filter = &request->filter;

	if (request->ring_bytes &&
	    nla_put_u32(msg, BRKWATCH_A_SESSION_RING_BYTES, request->ring_bytes))
		return -ENOMEM;
	if (request->stack_bytes &&
	    nla_put_u32(msg, BRKWATCH_A_SESSION_STACK_BYTES, request->stack_bytes))
		return -ENOMEM;
	if (request->follow && nla_put_flag(msg, BRKWATCH_A_SESSION_FOLLOW))
		return -ENOMEM;
	if (request->delta && nla_put_flag(msg, BRKWATCH_A_SESSION_DELTA))
		return -ENOMEM;
	if (request->huge_page &&
	    nla_put_u64(msg, BRKWATCH_A_SESSION_HUGE_PAGE, request->huge_page))
		return -ENOMEM;
	if (request->askers && nla_put_flag(msg, BRKWATCH_A_SESSION_ASKERS))
		return -ENOMEM;
	if (request->limits && nla_put_flag(msg, BRKWATCH_A_SESSION_LIMITS))
		return -ENOMEM;
	if (request->latencies && nla_put_flag(msg, BRKWATCH_A_SESSION_LATENCIES))
		return -ENOMEM;
	if (filter->min_size && nla_put_u64(msg, BRKWATCH_A_SESSION_MIN_SIZE, filter->min_size))
		return -ENOMEM;
	if (filter->failed && nla_put_flag(msg, BRKWATCH_A_SESSION_FAILED))
		return -ENOMEM;
	if (filter->by_uid && nla_put_u32(msg, BRKWATCH_A_SESSION_UID, filter->uid))
		return -ENOMEM;
	if (filter->comm && nla_put_string(msg, BRKWATCH_A_SESSION_COMM, filter->comm))
		return -ENOMEM;
	if (filter->cgroup && nla_put_string(msg, BRKWATCH_A_SESSION_CGROUP, filter->cgroup))
		return -ENOMEM;
	return nla_put_u32(msg, BRKWATCH_A_SESSION_EVENTS, filter->events) ? -ENOMEM : 0;
}

int client_session_new(struct channel *channel, const struct session_request *request,
		       struct session_state *state)
{
	struct nl_msg *msg = channel_request(channel, 0, BRKWATCH_CMD_SESSION_NEW);
	int err;

	if (!msg)
		return -ENOMEM;
	if (put_request(msg, request)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	err = channel_send(channel, msg, take_session, state);
	if (!err && state->protocol != BRKWATCH_PROTOCOL_VERSION &&
	    !(channel_replays(channel) && decode_knows(state->protocol)))
		return -EPROTO;
	return err;
}

int client_session_get(struct channel *channel, struct session_state *state)
{
	struct nl_msg *msg = channel_request(channel, 0, BRKWATCH_CMD_SESSION_GET);

	return msg ? channel_send(channel, msg, take_session, state) : -ENOMEM;
}

int client_watch_new(struct channel *channel, pid_t pid, bool on_exec, struct counters *counters)
{
	struct nl_msg *msg = channel_request(channel, 0, BRKWATCH_CMD_WATCH_NEW);
	int err;

	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, BRKWATCH_A_WATCH_PID, pid) ||
	    (on_exec && nla_put_flag(msg, BRKWATCH_A_WATCH_ON_EXEC))) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	memset(counters, 0, sizeof(*counters));
	err = channel_send(channel, msg, take_counters, counters);
	/* An ack without a message is no answer. */
	return err || counters->id ? err : -EBADMSG;
}

/*
 * EBUSY means that the kernel has not yet put the last dump away. EINTR means that a signal came
 * while the module waited for the process, such as the SIGCHLD of another that has ended. Signals
 * may come all the time, so only the clock limits how often the tool asks.
 */
static bool is_worth_another(int err, uint64_t since)
{
	if ((err != -EBUSY && err != -EINTR) || timestamp_now() - since >= AGAIN_NS)
		return false;
	usleep(AGAIN_WAIT_US);
	return true;
}

/* The request has no attribute if attr is 0, and a flag if value is NULL. */
static int dump(struct channel *channel, int cmd, int attr, const uint32_t *value,
		int (*take)(const struct nlmsghdr *hdr, void *arg), void *arg)
{
	uint64_t since = timestamp_now();
	int err;

	do {
		struct nl_msg *msg = channel_request(channel, NLM_F_DUMP, cmd);

		if (!msg)
			return -ENOMEM;
		if (attr && nla_put(msg, attr, value ? sizeof(*value) : 0, value)) {
			nlmsg_free(msg);
			return -ENOMEM;
		}
		err = channel_send(channel, msg, take, arg);
	} while (is_worth_another(err, since));
	return err;
}

int client_watch_all(struct channel *channel, struct session_state *state)
{
	struct nl_msg *msg = channel_request(channel, 0, BRKWATCH_CMD_WATCH_ALL);

	return msg ? channel_send(channel, msg, take_session, state) : -ENOMEM;
}

int client_mark(struct channel *channel, pid_t pid, const char *text)
{
	struct nl_msg *msg = channel_request(channel, 0, BRKWATCH_CMD_MARK);

	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, BRKWATCH_A_MARK_PID, pid) ||
	    nla_put_string(msg, BRKWATCH_A_MARK_TEXT, text)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return channel_send(channel, msg, NULL, NULL);
}

/* The function that takes each decoded message of a dump, by what the message holds. */
struct taker {
	union {
		int (*counters)(const struct counters *counters, void *arg);
		int (*image)(const struct image *image, void *arg);
		int (*probe)(const struct probe_state *probe, void *arg);
	};
	void *arg;
};

static int take_watch(const struct nlmsghdr *hdr, void *arg)
{
	struct taker *taker = arg;
	struct counters counters;
	int err = decode_counters(hdr, &counters);

	return err ?: taker->counters(&counters, taker->arg);
}

int client_watch_get(struct channel *channel, enum client_watches which,
		     int (*take)(const struct counters *counters, void *arg), void *arg)
{
	static const int flags[] = {
		[CLIENT_GONE] = BRKWATCH_A_WATCH_GONE,
		[CLIENT_STOP] = BRKWATCH_A_WATCH_STOP,
	};
	struct taker taker = { .counters = take, .arg = arg };

	return dump(channel, BRKWATCH_CMD_WATCH_GET, flags[which], NULL, take_watch, &taker);
}

int client_drain(struct channel *channel, struct event_taker *taker)
{
	return dump(channel, BRKWATCH_CMD_DRAIN, 0, NULL, take_events, taker);
}

/* A snapshot in the making, and the function that takes it when it is complete. */
struct gathering {
	struct snapshot snapshot;
	bool begun;
	size_t announced;
	size_t cap;
	int (*take)(const struct snapshot *snapshot, void *arg);
	void *arg;
};

static int begin_snapshot(struct gathering *g, const struct snapshot *head)
{
	if (g->snapshot.n != g->announced)
		return -EBADMSG;
	g->snapshot = *head;
	g->begun = true;
	g->announced = head->n;
	g->cap = 0;
	g->snapshot.n = 0;
	g->snapshot.areas = NULL;
	return 0;
}

/* Do not make room for all areas at once, because a damaged capture may announce any number. */
static int add_area(struct gathering *g, const struct area *area)
{
	struct snapshot *s = &g->snapshot;
	struct area *areas = array_room(s->areas, s->n, &g->cap, sizeof(*areas), AREAS_MIN);

	if (!areas)
		return -ENOMEM;
	s->areas = areas;
	s->areas[s->n++] = *area;
	return 0;
}

static int take_area(const struct nlmsghdr *hdr, void *arg)
{
	struct gathering *g = arg;
	struct area_message message;
	struct snapshot whole;
	int err = decode_area(hdr, &message);

	if (!err && message.is_head)
		err = begin_snapshot(g, &message.head);
	else if (!err && g->begun && message.snapshot == g->snapshot.id)
		err = add_area(g, &message.area);
	else if (!err)
		err = -EBADMSG;
	if (err || g->snapshot.n < g->announced)
		return err;
	whole = g->snapshot;
	g->begun = false;
	g->snapshot.areas = NULL;
	return g->take(&whole, g->arg);
}

int client_snapshot_get(struct channel *channel, uint32_t watch,
			int (*take)(const struct snapshot *snapshot, void *arg), void *arg)
{
	struct gathering gathering = { .take = take, .arg = arg };
	int attr = watch ? BRKWATCH_A_AREA_WATCH : 0;
	int err = dump(channel, BRKWATCH_CMD_SNAPSHOT_GET, attr, &watch, take_area, &gathering);

	/* The answer ended before the last area. */
	if (!err && gathering.begun)
		err = -EBADMSG;
	free(gathering.snapshot.areas);
	return err;
}

static int take_image(const struct nlmsghdr *hdr, void *arg)
{
	struct taker *taker = arg;
	struct image image;
	int err = decode_image(hdr, &image);

	return err ?: taker->image(&image, taker->arg);
}

int client_image_get(struct channel *channel, uint32_t watch,
		     int (*take)(const struct image *image, void *arg), void *arg)
{
	struct taker taker = { .image = take, .arg = arg };
	int attr = watch ? BRKWATCH_A_IMAGE_WATCH : 0;

	return dump(channel, BRKWATCH_CMD_IMAGE_GET, attr, &watch, take_image, &taker);
}

static int take_probe(const struct nlmsghdr *hdr, void *arg)
{
	struct taker *taker = arg;
	struct probe_state probe;
	int err = decode_probe(hdr, &probe);

	return err ?: taker->probe(&probe, taker->arg);
}

int client_probe_get(struct channel *channel,
		     int (*take)(const struct probe_state *probe, void *arg), void *arg)
{
	struct taker taker = { .probe = take, .arg = arg };

	return dump(channel, BRKWATCH_CMD_PROBE_GET, 0, NULL, take_probe, &taker);
}
