// SPDX-License-Identifier: GPL-2.0
/* Dumps answer in more than one part: the counters of all watches, and drains. */
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
 * bw_dump_state() - what a dump keeps between its parts
 * @cb: the dump
 *
 * Return: the state.
 */
struct bw_dump_state *bw_dump_state(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct bw_dump_state) > sizeof(cb->ctx));
	return (struct bw_dump_state *)cb->ctx;
}

/**
 * bw_dump_start() - a dump begins
 * @cb: the dump
 *
 * If there is no session the first part of the answer says so, because 6.1 gives start no
 * extack.
 *
 * Return: 0.
 */
int bw_dump_start(struct netlink_callback *cb)
{
	bw_dump_state(cb)->session = bw_session_find(NETLINK_CB(cb->skb).sk);
	return 0;
}

/**
 * bw_dump_done() - a dump has ended, or its socket was closed
 * @cb: the dump
 *
 * Return: 0.
 */
int bw_dump_done(struct netlink_callback *cb)
{
	struct bw_session *session = bw_dump_state(cb)->session;

	if (session)
		bw_session_put(session);
	return 0;
}

/**
 * bw_dump_put() - begin a message of a dump
 * @skb: where to
 * @cb: the dump
 * @cmd: command of the message
 *
 * Return: the message, or NULL if there is no room.
 */
void *bw_dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &bw_family,
			   NLM_F_MULTI, cmd);
}

/**
 * bw_watch_get_start() - begin to report all watches; with "stop", end them first
 * @cb: the dump
 *
 * The attributes are looked for here, because kernels differ in where a dump has them.
 *
 * Return: 0.
 */
int bw_watch_get_start(struct netlink_callback *cb)
{
	struct bw_dump_state *state = bw_dump_state(cb);

	bw_dump_start(cb);
	/* A watch takes more than a page, whatever the size of the reader's buffer. */
	cb->min_dump_alloc = nlmsg_total_size(GENL_HDRLEN + bw_fill_watch_room());
	state->stop = nlmsg_find_attr(cb->nlh, GENL_HDRLEN, BRKWATCH_A_WATCH_STOP);
	state->gone = nlmsg_find_attr(cb->nlh, GENL_HDRLEN, BRKWATCH_A_WATCH_GONE);
	if (state->session && state->stop)
		bw_session_stop_all(state->session);
	return 0;
}

/**
 * bw_watch_get_dumpit() - report as many watches as there is room for
 * @skb: where to
 * @cb: the dump
 *
 * Return: bytes written, 0 at the end, or -ENOTCONN, -EINTR (a fatal signal).
 */
int bw_watch_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct bw_dump_state *state = bw_dump_state(cb);
	struct bw_watch *watch;
	int err;

	if (!state->session)
		return bw_netlink_no_session(cb->extack);

	err = bw_session_lock(state->session, cb->extack);
	if (err)
		return err;
	bw_follow_adopt(state->session);
	list_for_each_entry(watch, &state->session->watches, list) {
		void *header;
		bool exited;

		if (watch->id <= state->last_id || watch->leaves ||
		    (state->gone && !READ_ONCE(watch->exited)))
			continue;
		err = -EMSGSIZE;
		header = bw_dump_put(skb, cb, BRKWATCH_CMD_WATCH_GET);
		if (!header)
			break;
		err = bw_fill_watch(skb, watch, &exited);
		if (err) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
		state->last_id = watch->id;
		watch->reported = exited || state->stop;
	}
	mutex_unlock(&state->session->lock);
	return skb->len ?: err;
}

/**
 * bw_watch_get_done() - forget the watches after their last counters were reported
 * @cb: the dump
 *
 * Return: 0.
 */
int bw_watch_get_done(struct netlink_callback *cb)
{
	if (bw_dump_state(cb)->session)
		bw_session_reap(bw_dump_state(cb)->session);
	return bw_dump_done(cb);
}

