/* SPDX-License-Identifier: GPL-2.0 */
/* A walk looks at what a process has mapped, and waits for that process a short time at most. */
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
 * typedef bw_look_fn - look at an address space that is locked for reading
 * @mm: the memory map
 * @arg: what it is to look for; nothing may be allocated meanwhile
 */
typedef void bw_look_fn(struct mm_struct *mm, void *arg);

/**
 * struct bw_walk - a reference to what a process has mapped
 * @mm: its memory map
 * @uid: who answers for the process
 * @refs: the caller, and a worker that waits for the lock
 * @list: in the list of those for which no reader waits any more; under its lock
 * @work: waits for the lock, or drops the last reference
 * @look: what the worker is to do with the lock
 * @arg: its second argument
 * @begun: the worker does it, so that it uses @arg; under the lock of the list
 * @err: of the worker
 * @looked: the worker has done it
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
