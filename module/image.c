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
#include <linux/personality.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "image.h"
#include "deferred.h"
#include "record.h"
#include "session.h"
#include "watch.h"

/* Of images that a reader leaves waiting. */
#define WAITING_BYTES_MAX (4 << 20)
/* Threads of a session that may be between an mmap and their return at the same time. */
#define WORKS 128

/**
 * images_alloc() - what a session with stacks needs
 *
 * Return: it, or NULL without memory.
 */
struct images *images_alloc(void)
{
	struct images *images = kzalloc(sizeof(*images), GFP_KERNEL_ACCOUNT);
	int i;

	if (!images)
		return NULL;
	images->works = kcalloc(WORKS, sizeof(*images->works), GFP_KERNEL_ACCOUNT);
	if (!images->works) {
		kfree(images);
		return NULL;
	}
	spin_lock_init(&images->lock);
	INIT_LIST_HEAD(&images->list);
	raw_spin_lock_init(&images->free_lock);
	INIT_LIST_HEAD(&images->free);
	for (i = 0; i < WORKS; i++)
		list_add_tail(&images->works[i].node, &images->free);
	return images;
}

/**
 * images_end() - nobody will read any
 * @images: a session's, or NULL
 */
void images_end(struct images *images)
{
	LIST_HEAD(left);

	if (!images)
		return;
	spin_lock(&images->lock);
	images->ended = true;
	list_splice_init(&images->list, &left);
	spin_unlock(&images->lock);
	images_drop(&left);
}

/**
 * images_free() - undo images_alloc(), after images_end()
 * @images: a session's, or NULL
 */
void images_free(struct images *images)
{
	if (!images)
		return;
	kfree(images->works);
	kfree(images);
}

/**
 * images_drop() - free a list of images
 * @list: the list, empty afterwards
 */
void images_drop(struct list_head *list)
{
	struct image *image, *next;

	list_for_each_entry_safe(image, next, list, list)
		kfree(image);
	INIT_LIST_HEAD(list);
}

static size_t image_bytes(const struct image *image)
{
	return struct_size(image, path, strlen(image->path) + 1);
}

/**
 * images_next() - the oldest image that waits
 * @images: a session's
 *
 * Return: the image, which is the caller's to kfree(), or NULL.
 */
struct image *images_next(struct images *images)
{
	struct image *image;

	spin_lock(&images->lock);
	image = list_first_entry_or_null(&images->list, struct image, list);
	if (image) {
		list_del(&image->list);
		images->bytes -= image_bytes(image);
	}
	spin_unlock(&images->lock);
	return image;
}

/* Frees those for which there is no room. */
static void images_wait(struct images *images, struct list_head *list)
{
	struct image *image, *next;
	bool lost = false;

	spin_lock(&images->lock);
	list_for_each_entry_safe(image, next, list, list) {
		size_t bytes = image_bytes(image);

		if (images->ended || images->bytes + bytes > WAITING_BYTES_MAX) {
			lost = !images->ended;
			break;
		}
		list_move_tail(&image->list, &images->list);
		images->bytes += bytes;
	}
	spin_unlock(&images->lock);
	images_drop(list);
	if (lost)
		atomic64_inc(&images->lost);
}

static struct image *image_of(const struct vm_area_struct *vma, char *page)
{
	const struct inode *inode = file_inode(vma->vm_file);
	const char *path = d_path(&vma->vm_file->f_path, page, PAGE_SIZE);
	struct timespec64 changed = inode_get_mtime(inode);
	struct image *image;
	size_t bytes;

	/* The one error there is. */
	if (IS_ERR(path))
		path = "(path too long)";
	bytes = strlen(path) + 1;
	image = kmalloc(struct_size(image, path, bytes), GFP_KERNEL_ACCOUNT);
	if (!image)
		return NULL;
	image->start = vma->vm_start;
	image->end = vma->vm_end;
	image->offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	image->file_size = i_size_read(inode);
	image->file_time = timespec64_to_ns(&changed);
	image->time = ktime_get_ns();
	memcpy(image->path, path, bytes);
	return image;
}

/* With the address space locked. */
static int images_walk(struct list_head *list, u32 watch, struct mm_struct *mm, u64 start, u64 end,
		       char *page)
{
	VMA_ITERATOR(vmi, mm, start);
	struct vm_area_struct *vma;

	for_each_vma_range(vmi, vma, end) {
		struct image *image;

		if (!vma->vm_file || !(vma->vm_flags & VM_EXEC))
			continue;
		image = image_of(vma, page);
		if (!image)
			return -ENOMEM;
		image->watch = watch;
		list_add_tail(&image->list, list);
	}
	return 0;
}

/**
 * images_take() - note which files' code is mapped
 * @list: gets the images
 * @watch: id of the watch
 * @mm: the memory map
 * @start: first address
 * @end: first address after
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM or -EINTR (a deadly signal); the list has what was noted until then.
 */
int images_take(struct list_head *list, u32 watch, struct mm_struct *mm, u64 start, u64 end)
{
	char *page = (char *)__get_free_page(GFP_KERNEL);
	int err;

	if (!page)
		return -ENOMEM;
	err = mmap_read_lock_killable(mm);
	if (!err) {
		err = images_walk(list, watch, mm, start, end, page);
		mmap_read_unlock(mm);
	}
	free_page((unsigned long)page);
	return err;
}

static struct image_work *work_get(struct images *images)
{
	struct image_work *work;
	unsigned long flags;

	raw_spin_lock_irqsave(&images->free_lock, flags);
	work = list_first_entry_or_null(&images->free, struct image_work, node);
	if (work)
		list_del(&work->node);
	raw_spin_unlock_irqrestore(&images->free_lock, flags);
	return work;
}

static void work_put(struct images *images, struct image_work *work)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&images->free_lock, flags);
	list_add(&work->node, &images->free);
	raw_spin_unlock_irqrestore(&images->free_lock, flags);
}

static void image_now(struct callback_head *head)
{
	struct image_work *work = container_of(head, struct image_work, work);
	struct watch *watch = work->watch;
	struct session *session = watch->session;
	LIST_HEAD(list);

	if (current->mm && images_take(&list, watch->id, current->mm, work->start, work->end))
		atomic64_inc(&session->images->lost);
	images_wait(session->images, &list);
	work_put(session->images, work);
	deferred_done(watch);
}

/**
 * image_defer() - have current note images when it returns to user space
 * @watch: the watch they are for, in a session with stacks
 * @start: first address to look at
 * @end: first address after
 *
 * Context: a probe, preemption off; RCU read side.
 */
void image_defer(struct watch *watch, u64 start, u64 end)
{
	struct images *images = watch->session->images;
	struct image_work *work = work_get(images);

	if (!work) {
		atomic64_inc(&images->lost);
		return;
	}
	work->watch = watch;
	work->start = start;
	work->end = end;
	if (!deferred_add(watch, current, &work->work, image_now))
		work_put(images, work);
}

/**
 * image_of_call() - does a call bring code? Then it is to be noted
 * @watch: a watch of current, in a session with stacks
 * @rec: the call
 *
 * Context: as image_defer().
 */
void image_of_call(struct watch *watch, const struct record *rec)
{
	u64 exec = PROT_EXEC;

	if (current->personality & READ_IMPLIES_EXEC)
		exec |= PROT_READ;
	if (rec->kind == BRKWATCH_EVENT_KIND_MMAP && !rec->error && rec->map.prot & exec &&
	    !(rec->map.flags & MAP_ANONYMOUS))
		image_defer(watch, rec->map.result, rec->map.result + rec->map.length);
}
