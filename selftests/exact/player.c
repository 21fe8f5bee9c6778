// SPDX-License-Identifier: GPL-2.0
/* The dice of a player, and the account of memory that it may touch. */
#define _GNU_SOURCE
#include "player.h"
#include "raw.h"

static const long numbers[CALLS] = {
	[BRK] = SYS_brk,	 [MMAP] = SYS_mmap,	    [MUNMAP] = SYS_munmap,
	[MREMAP] = SYS_mremap,	 [MPROTECT] = SYS_mprotect, [PKEY_MPROTECT] = SYS_pkey_mprotect,
	[MADVISE] = SYS_madvise, [SHMAT] = SYS_shmat,	    [SHMDT] = SYS_shmdt,
};

uint32_t dice(struct player *p)
{
	uint64_t z = p->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) >> 32;
}

unsigned int below(struct player *p, unsigned int n)
{
	return dice(p) % n;
}

/* player_call() - make a call and count it; returns what the kernel answered */
long player_call(struct player *p, enum call kind, long a, long b, long c, long d, long e, long f)
{
	long result = raw(numbers[kind], a, b, c, d, e, f);
	bool failed = kind == BRK ? a && result != a : raw_failed(result);

	__atomic_fetch_add(&p->counts->made[kind], 1, __ATOMIC_RELAXED);
	if (failed)
		__atomic_fetch_add(&p->counts->failed[kind], 1, __ATOMIC_RELAXED);
	return result;
}

/* Picks some pages from start to end, rarely many. */
static struct range some(struct player *p, uintptr_t start, uintptr_t end)
{
	size_t all = (end - start) / PAGE, most = one_in(p, 8) ? all : 12, pages;

	pages = 1 + below(p, all < most ? all : most);
	return (struct range){ .start = start + below(p, all - pages + 1) * PAGE,
			       .len = pages * PAGE };
}

/* pick_arena() - pick so many pages of the arena, or a random number if @pages is 0 */
struct range pick_arena(struct player *p, size_t pages)
{
	if (!pages)
		return some(p, p->arena, p->arena + ARENA);
	return (struct range){ .start = p->arena + below(p, ARENA / PAGE - pages + 1) * PAGE,
			       .len = pages * PAGE };
}

/* pick() - pick pages that the player may change in any way */
struct range pick(struct player *p)
{
	struct slot *slot = &p->slots[below(p, SLOTS)];
	uintptr_t heap_end = p->now & ~(PAGE - 1);
	unsigned int die = below(p, 16);
	struct range r;

	if (die < 7 && slot->start) {
		r = slot->unit == PAGE && !one_in(p, 4) ?
			    some(p, slot->start, slot->start + slot->len) :
			    (struct range){ .start = slot->start, .len = slot->len };
		r.slot = slot;
		return r;
	}
	if (die < 10 && p->heap && heap_end > p->heap) {
		r = some(p, p->heap, heap_end);
		r.heap = true;
		return r;
	}
	return pick_arena(p, 0);
}

/* spoil() - make the range odd at times; no call may work out of bounds */
void spoil(struct player *p, struct range *r)
{
	switch (below(p, 48)) {
	case 0:
	case 1:
		r->start += 1 + below(p, PAGE - 1);
		break;
	case 2:
		r->len = 0;
		break;
	case 3:
		r->len = 1;
		break;
	case 4:
	case 5:
		r->len -= 1 + below(p, PAGE - 1);
		break;
	case 6:
		r->len = PAGE - 1;
		break;
	case 7:
		if (r->len > PAGE)
			r->len = PAGE + 1;
		break;
	case 8:
		/* The end must overflow: madvise and mprotect would go up to a far end. */
		r->len = ~0UL - below(p, 2 * PAGE);
		break;
	}
}

static void drop(struct player *p, struct slot *slot)
{
	uintptr_t start = slot->start;

	slot->start = 0;
	player_call(p, MUNMAP, start, slot->len, 0, 0, 0, 0);
}

/* slots_room() - free slots until so many are unused */
void slots_room(struct player *p, int n)
{
	int i, unused = 0;

	for (i = 0; i < SLOTS; i++)
		unused += !p->slots[i].start;
	while (unused < n) {
		struct slot *slot = &p->slots[below(p, SLOTS)];

		if (!slot->start)
			continue;
		drop(p, slot);
		unused++;
	}
}

/* slots_add() - record a mapping that the kernel placed */
void slots_add(struct player *p, uintptr_t start, size_t len, size_t unit, int segment)
{
	struct slot *slot = p->slots;

	if (start >= p->arena && start < p->arena + STRIDE)
		return;
	while (slot < p->slots + SLOTS && slot->start)
		slot++;
	if (slot == p->slots + SLOTS)
		player_call(p, MUNMAP, start, len, 0, 0, 0, 0);
	else
		*slot = (struct slot){ start, len, unit, segment };
}

/* slots_forget() - forget addresses, because another thread may have them from now on */
void slots_forget(struct player *p, uintptr_t start, size_t len)
{
	uintptr_t end = start + len;
	int i;

	for (i = 0; i < SLOTS; i++) {
		struct slot *slot = &p->slots[i];
		uintptr_t slot_end = slot->start + slot->len;

		if (!slot->start || slot_end <= start || end <= slot->start)
			continue;
		if (slot->start < start) {
			slot->len = start - slot->start;
			if (end < slot_end)
				slots_add(p, end, slot_end - end, slot->unit, slot->segment);
		} else if (end < slot_end) {
			slot->start = end;
			slot->len = slot_end - end;
		} else {
			slot->start = 0;
		}
	}
}

/* slots_detached() - forget what shmdt() detached: all of the segment from there on */
void slots_detached(struct player *p, uintptr_t start, int segment)
{
	int i;

	for (i = 0; i < SLOTS; i++) {
		struct slot *slot = &p->slots[i];

		if (slot->start >= start && slot->segment == segment &&
		    slot->start < start + SEGMENT_BYTES(segment - 1))
			slot->start = 0;
	}
}

/* slots_clear() - unmap all that is left */
void slots_clear(struct player *p)
{
	int i;

	for (i = 0; i < SLOTS; i++) {
		if (p->slots[i].start)
			drop(p, &p->slots[i]);
	}
}
