// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family; its protocol is described in
 * Documentation/netlink/specs/brkwatch.yaml. The reader pulls: a drain is a
 * dump of the ring. Only "ready" is pushed, to the session's own socket.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/brkwatch.h>
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/sizes.h>
#include <linux/threads.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "access.h"
#include "filter.h"
#include "mark.h"
#include "netlink.h"
#include "netlink_dump.h"
#include "netlink_fill.h"
#include "session.h"
#include "watch.h"

#define RING_BYTES_MIN SZ_4K
#define RING_BYTES_MAX SZ_64M

/* Of a session that does not ask: large enough for a burst, on few CPUs and on many. */
#define RING_BYTES_DEFAULT SZ_4M
#define RINGS_BYTES_DEFAULT SZ_64M

static uint ring_bytes;
module_param(ring_bytes, uint, 0444);
MODULE_PARM_DESC(ring_bytes,
		 "Ring of one CPU, in bytes (4194304, less if all would have over 64 MiB)");

/**
 * netlink_no_session() - refuse a request that needs a session
 * @extack: gets a sentence
 *
 * Return: -ENOTCONN.
 */
int netlink_no_session(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "this socket has no session; send session-new first");
	return -ENOTCONN;
}

static struct sk_buff *reply_new(struct genl_info *info, void **header)
{
	struct sk_buff *skb = genlmsg_new(max(GENLMSG_DEFAULT_SIZE, fill_watch_room()), GFP_KERNEL);

	if (skb) {
		*header = genlmsg_put_reply(skb, info, &brkwatch_family, 0, info->genlhdr->cmd);
		if (*header)
			return skb;
		nlmsg_free(skb);
	}
	NL_SET_ERR_MSG(info->extack, "no memory for an answer");
	return NULL;
}

static int reply_session(struct genl_info *info, struct session *session)
{
	void *header;
	struct sk_buff *skb = reply_new(info, &header);
	int err;

	if (!skb)
		return -ENOMEM;
	mutex_lock(&sessions_lock);
	err = fill_session(skb, session);
	mutex_unlock(&sessions_lock);
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

/* Words, since who unwinds a stack reads those. */
static u32 stack_size(const struct nlattr *asked)
{
	return asked ? round_up(nla_get_u32(asked), sizeof(u64)) : 0;
}

/* Powers of two, so that a position is taken modulo the size by masking. */
static u32 ring_size(const struct nlattr *asked)
{
	return asked ? roundup_pow_of_two(nla_get_u32(asked)) : rounddown_pow_of_two(ring_bytes);
}

static int session_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct session_wish wish = {
		.ring_bytes = ring_size(info->attrs[BRKWATCH_A_SESSION_RING_BYTES]),
		.stack_bytes = stack_size(info->attrs[BRKWATCH_A_SESSION_STACK_BYTES]),
		.follow = nla_get_flag(info->attrs[BRKWATCH_A_SESSION_FOLLOW]),
		.delta = nla_get_flag(info->attrs[BRKWATCH_A_SESSION_DELTA]),
	};
	struct session *session;
	int err = access_session(skb, info->extack);

	if (!err && wish.stack_bytes)
		err = access_stacks(skb, info->extack);
	if (err)
		return err;
	if (!ring_records(wish.ring_bytes, wish.stack_bytes)) {
		NL_SET_ERR_MSG(info->extack, "the ring has no room for a stack of that size");
		return -EINVAL;
	}
	err = filter_init(&wish.filter, info);
	if (err)
		return err;
	session = session_create(NETLINK_CB(skb).sk, info->snd_portid, &wish, info->extack);
	if (IS_ERR(session))
		return PTR_ERR(session);
	err = reply_session(info, session);
	session_put(session);
	return err;
}

static int session_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct session *session = session_find(NETLINK_CB(skb).sk);
	int err;

	if (!session)
		return netlink_no_session(info->extack);
	err = reply_session(info, session);
	session_put(session);
	return err;
}

/* Memory for the answer comes first: no watch is left behind for want of it. */
static int watch_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *pid = info->attrs[BRKWATCH_A_WATCH_PID];
	struct session *session;
	struct watch *watch;
	struct sk_buff *reply;
	void *header;
	bool exited;
	int err;

	session = session_find(NETLINK_CB(skb).sk);
	if (!session)
		return netlink_no_session(info->extack);
	err = -EINVAL;
	if (!pid) {
		NL_SET_ERR_MSG(info->extack, "watch-new needs the attribute pid");
		goto put;
	}
	err = -ENOMEM;
	reply = reply_new(info, &header);
	if (!reply)
		goto put;

	mutex_lock(&sessions_lock);
	watch = session_watch_pid(session, nla_get_u32(pid),
				  nla_get_flag(info->attrs[BRKWATCH_A_WATCH_ON_EXEC]),
				  info->extack);
	err = PTR_ERR_OR_ZERO(watch);
	if (!err)
		err = fill_watch(reply, watch, &exited);
	mutex_unlock(&sessions_lock);
	if (err) {
		nlmsg_free(reply);
		goto put;
	}
	genlmsg_end(reply, header);
	err = genlmsg_reply(reply, info);
