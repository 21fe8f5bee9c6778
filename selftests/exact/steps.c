// SPDX-License-Identifier: GPL-2.0
/* Makes random calls other than mmap, and children that make some too. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include "player.h"
#include "raw.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#define MADV_POPULATE_READ_ADVICE 22
#define MADV_COLLAPSE_ADVICE 25

#define FAR ~0UL

static void step_brk(struct player *p)
{
	uintptr_t to = 0;

	if (p->heap) {
		switch (below(p, 16)) {
		case 0:
		case 1:
			break;
		case 2:
			to = p->now;
			break;
		case 3:
			to = one_in(p, 2) ? 1 : FAR - below(p, 2 * PAGE);
			break;
		case 4:
			to = p->heap;
			break;
		case 5:
		case 6:
			to = p->heap + below(p, HEAP);
			break;
		case 7:
		case 8:
			to = p->now + PAGE;
			break;
		default:
			to = p->heap + below(p, HEAP / PAGE) * PAGE;
			break;
		}
	}
	p->now = player_call(p, BRK, to, 0, 0, 0, 0, 0);
}

static void step_munmap(struct player *p)
{
	struct range r = pick(p);

	spoil(p, &r);
	/* Nothing is ever mapped there. */
	if (one_in(p, 32))
		r = (struct range){ .start = ARENAS / 2, .len = PAGE };
	if (!player_call(p, MUNMAP, r.start, r.len, 0, 0, 0, 0) && r.slot)
		slots_forget(p, r.start, round_to(r.len, PAGE));
}

static void step_mprotect(struct player *p, enum call call)
{
	static const long odd[] = { PROT_READ | PROT_GROWSDOWN, PROT_READ | PROT_GROWSUP, 8,
				    1 << 20, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP };
	struct range r = pick(p);
	long prot = below(p, 8), pkey = -1;

	if (one_in(p, 2))
		prot = PROT_READ | PROT_WRITE;
	if (one_in(p, 12))
		prot = odd[below(p, sizeof(odd) / sizeof(*odd))];
	if (call == PKEY_MPROTECT)
		pkey = one_in(p, 4) ? (long)below(p, 20) - 2 : p->pkey;
	spoil(p, &r);
	player_call(p, call, r.start, r.len, prot, pkey, 0, 0);
}

static long some_advice(struct player *p)
{
	static const long usual[] = { MADV_DONTNEED,   MADV_FREE,	MADV_DONTFORK, MADV_DOFORK,
				      MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_WILLNEED };

	if (one_in(p, 2))
		return usual[below(p, sizeof(usual) / sizeof(*usual))];
	/* MADV_HWPOISON and the next one would break real memory; the guards begin at 102. */
	return one_in(p, 8) ? 102 + below(p, 3) : below(p, 28);
}

static void step_madvise(struct player *p)
{
	struct range r = pick(p);
	long advice = some_advice(p);

	if (advice >= MADV_POPULATE_READ_ADVICE && advice <= MADV_COLLAPSE_ADVICE &&
	    r.len > 16 * PAGE)
		r.len = 16 * PAGE;
	spoil(p, &r);
	if (one_in(p, 24)) {
		/* These two must fail, so the address is not at a page. */
		advice = 100 + below(p, 2);
		r.start |= 1;
	}
	player_call(p, MADVISE, r.start, r.len, advice, 0, 0, 0);
}

static size_t new_length(struct player *p, size_t len)
{
	switch (below(p, 12)) {
	case 0:
		return len;
	case 1:
	case 2:
	case 3:
		return 1 + below(p, len);
	case 4:
		return one_in(p, 2) ? 0 : 1UL << 57;
	case 5:
		return len + below(p, ARENA);
	default:
		return len + below(p, 16 * PAGE);
	}
}

/* Updates the slots after the kernel has moved, shrunk or grown the range. */
static void remapped(struct player *p, const struct range *r, size_t new_len, long flags,
		     uintptr_t to)
{
	size_t unit = r->slot ? r->slot->unit : PAGE;
	size_t old_len = round_to(r->len, unit);
	int segment = r->slot ? r->slot->segment : 0;

	new_len = round_to(new_len, unit);
	if (to == r->start) {
		if (new_len < old_len)
			slots_forget(p, to + new_len, old_len - new_len);
		else if (r->slot && r->slot->start + r->slot->len < to + new_len)
			r->slot->len = to + new_len - r->slot->start;
		return;
	}
	if (old_len && r->slot && !(flags & MREMAP_DONTUNMAP))
		slots_forget(p, r->start, old_len);
	slots_add(p, to, new_len, unit, segment);
}

