/* SPDX-License-Identifier: GPL-2.0 */
/* An exec_map says which file's code is mapped where. */
#ifndef _BRKWATCH_EXEC_MAP_H
#define _BRKWATCH_EXEC_MAP_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/task_work.h>
#include <linux/types.h>

struct bw_session;
struct bw_watch;

/**
 * struct bw_exec_path - where a file is
 * @refs: maps that have it
 * @text: its path, as the process sees it
 */
struct bw_exec_path {
	refcount_t refs;
	char text[];
};

/**
 * struct bw_exec_map - a mapping of a file that may be executed
 * @list: among the maps that wait for the reader, or that a dump sends now
 * @watch: id of the watch
 * @time: when the process noted it, in ns of CLOCK_MONOTONIC
 * @start: first address
 * @end: first address after
 * @below: where the mapping begins that ends at @start and has the same file; @start without one
 * @offset: in the file, in bytes
 * @file_size: bytes in the file
 * @file_time: when the file was changed last, in ns of CLOCK_REALTIME
 * @file_device: device of its file system, as new_encode_dev()
 * @file_inode: its inode there
 * @path: path of the file
 */
struct bw_exec_map {
	struct list_head list;
	u32 watch;
	u64 time;
	u64 start;
	u64 end;
	u64 below;
	u64 offset;
	u64 file_size;
	u64 file_time;
	u32 file_device;
	u64 file_inode;
	struct bw_exec_path *path;
};

/**
 * struct bw_exec_map_work - a range of addresses, with maps that current notes before it returns
 * @work: makes current note them
 * @node: in the list of free works
 * @watch: the watch that needs them
 * @start: first address
 * @end: first address after
 */
struct bw_exec_map_work {
	struct callback_head work;
	struct list_head node;
	struct bw_watch *watch;
	u64 start;
	u64 end;
};

/**
 * struct bw_exec_maps - maps that came with an exec or an mmap and wait for the reader
 * @lock: for @list, @bytes and @ended
 * @list: oldest first
 * @bytes: their size
 * @ended: the session is over, so the reader will read no more
 * @free_lock: for @free
 * @free: works from which a probe takes one for each range
 * @works: all works
 * @lost: times that a process could not note a map, or the map had no room
 */
struct bw_exec_maps {
	/* For the list. */
	spinlock_t lock;
	struct list_head list;
	size_t bytes;
	bool ended;
	/* For what probes take. */
	raw_spinlock_t free_lock;
	struct list_head free;
	struct bw_exec_map_work *works;
	atomic64_t lost;
};

struct bw_exec_maps *bw_exec_maps_alloc(void);
void bw_exec_maps_end(struct bw_exec_maps *maps);
void bw_exec_maps_free(struct bw_exec_maps *maps);

struct bw_exec_map *bw_exec_maps_next(struct bw_exec_maps *maps);
void bw_exec_maps_drop(struct list_head *list);
void bw_exec_map_free(struct bw_exec_map *map);
void bw_exec_path_put(struct bw_exec_path *path);

void bw_exec_map_defer(struct bw_watch *watch, u64 start, u64 end);
void bw_exec_map_of_file(struct bw_watch *watch, u64 prot, u64 start, u64 length);

#endif
