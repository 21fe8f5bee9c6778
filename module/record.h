/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One event as it lies in a ring. The layout of a record may change freely, because user space
 * never sees a record: it sees the attributes that netlink_event.c makes of it.
 */
#ifndef _BRKWATCH_RECORD_H
#define _BRKWATCH_RECORD_H

#include <linux/bits.h>
#include <linux/brkwatch.h>
#include <linux/build_bug.h>
#include <linux/sched.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <uapi/linux/mman.h>

/**
 * struct bw_brk_args - what a call of brk(2) did
 * @requested: break that was asked for
 * @before: break when the call began, read without the mmap lock
 * @after: break that the call returned
 * @kind: enum brkwatch_brk_kind
 */
struct bw_brk_args {
	u64 requested;
	u64 before;
	u64 after;
	u32 kind;
};

/**
 * struct bw_map_args - arguments of a call about mappings, and what it returned
 * @addr: address that the call is about
 * @length: bytes from there on, as the process gave them, not rounded to pages
 * @prot: PROT_* bits; mmap, mprotect and pkey_mprotect
 * @new_length: third argument of mremap: the length that the mapping is to have
 * @flags: MAP_*, MREMAP_* or SHM_* bits
 * @offset: byte offset in the file; mmap only
 * @new_addr: fifth argument of mremap: where the mapping is to go
 * @result: returned address, 0, or a negative errno
 */
struct bw_map_args {
	u64 addr;
	u64 length;
	union {
		u64 prot;
		u64 new_length;
	};
	u64 flags;
	union {
		u64 offset;
		u64 new_addr;
	};
	u64 result;
};

/*
 * Does an anonymous mapping only reserve addresses? If so, the process makes memory of them later,
 * piece by piece, by mprotect. The C library maps a thread's stack (MAP_STACK) without access, too,
 * but makes memory of it at once.
 */
static inline bool bw_map_reserves(u64 prot, u64 flags)
{
	return prot == PROT_NONE && !(flags & MAP_STACK);
}

/**
 * struct bw_task_args - a new task
 * @kind: enum brkwatch_clone_kind
 * @child: the task, in the session's PID namespace
 * @watch: id of the watch on it, or 0
 */
struct bw_task_args {
	u32 kind;
	u32 child;
	u32 watch;
};

/**
 * struct bw_exit_args - how a process ended
 * @peak_rss: most resident pages it ever had
 * @code: status as wait(2) has it
 */
struct bw_exit_args {
	u64 peak_rss;
	u32 code;
};

/**
 * struct bw_fault_args - a memory access that the kernel answered with a signal
 * @addr: what was accessed
 * @signal: SIGSEGV or SIGBUS
 * @code: si_code
 */
struct bw_fault_args {
	u64 addr;
	u32 signal;
	s32 code;
};

/**
 * struct bw_record - one event
 * @watch: id of the watch
 * @pid: thread group, in the session's PID namespace
 * @tid: thread, in the session's PID namespace
 * @lost: events of the watch lost before this one
 * @comm: name of the thread
 * @heap_start: start_brk after the event
 * @brk: program break after the event
 * @rss: anonymous resident pages, approximate
 * @traits: bits of enum brkwatch_trait
 * @number: fd, pkey, advice or shmid of a call that has one
 * @kind: enum brkwatch_event_kind
 * @error: errno of a failed call, else 0
 * @time: CLOCK_MONOTONIC in ns when the call returned, or when the step of life took place
 * @duration: ns that the call took, or 0 if no session wants to know
 * @brk_args: when @kind is brk
 * @map: when @kind is a call about mappings
 * @clone: when @kind is clone
 * @exit: when @kind is exit
 * @fault: when @kind is fault
 * @snapshot: when @kind is snapshot, its number
 * @leave_reason: when @kind is leave, enum brkwatch_leave_reason
 * @seccomp: when @kind is exec, mode of seccomp(2) of the thread, which is the only one
 * @mark: when @kind is mark, its text
 *
 * A probe sets @traits and the members from @number on; bw_session_publish() sets the others.
 */
struct bw_record {
	u32 watch;
	u32 pid;
	u32 tid;
	u32 lost;
	char comm[TASK_COMM_LEN];
	u64 heap_start;
	u64 brk;
	u32 rss;
	u32 traits;
	s32 number;
	u16 kind;
	u16 error;
	u64 time;
	u64 duration;
	union {
		struct bw_brk_args brk_args;
		struct bw_map_args map;
		struct bw_task_args clone;
		struct bw_exit_args exit;
		struct bw_fault_args fault;
		u32 snapshot;
		u32 leave_reason;
		u32 seccomp;
		char mark[BRKWATCH_MARK_MAX + 1];
	};
};

/* The kinds that are calls. What is added to the protocol later is taken for one. */
#define CALL_KINDS                                                                               \
	(GENMASK(29, 0) & ~(BIT(BRKWATCH_EVENT_KIND_CLONE) | BIT(BRKWATCH_EVENT_KIND_EXEC) |     \
			    BIT(BRKWATCH_EVENT_KIND_EXIT) | BIT(BRKWATCH_EVENT_KIND_FAULT) |     \
			    BIT(BRKWATCH_EVENT_KIND_SNAPSHOT) | BIT(BRKWATCH_EVENT_KIND_LEAVE) | \
			    BIT(BRKWATCH_EVENT_KIND_MARK)))

static inline bool bw_record_is_call(const struct bw_record *rec)
{
	return BIT(rec->kind) & CALL_KINDS;
}

/* Did a call fail? A refused brk has an errno only if a fatal signal interrupted it. */
static inline bool bw_record_failed(const struct bw_record *rec)
{
	return rec->kind == BRKWATCH_EVENT_KIND_BRK ?
		       rec->brk_args.kind == BRKWATCH_BRK_KIND_REFUSED :
		       rec->error;
}

/* This is a power of two, so that a ring's size is one as well, in bytes and in records. */
static_assert(sizeof(struct bw_record) == 128);

#endif
