/* SPDX-License-Identifier: GPL-2.0 */
/* An exec_walk goes through an address space in steps and notes its exec_maps. */
#ifndef _BRKWATCH_EXEC_WALK_H
#define _BRKWATCH_EXEC_WALK_H

#include <linux/gfp.h>
#include <linux/types.h>

struct list_head;
struct mm_struct;
struct bw_walk;

/**
 * struct bw_exec_walk - where a walk through an address space is
 * @next: address at which the walk goes on
 * @watch: id of the watch
 * @left: mappings that the walk still looks at, at most
 */
struct bw_exec_walk {
	u64 next;
	u32 watch;
	u32 left;
};

void bw_exec_walk_begin(struct bw_exec_walk *walk, u32 watch, const struct mm_struct *mm,
			u64 start);
int bw_exec_walk_on(struct bw_exec_walk *walk, struct bw_walk *held, u64 end,
		    struct list_head *list, gfp_t gfp);

#endif
