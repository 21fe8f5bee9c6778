// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family; its protocol is described in
 * Documentation/netlink/specs/brkwatch.yaml. The reader pulls: a drain is a
 * dump of the ring. Only "ready" is pushed, to the session's own socket.
 */
#include <linux/brkwatch.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/threads.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "filter.h"
#include "mark.h"
#include "netlink.h"
#include "netlink_dump.h"
#include "netlink_fill.h"
#include "netlink_request.h"
#include "session.h"

static struct netlink_range_validation ring_bytes_range = {
	.min = RING_BYTES_MIN,
	.max = RING_BYTES_MAX,
};

static struct netlink_range_validation stack_bytes_range = {
	.min = STACK_BYTES_MIN,
	.max = STACK_BYTES_MAX,
};

static struct netlink_range_validation huge_page_range = {
	.min = HUGE_PAGE_MIN,
	.max = HUGE_PAGE_MAX,
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
	[BRKWATCH_A_SESSION_HUGE_PAGE] = NLA_POLICY_FULL_RANGE(NLA_U64, &huge_page_range),
	[BRKWATCH_A_SESSION_ASKERS] = { .type = NLA_FLAG },
	[BRKWATCH_A_SESSION_LIMITS] = { .type = NLA_FLAG },
	[BRKWATCH_A_SESSION_LATENCIES] = { .type = NLA_FLAG },
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

/* Strict validation rejects attributes without a type, so this policy rejects all. */
static const struct nla_policy no_attributes[2];

static const struct genl_ops ops[] = {
	{
		.cmd = BRKWATCH_CMD_SESSION_NEW,
		.doit = bw_session_new_doit,
		.policy = session_new_policy,
		.maxattr = ARRAY_SIZE(session_new_policy) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_SESSION_GET,
		.doit = bw_session_get_doit,
		.policy = no_attributes,
		.maxattr = ARRAY_SIZE(no_attributes) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_WATCH_NEW,
		.doit = bw_watch_new_doit,
		.policy = watch_new_policy,
		.maxattr = ARRAY_SIZE(watch_new_policy) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_WATCH_ALL,
		.doit = bw_watch_all_doit,
		.policy = no_attributes,
		.maxattr = ARRAY_SIZE(no_attributes) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_WATCH_DEL,
		.doit = bw_watch_del_doit,
		.policy = watch_del_policy,
		.maxattr = ARRAY_SIZE(watch_del_policy) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_WATCH_GET,
		.start = bw_watch_get_start,
		.dumpit = bw_watch_get_dumpit,
		.done = bw_watch_get_done,
		.policy = watch_get_policy,
		.maxattr = ARRAY_SIZE(watch_get_policy) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_DRAIN,
		.start = bw_drain_start,
		.dumpit = bw_drain_dumpit,
		.done = bw_dump_done,
		.policy = no_attributes,
		.maxattr = ARRAY_SIZE(no_attributes) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_SNAPSHOT_GET,
		.start = bw_snapshot_get_start,
		.dumpit = bw_snapshot_get_dumpit,
		.done = bw_snapshot_get_done,
		.policy = snapshot_get_policy,
		.maxattr = ARRAY_SIZE(snapshot_get_policy) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_PROBE_GET,
		.start = bw_probe_get_start,
		.dumpit = bw_probe_get_dumpit,
		.done = bw_dump_done,
		.policy = no_attributes,
		.maxattr = ARRAY_SIZE(no_attributes) - 1,
	},
	{
		.cmd = BRKWATCH_CMD_MARK,
		.doit = bw_mark_doit,
		.policy = bw_mark_policy,
		.maxattr = BRKWATCH_A_MARK_MAX,
	},
	{
		.cmd = BRKWATCH_CMD_IMAGE_GET,
		.start = bw_image_get_start,
		.dumpit = bw_image_get_dumpit,
		.done = bw_image_get_done,
		.policy = image_get_policy,
		.maxattr = ARRAY_SIZE(image_get_policy) - 1,
	},
};

struct genl_family bw_family = {
	.name = BRKWATCH_FAMILY_NAME,
	.version = BRKWATCH_FAMILY_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
};

/*
 * Do not wake a reader that still has unread messages. Keep the rest of its queue for replies,
 * because a dump fails if its first 32 KiB do not fit.
 */
static bool has_unread(const struct sock *sk)
{
	return sk_rmem_alloc_get(sk) > READ_ONCE(sk->sk_rcvbuf) / 8;
}

/**
 * bw_netlink_send_ready() - ask a session's reader to drain
 * @wakeup: the wakeup of the session, which still has its socket
 *
 * The wakeup is dropped if memory is short or if the reader has others unread;
 * therefore readers poll with a timeout too.
 */
void bw_netlink_send_ready(struct bw_wakeup *wakeup)
{
	struct bw_session *session = container_of(wakeup, struct bw_session, wakeup);
	struct sk_buff *skb;
	void *header;

	if (has_unread(session->sk))
		return;
	skb = genlmsg_new(nla_total_size(sizeof(u32)), GFP_KERNEL);
	if (!skb)
		return;
	header = genlmsg_put(skb, 0, 0, &bw_family, 0, BRKWATCH_CMD_READY);
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
		bw_session_released(notify->net, notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block socket_notifier = { .notifier_call = socket_notify };

/**
 * bw_netlink_init() - offer the family
 *
 * The notifier comes first, because the module must not miss the end of a session.
 *
 * Return: 0 or the error of registering the notifier or the family.
 */
int bw_netlink_init(void)
{
	int err;

	bw_fill_event_init();
	err = netlink_register_notifier(&socket_notifier);
	if (err)
		return err;
	err = genl_register_family(&bw_family);
	if (err)
		netlink_unregister_notifier(&socket_notifier);
	return err;
}

/**
 * bw_netlink_exit() - undo bw_netlink_init(); there is no session, because each holds
 * a reference to the module
 */
void bw_netlink_exit(void)
{
	genl_unregister_family(&bw_family);
	netlink_unregister_notifier(&socket_notifier);
}
