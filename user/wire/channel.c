// SPDX-License-Identifier: GPL-2.0
/* A generic netlink socket to the module, or a capture in its place. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include <linux/brkwatch.h>

#include "wire/channel.h"
#include "event/event.h"
#include "wire/capture_read.h"
#include "wire/socket.h"

/* This is four times as much as the kernel puts into one part of a dump. */
#define MESSAGE_BYTES (128 << 10)

/**
 * struct channel - a socket and the request that is on its way
 * @sk: the socket
 * @family: number of the family
 * @seq: sequence number of the request
 * @done: its answer is complete
 * @err: first thing that went wrong with it
 * @reason: the module's sentence about it
 * @take: gets each message of the answer
 * @arg: second argument of @take
 * @noted: a note has arrived
 * @tap: is shown each message that belongs to a request, or NULL
 * @tap_arg: third argument of @tap
 * @reader: what answers in place of the module, or NULL
 * @datagram: the last one received
 */
struct channel {
	struct nl_sock *sk;
	int family;
	uint32_t seq;
	bool done;
	int err;
	char reason[128];
	int (*take)(const struct nlmsghdr *hdr, void *arg);
	void *arg;
	bool noted;
	void (*tap)(const struct nlmsghdr *hdr, bool sent, void *arg);
	void *tap_arg;
	struct capture_reader *reader;
	char datagram[MESSAGE_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* A capture may contain a number that is no errno. */
static void fail(struct channel *channel, int err)
{
	if (!channel->err)
		channel->err = err < -MAX_ERRNO ? -EBADMSG : err;
}

/* Our requests never have the sequence number 0, because notes have it. */
static bool is_answer(const struct channel *channel, const struct nlmsghdr *hdr)
{
	return hdr->nlmsg_seq == channel->seq;
}

/* Takes the sentence of an extended ack from the attributes behind an error. */
static void take_reason(struct channel *channel, const struct nlmsghdr *hdr, int skip)
{
	const struct nlattr *nla = (void *)((char *)nlmsg_data(hdr) + skip);
	int rem = nlmsg_datalen(hdr) - skip;

	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	for (; rem > 0 && nla_ok(nla, rem); nla = nla_next(nla, &rem)) {
		if (nla_type(nla) == NLMSGERR_ATTR_MSG)
			snprintf(channel->reason, sizeof(channel->reason), "%.*s", nla_len(nla),
				 (const char *)nla_data(nla));
	}
}

/* Does it belong to the family, and is its own header complete? */
static bool is_ours(const struct channel *channel, const struct nlmsghdr *hdr)
{
	return hdr->nlmsg_type == channel->family && genlmsg_valid_hdr((struct nlmsghdr *)hdr, 0);
}

static void take_note(struct channel *channel, const struct nlmsghdr *hdr)
{
	const struct genlmsghdr *genl = nlmsg_data(hdr);

	channel->noted |= is_ours(channel, hdr) && genl->cmd == BRKWATCH_CMD_READY;
}

static void show_tap(const struct channel *channel, const struct nlmsghdr *hdr, bool sent)
{
	if (channel->tap)
		channel->tap(hdr, sent, channel->tap_arg);
}

/* The end of a dump carries the errno, if any, at the same place as an ack. */
static void take_finish(struct channel *channel, const struct nlmsghdr *hdr)
{
	int err = 0;

	channel->done = true;
	if (nlmsg_datalen(hdr) >= (int)sizeof(err))
		memcpy(&err, nlmsg_data(hdr), sizeof(err));
	if (err < 0) {
		take_reason(channel, hdr, NLMSG_ALIGN(sizeof(err)));
		fail(channel, err);
	}
}

/* An error of 0 is an ack. */
static void take_error(struct channel *channel, const struct nlmsghdr *hdr)
{
	const struct nlmsgerr *error = nlmsg_data(hdr);

	if (nlmsg_datalen(hdr) < (int)sizeof(*error))
		return;
	channel->done = true;
	/* With NETLINK_CAP_ACK the kernel does not repeat the request before the attributes. */
	take_reason(channel, hdr, sizeof(*error));
	if (error->error < 0)
		fail(channel, error->error);
}

static int take_answer(struct channel *channel, const struct nlmsghdr *hdr)
{
	show_tap(channel, hdr, false);
	if (hdr->nlmsg_type == NLMSG_DONE)
		take_finish(channel, hdr);
	else if (hdr->nlmsg_type == NLMSG_ERROR)
		take_error(channel, hdr);
	else if (is_ours(channel, hdr) && channel->take)
		return channel->take(hdr, channel->arg);
	return 0;
}

int channel_open(struct channel **channel)
{
	struct channel *c = calloc(1, sizeof(*c));
	int err;

	*channel = NULL;
	if (!c)
		return -ENOMEM;
	c->sk = nl_socket_alloc();
	err = c->sk ? socket_connect(c->sk, &c->family) : -ENOMEM;
	if (err)
		channel_close(c);
	else
		*channel = c;
	return err;
}

static void show_fact(const struct nlmsghdr *hdr, void *arg)
{
	channel_insert(arg, hdr);
}

int channel_replay(struct channel **channel, struct capture_reader *reader)
{
	struct channel *c = calloc(1, sizeof(*c));

	*channel = c;
	if (!c)
		return -ENOMEM;
	c->reader = reader;
	c->family = capture_read_family(reader);
	capture_read_on_fact(reader, show_fact, c);
	return 0;
}

void channel_close(struct channel *channel)
{
	if (!channel)
		return;
	nl_socket_free(channel->sk);
	capture_read_close(channel->reader);
	free(channel);
}

bool channel_replays(const struct channel *channel)
{
	return channel->reader;
}

struct capture_reader *channel_reader(const struct channel *channel)
{
	return channel->reader;
}

bool channel_is_tapped(const struct channel *channel)
{
	return channel->tap;
}

void channel_insert(const struct channel *channel, const struct nlmsghdr *hdr)
{
	show_tap(channel, hdr, false);
}

int channel_fd(const struct channel *channel)
{
	return nl_socket_get_fd(channel->sk);
}

const char *channel_reason(const struct channel *channel, int err)
{
	return channel->reason[0] ? channel->reason : strerror(-err);
}

bool channel_take_note(struct channel *channel)
{
	bool noted = channel->noted;

	channel->noted = false;
	return noted;
}

struct nl_msg *channel_request(const struct channel *channel, int flags, int cmd)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, channel->family, 0, flags, cmd,
			       BRKWATCH_FAMILY_VERSION))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/*
 * Do not use nl_recvmsgs(): it copies each message into one of its own, and takes it for an
 * error if watches come and go during a drain, although the events are complete. Notes may
 * arrive between the parts of an answer.
 */
