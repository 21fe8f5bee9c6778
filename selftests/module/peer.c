// SPDX-License-Identifier: GPL-2.0
/* The tests talk to the module through libnl. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "peer.h"

#define BUFFER (1 << 17)

int peer_open(struct peer *p)
{
	int one = 1;

	p->extack[0] = 0;
	p->sk = nl_socket_alloc();
	if (!p->sk || genl_connect(p->sk))
		return -ENOMEM;
	p->family = genl_ctrl_resolve(p->sk, BRKWATCH_FAMILY_NAME);
	if (p->family < 0)
		return -ENOENT;
	return setsockopt(nl_socket_get_fd(p->sk), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
}

void peer_close(struct peer *p)
{
	nl_socket_free(p->sk);
	p->sk = NULL;
}

struct nl_msg *peer_request(struct peer *p, int cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg)
		abort();
	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, p->family, 0, flags | NLM_F_REQUEST, cmd,
		    BRKWATCH_FAMILY_VERSION);
	return msg;
}

/* An error, or the end of a dump: both begin with an errno. */
static int peer_end(struct peer *p, struct nlmsghdr *nlh)
{
	struct nlmsgerr *err = nlmsg_data(nlh);
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	int hlen = sizeof(err->error);

	if (nlh->nlmsg_type == NLMSG_ERROR) {
		hlen = sizeof(*err);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			hlen += NLMSG_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
	}
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS &&
	    !nlmsg_parse(nlh, hlen, tb, NLMSGERR_ATTR_MAX, NULL) && tb[NLMSGERR_ATTR_MSG])
		snprintf(p->extack, sizeof(p->extack), "%s", nla_get_string(tb[NLMSGERR_ATTR_MSG]));
	return err->error;
}

/* Hands each event of a drain to the callback, and any other message as a whole. */
static void peer_give(struct nlmsghdr *nlh, peer_fn fn, void *arg)
{
	struct nlattr *tb[PEER_ATTRS], *nla;
	int rem;

	if (genlmsg_parse(nlh, 0, tb, PEER_ATTRS - 1, NULL))
		abort();
	if (!tb[BRKWATCH_A_EVENTS_EVENT]) {
		fn(tb, arg);
		return;
	}
	nlmsg_for_each_attr(nla, nlh, GENL_HDRLEN, rem) {
		if (nla_parse_nested(tb, PEER_ATTRS - 1, nla, NULL))
			abort();
		fn(tb, arg);
	}
}

/* Reads one datagram; returns false when it ended the answer, with *err set. */
static bool peer_datagram(struct peer *p, uint32_t seq, peer_fn fn, void *arg, char *buffer,
			  int *err)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)buffer;
	int len = recv(nl_socket_get_fd(p->sk), buffer, BUFFER, 0);

	*err = len < 0 ? -errno : 0;
	if (len < 0)
		return false;
	for (; nlmsg_ok(nlh, len); nlh = nlmsg_next(nlh, &len)) {
		if (nlh->nlmsg_seq != seq)
			continue;
		if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
			*err = peer_end(p, nlh);
			return false;
		}
		p->answer = nlh;
		if (fn)
			peer_give(nlh, fn, arg);
	}
	return true;
}

int peer_call(struct peer *p, struct nl_msg *msg, peer_fn fn, void *arg)
{
	char *buffer = malloc(BUFFER);
	uint32_t seq;
	int err;

	if (!buffer)
		abort();
	p->extack[0] = 0;
	if (!(nlmsg_hdr(msg)->nlmsg_flags & NLM_F_DUMP))
		nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK;
	nl_complete_msg(p->sk, msg);
	seq = nlmsg_hdr(msg)->nlmsg_seq;
	err = nl_send(p->sk, msg);
	if (err >= 0)
		while (peer_datagram(p, seq, fn, arg, buffer, &err))
			;
	nlmsg_free(msg);
	free(buffer);
	return err;
}

int peer_session_as(struct peer *p, const struct peer_wish *wish)
{
	struct nl_msg *msg = peer_request(p, BRKWATCH_CMD_SESSION_NEW, 0);

	if (wish->ring_bytes)
		nla_put_u32(msg, BRKWATCH_A_SESSION_RING_BYTES, wish->ring_bytes);
	nla_put_u32(msg, BRKWATCH_A_SESSION_EVENTS, wish->events);
	if (wish->stack_bytes)
		nla_put_u32(msg, BRKWATCH_A_SESSION_STACK_BYTES, wish->stack_bytes);
	if (wish->follow)
		nla_put_flag(msg, BRKWATCH_A_SESSION_FOLLOW);
	if (wish->delta)
		nla_put_flag(msg, BRKWATCH_A_SESSION_DELTA);
	if (wish->huge_page)
		nla_put_u64(msg, BRKWATCH_A_SESSION_HUGE_PAGE, wish->huge_page);
	if (wish->askers)
		nla_put_flag(msg, BRKWATCH_A_SESSION_ASKERS);
	if (wish->limits)
		nla_put_flag(msg, BRKWATCH_A_SESSION_LIMITS);
	if (wish->latencies)
		nla_put_flag(msg, BRKWATCH_A_SESSION_LATENCIES);
	return peer_call(p, msg, NULL, NULL);
}

