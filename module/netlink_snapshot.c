// SPDX-License-Identifier: GPL-2.0
/* Replies to snapshot-get and probe-get, in more than one part. */
#include <linux/brkwatch.h>
#include <linux/netlink.h>
#include <linux/sched/task.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "netlink_dump.h"
#include "netlink_fill.h"
#include "probe.h"
#include "session.h"
#include "snapshot.h"
#include "walk.h"
#include "watch.h"

static struct task_struct *task_of(struct bw_session *session, u32 id)
{
	struct task_struct *task = ERR_PTR(-ENOENT);
	struct bw_watch *watch;

	if (bw_session_lock(session, NULL))
		return ERR_PTR(-EINTR);
	watch = bw_session_watch_of(session, id);
	/* The reader may not look at a process that has left the session or has ended. */
	if (watch)
		task = READ_ONCE(watch->exited) ? NULL : get_pid_task(watch->tgid, PIDTYPE_TGID);
	mutex_unlock(&session->lock);
	return task ?: ERR_PTR(-ESRCH);
}

/**
 * bw_dump_walk() - hold what a watched process has mapped
 * @session: session of the watch
 * @watch: id of the watch
 *
 * Return: the walk, or an error for bw_dump_refuse_memory().
 */
struct bw_walk *bw_dump_walk(struct bw_session *session, u32 watch)
{
	struct task_struct *task = task_of(session, watch);
	struct bw_walk *walk;

	if (IS_ERR(task))
		return ERR_CAST(task);
	walk = bw_walk_begin(session, task);
	put_task_struct(task);
	return walk;
}

static struct bw_snapshot *take_one(struct bw_session *session, u32 id)
{
	struct bw_walk *walk = bw_dump_walk(session, id);
	struct bw_snapshot *snapshot;

	if (IS_ERR(walk))
		return ERR_CAST(walk);
	snapshot = bw_snapshot_take(session, id, walk);
	bw_walk_end(walk);
	return snapshot;
}

/**
 * bw_snapshot_get_start() - begin a dump of one snapshot, or of all snapshots that wait
 * @cb: the dump
 *
 * Return: 0.
 */
int bw_snapshot_get_start(struct netlink_callback *cb)
{
	const struct nlattr *id = nlmsg_find_attr(cb->nlh, GENL_HDRLEN, BRKWATCH_A_AREA_WATCH);
	struct bw_dump_state *state = bw_dump_state(cb);
	struct bw_snapshot *snapshot;

	bw_dump_start(cb);
	if (!state->session || !id)
		return 0;
	state->one = true;
	snapshot = take_one(state->session, nla_get_u32(id));
	if (IS_ERR(snapshot))
		state->err = PTR_ERR(snapshot);
	else
		state->snapshot = snapshot;
	return 0;
}

/**
 * bw_dump_refuse_memory() - say why the reader does not get a memory map
 * @err: the error
 * @extack: gets a sentence
 *
 * Return: @err.
 */
int bw_dump_refuse_memory(int err, struct netlink_ext_ack *extack)
{
	switch (err) {
	case -ENOENT:
		NL_SET_ERR_MSG(extack, "this session has no watch with that id");
		break;
	case -EPERM:
		NL_SET_ERR_MSG(extack, "you may no longer read the memory map of that process");
		break;
	case -ESRCH:
		NL_SET_ERR_MSG(extack, "the process has no memory map any more");
		break;
	case -EAGAIN:
		NL_SET_ERR_MSG(extack, "it is in execve() or keeps its memory locked; ask later");
		break;
	case -EUSERS:
		NL_SET_ERR_MSG(extack, "too much memory of that process's user waits for its end");
		break;
	case -EINTR:
		NL_SET_ERR_MSG(extack, "a signal interrupted the request");
		break;
	default:
		NL_SET_ERR_MSG(extack, "no memory to note what is mapped");
		break;
	}
	return err;
}

/* The part that state points to: the snapshot itself, or one of its areas. */
static int put_part(struct sk_buff *skb, struct netlink_callback *cb, struct bw_dump_state *state)
{
	const struct bw_snapshot *snapshot = state->snapshot;
	void *header = bw_dump_put(skb, cb, BRKWATCH_CMD_SNAPSHOT_GET);
	int err;

	if (!header)
		return -EMSGSIZE;
	if (state->next_area)
		err = bw_fill_area(skb, snapshot, &snapshot->areas[state->next_area - 1]);
	else
		err = bw_fill_snapshot(skb, snapshot);
	if (err) {
		genlmsg_cancel(skb, header);
		return err;
	}
	genlmsg_end(skb, header);
	state->next_area++;
	return 0;
}

/**
 * bw_snapshot_get_dumpit() - send as many snapshots and areas as there is room for
 * @skb: message to fill
 * @cb: the dump
 *
 * Return: bytes written, 0 at the end, or -ENOTCONN, -ENOENT (no such watch),
 * -ESRCH (no memory map), -EPERM, -EINTR, -EAGAIN, -EUSERS, -ENOMEM,
 * -EMSGSIZE.
 */
int bw_snapshot_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct bw_dump_state *state = bw_dump_state(cb);
	int err = 0;

	if (!state->session)
		return bw_netlink_no_session(cb->extack);
	if (state->err)
		return bw_dump_refuse_memory(state->err, cb->extack);

	while (!err) {
		if (state->snapshot && state->next_area > state->snapshot->n) {
			bw_snapshot_free(state->snapshot);
			state->snapshot = NULL;
		}
		if (!state->snapshot && !state->one) {
			state->snapshot = bw_snapshot_next(&state->session->snapshots);
			state->next_area = 0;
		}
		if (!state->snapshot)
			break;
		err = put_part(skb, cb, state);
	}
	return skb->len ?: err;
}

/**
 * bw_snapshot_get_done() - free a dump's snapshot, at its end or when its socket closes
 * @cb: the dump
 *
 * Return: 0.
 */
int bw_snapshot_get_done(struct netlink_callback *cb)
{
	if (bw_dump_state(cb)->session)
		bw_snapshot_free(bw_dump_state(cb)->snapshot);
	return bw_dump_done(cb);
}

/**
 * bw_probe_get_start() - begin a dump of all probes
 * @cb: the dump
 *
 * Return: 0.
 */
int bw_probe_get_start(struct netlink_callback *cb)
{
	return bw_dump_start(cb);
}

/**
 * bw_probe_get_dumpit() - send as many probes as there is room for
 * @skb: message to fill
 * @cb: the dump
 *
 * Return: bytes written, 0 at the end, -ENOTCONN or -EMSGSIZE.
 */
int bw_probe_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct bw_dump_state *state = bw_dump_state(cb);
	struct bw_probe_info info;

	if (!state->session)
		return bw_netlink_no_session(cb->extack);

	/* If the session has ended, these may be another session's probes. */
	while (bw_probe_info(state->next_probe, &info)) {
		void *header = bw_dump_put(skb, cb, BRKWATCH_CMD_PROBE_GET);

		if (!header)
			return skb->len ?: -EMSGSIZE;
		if (bw_fill_probe(skb, &info)) {
			genlmsg_cancel(skb, header);
			return skb->len ?: -EMSGSIZE;
		}
		genlmsg_end(skb, header);
		state->next_probe++;
	}
	return skb->len;
}
