/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BRKWATCH_IMAGE_H
#define _BRKWATCH_IMAGE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/task_work.h>
#include <linux/types.h>

struct mm_struct;
struct record;
struct session;
struct watch;

/**
 * struct image - a mapping of a file that may be executed
 * @list: among those that wait for the reader, or are being told
 * @watch: id of the watch
 * @time: when it was noted, in ns of CLOCK_MONOTONIC
 * @start: first address
 * @end: first address after
 * @offset: in the file, in bytes
 * @file_size: bytes in the file
 * @file_time: when it was changed last, in ns of CLOCK_REALTIME
 * @path: its path, as the process sees it
 */
struct image {
	struct list_head list;
	u32 watch;
	u64 time;
	u64 start;
	u64 end;
	u64 offset;
	u64 file_size;
	u64 file_time;
	char path[];
};

/**
 * struct image_work - a range whose images current has to note before it returns
 * @work: how it is told
 * @node: among those that are free
 * @watch: for whom
 * @start: first address
 * @end: first address after
 */
struct image_work {
	struct callback_head work;
	struct list_head node;
	struct watch *watch;
	u64 start;
	u64 end;
};

/**
 * struct images - those that came with an exec or an mmap and that nobody has read
 * @lock: for @list, @bytes and @ended
 * @list: oldest first
 * @bytes: their size
 * @ended: the session is over, nobody will read any
 * @free_lock: for @free
 * @free: what a probe takes to have a range noted
 * @works: all of these
 * @lost: times that something could not be noted, or did not wait
 */
struct images {
	/* For the list. */
	spinlock_t lock;
	struct list_head list;
	size_t bytes;
	bool ended;
	/* For what probes take. */
	raw_spinlock_t free_lock;
	struct list_head free;
	struct image_work *works;
	atomic64_t lost;
};

struct images *images_alloc(void);
void images_end(struct images *images);
void images_free(struct images *images);

int images_take(struct list_head *list, u32 watch, struct mm_struct *mm, u64 start, u64 end);
struct image *images_next(struct images *images);
void images_drop(struct list_head *list);

void image_defer(struct watch *watch, u64 start, u64 end);
void image_of_call(struct watch *watch, const struct record *rec);

#endif
