/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's messages as the tool holds them. Nothing here depends on netlink: decode.c fills
 * these, everything else reads them.
 */
#ifndef BRKWATCH_EVENT_H
#define BRKWATCH_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/brkwatch.h>

#include "event/distribution.h"
#include "event/growth.h"
#include "event/kinds.h"

/* TASK_COMM_LEN; the terminating zero is part of it. */
#define COMM_LEN 16

/* The largest errno; results above -4096 are negative errnos. */
#define MAX_ERRNO 4095

/* DWARF numbers so many registers on x86-64. */
#define EVENT_REGISTERS 17

/**
 * struct event_stack - where the thread stood in user space
 * @registers: EVENT_REGISTERS of them by their DWARF numbers, 8 bytes each and not aligned;
 *	NULL when the event came without a stack
 * @bytes: from the stack pointer up
 * @len: how many
 */
struct event_stack {
	const void *registers;
	const void *bytes;
	uint32_t len;
};

/* So many words lie in an event_asker at most. */
#define ASKER_WORDS 16

/**
 * struct event_asker - who made a call: where it stood in user space
 * @ip: instruction pointer, behind the instruction that made the call; 0 if it is not known
 * @n: how many of @words there are
 * @words: from the stack pointer up: one, or up to ASKER_WORDS of a brk or an mremap
 */
struct event_asker {
	uint64_t ip;
	uint32_t n;
	uint64_t words[ASKER_WORDS];
};

/* There is no limit. */
#define LIMIT_NONE UINT64_MAX

/**
 * struct event_limits - what the kernel decides a call by; bytes, read right after the call
 * @known: the module gave them, as it does with a failed or refused call
 * @as: address space (VmSize)
 * @data: private writable memory (VmData)
 * @locked: locked memory (VmLck)
 * @stack: stack (VmStk)
 * @mappings: how many mappings
 * @limit_as: soft limit RLIMIT_AS, or LIMIT_NONE, as are the others
 * @limit_data: RLIMIT_DATA
 * @limit_memlock: RLIMIT_MEMLOCK; LIMIT_NONE for a process that may lock any memory
 * @limit_stack: RLIMIT_STACK
 * @lock_future: mlockall(MCL_FUTURE) locks future mappings
 * @committed: bytes that all processes were promised
 * @static_data: initialized data of the program, which brk(2) counts beside the heap
 */
struct event_limits {
	bool known;
	uint64_t as;
	uint64_t data;
	uint64_t locked;
	uint64_t stack;
	uint64_t mappings;
	uint64_t limit_as;
	uint64_t limit_data;
	uint64_t limit_memlock;
	uint64_t limit_stack;
	bool lock_future;
	uint64_t committed;
	uint64_t static_data;
};

/**
 * struct event - one call or one lifecycle event
 * @kind: enum brkwatch_event_kind
 * @watch: id of the watch in the session
 * @pid: process
 * @tid: thread, 0 when it is not seen in our PID namespace
 * @error: errno of a failed call, else 0
 * @traits: bits of enum brkwatch_trait
 * @lost: events of the watch lost so far, modulo 2^32
 * @time: CLOCK_MONOTONIC in ns when the call returned
 * @duration: ns that the call took
 * @heap_start: where the heap begins, after the event, when @has_heap
 * @brk: program break after the event, when @has_heap
 * @rss: anonymous resident pages, when @has_rss
 * @has_heap: always, except for exit, leave and mark
 * @has_rss: whether the module knew it
 * @comm: name of the calling thread
 * @stack: of calls, clones and faults, if the tool asked for it; lies elsewhere
 * @asker: of calls, if the tool asked for it
 * @limits: of failed and refused calls, if the tool asked for it
 * @seccomp: when @kind is exec, mode of seccomp(2): 0 off, 1 strict, 2 filter, or
 *	SECCOMP_UNKNOWN
 * @move: when @kind is brk
 * @map: when @kind is mmap, munmap, mremap, mprotect, pkey-mprotect, madvise, shmat
 *	or shmdt
 * @clone: when @kind is clone; @clone.watch is 0 when the child is not followed
 * @exit: when @kind is exit; @exit.code is a status as of wait(2), @exit.peak_rss in pages
 * @fault: when @kind is fault; @fault.code is the si_code
 * @snapshot: when @kind is snapshot, its number
 * @leave_reason: when @kind is leave, enum brkwatch_leave_reason
 * @mark: when @kind is mark, its text
 */
