// SPDX-License-Identifier: GPL-2.0
/*
 * Which file's code lies where: without it the addresses on a stack mean nothing once the
 * process is gone. A path cannot be had in a probe, so the process itself notes it on its
 * way back to user space, before anything there is executed.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/path.h>
#include <linux/personality.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "deferred.h"
#include "exec_map.h"
#include "record.h"
#include "session.h"
#include "watch.h"

/* Limit of the maps that wait for a reader. */
#define WAITING_BYTES_MAX (4 << 20)
/* Mappings that are looked at before whoever waits to change the address space has a turn. */
#define HOLD_MAX 256
/* Threads of a session that may be between an mmap and their return at the same time. */
#define WORKS 128

/**
 * bw_exec_maps_alloc() - what a session with stacks needs
 *
 * Return: it, or NULL without memory.
 */
struct bw_exec_maps *bw_exec_maps_alloc(void)
{
	struct bw_exec_maps *maps = kzalloc(sizeof(*maps), GFP_KERNEL_ACCOUNT);
	int i;

	if (!maps)
		return NULL;
	maps->works = kcalloc(WORKS, sizeof(*maps->works), GFP_KERNEL_ACCOUNT);
	if (!maps->works) {
		kfree(maps);
		return NULL;
	}
	spin_lock_init(&maps->lock);
	INIT_LIST_HEAD(&maps->list);
	raw_spin_lock_init(&maps->free_lock);
	INIT_LIST_HEAD(&maps->free);
	for (i = 0; i < WORKS; i++)
		list_add_tail(&maps->works[i].node, &maps->free);
	return maps;
}

/**
 * bw_exec_maps_end() - nobody will read any
 * @maps: a session's, or NULL
 */
void bw_exec_maps_end(struct bw_exec_maps *maps)
{
	LIST_HEAD(left);

	if (!maps)
		return;
	spin_lock(&maps->lock);
	maps->ended = true;
	list_splice_init(&maps->list, &left);
	spin_unlock(&maps->lock);
	bw_exec_maps_drop(&left);
}

/**
 * bw_exec_maps_free() - undo bw_exec_maps_alloc(), after bw_exec_maps_end()
 * @maps: a session's, or NULL
 */
void bw_exec_maps_free(struct bw_exec_maps *maps)
{
	if (!maps)
		return;
	kfree(maps->works);
	kfree(maps);
}

static struct bw_exec_path *exec_path_get(struct bw_exec_path *path)
{
	refcount_inc(&path->refs);
	return path;
}

static void exec_path_put(struct bw_exec_path *path)
{
	if (path && refcount_dec_and_test(&path->refs))
		kfree(path);
}

/**
 * bw_exec_map_free() - free a map
 * @map: the map, in no list
 */
void bw_exec_map_free(struct bw_exec_map *map)
{
	exec_path_put(map->path);
	kfree(map);
}

/**
 * bw_exec_maps_drop() - free a list of maps
 * @list: the list, empty afterwards
 */
void bw_exec_maps_drop(struct list_head *list)
{
	struct bw_exec_map *map, *next;

	list_for_each_entry_safe(map, next, list, list)
		bw_exec_map_free(map);
	INIT_LIST_HEAD(list);
}

/* As if nobody shared the path. */
static size_t exec_map_bytes(const struct bw_exec_map *map)
{
	return sizeof(*map) + struct_size(map->path, text, strlen(map->path->text) + 1);
}

/**
 * bw_exec_maps_next() - the oldest map that waits
 * @maps: a session's
 *
 * Return: the map, which is the caller's to bw_exec_map_free(), or NULL.
 */
struct bw_exec_map *bw_exec_maps_next(struct bw_exec_maps *maps)
{
	struct bw_exec_map *map;

	spin_lock(&maps->lock);
	map = list_first_entry_or_null(&maps->list, struct bw_exec_map, list);
	if (map) {
		list_del(&map->list);
		maps->bytes -= exec_map_bytes(map);
	}
	spin_unlock(&maps->lock);
	return map;
}

/* Frees those for which there is no room, and returns whether there are such. */
static bool exec_maps_wait(struct bw_exec_maps *maps, struct list_head *list)
{
	struct bw_exec_map *map, *next;
	bool lost = false;

	spin_lock(&maps->lock);
	list_for_each_entry_safe(map, next, list, list) {
		size_t bytes = exec_map_bytes(map);

		if (maps->ended || maps->bytes + bytes > WAITING_BYTES_MAX) {
			lost = !maps->ended;
			break;
		}
		list_move_tail(&map->list, &maps->list);
		maps->bytes += bytes;
	}
	spin_unlock(&maps->lock);
	bw_exec_maps_drop(list);
	return lost;
}

