// SPDX-License-Identifier: GPL-2.0
/* Which events a session's ring takes. Counters count all. */
#include <linux/brkwatch.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/glob.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "filter.h"

static int filter_cgroup(struct bw_filter *filter, struct genl_info *info, struct nlattr *attr)
{
	char *path = nla_strdup(attr, GFP_KERNEL);
	struct cgroup *cgroup;

	if (!path) {
		NL_SET_ERR_MSG(info->extack, "no memory for a filter");
		return -ENOMEM;
	}
	cgroup = cgroup_get_from_path(path);
	kfree(path);
	if (IS_ERR(cgroup)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "there is no such control group");
		return PTR_ERR(cgroup);
	}
	filter->cgroup = cgroup;
	return 0;
}

static int filter_uid(struct bw_filter *filter, struct genl_info *info, struct nlattr *attr)
{
	filter->has_uid = true;
	filter->uid = make_kuid(current_user_ns(), nla_get_u32(attr));
	if (uid_valid(filter->uid))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "there is no such user in this user namespace");
	return -EINVAL;
}

/**
 * bw_filter_init() - read a filter from a request
 * @filter: filled
 * @info: the request, with attributes of the set session
 *
 * Return: 0, or -EINVAL, -ENOENT, -ENOMEM with a sentence and nothing left behind.
 */
int bw_filter_init(struct bw_filter *filter, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	int err = 0;

	*filter = (struct bw_filter){ .events = FILTER_EVENTS_ALL };
	if (attrs[BRKWATCH_A_SESSION_EVENTS])
		filter->events = nla_get_u32(attrs[BRKWATCH_A_SESSION_EVENTS]);
	if (attrs[BRKWATCH_A_SESSION_MIN_SIZE])
		filter->min_size = nla_get_u64(attrs[BRKWATCH_A_SESSION_MIN_SIZE]);
	filter->failed = nla_get_flag(attrs[BRKWATCH_A_SESSION_FAILED]);
	if (attrs[BRKWATCH_A_SESSION_COMM])
		nla_strscpy(filter->comm, attrs[BRKWATCH_A_SESSION_COMM], sizeof(filter->comm));
	if (attrs[BRKWATCH_A_SESSION_UID])
		err = filter_uid(filter, info, attrs[BRKWATCH_A_SESSION_UID]);
	if (!err && attrs[BRKWATCH_A_SESSION_CGROUP])
		err = filter_cgroup(filter, info, attrs[BRKWATCH_A_SESSION_CGROUP]);
	filter->conditions = filter->min_size || filter->failed || filter->comm[0] ||
			     filter->has_uid || filter->cgroup;
	return err;
}

/**
 * bw_filter_free() - undo bw_filter_init()
 * @filter: the filter
 */
void bw_filter_free(struct bw_filter *filter)
{
	if (filter->cgroup)
		cgroup_put(filter->cgroup);
}

/* The bytes that a call is about; U64_MAX for an event without a size. */
static u64 record_size(const struct bw_record *rec)
{
	const struct bw_brk_args *brk = &rec->brk_args;

	switch (rec->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		if (brk->kind == BRKWATCH_BRK_KIND_QUERY)
			return 0;
		return brk->requested > brk->before ? brk->requested - brk->before :
						      brk->before - brk->requested;
	case BRKWATCH_EVENT_KIND_MREMAP:
		return max(rec->map.length, rec->map.new_length);
	case BRKWATCH_EVENT_KIND_MMAP:
	case BRKWATCH_EVENT_KIND_MUNMAP:
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
	case BRKWATCH_EVENT_KIND_MADVISE:
		return rec->map.length;
	default:
		return U64_MAX;
	}
}

/* An event that is no call passes, because it shows what became of the process. */
static bool has_failed(const struct bw_record *rec)
{
	return !bw_record_is_call(rec) || bw_record_failed(rec);
}

static bool is_in_cgroup(struct cgroup *cgroup)
{
	bool in;

	rcu_read_lock();
	in = task_under_cgroup_hierarchy(current, cgroup);
	rcu_read_unlock();
	return in;
}

/**
 * bw_filter_meets() - does an event of current meet the conditions?
 * @filter: the filter
 * @rec: the event
 *
 * Context: a probe, preemption off.
 * Return: whether it meets all.
 */
bool bw_filter_meets(const struct bw_filter *filter, const struct bw_record *rec)
{
	/* At a leave current runs the new program; a mark may come from another process. */
	if (rec->kind == BRKWATCH_EVENT_KIND_LEAVE || rec->kind == BRKWATCH_EVENT_KIND_MARK)
		return true;
	if (filter->failed && !has_failed(rec))
		return false;
	if (filter->min_size && record_size(rec) < filter->min_size)
		return false;
	if (filter->has_uid && !uid_eq(filter->uid, current_euid()))
		return false;
	if (filter->comm[0] && !glob_match(filter->comm, current->comm))
		return false;
	return !filter->cgroup || is_in_cgroup(filter->cgroup);
}