int peer_session(struct peer *p, uint32_t ring_bytes, uint32_t events)
{
	const struct peer_wish wish = { .ring_bytes = ring_bytes, .events = events };

	return peer_session_as(p, &wish);
}

static void take_id(struct nlattr **tb, void *arg)
{
	*(int *)arg = peer_u32(tb, BRKWATCH_A_WATCH_ID);
}

/* Returns the id of the watch or a negative errno. */
int peer_watch(struct peer *p, pid_t pid, bool on_exec)
{
	struct nl_msg *msg = peer_request(p, BRKWATCH_CMD_WATCH_NEW, 0);
	int id = -ENOMSG, err;

	nla_put_u32(msg, BRKWATCH_A_WATCH_PID, pid);
	if (on_exec)
		nla_put_flag(msg, BRKWATCH_A_WATCH_ON_EXEC);
	err = peer_call(p, msg, take_id, &id);
	return err ?: id;
}

/* Opens a session with stacks that watches the caller; returns as peer_watch(). */
int peer_stacks(struct peer *p, uint32_t ring_bytes, uint32_t stack_bytes)
{
	const struct peer_wish wish = {
		.ring_bytes = ring_bytes,
		.events = ALL_KINDS,
		.stack_bytes = stack_bytes,
	};
	int err = peer_open(p);

	err = err ?: peer_session_as(p, &wish);
	return err ?: peer_watch(p, getpid(), false);
}

struct wanted {
	int attr;
	uint64_t *value;
};

static void take_u64(struct nlattr **tb, void *arg)
{
	struct wanted *wanted = arg;

	*wanted->value = peer_u64(tb, wanted->attr);
}

int peer_unwatch(struct peer *p, uint32_t id, uint64_t *value, int attr)
{
	struct wanted wanted = { .attr = attr, .value = value };
	struct nl_msg *msg = peer_request(p, BRKWATCH_CMD_WATCH_DEL, 0);

	nla_put_u32(msg, BRKWATCH_A_WATCH_ID, id);
	return peer_call(p, msg, take_u64, &wanted);
}

int peer_drain(struct peer *p, peer_fn fn, void *arg)
{
	return peer_call(p, peer_request(p, BRKWATCH_CMD_DRAIN, NLM_F_DUMP), fn, arg);
}

int peer_watches(struct peer *p, peer_fn fn, void *arg)
{
	return peer_call(p, peer_request(p, BRKWATCH_CMD_WATCH_GET, NLM_F_DUMP), fn, arg);
}

uint64_t peer_total(struct peer *p, int attr)
{
	uint64_t value = 0;
	struct wanted wanted = { .attr = attr, .value = &value };

	if (peer_call(p, peer_request(p, BRKWATCH_CMD_SESSION_GET, 0), take_u64, &wanted))
		abort();
	return value;
}

/* Wait for a "ready" note, at most ten seconds: 0, or -ETIMEDOUT. */
int peer_ready(struct peer *p, uint32_t *live)
{
	struct pollfd pfd = { .fd = nl_socket_get_fd(p->sk), .events = POLLIN };
	struct nlattr *tb[PEER_ATTRS];
	char buffer[4096];

	if (poll(&pfd, 1, 10000) != 1 || recv(pfd.fd, buffer, sizeof(buffer), 0) <= 0 ||
	    genlmsg_parse((struct nlmsghdr *)buffer, 0, tb, PEER_ATTRS - 1, NULL))
		return -ETIMEDOUT;
	*live = peer_u32(tb, BRKWATCH_A_SESSION_LIVE);
	return 0;
}

uint64_t peer_u64(struct nlattr **tb, int attr)
{
	if (!tb[attr])
		return UINT64_MAX;
	return nla_len(tb[attr]) == sizeof(uint64_t) ? nla_get_u64(tb[attr]) :
						       nla_get_u32(tb[attr]);
}

uint32_t peer_u32(struct nlattr **tb, int attr)
{
	return tb[attr] ? nla_get_u32(tb[attr]) : UINT32_MAX;
}