/**
 * struct found - a map as it was found, with the address space locked
 * @start: first address
 * @end: first address after
 * @offset: in the file, in bytes
 * @file_size: bytes in the file
 * @file_time: when it was changed last, in ns of CLOCK_REALTIME
 * @path: the file, with a reference
 */
struct found {
	u64 start;
	u64 end;
	u64 offset;
	u64 file_size;
	u64 file_time;
	struct path path;
};

/**
 * struct batch - what was found while the address space was locked once
 * @time: then, in ns of CLOCK_MONOTONIC
 * @n: how many are in @found
 * @found: by rising address
 */
struct batch {
	u64 time;
	u32 n;
	struct found found[];
};

/* It is one page. */
#define BATCH_MAX ((PAGE_SIZE - sizeof(struct batch)) / sizeof(struct found))

static void batch_add(struct batch *batch, const struct vm_area_struct *vma)
{
	struct found *found = &batch->found[batch->n++];
	const struct inode *inode = file_inode(vma->vm_file);
	struct timespec64 changed = inode_get_mtime(inode);

	found->start = vma->vm_start;
	found->end = vma->vm_end;
	found->offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	found->file_size = i_size_read(inode);
	found->file_time = timespec64_to_ns(&changed);
	found->path = *file_user_path(vma->vm_file);
	path_get(&found->path);
}

/* With the address space locked: nothing is allocated, and no path made a text. */
static void batch_find(struct batch *batch, struct bw_exec_walk *walk, struct mm_struct *mm,
		       u64 end)
{
	VMA_ITERATOR(vmi, mm, walk->next);
	struct vm_area_struct *vma;
	unsigned int looked = 0;

	batch->time = ktime_get_ns();
	for_each_vma_range(vmi, vma, end) {
		if (vma->vm_file && vma->vm_flags & VM_EXEC)
			batch_add(batch, vma);
		if (!--walk->left)
			break;
		if (++looked == HOLD_MAX || batch->n == BATCH_MAX) {
			walk->next = vma->vm_end;
			return;
		}
	}
	walk->next = end;
}

/* One page of text, so that a page is asked for and no more. */
static struct bw_exec_path *exec_path_of(const struct path *path, char *page, gfp_t gfp)
{
	struct bw_exec_path *made;
	const char *text = d_path(path, page, PAGE_SIZE - sizeof(*made));
	size_t bytes;

	/* The one error there is. */
	if (IS_ERR(text))
		text = "(path too long)";
	bytes = strlen(text) + 1;
	made = kmalloc(struct_size(made, text, bytes), gfp);
	if (made) {
		refcount_set(&made->refs, 1);
		memcpy(made->text, text, bytes);
	}
	return made;
}

static struct bw_exec_map *exec_map_of(const struct found *found, struct bw_exec_path *path,
				       gfp_t gfp)
{
	struct bw_exec_map *map = kmalloc(sizeof(*map), gfp);

	if (!map)
		return NULL;
	map->start = found->start;
	map->end = found->end;
	map->offset = found->offset;
	map->file_size = found->file_size;
	map->file_time = found->file_time;
	map->path = exec_path_get(path);
	return map;
}

/* Neighbours are often of one file, whose path is looked for once. */
static int batch_list(const struct batch *batch, u32 watch, struct list_head *list, char *page,
		      gfp_t gfp)
{
	const struct found *found = batch->found, *end = found + batch->n;
	struct bw_exec_path *path = NULL;
	struct bw_exec_map *map;

	for (; found < end; found++) {
		if (!path || !path_equal(&found->path, &found[-1].path)) {
			exec_path_put(path);
			path = exec_path_of(&found->path, page, gfp);
		}
		map = path ? exec_map_of(found, path, gfp) : NULL;
		if (!map)
			break;
		map->watch = watch;
		map->time = batch->time;
		list_add_tail(&map->list, list);
	}
	exec_path_put(path);
	return found < end ? -ENOMEM : 0;
}

static int batch_take(struct batch *batch, struct bw_exec_walk *walk, struct mm_struct *mm, u64 end)
{
	batch->n = 0;
	if (fatal_signal_pending(current) || mmap_read_lock_killable(mm))
		return -EINTR;
	batch_find(batch, walk, mm, end);
	mmap_read_unlock(mm);
	return 0;
}

/* Outside of the lock: that a file is not needed any more can take time. */
static void batch_put(struct batch *batch)
{
	u32 i;

	for (i = 0; i < batch->n; i++)
		path_put(&batch->found[i].path);
}

