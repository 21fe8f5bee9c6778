// SPDX-License-Identifier: GPL-2.0
/* mmap(2) and munmap(2): memory outside the heap. */
#include <linux/err.h>
#include <linux/hugetlb.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <uapi/linux/mman.h>

#include "probe.h"
#include "record.h"
#include "watch.h"

static void map_record(struct record *rec, const struct call *call, unsigned long result)
{
	rec->map.addr = call->arg[0];
	rec->map.length = call->arg[1];
	rec->map.result = result;
	rec->error = IS_ERR_VALUE(result) ? -(long)result : 0;
}

static void mmap_record(struct record *rec, const struct call *call, unsigned long result)
{
	map_record(rec, call, result);
	rec->kind = BRKWATCH_EVENT_KIND_MMAP;
	rec->map.prot = call->arg[2];
	rec->map.flags = call->arg[3];
	rec->map.fd = call->arg[4];
	rec->map.offset = call->arg[5];
}

static void munmap_record(struct record *rec, const struct call *call, unsigned long result)
{
	map_record(rec, call, result);
	rec->kind = BRKWATCH_EVENT_KIND_MUNMAP;
}

const struct call_type mmap_call = { .name = "mmap", .record = mmap_record };
const struct call_type munmap_call = { .name = "munmap", .record = munmap_record };

/* Whole pages; huge ones are of the size in the flags or of the default size. */
static u64 mapped_bytes(const struct map_args *map)
{
	u32 shift = map->flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;

	if (map->flags & MAP_ANONYMOUS && map->flags & MAP_HUGETLB)
		return ALIGN(map->length, shift ? 1ULL << shift : HPAGE_SIZE);
	return PAGE_ALIGN(map->length);
}

/**
 * mmap_count() - count a call of mmap(2)
 * @c: counters of the process
 * @rec: the call
 */
void mmap_count(struct counters *c, const struct record *rec)
{
	u64 bytes = mapped_bytes(&rec->map);

	c->mmap_calls++;
	if (rec->error) {
		c->mmap_failed++;
	} else if (rec->map.flags & MAP_ANONYMOUS) {
		c->mmap_anonymous++;
		c->mapped_bytes += bytes;
		c->mapped_largest = max(c->mapped_largest, bytes);
	} else {
		c->mapped_file_bytes += bytes;
	}
}

/**
 * munmap_count() - count a call of munmap(2)
 * @c: counters of the process
 * @rec: the call
 */
void munmap_count(struct counters *c, const struct record *rec)
{
	u64 bytes = PAGE_ALIGN(rec->map.length);

	c->munmap_calls++;
	if (rec->error) {
		c->munmap_failed++;
		return;
	}
	c->unmapped_bytes += bytes;
	c->unmapped_largest = max(c->unmapped_largest, bytes);
}
