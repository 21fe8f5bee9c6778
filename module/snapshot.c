// SPDX-License-Identifier: GPL-2.0
/*
 * An address space at one moment. After an exec the process itself takes the snapshot on its way
 * back to user space, so that no call of the new program comes before it.
 */
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "deferred.h"
#include "record.h"
#include "session.h"
#include "snapshot.h"
#include "walk.h"
#include "watch.h"

/* Limit of all snapshots that wait for one session's reader. */
#define WAITING_BYTES_MAX (4 << 20)
/* Room for mappings that appear between counting and locking; doubled if they do not fit. */
#define SPARE_AREAS 16
#define SPARE_AREAS_MAX 65536

/**
 * bw_snapshots_init() - set up the list, with no snapshot waiting
 * @snapshots: a session's
 */
void bw_snapshots_init(struct bw_snapshots *snapshots)
{
	spin_lock_init(&snapshots->lock);
	INIT_LIST_HEAD(&snapshots->list);
}

/**
 * bw_snapshots_end() - drop all snapshots, because the session has ended
 * @snapshots: a session's
 */
void bw_snapshots_end(struct bw_snapshots *snapshots)
{
	struct bw_snapshot *snapshot;

	spin_lock(&snapshots->lock);
	snapshots->ended = true;
	spin_unlock(&snapshots->lock);
	while ((snapshot = bw_snapshot_next(snapshots)))
		bw_snapshot_free(snapshot);
}

static bool is_initial_stack(const struct vm_area_struct *vma, const struct mm_struct *mm)
{
	return vma->vm_start <= mm->start_stack && vma->vm_end >= mm->start_stack;
}

static u32 area_flags(const struct vm_area_struct *vma, const struct mm_struct *mm)
{
	u32 flags = 0;

	if (vma->vm_flags & VM_READ)
		flags |= BRKWATCH_AREA_FLAG_READ;
	if (vma->vm_flags & VM_WRITE)
		flags |= BRKWATCH_AREA_FLAG_WRITE;
	if (vma->vm_flags & VM_EXEC)
		flags |= BRKWATCH_AREA_FLAG_EXEC;
	if (vma->vm_flags & VM_MAYSHARE)
		flags |= BRKWATCH_AREA_FLAG_SHARED;
	if (vma->vm_flags & VM_DONTCOPY)
		flags |= BRKWATCH_AREA_FLAG_DONT_FORK;
	if (vma->vm_file)
		return flags;
	if (vma->vm_ops && vma->vm_ops->name)
		return flags | BRKWATCH_AREA_FLAG_SPECIAL;
	if (vma->vm_flags & VM_GROWSDOWN || is_initial_stack(vma, mm))
		return flags | BRKWATCH_AREA_FLAG_GROWS_DOWN;
	return flags | BRKWATCH_AREA_FLAG_ANONYMOUS;
}

/**
 * struct sight - a snapshot that is being taken
 * @snapshot: to fill
 * @room: number of areas that fit into @snapshot
 * @whole: @snapshot has all areas
 */
struct sight {
	struct bw_snapshot *snapshot;
	u32 room;
	bool whole;
};

/* A bw_look_fn, which gives up as soon as the room does not suffice. */
static void snapshot_fill(struct mm_struct *mm, void *arg)
{
	VMA_ITERATOR(vmi, mm, 0);
	struct sight *sight = arg;
	struct bw_snapshot *snapshot = sight->snapshot;
	struct vm_area_struct *vma;

	if (mm->map_count > sight->room)
		return;
	snapshot->n = 0;
	for_each_vma(vmi, vma) {
		if (snapshot->n == sight->room)
			return;
		snapshot->areas[snapshot->n++] = (struct bw_snapshot_area){
			.start = vma->vm_start,
			.end = vma->vm_end,
			.flags = area_flags(vma, mm),
		};
	}
	snapshot->time = ktime_get_ns();
	snapshot->heap_start = mm->start_brk;
	snapshot->brk = mm->brk;
	sight->whole = true;
}

/* A watched process that has more mappings than go into a page leaves them to the reader. */
static struct bw_snapshot *snapshot_alloc_deferred(u32 room)
{
	struct bw_snapshot *snapshot;
	size_t bytes = struct_size(snapshot, areas, room);

	return bytes > PAGE_SIZE ? NULL : kmalloc(bytes, BW_DEFERRED_GFP);
}

/* The reader asked for this snapshot, so the kernel charges the memory to the reader. */
static struct bw_snapshot *snapshot_alloc(u32 room)
{
	struct bw_snapshot *snapshot;