/**
 * bw_exec_walk_begin() - before a walk through an address space
 * @walk: the walk
 * @watch: id of the watch
 * @mm: the memory map
 * @start: first address
 *
 * What is mapped behind its back is noted by the process itself, so a process that
 * maps for ever cannot keep it for ever; what is there already may be split in two.
 */
void bw_exec_walk_begin(struct bw_exec_walk *walk, u32 watch, const struct mm_struct *mm, u64 start)
{
	walk->next = start;
	walk->watch = watch;
	walk->left = 2 * READ_ONCE(mm->map_count) + HOLD_MAX;
}

/**
 * bw_exec_walk_on() - note which files' code is mapped, as far as one hold of the lock goes
 * @walk: how far it is; at @end there is no more
 * @mm: the memory map
 * @end: first address after all
 * @list: gets the maps
 * @gfp: how to get memory, of which no more than the maps that fit into a page is needed
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM or -EINTR (a deadly signal); the list has what was noted until then.
 */
int bw_exec_walk_on(struct bw_exec_walk *walk, struct mm_struct *mm, u64 end,
		    struct list_head *list, gfp_t gfp)
{
	struct batch *batch = kmalloc(PAGE_SIZE, gfp);
	char *page = kmalloc(PAGE_SIZE, gfp);
	int err = -ENOMEM;

	if (batch && page) {
		err = batch_take(batch, walk, mm, end);
		if (!err)
			err = batch_list(batch, walk->watch, list, page, gfp);
		batch_put(batch);
	}
	kfree(page);
	kfree(batch);
	return err;
}

static struct bw_exec_map_work *work_get(struct bw_exec_maps *maps)
{
	struct bw_exec_map_work *work;
	unsigned long flags;

	raw_spin_lock_irqsave(&maps->free_lock, flags);
	work = list_first_entry_or_null(&maps->free, struct bw_exec_map_work, node);
	if (work)
		list_del(&work->node);
	raw_spin_unlock_irqrestore(&maps->free_lock, flags);
	return work;
}

static void work_put(struct bw_exec_maps *maps, struct bw_exec_map_work *work)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&maps->free_lock, flags);
	list_add(&work->node, &maps->free);
	raw_spin_unlock_irqrestore(&maps->free_lock, flags);
}

/* False if something could not be noted, or may not wait. */
static bool exec_maps_note(struct bw_exec_maps *maps, const struct bw_exec_map_work *work)
{
	struct bw_exec_walk walk;
	bool lost = false;
	LIST_HEAD(list);

	bw_exec_walk_begin(&walk, work->watch->id, current->mm, work->start);
	while (walk.next < work->end && !lost) {
		lost = bw_exec_walk_on(&walk, current->mm, work->end, &list, BW_DEFERRED_GFP);
		lost |= exec_maps_wait(maps, &list);
	}
	return !lost;
}

static void exec_map_now(struct callback_head *head)
{
	struct bw_exec_map_work *work = container_of(head, struct bw_exec_map_work, work);
	struct bw_watch *watch = work->watch;
	struct bw_exec_maps *maps = watch->session->exec_maps;

	if (current->mm && !exec_maps_note(maps, work))
		atomic64_inc(&maps->lost);
	work_put(maps, work);
	bw_deferred_done(watch);
}

/**
 * bw_exec_map_defer() - have current note maps when it returns to user space
 * @watch: the watch they are for, in a session with stacks
 * @start: first address to look at
 * @end: first address after
 *
 * Context: a probe, preemption off; RCU read side.
 */
void bw_exec_map_defer(struct bw_watch *watch, u64 start, u64 end)
{
	struct bw_exec_maps *maps = watch->session->exec_maps;
	struct bw_exec_map_work *work = work_get(maps);

	if (!work) {
		atomic64_inc(&maps->lost);
		return;
	}
	work->watch = watch;
	work->start = start;
	work->end = end;
	if (!bw_deferred_add(watch, current, &work->work, exec_map_now))
		work_put(maps, work);
}

/**
 * bw_exec_map_of_call() - does a call bring code? Then it is to be noted
 * @watch: a watch of current, in a session with stacks
 * @rec: the call
 *
 * Context: as bw_exec_map_defer().
 */
void bw_exec_map_of_call(struct bw_watch *watch, const struct bw_record *rec)
{
	u64 exec = PROT_EXEC;

	if (current->personality & READ_IMPLIES_EXEC)
		exec |= PROT_READ;
	if (rec->kind == BRKWATCH_EVENT_KIND_MMAP && !rec->error && rec->map.prot & exec &&
	    !(rec->map.flags & MAP_ANONYMOUS))
		bw_exec_map_defer(watch, rec->map.result, rec->map.result + rec->map.length);
}