static void take_datagram(struct channel *channel, int bytes)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)channel->datagram;

	for (; nlmsg_ok(hdr, bytes); hdr = nlmsg_next(hdr, &bytes)) {
		if (!is_answer(channel, hdr)) {
			take_note(channel, hdr);
			continue;
		}
		int err = take_answer(channel, hdr);

		if (err)
			fail(channel, err);
	}
}

/*
 * ENOBUFS means that a message found our receive buffer full. The tool counts its events as
 * socket loss, and the end of the answer will still arrive.
 */
int channel_receive(struct channel *channel)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { channel->datagram, sizeof(channel->datagram) };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t bytes;

	do
		bytes = recvmsg(channel_fd(channel), &msg, 0);
	while (bytes < 0 && errno == EINTR);
	if (bytes < 0 && errno == EAGAIN)
		return -ETIMEDOUT;
	if (bytes < 0)
		return errno == ENOBUFS ? 0 : -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	/* Check the sender, because other programs can write to our port. The kernel has 0. */
	if (!from.nl_pid)
		take_datagram(channel, bytes);
	return 0;
}

static int ask_module(struct channel *channel, struct nl_msg *msg)
{
	int err;

	nl_complete_msg(channel->sk, msg);
	channel->seq = nlmsg_hdr(msg)->nlmsg_seq;
	show_tap(channel, nlmsg_hdr(msg), true);
	err = nl_send(channel->sk, msg);
	if (err < 0)
		return socket_errno(err);
	while (!channel->done) {
		err = channel_receive(channel);
		if (err)
			return err;
	}
	return channel->err;
}

static void take_again(struct channel *channel, const struct nlmsghdr *hdr)
{
	int err = take_answer(channel, hdr);

	if (err == -EBADMSG || err == -ENOMSG)
		capture_read_spoil(channel->reader, "a message cannot be read");
	else if (err)
		fail(channel, err);
}

/*
 * The request does not fail if the file ends too early, because what is there counts. A
 * snapshot or images that the tool did not ask for then are not in the file.
 */
static int ask_replay(struct channel *channel, const struct nlmsghdr *request)
{
	const struct genlmsghdr *genl = nlmsg_data(request);
	const struct nlmsghdr *hdr = capture_read_ask(channel->reader, request);
	bool side = genl->cmd == BRKWATCH_CMD_SNAPSHOT_GET || genl->cmd == BRKWATCH_CMD_IMAGE_GET;
	int missing = side ? -ENOENT : 0;

	if (!hdr)
		return missing;
	channel->seq = hdr->nlmsg_seq;
	show_tap(channel, hdr, true);
	while (!channel->done) {
		hdr = capture_read_answer(channel->reader);
		if (!hdr)
			break;
		if (is_answer(channel, hdr))
			take_again(channel, hdr);
	}
	if (channel->done)
		return channel->err;
	capture_read_cut(channel->reader);
	return missing;
}

int channel_send(struct channel *channel, struct nl_msg *msg,
		 int (*take)(const struct nlmsghdr *hdr, void *arg), void *arg)
{
	int err;

	channel->take = take;
	channel->arg = arg;
	channel->done = false;
	channel->err = 0;
	channel->reason[0] = '\0';
	err = channel->reader ? ask_replay(channel, nlmsg_hdr(msg)) : ask_module(channel, msg);
	nlmsg_free(msg);
	return err;
}

int channel_tap(struct channel *channel,
		void (*tap)(const struct nlmsghdr *hdr, bool sent, void *arg), void *arg)
{
	struct nl_msg *msg;

	channel->tap = tap;
	channel->tap_arg = arg;
	if (channel->reader) {
		show_tap(channel, capture_read_controller(channel->reader), false);
		return 0;
	}
	msg = nlmsg_alloc();
	if (msg &&
	    genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL, 0, 0, CTRL_CMD_GETFAMILY,
			1) &&
	    !nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, BRKWATCH_FAMILY_NAME))
		return channel_send(channel, msg, NULL, NULL);
	nlmsg_free(msg);
	return -ENOMEM;
}

int channel_family(const struct channel *channel)
{
	return channel->family;
}