/* With what lies beside its record an event can take more than a page. */
static size_t event_room(const struct bw_ring *ring)
{
	return bw_fill_event_room() +
	       (ring->stack_bytes ? bw_fill_stack_room(ring->stack_bytes) : 0) +
	       (ring->contexts ? bw_fill_context_room() : 0);
}

/**
 * bw_drain_start() - begin a drain: its moment is now
 * @cb: the dump
 *
 * Return: 0.
 */
int bw_drain_start(struct netlink_callback *cb)
{
	struct bw_dump_state *state = bw_dump_state(cb);

	bw_ring_cursor_init(&state->cursor);
	bw_dump_start(cb);
	if (state->session)
		cb->min_dump_alloc =
			nlmsg_total_size(GENL_HDRLEN + event_room(&state->session->ring));
	return 0;
}

/* Appends what lies beside a record; out of line, so that the loop stays short without it. */
static noinline void *fill_beside(struct nlattr *event, void *to, const struct bw_session *session,
				  const struct bw_ring_cpu *rc, const struct bw_record *rec,
				  struct bw_context *before)
{
	const struct bw_ring *ring = &session->ring;

	if (ring->stack_bytes)
		to = bw_fill_stack(to, bw_ring_stack(ring, rc, rec));
	if (!session->delta) {
		before->ip = 0;
		before->n = 0;
	}
	if (ring->contexts && bw_record_is_call(rec))
		to = bw_fill_context(to, rec, bw_ring_context(rc, rec), &session->contexts, before);
	event->nla_len = to - (void *)event;
	return to;
}

/* Most calls come from where the one before came from: then nothing beside a record is new. */
static __always_inline bool repeats_beside(const struct bw_session *session,
					   const struct bw_ring_cpu *rc,
					   const struct bw_record *rec,
					   const struct bw_context *before)
{
	const struct bw_context *context;

	if (session->ring.stack_bytes || !session->delta || bw_record_failed(rec))
		return false;
	context = bw_ring_context(rc, rec);
	return context->ip == before->ip && bw_context_has_words_of(context, before);
}

/* Writes the events that there is room for; returns whether they reach the moment. */
static bool drain_events(struct sk_buff *skb, struct bw_session *session,
			 struct bw_ring_cursor *cursor)
{
	void *to = skb_tail_pointer(skb), *end = to + skb_tailroom(skb);
	struct bw_record last, *before = session->delta ? &last : NULL;
	const struct bw_ring *ring = &session->ring;
	struct bw_context context = {};
	const struct bw_record *rec;
	size_t room = event_room(ring);

	bw_fill_event_begin(&last);
	while ((rec = bw_ring_next(ring, cursor)) && end - to >= room) {
		void *event = to;

		to = bw_fill_event(event, rec, before, session->latencies);
		if (ring->beside && !repeats_beside(session, cursor->rc, rec, &context))
			to = fill_beside(event, to, session, cursor->rc, rec, &context);
		bw_ring_consume(cursor);
	}
	skb_put(skb, to - (void *)skb_tail_pointer(skb));
	return !rec;
}

/**
 * bw_drain_dumpit() - take as many events out of the ring as there is room for
 * @skb: where to
 * @cb: the dump
 *
 * Return: bytes written, 0 at the end, -ENOTCONN, or -EMSGSIZE if one event does
 * not fit.
 */
int bw_drain_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct bw_dump_state *state = bw_dump_state(cb);
	struct bw_session *session = state->session;
	unsigned int empty;
	void *header;
	bool all;

	if (!session)
		return bw_netlink_no_session(cb->extack);

	header = bw_dump_put(skb, cb, BRKWATCH_CMD_DRAIN);
	if (!header)
		return -EMSGSIZE;
	empty = skb->len;
	all = drain_events(skb, session, &state->cursor);
	if (all)
		bw_session_drained(session);
	if (skb->len > empty) {
		genlmsg_end(skb, header);
		return skb->len;
	}
	genlmsg_cancel(skb, header);
	/* A message that holds not even one event would never end. */
	return all ? skb->len : -EMSGSIZE;
}
