// SPDX-License-Identifier: GPL-2.0
/* Limits on what all sessions of one user take together. */
#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>

#include "quota.h"
#include "user.h"

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
 * @list: in the list of users; under quotas_lock
 * @uid: the user
 * @refs: sessions that are not freed yet; under quotas_lock
 * @sessions: open sessions; under quotas_lock
 * @ring_bytes: bytes of their rings; under quotas_lock
 * @watches: their watches
 */
struct bw_quota {
	struct list_head list;
	kuid_t uid;
	u32 refs;
	u32 sessions;
	u64 ring_bytes;
	atomic_t watches;
};

/* Innermost lock: its holder only counts. */
static DEFINE_SPINLOCK(quotas_lock);
static LIST_HEAD(quotas);

static struct bw_quota *quota_of(kuid_t uid)
{
	struct bw_quota *quota;

	list_for_each_entry(quota, &quotas, list)
		if (uid_eq(quota->uid, uid))
			return quota;
	return NULL;
}

static int quota_count(struct bw_quota *quota, u64 ring_bytes, struct netlink_ext_ack *extack)
{
	if (quota->sessions >= sessions_max) {
		NL_SET_ERR_MSG(extack, "you have as many sessions open as sessions_max allows");
		return -EDQUOT;
	}
	if (quota->ring_bytes + ring_bytes > rings_max) {
		NL_SET_ERR_MSG(extack, "your rings would be larger than rings_max allows");
		return -EDQUOT;
	}
	quota->refs++;
	quota->sessions++;
	quota->ring_bytes += ring_bytes;
	return 0;
}

/**
 * bw_quota_take_session() - count one more session of current's user
 * @ring_bytes: bytes of the rings of all CPUs
 * @extack: gets a sentence on error
 *
 * Return: the user's quota, or -EDQUOT or -ENOMEM.
 */
struct bw_quota *bw_quota_take_session(u64 ring_bytes, struct netlink_ext_ack *extack)
{
	struct bw_quota *spare = kzalloc(sizeof(*spare), GFP_KERNEL_ACCOUNT);
	struct bw_quota *quota, *unused = spare;
	int err;

	if (!spare) {
		NL_SET_ERR_MSG(extack, "no memory for a session");
		return ERR_PTR(-ENOMEM);
	}
	spare->uid = bw_user_of(current_cred());
	spin_lock(&quotas_lock);
	quota = quota_of(spare->uid) ?: spare;
	err = quota_count(quota, ring_bytes, extack);
	if (!err && quota == spare) {
		list_add(&quota->list, &quotas);
		unused = NULL;
	}
	spin_unlock(&quotas_lock);
	kfree(unused);
	return err ? ERR_PTR(err) : quota;
}

/**
 * bw_quota_give_session() - count a session that has ended, so that the user may open another
 * @quota: what bw_quota_take_session() returned
 * @ring_bytes: as given to it
 */
void bw_quota_give_session(struct bw_quota *quota, u64 ring_bytes)
{
	spin_lock(&quotas_lock);
	quota->sessions--;
	quota->ring_bytes -= ring_bytes;
	spin_unlock(&quotas_lock);
}

/**
 * bw_quota_put() - drop the reference of a session that is freed and has no watches left
 * @quota: what bw_quota_take_session() returned
 */
void bw_quota_put(struct bw_quota *quota)
{
	bool unused;

	spin_lock(&quotas_lock);
	unused = !--quota->refs;
	if (unused)
		list_del(&quota->list);
	spin_unlock(&quotas_lock);
	if (unused)
		kfree(quota);
}

/**
 * bw_quota_take_watch() - count one more watch
 * @quota: the user's
 *
 * Context: any, probes included.
 * Return: false if the user has as many watches as allowed.
 */
bool bw_quota_take_watch(struct bw_quota *quota)
{
	if (atomic_inc_return(&quota->watches) <= READ_ONCE(watches_max))
		return true;
	atomic_dec(&quota->watches);
	return false;
}

/**
 * bw_quota_give_watch() - count one watch less
 * @quota: the user's
 */
void bw_quota_give_watch(struct bw_quota *quota)
{
	atomic_dec(&quota->watches);
}
