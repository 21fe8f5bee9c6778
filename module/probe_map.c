// SPDX-License-Identifier: GPL-2.0
/* mmap(2), munmap(2) and mremap(2): memory outside the heap. */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <uapi/linux/mman.h>

#include "probe.h"
#include "record.h"
#include "session.h"
#include "watch.h"

/**
 * bw_map_record() - record what calls about mappings have in common
 * @rec: to fill: address, length, result and error
 * @call: the call, with address and length first
 * @result: what it returned
 */
void bw_map_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	rec->map.addr = call->arg[0];
	rec->map.length = call->arg[1];
	rec->map.result = result;
	rec->error = IS_ERR_VALUE(result) ? -(long)result : 0;
}

static void mmap_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	bw_map_record(rec, call, result);
	rec->kind = BRKWATCH_EVENT_KIND_MMAP;
	rec->map.prot = call->arg[2];
	rec->map.flags = call->arg[3];
	rec->number = call->arg[4];
	rec->map.offset = call->arg[5];
}

static void munmap_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	bw_map_record(rec, call, result);
	rec->kind = BRKWATCH_EVENT_KIND_MUNMAP;
}

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
		return is_shared_memory(vma) ? BW_REMAPPED_UNKNOWN : 0;
	return vma->vm_ops && vma->vm_ops->name ? 0 : bytes;
}

/*
 * A probe may not wait for the mmap lock. If another thread was quicker than this look, the mapping
 * is seldom there as a whole.
 */
static u64 remapped_bytes(const struct bw_map_args *map)
{
	u64 kept = map->flags & MREMAP_DONTUNMAP ? 0 : PAGE_ALIGN(map->length);
	u64 bytes = PAGE_ALIGN(map->new_length), found = BW_REMAPPED_UNKNOWN;
	struct mm_struct *mm = current->mm;
	const struct vm_area_struct *vma;

	if (bytes <= kept)
		return 0;
	if (!mmap_read_trylock(mm))
		return BW_REMAPPED_UNKNOWN;
	vma = find_vma(mm, map->result);
	if (vma && vma->vm_start <= map->result && vma->vm_end - map->result >= bytes)
		found = anonymous_bytes(vma, bytes - kept);
	mmap_read_unlock(mm);
	return found;
}

static void mremap_record(struct bw_record *rec, const struct bw_call *call, unsigned long result)
{
	bw_map_record(rec, call, result);
	rec->kind = BRKWATCH_EVENT_KIND_MREMAP;
	rec->map.new_length = call->arg[2];
	rec->map.flags = call->arg[3];
	rec->map.new_addr = call->arg[4];
	rec->remapped = rec->error ? 0 : remapped_bytes(&rec->map);
}

/* If the flags hold no size, use the default from the reader, since no module can ask for it. */
static u64 huge_page(const struct bw_counters *c, const struct bw_map_args *map)
{
	u32 shift = map->flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;

	if (shift)
		return 1ULL << shift;
	return container_of(c, struct bw_watch, counters)->session->huge_page;
}

/* The kernel maps whole pages. */
static u64 mapped_bytes(const struct bw_counters *c, const struct bw_map_args *map)
{
	if (map->flags & MAP_ANONYMOUS && map->flags & MAP_HUGETLB)
		return ALIGN(map->length, huge_page(c, map));
	return PAGE_ALIGN(map->length);
}

/* Returns the bytes of the mapping, if it is anonymous. */
static u64 mmap_count(struct bw_counters *c, const struct bw_record *rec)
{
	u64 bytes = mapped_bytes(c, &rec->map);

	c->mmap_calls++;
	if (rec->error) {
		c->mmap_failed++;
		bw_refusals_count(&bw_watch_tables(c)->refusals, rec);
		return 0;
	}
	if (!(rec->map.flags & MAP_ANONYMOUS)) {
		c->mapped_file_bytes += bytes;
		return 0;
	}
	c->mmap_anonymous++;
	c->mapped_bytes += bytes;
	c->mapped_largest = max(c->mapped_largest, bytes);
	if (bw_map_reserves(&rec->map))
		c->reserved_bytes += bytes;
	return bytes;
}

static u64 munmap_count(struct bw_counters *c, const struct bw_record *rec)
{
	u64 bytes = PAGE_ALIGN(rec->map.length);

	c->munmap_calls++;
	if (rec->error) {
		c->munmap_failed++;
		bw_refusals_count(&bw_watch_tables(c)->refusals, rec);
		return 0;
	}
	if (unlikely(c->arenas))
		c->arenas -= bw_arenas_remove(&bw_watch_tables(c)->arenas, rec->map.addr,
					      rec->map.addr + bytes);
	c->unmapped_bytes += bytes;
	c->unmapped_largest = max(c->unmapped_largest, bytes);
	return bytes;
}

static u64 mremap_count(struct bw_counters *c, const struct bw_record *rec)
{
	c->mremap_calls++;
	if (rec->error) {
		c->mremap_failed++;
		bw_refusals_count(&bw_watch_tables(c)->refusals, rec);
	}
	if (rec->remapped == BW_REMAPPED_UNKNOWN)
		c->remaps_unknown++;
	else
		c->remapped_bytes += rec->remapped;
	return 0;
}

const struct bw_call_type bw_mmap_call = {
	.name = "mmap",
	.record = mmap_record,
	.count = mmap_count,
};

const struct bw_call_type bw_munmap_call = {
	.name = "munmap",
	.record = munmap_record,
	.count = munmap_count,
};

const struct bw_call_type bw_mremap_call = {
	.name = "mremap",
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

static void mmap_struct_record(struct bw_record *rec, const struct bw_call *call,
			       unsigned long result)
{
	struct bw_call copy = *call;

	if (!mmap_struct_args(&copy))
		memset(copy.arg, 0, sizeof(copy.arg));
	mmap_record(rec, &copy, result);
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
	.record = mmap_struct_record,
	.count = mmap_count,
};

const struct bw_call_type bw_mmap_pages_call = { .name = "mmap2", .entry = mmap_pages_entry };
