// SPDX-License-Identifier: GPL-2.0
/*
 * Which file's code is mapped where. Without it the addresses on a stack mean nothing once the
 * process is gone. A probe cannot get a path, so the process itself notes it on its way back to
 * user space, before it executes anything there.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/personality.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "deferred.h"
#include "exec_map.h"
#include "exec_walk.h"
#include "session.h"
#include "watch.h"

/* Limit of all maps that wait for one session's reader. */
#define WAITING_BYTES_MAX (4 << 20)
/* So many threads of a session can be between an mmap and their return at the same time. */
#define WORKS 128

/**
 * bw_exec_maps_alloc() - allocate what a session with stacks or askers needs
 *
 * Return: the maps, or NULL without memory.
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
 * bw_exec_maps_end() - drop all maps, because the session has ended
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

/**
 * bw_exec_path_put() - drop a reference
 * @path: the path, or NULL
 */
void bw_exec_path_put(struct bw_exec_path *path)
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
	bw_exec_path_put(map->path);
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

/* Each map counts its path as if no other map shared it. */
static size_t exec_map_bytes(const struct bw_exec_map *map)
{
	return sizeof(*map) + struct_size(map->path, text, strlen(map->path->text) + 1);
}

/**
 * bw_exec_maps_next() - take the oldest map that waits
 * @maps: a session's
 *
 * Return: the map, which the caller must bw_exec_map_free(), or NULL.
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

/* Frees the maps that have no room, and returns whether there were any. */
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

/* False if the process could not note a map, or the map had no room. */
static bool exec_maps_note(struct bw_exec_maps *maps, const struct bw_exec_map_work *work)
{
	struct bw_exec_walk walk;
	bool lost = false;
	LIST_HEAD(list);

	bw_exec_walk_begin(&walk, work->watch->id, current->mm, work->start);
	while (walk.next < work->end && !lost) {
		lost = bw_exec_walk_on(&walk, NULL, work->end, &list, BW_DEFERRED_GFP);
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
 * bw_exec_map_defer() - let current note maps when it returns to user space
 * @watch: the watch that needs them, in a session with stacks or askers
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
 * bw_exec_map_of_file() - let current note the code that a mapping of a file brought, if any
 * @watch: a watch of current, in a session with stacks or askers
 * @prot: PROT_* bits of the mapping
 * @start: its first address
 * @length: bytes from there on, not rounded to pages
 *
 * Context: as bw_exec_map_defer().
 */
void bw_exec_map_of_file(struct bw_watch *watch, u64 prot, u64 start, u64 length)
{
	u64 exec = PROT_EXEC;

	if (current->personality & READ_IMPLIES_EXEC)
		exec |= PROT_READ;
	if (prot & exec)
		bw_exec_map_defer(watch, start, start + length);
}
