/* SPDX-License-Identifier: GPL-2.0 */
/* A walk looks at what a process has mapped, and waits only a short time for that process. */
#ifndef _BRKWATCH_WALK_H
#define _BRKWATCH_WALK_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>

struct bw_session;
struct mm_struct;
struct task_struct;

/**
 * typedef bw_look_fn - look at an address space, with its mmap lock held for reading
 * @mm: the memory map
 * @arg: as given to bw_walk_look(); the function must not allocate memory
 */
typedef void bw_look_fn(struct mm_struct *mm, void *arg);

/**
 * struct bw_walk - a reference to what a process has mapped
 * @mm: its memory map
 * @uid: user responsible for the process, see bw_user_of()
 * @refs: the caller, and a worker that waits for the mmap lock
 * @list: in the list of walks that no reader waits for any more; under its lock
 * @work: waits for the mmap lock, or drops the last reference
 * @look: what the worker does under the mmap lock
 * @arg: second argument of @look
 * @begun: the worker has begun to look, so it uses @arg; under the lock of the list
 * @err: error of the worker
 * @looked: completed when the worker is done
 */
struct bw_walk {
	struct mm_struct *mm;
	kuid_t uid;
	refcount_t refs;
	struct list_head list;
	struct work_struct work;
	bw_look_fn *look;
	void *arg;
	bool begun;
	int err;
	struct completion looked;
};

struct bw_walk *bw_walk_begin(const struct bw_session *session, struct task_struct *task);
int bw_walk_look(struct bw_walk *walk, bw_look_fn *look, void *arg);
void bw_walk_end(struct bw_walk *walk);

int bw_walk_module_init(void);
void bw_walk_module_exit(void);

#endif
