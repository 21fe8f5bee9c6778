// SPDX-License-Identifier: GPL-2.0
/* Requests that are answered by one message: sessions and their watches. */
#include <linux/brkwatch.h>
#include <linux/hugetlb.h>
#include <linux/llist.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <net/genetlink.h>

#include "access.h"
#include "filter.h"
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_request.h"
#include "ring.h"
#include "session.h"
#include "watch.h"

/**
 * bw_netlink_no_session() - refuse a request that needs a session
 * @extack: gets a sentence
 *
 * Return: -ENOTCONN.
 */
int bw_netlink_no_session(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "this socket has no session; send session-new first");
	return -ENOTCONN;
}

static struct sk_buff *reply_new(struct genl_info *info, void **header)
{
	struct sk_buff *skb =
		genlmsg_new(max(GENLMSG_DEFAULT_SIZE, bw_fill_watch_room()), GFP_KERNEL);

	if (skb) {
		*header = genlmsg_put_reply(skb, info, &bw_family, 0, info->genlhdr->cmd);
		if (*header)
			return skb;
		nlmsg_free(skb);
	}
	NL_SET_ERR_MSG(info->extack, "no memory for an answer");
	return NULL;
}

/* The sender gets no answer after an error, nor if it has left too much unread. */
static int reply_send(struct sk_buff *skb, void *header, struct genl_info *info, int err)
{
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, header);
	err = genlmsg_reply(skb, info);
	if (err)
		NL_SET_ERR_MSG(info->extack, "the socket has no room for the answer");
	return err;
}

typedef int (*reply_fn)(struct sk_buff *reply, struct bw_session *session, struct genl_info *info);

/* Memory for the answer comes first, so that nothing is done that cannot be answered. */
static int reply(struct genl_info *info, struct bw_session *session, reply_fn fn)
{
	void *header;
	struct sk_buff *skb = reply_new(info, &header);
	int err;

	if (!skb)
		return -ENOMEM;
	err = fn(skb, session, info);
	return reply_send(skb, header, info, err);
}

/* The answer is about the session that the socket has. */
static int reply_find(struct sk_buff *skb, struct genl_info *info, reply_fn fn)
{
	struct bw_session *session = bw_session_find(NETLINK_CB(skb).sk);
	int err;

	if (!session)
		return bw_netlink_no_session(info->extack);
	err = reply(info, session, fn);
	bw_session_put(session);
	return err;
}

static int tell_session(struct sk_buff *reply, struct bw_session *session, struct genl_info *info)
{
	int err = bw_session_lock(session, info->extack);

	if (err)
		return err;
	err = bw_fill_session(reply, session);
	mutex_unlock(&session->lock);
	return err;
}

static u32 ring_size(const struct nlattr *asked)
{
	return bw_ring_bytes_rounded(asked ? nla_get_u32(asked) : 0);
}

/* Whole words, because an unwinder reads words. */
static u32 stack_size(const struct nlattr *asked)
{
	return asked ? round_up(nla_get_u32(asked), sizeof(u64)) : 0;
}

static u64 huge_page(const struct nlattr *asked)
{
	return asked ? nla_get_u64(asked) : HPAGE_SIZE;
}

static int huge_page_check(u64 bytes, struct netlink_ext_ack *extack)
{
	if (is_power_of_2(bytes))
		return 0;
	NL_SET_ERR_MSG(extack, "huge-page has to be a power of two");
	return -EINVAL;
}

/* A session opens once its answer has memory; it closes again if the answer cannot be sent. */
static int open_session(struct sk_buff *skb, struct genl_info *info, struct bw_session_wish *wish)
{
	struct bw_session *session;
	struct sk_buff *answer;
	void *header;
	int err;

	answer = reply_new(info, &header);
	if (!answer) {
		bw_filter_free(&wish->filter);
		return -ENOMEM;
	}
	session = bw_session_create(NETLINK_CB(skb).sk, info->snd_portid, wish, info->extack);
	if (IS_ERR(session)) {
		nlmsg_free(answer);
		return PTR_ERR(session);
	}
	err = reply_send(answer, header, info, tell_session(answer, session, info));
	if (err)
		bw_session_close(session);
	bw_session_put(session);
	return err;
}

/**
 * bw_session_new_doit() - open the session of a socket
 * @skb: the request
 * @info: its attributes
 *
 * The answer is its totals.
 *
 * Return: 0 or a negative errno, with a sentence.
 */
