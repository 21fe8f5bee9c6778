/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module tells, as the tool holds it. Nothing here knows of netlink:
 * decode.c fills these, everything else reads them.
 */
#ifndef BRKWATCH_EVENT_H
#define BRKWATCH_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/brkwatch.h>

/* TASK_COMM_LEN; the terminating zero is part of it. */
#define COMM_LEN 16

/* The largest errno; results above -4096 are negative errnos. */
#define MAX_ERRNO 4095

/**
 * struct event - one call or one step of life
 * @kind: enum brkwatch_event_kind
 * @watch: id of the watch in the session
 * @pid: process
 * @tid: thread, 0 when it is not seen in our PID namespace
 * @error: errno of a failed call, else 0
 * @time: CLOCK_MONOTONIC in ns when the call returned
 * @duration: ns that the call took
 * @heap_start: where the heap begins, after the event, when @has_heap
 * @brk: program break after the event, when @has_heap
 * @rss: anonymous resident pages, when @has_rss
 * @has_heap: always, but for an exit that left no memory map
 * @has_rss: whether the module could tell
 * @comm: name of the calling thread
 * @move: when @kind is brk
 * @map: when @kind is mmap or munmap
 * @exit_code: when @kind is exit, status as wait(2) has it
 */
struct event {
	uint32_t kind;
	uint32_t watch;
	uint32_t pid;
	uint32_t tid;
	uint32_t error;
	uint64_t time;
	uint64_t duration;
	uint64_t heap_start;
	uint64_t brk;
	uint64_t rss;
	bool has_heap;
	bool has_rss;
	char comm[COMM_LEN];
	union {
		struct {
			uint32_t kind;
			uint64_t requested;
			uint64_t before;
			uint64_t after;
		} move;
		struct {
			uint64_t addr;
			uint64_t length;
			uint64_t prot;
			uint64_t flags;
			uint64_t offset;
			uint64_t result;
			int32_t fd;
		} map;
		uint32_t exit_code;
	};
};

/*
 * The kernel's exact figures of one watch. The fields are the attributes of the
 * set "watch" in Documentation/netlink/specs/brkwatch.yaml, explained there.
 */
struct counters {
	uint32_t id;
	uint32_t pid;
	bool exited;
	uint32_t exit_code;
	uint64_t heap_start;
	uint64_t brk_first;
	uint64_t brk_peak;
	uint64_t brk;
	uint64_t brk_calls;
	uint64_t brk_queries;
	uint64_t brk_grows;
	uint64_t brk_shrinks;
	uint64_t brk_refused;
	uint64_t grown_bytes;
	uint64_t shrunk_bytes;
	uint64_t grown_largest;
	uint64_t mmap_calls;
	uint64_t mmap_failed;
	uint64_t mmap_anonymous;
	uint64_t mapped_bytes;
	uint64_t mapped_largest;
	uint64_t mapped_file_bytes;
	uint64_t munmap_calls;
	uint64_t munmap_failed;
	uint64_t unmapped_bytes;
	uint64_t unmapped_largest;
	uint64_t made;
	uint64_t lost;
	char comm[COMM_LEN];
};

/*
 * The kernel's figures of the whole session: attributes of the set "session" in
 * the same place.
 */
struct session_state {
	uint32_t protocol;
	uint32_t live;
	uint64_t made;
	uint64_t delivered;
	uint64_t lost_ring;
	uint64_t lost_probe;
};

#endif