static void step_mremap(struct player *p)
{
	static const long kinds[] = { 0,
				      0,
				      MREMAP_MAYMOVE,
				      MREMAP_MAYMOVE,
				      MREMAP_MAYMOVE,
				      MREMAP_MAYMOVE,
				      MREMAP_MAYMOVE | MREMAP_FIXED,
				      MREMAP_MAYMOVE | MREMAP_FIXED,
				      MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
				      MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED };
	long flags = kinds[below(p, sizeof(kinds) / sizeof(*kinds))], result;
	uintptr_t to = 0;
	struct range r;
	size_t new_len;

	slots_room(p, 3);
	r = pick(p);
	new_len = new_length(p, r.len);
	if (flags & MREMAP_DONTUNMAP && !one_in(p, 8))
		new_len = r.len;
	if (r.heap && new_len > r.len)
		new_len = r.len;
	if (flags & MREMAP_FIXED) {
		/* A failed call may unmap a slot's tail, which another thread may get. */
		if (new_len > ARENA / 4 || (r.slot && (new_len < r.len || r.slot->unit != PAGE)))
			return;
		to = pick_arena(p, 1 + new_len / PAGE).start + one_in(p, 16);
	}
	if (one_in(p, 24))
		flags = one_in(p, 2) ? flags | 8 : flags & ~MREMAP_MAYMOVE;
	/* Length 0 maps a shared mapping a second time. */
	if (one_in(p, 16) && !(flags & MREMAP_DONTUNMAP))
		r.len = 0;
	else if (!r.slot || r.slot->unit == PAGE)
		spoil(p, &r);
	result = player_call(p, MREMAP, r.start, r.len, new_len, flags, to, 0);
	if (!raw_failed(result))
		remapped(p, &r, new_len, flags, result);
}

static void step_shmat(struct player *p)
{
	int segment = below(p, SEGMENTS), id = p->segments[segment];
	long flags = 0, result;
	uintptr_t at = 0;

	slots_room(p, 1);
	if (one_in(p, 3)) {
		at = pick_arena(p, SEGMENT_BYTES(segment) / PAGE).start + below(p, 2);
		flags = SHM_RND | (one_in(p, 2) ? SHM_REMAP : 0);
	}
	if (one_in(p, 4))
		flags |= SHM_RDONLY;
	if (one_in(p, 4))
		flags |= SHM_EXEC;
	if (one_in(p, 8))
		id = one_in(p, 2) ? -1 : 0x7fffffff;
	result = player_call(p, SHMAT, id, at, flags, 0, 0, 0);
	if (!raw_failed(result))
		slots_add(p, result, SEGMENT_BYTES(segment), PAGE, segment + 1);
}

static void step_shmdt(struct player *p)
{
	struct slot *slot = &p->slots[below(p, SLOTS)];
	uintptr_t start = pick_arena(p, 0).start + one_in(p, 8);
	int i;

	for (i = 0; i < SLOTS && !slot->segment; i++)
		slot = &p->slots[i];
	if (slot->start && slot->segment)
		start = slot->start;
	if (!player_call(p, SHMDT, start, 0, 0, 0, 0, 0) && start == slot->start)
		slots_detached(p, start, slot->segment);
}

/* The kernel fills the page, because an access of our own could cause a SIGSEGV. */
static void touch(uintptr_t at)
{
	raw(SYS_getrandom, at, 1, 0, 0, 0, 0);
}

/* Maps a stack that grows at the first access below it. */
static void grow_stack(struct player *p)
{
	struct range r = pick_arena(p, 16);

	player_call(p, MUNMAP, r.start, 14 * PAGE, 0, 0, 0, 0);
	player_call(p, MMAP, r.start + 14 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
	touch(r.start + 12 * PAGE);
}

static void step(struct player *p)
{
	unsigned int die = below(p, 64);

	if (die < 20)
		step_mmap(p);
	else if (die < 26)
		step_munmap(p);
	else if (die < 36)
		step_mprotect(p, MPROTECT);
	else if (die < 39)
		step_mprotect(p, PKEY_MPROTECT);
	else if (die < 47)
		step_madvise(p);
	else if (die < 54)
		step_mremap(p);
	else if (die < 58)
		step_brk(p);
	else if (die < 60)
		step_shmat(p);
	else if (die < 61)
		step_shmdt(p);
	else if (die < 63)
		touch(pick(p).start);
	else
		grow_stack(p);
}

/* play() - make so many random steps */
void play(struct player *p, unsigned int steps)
{
	while (steps--) {
		if (p->one_in && p->depth < DEPTH && one_in(p, p->one_in))
			play_child(p);
		else
			step(p);
	}
}

static void live(void *arg)
{
	static const char *const none[] = { NULL };
	static const char *const program[] = { "true", NULL };
	struct player *p = arg;

	play(p, 8);
	if (p->exec && one_in(p, 4))
		raw(SYS_execve, (long)"/bin/true", (long)program, (long)none, 0, 0, 0);
	raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
}

/* play_copy() - start a child that ends at once */
void play_copy(struct player *p)
{
	long pid = raw(SYS_fork, 0, 0, 0, 0, 0, 0);

	if (!pid)
		raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
	if (pid < 0)
		return;
	raw(SYS_wait4, pid, 0, __WALL, 0, 0, 0);
	p->counts->copies++;
}

/* play_child() - start a child with a copy of the address space, or in the same one */
void play_child(struct player *p)
{
	bool copy = one_in(p, 2);
	struct counts *own = p->counts;
	char *top = (char *)(&p->stacks[p->depth] + 1);
	long pid;

	p->depth++;
	p->counts = p->children;
	if (copy) {
		pid = raw(SYS_fork, 0, 0, 0, 0, 0, 0);
		if (!pid)
			live(p);
	} else {
		pid = raw_task(CLONE_VM | (one_in(p, 2) ? CLONE_VFORK : 0) | SIGCHLD, top, live, p,
			       NULL);
	}
	/* We wait, because a child in the same address space uses our memory until it ends. */
	if (pid > 0)
		raw(SYS_wait4, pid, 0, __WALL, 0, 0, 0);
	p->depth--;
	p->counts = own;
	if (pid > 0)
		__atomic_fetch_add(copy ? &own->copies : &own->shared, 1, __ATOMIC_RELAXED);
}