int bw_session_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct bw_session_wish wish = {
		.ring_bytes = ring_size(info->attrs[BRKWATCH_A_SESSION_RING_BYTES]),
		.stack_bytes = stack_size(info->attrs[BRKWATCH_A_SESSION_STACK_BYTES]),
		.contexts.askers = nla_get_flag(info->attrs[BRKWATCH_A_SESSION_ASKERS]),
		.contexts.limits = nla_get_flag(info->attrs[BRKWATCH_A_SESSION_LIMITS]),
		.follow = nla_get_flag(info->attrs[BRKWATCH_A_SESSION_FOLLOW]),
		.delta = nla_get_flag(info->attrs[BRKWATCH_A_SESSION_DELTA]),
		.latencies = nla_get_flag(info->attrs[BRKWATCH_A_SESSION_LATENCIES]),
		.huge_page = huge_page(info->attrs[BRKWATCH_A_SESSION_HUGE_PAGE]),
	};
	int err = bw_access_session(skb, info->extack);

	if (!err)
		err = huge_page_check(wish.huge_page, info->extack);
	if (!err && wish.stack_bytes)
		err = bw_access_stacks(skb, info->extack);
	if (!err && wish.contexts.askers)
		err = bw_access_askers(skb, info->extack);
	if (err)
		return err;
	if (!bw_ring_records(wish.ring_bytes, wish.stack_bytes, &wish.contexts)) {
		NL_SET_ERR_MSG(info->extack, "the ring has no room for a stack of that size");
		return -EINVAL;
	}
	return bw_filter_init(&wish.filter, info) ?: open_session(skb, info, &wish);
}

/**
 * bw_session_get_doit() - report on the session of a socket
 * @skb: the request
 * @info: its attributes
 *
 * The answer is its totals.
 *
 * Return: 0 or a negative errno, with a sentence.
 */
int bw_session_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return reply_find(skb, info, tell_session);
}

static int add_watch(struct sk_buff *reply, struct bw_session *session, struct genl_info *info)
{
	struct nlattr *pid = info->attrs[BRKWATCH_A_WATCH_PID];
	struct bw_watch *watch;
	bool exited;
	int err;

	if (!pid) {
		NL_SET_ERR_MSG(info->extack, "watch-new needs the attribute pid");
		return -EINVAL;
	}
	watch = bw_session_watch_pid(session, nla_get_u32(pid),
				     nla_get_flag(info->attrs[BRKWATCH_A_WATCH_ON_EXEC]),
				     info->extack);
	if (IS_ERR(watch))
		return PTR_ERR(watch);
	err = bw_fill_watch(reply, watch, &exited);
	bw_watch_put(watch);
	return err;
}

/**
 * bw_watch_new_doit() - watch a process, from now or from its next exec on
 * @skb: the request
 * @info: its attributes
 *
 * The answer is the new watch.
 *
 * Return: 0 or a negative errno, with a sentence.
 */
int bw_watch_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return reply_find(skb, info, add_watch);
}

static int add_all(struct sk_buff *reply, struct bw_session *session, struct genl_info *info)
{
	int err = bw_session_watch_all(session, info->extack);

	return err ? err : tell_session(reply, session, info);
}

/**
 * bw_watch_all_doit() - watch all processes, and all that begin later
 * @skb: the request
 * @info: its attributes
 *
 * The answer is the session's totals.
 *
 * Return: 0 or a negative errno, with a sentence.
 */
int bw_watch_all_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = bw_access_system(skb, info->extack);

	return err ? err : reply_find(skb, info, add_all);
}

static int remove_watch(struct sk_buff *reply, struct bw_session *session, struct genl_info *info)
{
	struct nlattr *id = info->attrs[BRKWATCH_A_WATCH_ID];
	struct bw_watch *watch;
	LLIST_HEAD(gone);
	bool exited;
	int err;

	if (!id) {
		NL_SET_ERR_MSG(info->extack, "watch-del needs the attribute id");
		return -EINVAL;
	}
	err = bw_session_lock(session, info->extack);
	if (err)
		return err;
	watch = bw_session_watch_of(session, nla_get_u32(id));
	if (watch)
		bw_session_part(watch, &gone);
	mutex_unlock(&session->lock);
	if (!watch) {
		NL_SET_ERR_MSG(info->extack, "this session has no watch with that id");
		return -ENOENT;
	}
	/* Wait, so that the counters in the answer are final. */
	synchronize_rcu();
	err = bw_fill_watch(reply, watch, &exited);
	bw_session_forget(session, &gone);
	return err;
}

/**
 * bw_watch_del_doit() - end a watch
 * @skb: the request
 * @info: its attributes
 *
 * The answer is what it has counted.
 *
 * Return: 0 or a negative errno, with a sentence.
 */
int bw_watch_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return reply_find(skb, info, remove_watch);
}
