// SPDX-License-Identifier: GPL-2.0
/* The answers of more than one part: counters of all watches, and drains. */
#include <linux/brkwatch.h>
#include <linux/netlink.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "netlink.h"
#include "netlink_dump.h"
#include "netlink_fill.h"
#include "record.h"
#include "session.h"
#include "watch.h"

/**
 * dump_state() - what a dump keeps
 * @cb: the dump
 *
 * Return: it.
 */
struct dump_state *dump_state(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct dump_state) > sizeof(cb->ctx));
	return (struct dump_state *)cb->ctx;
}

/**
 * dump_start() - a dump begins
 * @cb: the dump
 *
 * If there is no session the first part of the answer says so: 6.1 gives start no
 * extack.
 *
 * Return: 0.
 */
int dump_start(struct netlink_callback *cb)
{
	dump_state(cb)->session = session_find(NETLINK_CB(cb->skb).sk);
	return 0;
}

/**
 * dump_done() - a dump has ended, or its socket was closed
 * @cb: the dump
 *
 * Return: 0.
 */
int dump_done(struct netlink_callback *cb)
{
	struct session *session = dump_state(cb)->session;

	if (session)
		session_put(session);
	return 0;
}

/**
 * dump_put() - begin a message of a dump
 * @skb: where to
 * @cb: the dump
 * @cmd: of the message
 *
 * Return: the message, or NULL if there is no room.
 */
void *dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &brkwatch_family,
			   NLM_F_MULTI, cmd);
}

/**
 * watch_get_start() - begin to tell of all watches; with "stop", end them first
 * @cb: the dump
 *
 * The attribute is looked for here: where a dump has them differs by kernel.
 *
 * Return: 0.
 */
int watch_get_start(struct netlink_callback *cb)
{
	struct dump_state *state = dump_state(cb);

	dump_start(cb);
	/* More than a page, whatever the size of the reader's buffer. */
	cb->min_dump_alloc = nlmsg_total_size(GENL_HDRLEN + fill_watch_room());
	state->stop = nlmsg_find_attr(cb->nlh, GENL_HDRLEN, BRKWATCH_A_WATCH_STOP);
	state->gone = nlmsg_find_attr(cb->nlh, GENL_HDRLEN, BRKWATCH_A_WATCH_GONE);
	if (state->session && state->stop) {
		mutex_lock(&sessions_lock);
		session_stop_all(state->session);
		mutex_unlock(&sessions_lock);
	}
	return 0;
}

/**
 * watch_get_dumpit() - tell of as many watches as there is room for
 * @skb: where to
 * @cb: the dump
 *
 * Return: bytes written, 0 at the end, or -ENOTCONN.
 */
int watch_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump_state *state = dump_state(cb);
	struct watch *watch;
	int err = 0;

	if (!state->session)
		return netlink_no_session(cb->extack);

	mutex_lock(&sessions_lock);
	follow_adopt(state->session);
	list_for_each_entry(watch, &state->session->watches, list) {
		void *header;
		bool exited;

		if (watch->id <= state->last_id || (state->gone && !READ_ONCE(watch->exited)))
			continue;
		err = -EMSGSIZE;
		header = dump_put(skb, cb, BRKWATCH_CMD_WATCH_GET);
		if (!header)
			break;
		err = fill_watch(skb, watch, &exited);
		if (err) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
		state->last_id = watch->id;
		watch->reported = exited || state->stop;
	}
	mutex_unlock(&sessions_lock);
	return skb->len ?: err;
}

/**
 * watch_get_done() - forget the watches whose last counters were told
 * @cb: the dump
 *
 * Return: 0.
 */
int watch_get_done(struct netlink_callback *cb)
{
	if (dump_state(cb)->session)
		session_reap(dump_state(cb)->session);
	return dump_done(cb);
}

/* With its stack an event can be more than a page. */
static size_t drain_room(const struct ring *ring)
{
	return nlmsg_total_size(GENL_HDRLEN + fill_event_room(ring->stack_bytes));
}

/**
 * drain_start() - begin a drain: its moment is now
 * @cb: the dump
 *
 * Return: 0.
 */
int drain_start(struct netlink_callback *cb)
{
	struct dump_state *state = dump_state(cb);

	ring_cursor_init(&state->cursor);
	dump_start(cb);
	if (state->session)
		cb->min_dump_alloc = drain_room(&state->session->ring);
	return 0;
}

/* As many events as there is room for; whether all up to the moment. */
static bool drain_events(struct sk_buff *skb, struct session *session, struct ring_cursor *cursor)
{
	size_t room = fill_event_room(session->ring.stack_bytes);
	void *to = skb_tail_pointer(skb), *end = to + skb_tailroom(skb);
	struct record last, *before = session->delta ? &last : NULL;
	const struct ring *ring = &session->ring;
	const struct record *rec;

	fill_event_begin(&last);
	while ((rec = ring_next(ring, cursor)) && end - to >= room) {
		to = fill_event(to, rec, before, ring_cursor_stack(ring, cursor, rec));
		ring_consume(ring, cursor);
	}
	skb_put(skb, to - (void *)skb_tail_pointer(skb));
	return !rec;
}

/**
 * drain_dumpit() - take as many events out of the ring as there is room for
 * @skb: where to
 * @cb: the dump
 *
 * Return: bytes written, 0 at the end, -ENOTCONN, or -EMSGSIZE if one event does
 * not fit.
 */
int drain_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump_state *state = dump_state(cb);
	struct session *session = state->session;
	unsigned int empty;
	void *header;
	bool all;

	if (!session)
		return netlink_no_session(cb->extack);

	header = dump_put(skb, cb, BRKWATCH_CMD_DRAIN);
	if (!header)
		return -EMSGSIZE;
	empty = skb->len;
	all = drain_events(skb, session, &state->cursor);
	if (all)
		session_drained(session);
	if (skb->len > empty) {
		genlmsg_end(skb, header);
		return skb->len;
	}
	genlmsg_cancel(skb, header);
	/* A message that holds not even one event would never end. */
	return all ? skb->len : -EMSGSIZE;
}
