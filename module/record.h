/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One event as it lies in a ring. It never leaves the kernel: user space sees
 * the attributes that netlink_fill.c makes of it, so it may change freely.
 */
#ifndef _BRKWATCH_RECORD_H
#define _BRKWATCH_RECORD_H

#include <linux/build_bug.h>
#include <linux/sched.h>
#include <linux/types.h>

/**
 * struct brk_args - what a call of brk(2) did
 * @requested: break that was asked for
 * @before: break when the call began, read without the mmap lock
 * @after: break that the call returned
 * @kind: enum brkwatch_brk_kind
 */
struct brk_args {
	u64 requested;
	u64 before;
	u64 after;
	u32 kind;
};

/**
 * struct map_args - arguments of mmap(2) and munmap(2), and what it returned
 * @addr: first argument
 * @length: second argument, as given
 * @prot: PROT_* bits; mmap only
 * @flags: MAP_* bits; mmap only
 * @offset: byte offset in the file; mmap only
 * @result: returned address, 0, or a negative errno
 * @fd: file descriptor; mmap only
 */
struct map_args {
	u64 addr;
	u64 length;
	u64 prot;
	u64 flags;
	u64 offset;
	u64 result;
	s32 fd;
};

/**
 * struct record - one event
 * @time: CLOCK_MONOTONIC in ns when the call returned
 * @duration: ns that the call took
 * @watch: id of the watch
 * @pid: thread group, in the session's PID namespace
 * @tid: thread, in the session's PID namespace
 * @kind: enum brkwatch_event_kind
 * @error: errno of a failed call, else 0
 * @comm: name of the thread
 * @heap_start: start_brk after the event
 * @brk: program break after the event
 * @rss: anonymous resident pages, approximate
 * @brk_args: when @kind is brk
 * @map: when @kind is mmap or munmap
 * @exit_code: when @kind is exit, status as wait(2) has it
 */
struct record {
	u64 time;
	u64 duration;
	u32 watch;
	u32 pid;
	u32 tid;
	u16 kind;
	u16 error;
	char comm[TASK_COMM_LEN];
	u64 heap_start;
	u64 brk;
	u64 rss;
	union {
		struct brk_args brk_args;
		struct map_args map;
		u32 exit_code;
	};
};

/* A power of two, so that a ring's size in bytes is one of its records too. */
static_assert(sizeof(struct record) == 128);

#endif
