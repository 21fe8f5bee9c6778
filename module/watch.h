/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_WATCH_H
#define _BRKWATCH_WATCH_H

#include <linux/list.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>

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
	u64 made;
	u64 lost;
};

/**
 * enum watch_state - flags of a watch
 * @WATCH_WAITS: counting begins at the next exec
 * @WATCH_EXITED: somebody has told of the exit; nobody else does
 */
enum watch_state { WATCH_WAITS, WATCH_EXITED };

/**
 * struct watch - one session watching one process
 * @node: in the table of all watches, by @tgid
 * @list: in the session's list; under sessions_lock
 * @session: whose watch this is
 * @tgid: the process; the reference keeps the pointer from being used again,
 *	so a recycled PID is never taken for the old process
 * @id: number in the session
 * @pid: @tgid in the session's PID namespace
 * @since: calls that began earlier are not its own, in ns of CLOCK_MONOTONIC
 * @state: bits of enum watch_state
 * @lock: for the members below; taken in task context only
 * @counters: what the process has done
 * @exited: the process is gone and the counters are final
 * @reported: they were given to the reader; under sessions_lock
 * @exit_code: status as wait(2) has it, once exited
 * @comm: name of the main thread at its last exec, or at the beginning
 */
struct watch {
	struct hlist_node node;
	struct list_head list;
	struct session *session;
	struct pid *tgid;
	u32 id;
	u32 pid;
	u64 since;
	unsigned long state;
	raw_spinlock_t lock;
	struct counters counters;
	bool exited;
	bool reported;
	u32 exit_code;
	char comm[TASK_COMM_LEN];
};

struct watch *watch_create(struct session *session, u32 id, u32 pid, bool on_exec,
			   struct netlink_ext_ack *extack);
void watch_unlink(struct watch *watch);
void watch_free(struct watch *watch);

bool watch_any(struct pid *tgid);
void watch_event(const struct record *rec);

#endif
