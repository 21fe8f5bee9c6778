/* SPDX-License-Identifier: GPL-2.0 */
/* A watch is one session watching one process, with exact counters. */
#ifndef _BRKWATCH_WATCH_H
#define _BRKWATCH_WATCH_H

#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/task_work.h>
#include <linux/types.h>

#include "distribution.h"
#include "growth.h"

struct call_type;
struct netlink_ext_ack;
struct record;
struct session;

/*
 * What a watched process has done, exactly. The members are those of the
 * attribute set "watch" in Documentation/netlink/specs/brkwatch.yaml, where
 * each is explained.
 */
struct counters {
	u64 heap_start;
	u64 brk_first;
	u64 brk_peak;
	u64 brk;
	u64 brk_calls;
	u64 brk_queries;
	u64 brk_grows;
	u64 brk_shrinks;
	u64 brk_refused;
	u64 grown_bytes;
	u64 shrunk_bytes;
	u64 grown_largest;
	u64 mmap_calls;
	u64 mmap_failed;
	u64 mmap_anonymous;
	u64 mapped_bytes;
	u64 mapped_largest;
	u64 mapped_file_bytes;
	u64 munmap_calls;
	u64 munmap_failed;
	u64 unmapped_bytes;
	u64 unmapped_largest;
	u64 mremap_calls;
	u64 mremap_failed;
	u64 mprotect_calls;
	u64 mprotect_failed;
	u64 madvise_calls;
	u64 madvise_failed;
	u64 shmat_calls;
	u64 shmat_failed;
	u64 shmdt_calls;
	u64 shmdt_failed;
	u64 given_back_bytes;
	u64 clones;
	u64 faults;
	u64 made;
	u64 lost;
	u64 heap_given_back;
	u64 reserved_bytes;
	u64 threads;
	u64 shrinks_refused;
};

/**
 * enum watch_state - flags of a watch
 * @WATCH_WAITS: counting begins at the next exec
 * @WATCH_EXITED: somebody has told of the exit; nobody else does
 * @WATCH_SNAPSHOT: a snapshot will be taken when the process returns from exec
 */
enum watch_state { WATCH_WAITS, WATCH_EXITED, WATCH_SNAPSHOT };

/**
 * struct watch - one session watching one process
 * @refs: one for the session, one for each snapshot or map to be taken, one until
 *	@repay has run
 * @node: in the table of all watches, by @tgid, until the process is gone
 * @list: in the session's list or pool; under sessions_lock, in the pool under
 *	its lock
 * @born: in the session's list of followed children
 * @session: whose watch this is
 * @tgid: the process; the reference keeps the pointer from being used again,
 *	so a recycled PID is never taken for the old process
 * @id: number in the session
 * @pid: @tgid in the session's PID namespace
 * @since: calls that began earlier are not its own, in ns of CLOCK_MONOTONIC
 * @state: bits of enum watch_state
 * @snapshot: runs in the process when it returns from exec
 * @repay: runs in the parent when it returns from making the process, or in the process
 *	before it begins
 * @lock: for the members below; interrupts are off, since a fault is told under
 *	siglock, which interrupts take
 * @counters: what the process has done
 * @distributions: how large and how long its calls were
 * @growth: how its memory grew
 * @exited: the process is gone and the counters are final
 * @reported: they were given to the reader; under sessions_lock
 * @exit_code: status as wait(2) has it, once exited
 * @peak_rss: most resident pages, once exited
 * @comm: name of the main thread at its last exec, or at the beginning
 */
struct watch {
	struct kref refs;
	struct hlist_node node;
	struct list_head list;
	struct llist_node born;
	struct session *session;
	struct pid *tgid;
	u32 id;
	u32 pid;
	u64 since;
	unsigned long state;
	struct callback_head snapshot;
	struct callback_head repay;
	raw_spinlock_t lock;
	struct counters counters;
	struct distribution distributions[DISTRIBUTIONS];
	struct growth growth;
	bool exited;
	bool reported;
	u32 exit_code;
	u64 peak_rss;
	char comm[TASK_COMM_LEN];
};

#define WATCHES_BITS 12

extern struct hlist_head watches[1 << WATCHES_BITS];

static inline struct watch *watch_match(struct hlist_node *node, const struct pid *tgid)
{
	for (; node; node = rcu_dereference_raw(hlist_next_rcu(node))) {
		struct watch *watch = hlist_entry(node, struct watch, node);

		if (watch->tgid == tgid)
			return watch;
	}
	return NULL;
}

static inline struct watch *watch_first(const struct pid *tgid)
{
	struct hlist_head *bucket = &watches[hash_min((unsigned long)tgid, WATCHES_BITS)];

	return watch_match(rcu_dereference_raw(hlist_first_rcu(bucket)), tgid);
}

static inline struct watch *watch_next(const struct watch *watch)
{
	return watch_match(rcu_dereference_raw(hlist_next_rcu(&watch->node)), watch->tgid);
}

/* All watches on a process, under RCU, which preemption that is off is, or watches_lock. */
#define for_each_watch(watch, pid) \
	for ((watch) = watch_first(pid); (watch); (watch) = watch_next(watch))

struct watch *watch_create(struct session *session, struct pid *tgid, bool on_exec,
			   struct netlink_ext_ack *extack);
struct watch *watch_alloc(struct session *session, gfp_t gfp);
bool watch_add(struct watch *watch, struct task_struct *task, struct mm_struct *mm);
void watch_heap(struct watch *watch, const struct mm_struct *mm, u64 time);
void watch_unlink(struct watch *watch);
void watch_put(struct watch *watch);
int watch_memory(const struct session *session, struct task_struct *task, struct mm_struct **mm,
		 struct netlink_ext_ack *extack);

u32 watch_id(const struct session *session, const struct pid *tgid);
void watch_call(const struct record *rec, const struct call_type *type);
bool watch_event(struct pid *tgid, struct record *rec);
void watch_clone(struct record *rec, struct task_struct *child);
void watch_exec(struct record *rec);
void watch_snapshot(struct watch *watch, struct record *rec);

#endif
