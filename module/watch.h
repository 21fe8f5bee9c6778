/* SPDX-License-Identifier: GPL-2.0 */
/* A watch is one session watching one process, with exact counters. */
#ifndef _BRKWATCH_WATCH_H
#define _BRKWATCH_WATCH_H

#include <linux/brkwatch.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/stddef.h>
#include <linux/task_work.h>
#include <linux/types.h>
#include <asm/barrier.h>

#include "arenas.h"
#include "distribution.h"
#include "growth.h"
#include "refusals.h"

struct bw_access;
struct netlink_ext_ack;
struct bw_record;
struct bw_session;

/*
 * What a watched process has done, exactly. The attribute set "watch" in
 * Documentation/netlink/specs/brkwatch.yaml has the same members and explains each;
 * brk_kinds, by enum brkwatch_brk_kind, are four of them, and data, the private memory as of the
 * last call in bytes, is part of the growth.
 *
 * A brk that moves nothing needs only what comes first, up to data: one cache line. An mmap or a
 * munmap changes what follows up to arenas: another one.
 */
struct bw_counters {
	u64 heap_start;
	u64 brk;
	u64 brk_calls;
	u64 brk_kinds[BRKWATCH_BRK_KIND_REFUSED + 1];
	u64 data;
	u64 mmap_calls;
	u64 mmap_anonymous;
	u64 mapped_bytes;
	u64 mapped_largest;
	u64 munmap_calls;
	u64 unmapped_bytes;
	u64 unmapped_largest;
	u64 arenas;
	u64 made;
	u64 lost;
	u64 brk_first;
	u64 brk_peak;
	u64 grown_bytes;
	u64 shrunk_bytes;
	u64 grown_largest;
	u64 mmap_failed;
	u64 mapped_file_bytes;
	u64 munmap_failed;
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
	u64 heap_given_back;
	u64 reserved_bytes;
	u64 threads;
	u64 shrinks_refused;
	u64 remapped_bytes;
	u64 remaps_unknown;
	u64 arenas_unknown;
};

static_assert(offsetofend(struct bw_counters, data) <= SMP_CACHE_BYTES);
static_assert(offsetof(struct bw_counters, mmap_calls) / SMP_CACHE_BYTES ==
	      (offsetofend(struct bw_counters, arenas) - 1) / SMP_CACHE_BYTES);

/**
 * struct bw_watch_tables - what the module seldom looks at
 * @refusals: failed calls
 * @arenas: heaps of thread arenas
 *
 * It is allocated apart, so that neither it nor a watch takes more than a page.
 */
struct bw_watch_tables {
	struct bw_refusals refusals;
	struct bw_arenas arenas;
};

/* No call begins in that epoch: the watch counts nothing before the exec that it waits for. */
#define WATCH_WAITS U64_MAX

/**
 * enum bw_watch_state - flags of a watch
 * @WATCH_EXITED: a thread has reported the end of the watch, so no other thread does
 * @WATCH_SNAPSHOT: a snapshot will be taken when the process returns from exec
 */
enum bw_watch_state { WATCH_EXITED, WATCH_SNAPSHOT };

/**
 * struct bw_watch - one session watching one process
 * @node: in the table of all watches, by @tgid, until the process is gone
 * @tgid: the process; the reference keeps the pointer from being used again,
 *	so a recycled PID is never taken for the old process
 * @since: the watch takes what began in this epoch or later, see bw_watch_epoch(); WATCH_WAITS
 *	until the exec that it waits for
 * @session: session that the watch belongs to
 * @lock: for the members that say so; interrupts are off, since the module counts a fault under
 *	siglock, which interrupts take
 * @events: what the ring of the session takes, as in its filter
 * @latencies: as in the session
 * @id: number in the session
 * @pid: @tgid in the session's PID namespace
 * @counters: what the process has done; locked
 * @growth: how its memory grew; locked
 * @distributions: how large and how long its calls were; locked
 * @tables: what few of its calls need; locked
 * @refs: one for the session, one for each snapshot or map to be taken, one until
 *	@repay has run
 * @list: in the session's list or pool, under the lock of the session or of the pool
 * @born: in the session's list of followed children; later in the list for bw_session_forget()
 * @state: bits of enum bw_watch_state
 * @snapshot: runs in the process when it returns from exec
 * @repay: runs in the parent when it returns from making the process, or in the process
 *	before it begins
 * @exited: the process is gone and the counters are final; locked
 * @reported: the module has sent them to the reader; under the session's lock
 * @leaves: bw_session_forget() will free it; under the session's lock
 * @seccomp: mode of seccomp(2) of the main thread when last looked at; locked
 * @exit_code: status as wait(2) has it, once exited; locked
 * @peak_rss: most resident pages, once exited; locked
 * @comm: name of the main thread at its last exec, or at the beginning; locked
 *
 * Every call of the process looks at the members before @counters, which share a cache line, and
 * at the first of @counters.
 */
