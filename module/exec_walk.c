// SPDX-License-Identifier: GPL-2.0
/*
 * Go through an address space in steps, to note which files' code is mapped. A step looks at
 * mappings under the mmap lock, and makes the paths after it has dropped the lock.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/path.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "exec_map.h"
#include "exec_walk.h"
#include "walk.h"

/* A step looks at no more mappings, so that a thread that waits for the mmap lock gets a turn. */
#define HOLD_MAX 256

/**
 * struct found - a map as a step found it, under the mmap lock
 * @start: first address
 * @end: first address after
 * @below: where the mapping below begins, see struct bw_exec_map
 * @offset: in the file, in bytes
 * @file_size: bytes in the file
 * @file_time: when the file was changed last, in ns of CLOCK_REALTIME
 * @file_device: device of its file system, as new_encode_dev()
 * @file_inode: its inode there
 * @path: the file, with a reference
 */
struct found {
	u64 start;
	u64 end;
	u64 below;
	u64 offset;
	u64 file_size;
	u64 file_time;
	u32 file_device;
	u64 file_inode;
	struct path path;
};

/**
 * struct batch - what one step found under the mmap lock
 * @walk: the walk that the step belongs to
 * @end: first address after the walk
 * @time: time of the step, in ns of CLOCK_MONOTONIC
 * @n: number of maps in @found
 * @found: by rising address
 */
struct batch {
	struct bw_exec_walk *walk;
	u64 end;
	u64 time;
	u32 n;
	struct found found[];
};

/* A batch is one page. */
#define BATCH_MAX ((PAGE_SIZE - sizeof(struct batch)) / sizeof(struct found))

/*
 * A program or library begins with headers, which lie in a mapping of their own below its code.
 * @prev is NULL, or the mapping before or the same one.
 */
static u64 below(const struct vm_area_struct *vma, const struct vm_area_struct *prev)
{
	if (!prev || prev->vm_end != vma->vm_start || !prev->vm_file ||
	    !path_equal(file_user_path(prev->vm_file), file_user_path(vma->vm_file)))
		return vma->vm_start;
	return prev->vm_start;
}

static void batch_add(struct batch *batch, const struct vm_area_struct *vma,
		      const struct vm_area_struct *prev)
{
	struct found *found = &batch->found[batch->n++];
	const struct inode *inode = file_inode(vma->vm_file);
	struct timespec64 changed = inode_get_mtime(inode);

	found->start = vma->vm_start;
	found->end = vma->vm_end;
	found->below = below(vma, prev);
	found->offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	found->file_size = i_size_read(inode);
	found->file_time = timespec64_to_ns(&changed);
	found->file_device = new_encode_dev(inode->i_sb->s_dev);
	found->file_inode = inode->i_ino;
	found->path = *file_user_path(vma->vm_file);
	path_get(&found->path);
}

/*
 * The caller holds the mmap lock, so this allocates nothing and makes no path a text. It may look
 * at the mapping before its first one, too.
 */
static void batch_find(struct mm_struct *mm, void *arg)
{
	VMA_ITERATOR(vmi, mm, ((struct batch *)arg)->walk->next);
	struct batch *batch = arg;
	struct bw_exec_walk *walk = batch->walk;
	struct vm_area_struct *vma, *prev = NULL;
	unsigned int looked = 1;

	batch->time = ktime_get_ns();
	for_each_vma_range(vmi, vma, batch->end) {
		if (vma->vm_file && vma->vm_flags & VM_EXEC)
			batch_add(batch, vma, prev ?: find_vma(mm, vma->vm_start - 1));
		prev = vma;
		if (!--walk->left)
			break;
		if (++looked == HOLD_MAX || batch->n == BATCH_MAX) {
			walk->next = vma->vm_end;
			return;
		}
	}
	walk->next = batch->end;
}

/* The text is at most one page, so that no allocation is larger than a page. */
static struct bw_exec_path *exec_path_of(const struct path *path, char *page, gfp_t gfp)
{
	struct bw_exec_path *made;
	const char *text = d_path(path, page, PAGE_SIZE - sizeof(*made));
	size_t bytes;

	/* d_path() has no other error. */
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
	map->below = found->below;
	map->offset = found->offset;
	map->file_size = found->file_size;
	map->file_time = found->file_time;
	map->file_device = found->file_device;
	map->file_inode = found->file_inode;
	refcount_inc(&path->refs);
	map->path = path;
	return map;
}

/* Neighbours often map one file, so its path is looked up only once. */
static int batch_list(const struct batch *batch, u32 watch, struct list_head *list, char *page,
		      gfp_t gfp)
{
	const struct found *found = batch->found, *end = found + batch->n;
	struct bw_exec_path *path = NULL;
	struct bw_exec_map *map;

	for (; found < end; found++) {
		if (!path || !path_equal(&found->path, &found[-1].path)) {
			bw_exec_path_put(path);
			path = exec_path_of(&found->path, page, gfp);
		}
		map = path ? exec_map_of(found, path, gfp) : NULL;
		if (!map)
			break;
		map->watch = watch;
		map->time = batch->time;
		list_add_tail(&map->list, list);
	}
	bw_exec_path_put(path);
	return found < end ? -ENOMEM : 0;
}

/* The caller holds no mmap lock, because dropping the last reference to a file can take time. */
static void batch_put(struct batch *batch)
{
	u32 i;

	for (i = 0; i < batch->n; i++)
		path_put(&batch->found[i].path);
}

/**
 * bw_exec_walk_begin() - prepare a walk through an address space
 * @walk: the walk
 * @watch: id of the watch
 * @mm: the memory map
 * @start: first address
 *
 * The process itself notes what it maps during the walk. So the walk can have a limit, and a
 * process that maps for ever does not prolong it. The limit allows each mapping to be split in two.
 */
void bw_exec_walk_begin(struct bw_exec_walk *walk, u32 watch, const struct mm_struct *mm, u64 start)
{
	walk->next = start;
	walk->watch = watch;
	walk->left = 2 * READ_ONCE(mm->map_count) + HOLD_MAX;
}

/**
 * bw_exec_walk_on() - do one step: note which files' code is mapped
 * @walk: the walk; it is over when its next address is @end
 * @held: the process's walk, or NULL if current walks through its own address space
 * @end: first address after the walk
 * @list: gets the maps
 * @gfp: how to allocate; one step needs no more maps than a page holds
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM or as bw_walk_look(); the list has the maps noted until then.
 */
int bw_exec_walk_on(struct bw_exec_walk *walk, struct bw_walk *held, u64 end,
		    struct list_head *list, gfp_t gfp)
{
	struct batch *batch = kmalloc(PAGE_SIZE, gfp);
	char *page = kmalloc(PAGE_SIZE, gfp);
	int err = -ENOMEM;

	if (batch && page) {
		batch->walk = walk;
		batch->end = end;
		batch->n = 0;
		err = bw_walk_look(held, batch_find, batch);
		if (!err)
			err = batch_list(batch, walk->watch, list, page, gfp);
		batch_put(batch);
	}
	kfree(page);
	kfree(batch);
	return err;
}