put:
	session_put(session);
	return err;
}

static int watch_all_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct session *session;
	int err = access_system(skb, info->extack);

	if (err)
		return err;
	session = session_find(NETLINK_CB(skb).sk);
	if (!session)
		return netlink_no_session(info->extack);
	mutex_lock(&sessions_lock);
	err = session_watch_all(session, info->extack);
	mutex_unlock(&sessions_lock);
	if (!err)
		err = reply_session(info, session);
	session_put(session);
	return err;
}

static int watch_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *id = info->attrs[BRKWATCH_A_WATCH_ID];
	struct session *session;
	struct watch *watch;
	struct sk_buff *reply;
	LIST_HEAD(gone);
	void *header;
	bool exited;
	int err;

	session = session_find(NETLINK_CB(skb).sk);
	if (!session)
		return netlink_no_session(info->extack);
	err = -EINVAL;
	if (!id) {
		NL_SET_ERR_MSG(info->extack, "watch-del needs the attribute id");
		goto put;
	}
	err = -ENOMEM;
	reply = reply_new(info, &header);
	if (!reply)
		goto put;

	mutex_lock(&sessions_lock);
	watch = session_watch_of(session, nla_get_u32(id));
	if (!watch) {
		err = -ENOENT;
		NL_SET_ERR_MSG(info->extack, "this session has no watch with that id");
	} else {
		/* Unlinked first: what the answer says is what there will ever be. */
		list_move(&watch->list, &gone);
		session_stop(session, &gone);
		err = fill_watch(reply, watch, &exited);
		session_forget(session, &gone);
	}
	mutex_unlock(&sessions_lock);
	if (err) {
		nlmsg_free(reply);
		goto put;
	}
	genlmsg_end(reply, header);
	err = genlmsg_reply(reply, info);
put:
	session_put(session);
	return err;
}

static struct netlink_range_validation ring_bytes_range = {
	.min = RING_BYTES_MIN,
	.max = RING_BYTES_MAX,
};

static struct netlink_range_validation stack_bytes_range = {
	.min = STACK_BYTES_MIN,
	.max = STACK_BYTES_MAX,
};

static struct netlink_range_validation pid_range = {
	.min = 1,
	.max = PID_MAX_LIMIT,
};

static const struct nla_policy session_new_policy[] = {
	[BRKWATCH_A_SESSION_RING_BYTES] = NLA_POLICY_FULL_RANGE(NLA_U32, &ring_bytes_range),
	[BRKWATCH_A_SESSION_EVENTS] = NLA_POLICY_MASK(NLA_U32, FILTER_EVENTS_ALL),
	[BRKWATCH_A_SESSION_FOLLOW] = { .type = NLA_FLAG },
	[BRKWATCH_A_SESSION_MIN_SIZE] = { .type = NLA_U64 },
	[BRKWATCH_A_SESSION_FAILED] = { .type = NLA_FLAG },
	[BRKWATCH_A_SESSION_UID] = { .type = NLA_U32 },
	[BRKWATCH_A_SESSION_COMM] = { .type = NLA_NUL_STRING, .len = FILTER_COMM_LEN },
	[BRKWATCH_A_SESSION_CGROUP] = { .type = NLA_NUL_STRING, .len = FILTER_CGROUP_LEN },
	[BRKWATCH_A_SESSION_STACK_BYTES] = NLA_POLICY_FULL_RANGE(NLA_U32, &stack_bytes_range),
	[BRKWATCH_A_SESSION_DELTA] = { .type = NLA_FLAG },
};

static const struct nla_policy watch_new_policy[] = {
	[BRKWATCH_A_WATCH_PID] = NLA_POLICY_FULL_RANGE(NLA_U32, &pid_range),
	[BRKWATCH_A_WATCH_ON_EXEC] = { .type = NLA_FLAG },
};

static const struct nla_policy watch_get_policy[] = {
	[BRKWATCH_A_WATCH_STOP] = { .type = NLA_FLAG },
	[BRKWATCH_A_WATCH_GONE] = { .type = NLA_FLAG },
};

static const struct nla_policy snapshot_get_policy[] = {
	[BRKWATCH_A_AREA_WATCH] = { .type = NLA_U32 },
};

static const struct nla_policy image_get_policy[] = {
	[BRKWATCH_A_IMAGE_WATCH] = { .type = NLA_U32 },
};

static const struct nla_policy watch_del_policy[] = {
	[BRKWATCH_A_WATCH_ID] = { .type = NLA_U32 },
};

/* Strict validation rejects an attribute without a type, so: any. */
static const struct nla_policy no_attributes[2];

