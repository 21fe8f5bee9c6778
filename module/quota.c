// SPDX-License-Identifier: GPL-2.0
/* What one user's sessions may take in all. */
#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "quota.h"
#include "session.h"

static uint sessions_max = 64;
module_param(sessions_max, uint, 0644);
MODULE_PARM_DESC(sessions_max, "Sessions that one user may have open, in sessions (64)");

static uint watches_max = 65536;
module_param(watches_max, uint, 0644);
MODULE_PARM_DESC(watches_max, "Processes that one user may watch, in watches (65536)");

static ulong rings_max = 1UL << 30;
module_param(rings_max, ulong, 0644);
MODULE_PARM_DESC(rings_max, "Rings that one user's sessions may have, in bytes (1073741824)");

/**
 * struct bw_quota - what one user's sessions have taken
 * @list: in the list of users; under bw_sessions_lock
 * @uid: the user
 * @sessions: open sessions; under bw_sessions_lock
 * @ring_bytes: of their rings; under bw_sessions_lock
 * @watches: their watches
 */
struct bw_quota {
	struct list_head list;
	kuid_t uid;
	u32 sessions;
	u64 ring_bytes;
	atomic_t watches;
};

static LIST_HEAD(quotas);

/* In a user namespace a user has many ids: whoever made the outermost counts. */
static kuid_t quota_uid(void)
{
	struct user_namespace *ns = current_user_ns();
	kuid_t uid = current_uid();

	for (; ns != &init_user_ns; ns = ns->parent)
		uid = ns->owner;
	return uid;
}

static struct bw_quota *quota_of(kuid_t uid)
{
	struct bw_quota *quota;

	list_for_each_entry(quota, &quotas, list)
		if (uid_eq(quota->uid, uid))
			return quota;
	quota = kzalloc(sizeof(*quota), GFP_KERNEL_ACCOUNT);
	if (!quota)
		return NULL;
	quota->uid = uid;
	list_add(&quota->list, &quotas);
	return quota;
}

static void quota_drop_unused(struct bw_quota *quota)
{
	if (quota->sessions)
		return;
	list_del(&quota->list);
	kfree(quota);
}

/**
 * bw_quota_take_session() - a session of current more
 * @ring_bytes: of the rings of all CPUs
 * @extack: gets a sentence on error
 *
 * Context: bw_sessions_lock held.
 * Return: the user's quota, or -EDQUOT or -ENOMEM.
 */
struct bw_quota *bw_quota_take_session(u64 ring_bytes, struct netlink_ext_ack *extack)
{
	struct bw_quota *quota;

	lockdep_assert_held(&bw_sessions_lock);

	quota = quota_of(quota_uid());
	if (!quota) {
		NL_SET_ERR_MSG(extack, "no memory for a session");
		return ERR_PTR(-ENOMEM);
	}
	if (quota->sessions >= sessions_max) {
		NL_SET_ERR_MSG(extack, "you have as many sessions open as sessions_max allows");
	} else if (quota->ring_bytes + ring_bytes > rings_max) {
		NL_SET_ERR_MSG(extack, "your rings would be larger than rings_max allows");
	} else {
		quota->sessions++;
		quota->ring_bytes += ring_bytes;
		return quota;
	}
	quota_drop_unused(quota);
	return ERR_PTR(-EDQUOT);
}

/**
 * bw_quota_give_session() - undo bw_quota_take_session(), after the last watch
 * @quota: what it returned
 * @ring_bytes: as given to it
 */
void bw_quota_give_session(struct bw_quota *quota, u64 ring_bytes)
{
	lockdep_assert_held(&bw_sessions_lock);

	quota->sessions--;
	quota->ring_bytes -= ring_bytes;
	quota_drop_unused(quota);
}

/**
 * bw_quota_take_watch() - a watch more
 * @quota: the user's
 *
 * Context: any, probes included.
 * Return: false if the user has as many as allowed.
 */
bool bw_quota_take_watch(struct bw_quota *quota)
{
	if (atomic_inc_return(&quota->watches) <= READ_ONCE(watches_max))
		return true;
	atomic_dec(&quota->watches);
	return false;
}

/**
 * bw_quota_give_watch() - a watch less
 * @quota: the user's
 */
void bw_quota_give_watch(struct bw_quota *quota)
{
	atomic_dec(&quota->watches);
}