struct bw_watch {
	struct hlist_node node;
	struct pid *tgid;
	u64 since;
	struct bw_session *session;
	raw_spinlock_t lock; /* see above */
	u32 events;
	bool latencies;
	u32 id;
	u32 pid;
	struct bw_counters counters ____cacheline_aligned_in_smp;
	struct bw_growth growth;
	struct bw_distribution distributions[DISTRIBUTIONS];
	struct bw_watch_tables *tables;
	struct kref refs;
	struct list_head list;
	struct llist_node born;
	unsigned long state;
	struct callback_head snapshot;
	struct callback_head repay;
	bool exited;
	bool reported;
	bool leaves;
	u8 seccomp;
	u32 exit_code;
	u64 peak_rss;
	char comm[TASK_COMM_LEN];
};

/* A kernel that checks locks has larger ones. */
static_assert(IS_ENABLED(CONFIG_DEBUG_SPINLOCK) || IS_ENABLED(CONFIG_DEBUG_LOCK_ALLOC) ||
	      offsetofend(struct bw_watch, pid) <= SMP_CACHE_BYTES);

extern u64 bw_epoch;

/**
 * bw_watch_epoch() - which watches are there now
 *
 * Each watch that enters the table begins an epoch. A probe looks at the epoch before it looks for
 * watches, so it finds all watches of that epoch.
 *
 * Return: the present epoch.
 */
static __always_inline u64 bw_watch_epoch(void)
{
	/* Pairs with bw_watch_add(). */
	return smp_load_acquire(&bw_epoch);
}

/**
 * bw_watch_takes() - does a watch count what began in an epoch?
 * @watch: the watch
 * @epoch: bw_watch_epoch() when it began
 *
 * Return: false if that was before the watch began, or before the exec that it waits for.
 */
static __always_inline bool bw_watch_takes(const struct bw_watch *watch, u64 epoch)
{
	return epoch >= READ_ONCE(watch->since);
}

#define WATCHES_BITS 12

extern struct hlist_head bw_watches[1 << WATCHES_BITS];

static inline struct bw_watch *bw_watch_match(struct hlist_node *node, const struct pid *tgid)
{
	for (; node; node = rcu_dereference_raw(hlist_next_rcu(node))) {
		struct bw_watch *watch = hlist_entry(node, struct bw_watch, node);

		if (watch->tgid == tgid)
			return watch;
	}
	return NULL;
}

static inline struct bw_watch *bw_watch_first(const struct pid *tgid)
{
	struct hlist_head *bucket = &bw_watches[hash_min((unsigned long)tgid, WATCHES_BITS)];

	return bw_watch_match(rcu_dereference_raw(hlist_first_rcu(bucket)), tgid);
}

static inline struct bw_watch *bw_watch_next(const struct bw_watch *watch)
{
	return bw_watch_match(rcu_dereference_raw(hlist_next_rcu(&watch->node)), watch->tgid);
}

/* All watches on a process. Hold watches_lock or RCU; with preemption off RCU is held. */
#define bw_for_each_watch(watch, pid) \
	for ((watch) = bw_watch_first(pid); (watch); (watch) = bw_watch_next(watch))

/**
 * bw_watch_wants_latency() - does a session want to know how long a call of a process takes?
 * @watch: the first watch on the process, found after the epoch was read
 *
 * Each watch that takes the call is found, because the newest watches come first.
 *
 * Context: RCU read side.
 * Return: whether any does.
 */
static __always_inline bool bw_watch_wants_latency(const struct bw_watch *watch)
{
	for (; watch; watch = bw_watch_next(watch))
		if (watch->latencies)
			return true;
	return false;
}

struct bw_watch *bw_watch_create(struct bw_session *session, struct pid *tgid, bool on_exec,
				 struct netlink_ext_ack *extack);
struct bw_watch *bw_watch_alloc(struct bw_session *session, gfp_t gfp);
bool bw_watch_add(struct bw_watch *watch, struct task_struct *task, struct mm_struct *mm);
void bw_watch_heap(struct bw_watch *watch, const struct mm_struct *mm, u64 time);
void bw_watch_heap_moved(struct bw_counters *c, u64 start, u64 brk);
void bw_watch_data(struct bw_watch *watch, u64 time, u64 bytes);
void bw_watch_unlink(struct bw_watch *watch);
void bw_watch_put(struct bw_watch *watch);
const struct bw_access *bw_watch_access(const struct bw_session *session);

u32 bw_watch_id(const struct bw_session *session, const struct pid *tgid);
void bw_watch_refused(u64 epoch);
void bw_watch_lost(struct bw_watch *watch);
void bw_watch_event(struct pid *tgid, struct bw_record *rec);
void bw_watch_clone(struct bw_record *rec, struct task_struct *child);
void bw_watch_exec(struct bw_record *rec);
void bw_watch_snapshot(struct bw_watch *watch, struct bw_record *rec);

#endif
