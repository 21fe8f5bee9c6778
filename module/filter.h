/* SPDX-License-Identifier: GPL-2.0 */
/* A filter selects the events that go into a session's ring. */
#ifndef _BRKWATCH_FILTER_H
#define _BRKWATCH_FILTER_H

#include <linux/bits.h>
#include <linux/brkwatch.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "record.h"

struct cgroup;
struct genl_info;

#define FILTER_EVENTS_ALL GENMASK(BRKWATCH_EVENT_KIND_MARK, 0)
#define FILTER_COMM_LEN 64
#define FILTER_CGROUP_LEN 1024

/**
 * struct bw_filter - which events a session's ring takes
 * @events: bits (1 << kind)
 * @conditions: the reader asks for some of the members below
 * @failed: only calls that failed or were refused
 * @has_uid: only events of @uid
 * @uid: effective user
 * @min_size: only calls about so many bytes or more
 * @cgroup: only events of threads in it or below, or NULL
 * @comm: glob that the thread's name must match, or empty
 */
struct bw_filter {
	u32 events;
	bool conditions;
	bool failed;
	bool has_uid;
	kuid_t uid;
	u64 min_size;
	struct cgroup *cgroup;
	char comm[FILTER_COMM_LEN + 1];
};

int bw_filter_init(struct bw_filter *filter, struct genl_info *info);
void bw_filter_free(struct bw_filter *filter);
bool bw_filter_meets(const struct bw_filter *filter, const struct bw_record *rec);

/**
 * bw_filter_matches() - does an event of current meet the conditions, if there are any?
 * @filter: the filter
 * @rec: the event, of a kind that the ring takes
 *
 * Context: a probe, preemption off.
 * Return: whether it does.
 */
static __always_inline bool bw_filter_matches(const struct bw_filter *filter,
					      const struct bw_record *rec)
{
	return !filter->conditions || bw_filter_meets(filter, rec);
}

#endif
