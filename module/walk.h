/* SPDX-License-Identifier: GPL-2.0 */
/* A walk looks at what a process has mapped, and never waits for the end of that. */
#ifndef _BRKWATCH_WALK_H
#define _BRKWATCH_WALK_H

#include <linux/list.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>

struct bw_session;
struct mm_struct;
struct task_struct;

/**
 * struct bw_walk - a reference to what a process has mapped
 * @mm: its memory map
 * @uid: who answers for the process
 * @list: in the list of those whose reference is the last
 * @work: drops it
 */
struct bw_walk {
	struct mm_struct *mm;
	kuid_t uid;
	struct list_head list;
	struct work_struct work;
};

struct bw_walk *bw_walk_begin(const struct bw_session *session, struct task_struct *task);
void bw_walk_end(struct bw_walk *walk);

int bw_walk_module_init(void);
void bw_walk_module_exit(void);

#endif