static const struct genl_ops ops[] = {
	{
		.cmd = BRKWATCH_CMD_SESSION_NEW,
		.doit = session_new_doit,
		.policy = session_new_policy,
		.maxattr = ARRAY_SIZE(session_new_policy) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_SESSION_GET,
		.doit = session_get_doit,
		.policy = no_attributes,
		.maxattr = ARRAY_SIZE(no_attributes) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_WATCH_NEW,
		.doit = watch_new_doit,
		.policy = watch_new_policy,
		.maxattr = ARRAY_SIZE(watch_new_policy) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_WATCH_ALL,
		.doit = watch_all_doit,
		.policy = no_attributes,
		.maxattr = ARRAY_SIZE(no_attributes) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_WATCH_DEL,
		.doit = watch_del_doit,
		.policy = watch_del_policy,
		.maxattr = ARRAY_SIZE(watch_del_policy) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_WATCH_GET,
		.start = watch_get_start,
		.dumpit = watch_get_dumpit,
		.done = watch_get_done,
		.policy = watch_get_policy,
		.maxattr = ARRAY_SIZE(watch_get_policy) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_DRAIN,
		.start = drain_start,
		.dumpit = drain_dumpit,
		.done = dump_done,
		.policy = no_attributes,
		.maxattr = ARRAY_SIZE(no_attributes) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_SNAPSHOT_GET,
		.start = snapshot_get_start,
		.dumpit = snapshot_get_dumpit,
		.done = snapshot_get_done,
		.policy = snapshot_get_policy,
		.maxattr = ARRAY_SIZE(snapshot_get_policy) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_PROBE_GET,
		.start = probe_get_start,
		.dumpit = probe_get_dumpit,
		.done = dump_done,
		.policy = no_attributes,
		.maxattr = ARRAY_SIZE(no_attributes) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_MARK,
		.doit = mark_doit,
		.policy = mark_policy,
		.maxattr = BRKWATCH_A_MARK_MAX,
	},
	{
		.cmd = BRKWATCH_CMD_IMAGE_GET,
		.start = image_get_start,
		.dumpit = image_get_dumpit,
		.done = image_get_done,
		.policy = image_get_policy,
		.maxattr = ARRAY_SIZE(image_get_policy) - 1,
	},
};

struct genl_family brkwatch_family = {
	.name = BRKWATCH_FAMILY_NAME,
	.version = BRKWATCH_FAMILY_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
};

/*
 * Who has some unread need not be woken; and the rest is for answers: a dump is refused
 * whose first part, of 32 KiB, has no room.
 */
static bool has_unread(const struct sock *sk)
{
	return sk_rmem_alloc_get(sk) > READ_ONCE(sk->sk_rcvbuf) / 8;
}

/**
 * netlink_send_ready() - tell a session's reader to drain
 * @session: the session, whose socket is still there
 *
 * The note may be dropped, for want of memory or for a reader that has others
 * unread; readers poll with a timeout too.
 */
void netlink_send_ready(struct session *session)
{
	struct sk_buff *skb;
	void *header;

	if (has_unread(session->sk))
		return;
	skb = genlmsg_new(nla_total_size(sizeof(u32)), GFP_KERNEL);
	if (!skb)
		return;
	header = genlmsg_put(skb, 0, 0, &brkwatch_family, 0, BRKWATCH_CMD_READY);
	if (!header || nla_put_u32(skb, BRKWATCH_A_SESSION_LIVE, atomic_read(&session->live))) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_unicast(session->net, skb, session->portid);
}

static int socket_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct netlink_notify *notify = data;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC)
		session_released(notify->net, notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block socket_notifier = { .notifier_call = socket_notify };

/**
 * netlink_init() - offer the family
 *
 * The notifier comes first: no session may open whose end would be missed.
 *
 * Return: 0 or why the family cannot be registered.
 */
int netlink_init(void)
{
	int err;

	if (!ring_bytes)
		ring_bytes = clamp(RINGS_BYTES_DEFAULT / num_possible_cpus(), RING_BYTES_MIN,
				   RING_BYTES_DEFAULT);
	if (ring_bytes < RING_BYTES_MIN || ring_bytes > RING_BYTES_MAX) {
		pr_err("ring_bytes must be between %d and %d\n", RING_BYTES_MIN, RING_BYTES_MAX);
		return -EINVAL;
	}
	fill_event_init();
	err = netlink_register_notifier(&socket_notifier);
	if (err)
		return err;
	err = genl_register_family(&brkwatch_family);
	if (err)
		netlink_unregister_notifier(&socket_notifier);
	return err;
}

/**
 * netlink_exit() - undo netlink_init(); there is no session, as each holds a
 * reference to the module
 */
void netlink_exit(void)
{
	genl_unregister_family(&brkwatch_family);
	netlink_unregister_notifier(&socket_notifier);
}
