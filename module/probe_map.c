// SPDX-License-Identifier: GPL-2.0
/* mmap(2), munmap(2) and mremap(2): memory outside the heap. */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <uapi/linux/mman.h>

#include "arenas.h"
#include "distribution.h"
#include "exec_map.h"
#include "handler.h"
#include "probe.h"
#include "record.h"
#include "refusals.h"
#include "session.h"
#include "watch.h"

static void mmap_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	bw_map_record(rec, call, result);
	rec->map.prot = call->arg[2];
	rec->map.flags = call->arg[3];
	rec->number = call->arg[4];
	rec->map.offset = call->arg[5];
}

/*
 * Where mremap, which has five arguments, keeps how many bytes it added to private memory; or that
 * the probe could not learn it, because another thread held the mmap lock or has changed the
 * mapping since, or because the mapping is shared memory.
 */
#define REMAPPED 5
#define REMAPPED_UNKNOWN ULONG_MAX

/*
 * Memory that processes share is a file of the kernel's own, whether a process mapped it with
 * MAP_ANONYMOUS or by /dev/zero. No other file has a slash in its name.
 */
static bool is_shared_memory(const struct vm_area_struct *vma)
{
	return !strcmp(vma->vm_file->f_path.dentry->d_name.name, "dev/zero");
}

/* How much anonymous memory a mapping has gained that grew by so many bytes. */
static u64 anonymous_bytes(const struct vm_area_struct *vma, u64 bytes)
{
	if (vma->vm_file)
		return is_shared_memory(vma) ? REMAPPED_UNKNOWN : 0;
	return vma->vm_ops && vma->vm_ops->name ? 0 : bytes;
}

/*
 * A probe may not wait for the mmap lock. If another thread was quicker than this look, the mapping
 * is seldom there as a whole.
 */
static u64 remapped_bytes(const struct bw_call *call, unsigned long result)
{
	u64 kept = call->arg[3] & MREMAP_DONTUNMAP ? 0 : PAGE_ALIGN(call->arg[1]);
	u64 bytes = PAGE_ALIGN(call->arg[2]), found = REMAPPED_UNKNOWN;
	struct mm_struct *mm = current->mm;
	const struct vm_area_struct *vma;

	if (bytes <= kept)
		return 0;
	if (!mmap_read_trylock(mm))
		return REMAPPED_UNKNOWN;
	vma = find_vma(mm, result);
	if (vma && vma->vm_start <= result && vma->vm_end - result >= bytes)
		found = anonymous_bytes(vma, bytes - kept);
	mmap_read_unlock(mm);
	return found;
}

static void mremap_leave(struct bw_call *call, unsigned long result)
{
	call->arg[REMAPPED] = IS_ERR_VALUE(result) ? 0 : remapped_bytes(call, result);
}

static void mremap_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	bw_map_record(rec, call, result);
	rec->map.new_length = call->arg[2];
	rec->map.flags = call->arg[3];
	rec->map.new_addr = call->arg[4];
}

/* If the flags hold no size, use the default from the reader, since no module can ask for it. */
static u64 huge_page(const struct bw_watch *watch, u64 flags)
{
	u32 shift = flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;

	return shift ? 1ULL << shift : watch->session->huge_page;
}

/* The kernel maps whole pages. */
static __always_inline u64 mapped_bytes(const struct bw_watch *watch, u64 length, u64 flags)
{
	if (unlikely(flags & MAP_HUGETLB && flags & MAP_ANONYMOUS))
		return ALIGN(length, huge_page(watch, flags));
	return PAGE_ALIGN(length);
}

/* A session with stacks or askers needs to know which file's code lies where. */
static __always_inline void mmap_note(struct bw_watch *watch, const struct bw_call *call,
				      unsigned long result)
{
	if (!(call->arg[3] & MAP_ANONYMOUS) && !IS_ERR_VALUE(result) && watch->session->exec_maps)
		bw_exec_map_of_file(watch, call->arg[2], result, call->arg[1]);
}