	return kvmalloc(struct_size(snapshot, areas, room), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

static struct bw_snapshot *snapshot_take(struct bw_session *session, u32 watch,
					 struct bw_walk *walk,
					 struct bw_snapshot *(*alloc)(u32 room))
{
	const struct mm_struct *mm = walk ? walk->mm : current->mm;
	u32 spare = SPARE_AREAS;
	int err;

	do {
		struct sight sight = { .room = READ_ONCE(mm->map_count) + spare };

		sight.snapshot = alloc(sight.room);
		if (!sight.snapshot)
			return ERR_PTR(-ENOMEM);
		err = bw_walk_look(walk, snapshot_fill, &sight);
		if (sight.whole) {
			sight.snapshot->watch = watch;
			sight.snapshot->id = atomic_inc_return(&session->snapshots.last_id);
			return sight.snapshot;
		}
		kvfree(sight.snapshot);
		spare = min_t(u32, 2 * spare, SPARE_AREAS_MAX);
	} while (!err);
	return ERR_PTR(err);
}

/**
 * bw_snapshot_take() - note what is mapped, for a reader that asks
 * @session: the reader's session
 * @watch: id of the watch
 * @walk: walk of the process
 *
 * Context: may sleep.
 * Return: the snapshot, or -ENOMEM, or as bw_walk_look().
 */
struct bw_snapshot *bw_snapshot_take(struct bw_session *session, u32 watch, struct bw_walk *walk)
{
	return snapshot_take(session, watch, walk, snapshot_alloc);
}

/**
 * bw_snapshot_free() - free a snapshot
 * @snapshot: the snapshot, or NULL
 */
void bw_snapshot_free(struct bw_snapshot *snapshot)
{
	kvfree(snapshot);
}

/**
 * bw_snapshot_next() - take the oldest snapshot that waits
 * @snapshots: a session's
 *
 * Return: the snapshot, which the caller must bw_snapshot_free(), or NULL.
 */
struct bw_snapshot *bw_snapshot_next(struct bw_snapshots *snapshots)
{
	struct bw_snapshot *snapshot;

	spin_lock(&snapshots->lock);
	snapshot = list_first_entry_or_null(&snapshots->list, struct bw_snapshot, list);
	if (snapshot) {
		list_del(&snapshot->list);
		snapshots->bytes -= struct_size(snapshot, areas, snapshot->n);
	}
	spin_unlock(&snapshots->lock);
	return snapshot;
}

static bool snapshot_wait(struct bw_snapshots *snapshots, struct bw_snapshot *snapshot)
{
	size_t bytes = struct_size(snapshot, areas, snapshot->n);
	bool waits;

	spin_lock(&snapshots->lock);
	waits = !snapshots->ended && snapshots->bytes + bytes <= WAITING_BYTES_MAX;
	if (waits) {
		list_add_tail(&snapshot->list, &snapshots->list);
		snapshots->bytes += bytes;
	}
	spin_unlock(&snapshots->lock);
	return waits;
}

/*
 * The module sends the event in any case. A reader that finds no snapshot of the number in the
 * event asks for one.
 */
static void snapshot_now(struct callback_head *work)
{
	struct bw_watch *watch = container_of(work, struct bw_watch, snapshot);
	struct bw_session *session = watch->session;
	struct bw_record rec = { .kind = BRKWATCH_EVENT_KIND_SNAPSHOT };
	struct bw_snapshot *snapshot;

	clear_bit(WATCH_SNAPSHOT, &watch->state);
	if (current->mm) {
		snapshot = snapshot_take(session, watch->id, NULL, snapshot_alloc_deferred);
		if (!IS_ERR(snapshot)) {
			rec.snapshot = snapshot->id;
			if (!snapshot_wait(&session->snapshots, snapshot))
				bw_snapshot_free(snapshot);
		}
		bw_watch_snapshot(watch, &rec);
	}
	bw_deferred_done(watch);
}

/**
 * bw_snapshot_defer() - take a snapshot of current when it returns to user space
 * @watch: the watch that needs it
 *
 * Context: a probe, preemption off; RCU read side.
 */
void bw_snapshot_defer(struct bw_watch *watch)
{
	if (test_and_set_bit(WATCH_SNAPSHOT, &watch->state))
		return;
	if (!bw_deferred_add(watch, current, &watch->snapshot, snapshot_now))
		clear_bit(WATCH_SNAPSHOT, &watch->state);
}
