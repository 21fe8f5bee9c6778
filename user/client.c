// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <unistd.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "client.h"
#include "decode.h"

#define BUSY_TRIES 100
#define BUSY_WAIT_US 10000

/* What takes events out of a drain, and where they go. */
struct drain {
	int (*take)(const struct event *ev, void *arg);
	void *arg;
};

static int take_session(const struct nlmsghdr *hdr, void *arg)
{
	return decode_session(hdr, arg);
}

static int take_counters(const struct nlmsghdr *hdr, void *arg)
{
	return decode_counters(hdr, arg);
}

static int take_event(const struct nlmsghdr *hdr, void *arg)
{
	struct drain *drain = arg;
	struct event ev;
	int err = decode_event(hdr, &ev);

	return err ?: drain->take(&ev, drain->arg);
}

int client_session_new(struct channel *channel, uint32_t ring_bytes, uint32_t events,
		       struct session_state *state)
{
	struct nl_msg *msg = channel_request(channel, 0, BRKWATCH_CMD_SESSION_NEW);
	int err;

	if (!msg)
		return -ENOMEM;
	if ((ring_bytes && nla_put_u32(msg, BRKWATCH_A_SESSION_RING_BYTES, ring_bytes)) ||
	    nla_put_u32(msg, BRKWATCH_A_SESSION_EVENTS, events)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	err = channel_send(channel, msg, take_session, state);
	if (!err && state->protocol != BRKWATCH_PROTOCOL_VERSION)
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

	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, BRKWATCH_A_WATCH_PID, pid) ||
	    (on_exec && nla_put_flag(msg, BRKWATCH_A_WATCH_ON_EXEC))) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return channel_send(channel, msg, take_counters, counters);
}

/* What takes the last counters of watches, and where they go. */
struct last {
	void (*take)(const struct counters *counters, void *arg);
	void *arg;
};

static int take_last(const struct nlmsghdr *hdr, void *arg)
{
	struct last *last = arg;
	struct counters counters;
	int err = decode_counters(hdr, &counters);

	if (!err)
		last->take(&counters, last->arg);
	return err;
}

int client_watch_stop(struct channel *channel,
		      void (*take)(const struct counters *counters, void *arg), void *arg)
{
	struct nl_msg *msg = channel_request(channel, NLM_F_DUMP, BRKWATCH_CMD_WATCH_GET);
	struct last last = { take, arg };

	if (!msg)
		return -ENOMEM;
	if (nla_put_flag(msg, BRKWATCH_A_WATCH_STOP)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return channel_send(channel, msg, take_last, &last);
}

int client_drain(struct channel *channel, int (*take)(const struct event *ev, void *arg), void *arg)
{
	struct drain drain = { take, arg };
	int tries = BUSY_TRIES;
	int err;

	/* EBUSY: the kernel has not yet put the last drain away. */
	do {
		struct nl_msg *msg = channel_request(channel, NLM_F_DUMP, BRKWATCH_CMD_DRAIN);

		if (!msg)
			return -ENOMEM;
		err = channel_send(channel, msg, take_event, &drain);
	} while (err == -EBUSY && tries-- && !usleep(BUSY_WAIT_US));
	return err;
}