static __always_inline void mmap_count(struct bw_watch *watch, const struct bw_call *call,
				       unsigned long result)
{
	u64 flags = call->arg[3], bytes = mapped_bytes(watch, call->arg[1], flags);
	struct bw_counters *c = &watch->counters;
	bool reserves;

	c->mmap_calls++;
	if (IS_ERR_VALUE(result)) {
		c->mmap_failed++;
		bw_refusals_count(&watch->tables->refusals, BRKWATCH_EVENT_KIND_MMAP,
				  bw_call_error(result));
		return;
	}
	if (!(flags & MAP_ANONYMOUS)) {
		c->mapped_file_bytes += bytes;
		bw_distribution_add(watch->distributions, MMAP_FILE, bytes);
		return;
	}
	reserves = bw_map_reserves(call->arg[2], flags);
	c->mmap_anonymous++;
	c->mapped_bytes += bytes;
	c->mapped_largest = max(c->mapped_largest, bytes);
	if (reserves)
		c->reserved_bytes += bytes;
	bw_distributions_map(watch->distributions, bytes, reserves);
}

static __always_inline void munmap_count(struct bw_watch *watch, const struct bw_call *call,
					 unsigned long result)
{
	u64 start = call->arg[0], bytes = PAGE_ALIGN(call->arg[1]);
	struct bw_counters *c = &watch->counters;

	c->munmap_calls++;
	if (IS_ERR_VALUE(result)) {
		c->munmap_failed++;
		bw_refusals_count(&watch->tables->refusals, BRKWATCH_EVENT_KIND_MUNMAP,
				  bw_call_error(result));
		return;
	}
	if (unlikely(c->arenas))
		c->arenas -= bw_arenas_remove(&watch->tables->arenas, start, start + bytes);
	c->unmapped_bytes += bytes;
	c->unmapped_largest = max(c->unmapped_largest, bytes);
	bw_distribution_add(watch->distributions, MUNMAP_SIZE, bytes);
}

static void mremap_count(struct bw_watch *watch, const struct bw_call *call, unsigned long result)
{
	struct bw_counters *c = &watch->counters;

	c->mremap_calls++;
	if (IS_ERR_VALUE(result)) {
		c->mremap_failed++;
		bw_refusals_count(&watch->tables->refusals, BRKWATCH_EVENT_KIND_MREMAP,
				  bw_call_error(result));
	}
	if (call->arg[REMAPPED] == REMAPPED_UNKNOWN)
		c->remaps_unknown++;
	else
		c->remapped_bytes += call->arg[REMAPPED];
}

const struct bw_call_type bw_mmap_call = {
	.name = "mmap",
	.kind = BRKWATCH_EVENT_KIND_MMAP,
	.duration = MMAP_DURATION,
	.note = mmap_note,
	.record = mmap_record,
	.count = mmap_count,
};

BW_CALL_HANDLERS(mmap, 6);

const struct bw_call_type bw_munmap_call = {
	.name = "munmap",
	.kind = BRKWATCH_EVENT_KIND_MUNMAP,
	.duration = MUNMAP_DURATION,
	.record = bw_map_record,
	.count = munmap_count,
};

BW_CALL_HANDLERS(munmap, 2);

const struct bw_call_type bw_mremap_call = {
	.name = "mremap",
	.kind = BRKWATCH_EVENT_KIND_MREMAP,
	.duration = MREMAP_DURATION,
	.leave = mremap_leave,
	.record = mremap_record,
	.count = mremap_count,
};

/* The first 32-bit mmap has its six arguments in memory. */
static bool mmap_struct_args(struct bw_call *call)
{
	u32 arg[6];
	int i;

	if (copy_from_user_nofault(arg, (const void __user *)call->arg[0], sizeof(arg)))
		return false;
	for (i = 0; i < ARRAY_SIZE(arg); i++)
		call->arg[i] = arg[i];
	call->type = &bw_mmap_call;
	return true;
}

/* If the page of the arguments is not there yet, the call itself brings it in. */
static bool mmap_struct_entry(struct bw_call *call)
{
	mmap_struct_args(call);
	return true;
}

static void mmap_struct_leave(struct bw_call *call, unsigned long result)
{
	if (!mmap_struct_args(call))
		memset(call->arg, 0, sizeof(call->arg));
	call->type = &bw_mmap_call;
}

static bool mmap_pages_entry(struct bw_call *call)
{
	call->arg[5] <<= PAGE_SHIFT;
	call->type = &bw_mmap_call;
	return true;
}

const struct bw_call_type bw_mmap_struct_call = {
	.name = "mmap",
	.entry = mmap_struct_entry,
	.leave = mmap_struct_leave,
};

const struct bw_call_type bw_mmap_pages_call = { .name = "mmap2", .entry = mmap_pages_entry };