struct event {
	uint32_t kind;
	uint32_t watch;
	uint32_t pid;
	uint32_t tid;
	uint32_t error;
	uint32_t traits;
	uint32_t lost;
	uint64_t time;
	uint64_t duration;
	uint64_t heap_start;
	uint64_t brk;
	uint32_t rss;
	bool has_heap;
	bool has_rss;
	char comm[COMM_LEN];
	struct event_stack stack;
	struct event_asker asker;
	struct event_limits limits;
	uint32_t seccomp;
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
			uint64_t new_length;
			uint64_t new_addr;
			/* At most one of these, by kind. */
			union {
				int32_t fd;
				int32_t pkey;
				int32_t advice;
				int32_t shmid;
			};
		} map;
		struct {
			uint32_t kind;
			uint32_t child;
			uint32_t watch;
		} clone;
		struct {
			uint32_t code;
			uint64_t peak_rss;
		} exit;
		struct {
			uint32_t signal;
			int32_t code;
			uint64_t addr;
		} fault;
		uint32_t snapshot;
		uint32_t leave_reason;
		char mark[BRKWATCH_MARK_MAX + 1];
	};
};

/**
 * struct area - one mapping of a snapshot
 * @start: first address
 * @end: first address after
 * @flags: bits of enum brkwatch_area_flag
 */
struct area {
	uint64_t start;
	uint64_t end;
	uint32_t flags;
};

/**
 * struct snapshot - an address space at one moment, as the kernel has it
 * @id: number in the session
 * @watch: id of the watch
 * @time: CLOCK_MONOTONIC in ns when it was taken, with the mmap lock held
 * @heap_start: where the heap begins
 * @brk: program break
 * @areas: the mappings, by rising address
 * @n: how many
 */
struct snapshot {
	uint32_t id;
	uint32_t watch;
	uint64_t time;
	uint64_t heap_start;
	uint64_t brk;
	struct area *areas;
	size_t n;
};

/**
 * struct image - a mapping of a file that may be executed
 * @watch: id of the watch
 * @time: when it was noted, CLOCK_MONOTONIC in ns
 * @start: first address
 * @end: first address after
 * @below: where the mapping began that ended at @start and had the same file, executable or not; 0
 *	if there was none or the module did not report it
 * @offset: in the file, in bytes
 * @file_size: bytes in the file
 * @file_time: when it was changed last, ns since 1970
 * @file_device: device of its file system; stat(2) shows another one for some, such as btrfs
 * @file_inode: its inode there; 0 if the module did not report device and inode
 * @path: as the process sees it; lies elsewhere
 */
struct image {
	uint32_t watch;
	uint64_t time;
	uint64_t start;
	uint64_t end;
	uint64_t below;
	uint64_t offset;
	uint64_t file_size;
	uint64_t file_time;
	uint32_t file_device;
	uint64_t file_inode;
	const char *path;
};

/* No message said the mode of seccomp(2). */
#define SECCOMP_UNKNOWN UINT32_MAX

/* The module distinguishes so many pairs of call and errno. */
#define REFUSALS_MAX 15

/**
 * struct refusal - failed calls of one kind with one errno
 * @kind: enum brkwatch_event_kind
 * @error: the errno
 * @calls: how many
 */
struct refusal {
	uint32_t kind;
	uint32_t error;
	uint64_t calls;
};

/**
 * struct refusals - failed calls; refused calls of brk(2) have no errno, and are not among them
 * @unknown: the module did not count them
 * @n: how many entries
 * @v: the entries, most calls first
 * @others: calls that no entry had room for
 */
struct refusals {
	bool unknown;
	size_t n;
	struct refusal v[REFUSALS_MAX];
	uint64_t others;
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
	uint64_t peak_rss;
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
	uint64_t mremap_calls;
	uint64_t mremap_failed;
	uint64_t mprotect_calls;
	uint64_t mprotect_failed;
	uint64_t madvise_calls;
	uint64_t madvise_failed;
	uint64_t shmat_calls;
	uint64_t shmat_failed;
	uint64_t shmdt_calls;
	uint64_t shmdt_failed;
	uint64_t given_back_bytes;
	uint64_t clones;
	uint64_t faults;
	uint64_t made;
	uint64_t lost;
	uint64_t heap_given_back;
	uint64_t reserved_bytes;
	uint64_t threads;
	uint64_t shrinks_refused;
	uint64_t remapped_bytes;
	uint64_t remaps_unknown;
	uint64_t arenas;
	uint64_t arenas_unknown;
	bool knows_arenas;
	uint32_t seccomp;
	struct refusals refusals;
	char comm[COMM_LEN];
	struct distribution distributions[DISTRIBUTIONS];
	struct growth growth;
};

/*
 * The kernel's figures of the whole session: attributes of the set "session" in
 * the same place. A session that has images, because of stacks or askers, may be asked for them.
 */
struct session_state {
	uint32_t protocol;
	uint32_t live;
	uint64_t made;
	uint64_t delivered;
	uint64_t lost_ring;
	uint64_t lost_probe;
	uint64_t lost_watch;
	uint32_t stack_bytes;
	bool has_images;
	uint64_t lost_image;
	uint64_t blind_from;
	uint64_t blind_to;
};

#endif
