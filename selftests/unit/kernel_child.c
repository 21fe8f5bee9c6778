// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/mman.h>

#include "kernel_child.h"

static unsigned int pick(struct worker *w, unsigned int below)
{
	return rand_r(&w->seed) / 7 % below;
}

uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* An address to call with: mostly in the arena, else in the heap. */
static uint64_t place(const struct stage *stage, struct worker *w)
{
	uint64_t odd = pick(w, 40) ? 0 : 1 + pick(w, PAGE - 1);

	if (w->brk && !pick(w, 12))
		return ((stage->heap + PAGE - 1) & -PAGE) + pick(w, HEAP_PAGES) * PAGE + odd;
	return w->arena + pick(w, ARENA_PAGES) * PAGE + odd;
}

static uint64_t size(struct worker *w)
{
	if (!pick(w, 50))
		return 0;
	if (!pick(w, 100))
		return -PAGE + pick(w, 2 * PAGE);
	return (1 + pick(w, pick(w, 4) ? 6 : 40)) * PAGE - (pick(w, 4) ? 0 : pick(w, PAGE));
}

static uint64_t protection(struct worker *w)
{
	return pick(w, 60) ? pick(w, 8) : 0x40;
}

/* An address for a new mapping that hits only the test's own memory. */
static bool is_ours(const struct worker *w, uint64_t addr, uint64_t length)
{
	return addr >= w->arena && length <= 64 * PAGE &&
	       addr + length <= w->arena + 2 * ARENA_PAGES * PAGE;
}

static uint64_t map_flags(const struct stage *stage, struct worker *w)
{
	static const uint64_t types[] = { MAP_PRIVATE, MAP_PRIVATE,
					  MAP_PRIVATE, MAP_PRIVATE,
					  MAP_SHARED,  MAP_SHARED_VALIDATE,
					  0,	       8 };
	static const uint64_t more[] = {
		0,	    0,		0, 0, MAP_NORESERVE, MAP_STACK, MAP_GROWSDOWN, MAP_POPULATE,
		MAP_LOCKED, MAP_HUGETLB
	};
	uint64_t flags = stage->careful ? MAP_PRIVATE : types[pick(w, 8)] | more[pick(w, 10)];

	if (stage->careful && !pick(w, 6))
		flags = MAP_SHARED | MAP_ANONYMOUS;
	if (pick(w, 4))
		flags |= MAP_ANONYMOUS;
	return flags;
}

/* A part of a mapping that the kernel placed, or of the arena. */
static void span(const struct stage *stage, struct worker *w, struct event *ev)
{
	const struct own *own = &w->own[pick(w, OWN)];
	uint64_t pages = own->length / PAGE;
	uint64_t from = pages ? pick(w, pages) : 0;

	if (pages && !pick(w, 3)) {
		ev->map.addr = own->addr + from * PAGE;
		ev->map.length = (1 + pick(w, pages - from)) * PAGE;
	} else {
		ev->map.addr = place(stage, w);
		ev->map.length = size(w);
	}
}

/* Whether calls on this range cannot fail halfway. */
static bool is_sound(const struct stage *stage, const struct event *ev)
{
	static unsigned char seen[256];

	return !stage->careful || ev->map.length > sizeof(seen) * PAGE || ev->map.addr % PAGE ||
	       !syscall(SYS_mincore, ev->map.addr, ev->map.length, seen);
}

static uint64_t new_mapping(struct stage *stage, struct worker *w, struct event *ev)
{
	ev->kind = BRKWATCH_EVENT_KIND_MMAP;
	ev->map.addr = pick(w, 2) ? place(stage, w) : 0;
	ev->map.length = size(w);
	ev->map.prot = protection(w);
	ev->map.flags = map_flags(stage, w);
	if (is_ours(w, ev->map.addr, ev->map.length) && pick(w, 4))
		ev->map.flags |= pick(w, 3) ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	ev->map.fd = ev->map.flags & MAP_ANONYMOUS ? -1 : pick(w, 20) ? stage->fd : 999;
	if (!(ev->map.flags & MAP_FIXED) && w->own[w->n % OWN].length) {
		struct own *own = &w->own[w->n % OWN];

		ev->kind = BRKWATCH_EVENT_KIND_MUNMAP;
		ev->map.addr = own->addr;
		ev->map.length = own->length;
		own->length = 0;
		return syscall(SYS_munmap, ev->map.addr, ev->map.length);
	}
	return syscall(SYS_mmap, ev->map.addr, ev->map.length, ev->map.prot, ev->map.flags,
		       ev->map.fd, 0);
}

static uint64_t remapping(struct stage *stage, struct worker *w, struct event *ev)
{
	struct own *own = &w->own[pick(w, OWN)];

	ev->kind = BRKWATCH_EVENT_KIND_MREMAP;
	do {
		ev->map.addr = place(stage, w);
		ev->map.length = pick(w, 20) ? size(w) : 0;
	} while (!is_sound(stage, ev));
	ev->map.new_length = pick(w, 3) ? size(w) : ev->map.length;
	ev->map.new_addr = w->arena + pick(w, ARENA_PAGES) * PAGE + (pick(w, 40) ? 0 : 5);
	ev->map.flags = pick(w, 5) ? MREMAP_MAYMOVE : 0;
	if (own->length && !pick(w, 3)) {
		ev->map.addr = own->addr;
		ev->map.length = own->length;
		ev->map.flags = MREMAP_MAYMOVE;
		ev->map.new_length = (1 + pick(w, 40)) * PAGE;
		own->length = 0;
	} else if (!pick(w, 6)) {
		ev->map.flags |= MREMAP_DONTUNMAP;
	}
	if (!pick(w, 3) && is_ours(w, ev->map.new_addr, ev->map.new_length))
		ev->map.flags |= MREMAP_FIXED;
	return syscall(SYS_mremap, ev->map.addr, ev->map.length, ev->map.new_length, ev->map.flags,
		       ev->map.new_addr);
}

static uint64_t advice(struct stage *stage, struct worker *w, struct event *ev)
{
	static const int advices[] = { MADV_DONTNEED, MADV_FREE,   MADV_DONTFORK, MADV_DOFORK,
				       MADV_DONTFORK, MADV_DOFORK, MADV_WILLNEED, MADV_REMOVE };

	ev->kind = BRKWATCH_EVENT_KIND_MADVISE;
	span(stage, w, ev);
	ev->map.advice = advices[pick(w, 8)];
	return syscall(SYS_madvise, ev->map.addr, ev->map.length, ev->map.advice);
}

static uint64_t move_break(struct stage *stage, struct worker *w, struct event *ev)
{
	uint64_t before = syscall(SYS_brk, 0);

	ev->kind = BRKWATCH_EVENT_KIND_BRK;
	ev->move.before = before;
	ev->move.requested = pick(w, 5) ? stage->heap + pick(w, HEAP_PAGES * PAGE) : 0;
	ev->move.after = syscall(SYS_brk, ev->move.requested);
	return 0;
}

/* What malloc, realloc and free do: memory passes from thread to thread all the time. */
static uint64_t churn(struct worker *w, struct event *ev)
{
	struct own *own = &w->own[pick(w, 4)];

	ev->map.addr = own->addr;
	ev->map.length = own->length;
	if (!own->length) {
		ev->kind = BRKWATCH_EVENT_KIND_MMAP;
		ev->map.addr = 0;
		ev->map.length = (1 + pick(w, 4)) * PAGE;
		ev->map.prot = pick(w, 4);
		ev->map.flags = MAP_PRIVATE | MAP_ANONYMOUS;
		ev->map.fd = -1;
		w->n = own - w->own;
		return syscall(SYS_mmap, 0, ev->map.length, ev->map.prot, ev->map.flags, -1, 0);
	}
	switch (pick(w, 4)) {
	case 0:
		ev->kind = BRKWATCH_EVENT_KIND_MPROTECT;
		ev->map.prot = pick(w, 8);
		return syscall(SYS_mprotect, ev->map.addr, ev->map.length, ev->map.prot);
	case 1:
		ev->kind = BRKWATCH_EVENT_KIND_MREMAP;
		ev->map.flags = MREMAP_MAYMOVE;
		ev->map.new_length = (1 + pick(w, 6)) * PAGE;
		w->n = own - w->own;
		return syscall(SYS_mremap, ev->map.addr, ev->map.length, ev->map.new_length,
			       ev->map.flags, 0);
	default:
		ev->kind = BRKWATCH_EVENT_KIND_MUNMAP;
		own->length = 0;
		return syscall(SYS_munmap, ev->map.addr, ev->map.length);
	}
}

static uint64_t make_call(struct stage *stage, struct worker *w, struct event *ev)
{
	if (stage->churn)
		return churn(w, ev);
	switch (pick(w, w->brk ? 10 : 8)) {
	case 0:
	case 1:
	case 2:
		return new_mapping(stage, w, ev);
	case 3:
		ev->kind = BRKWATCH_EVENT_KIND_MUNMAP;
		ev->map.addr = place(stage, w);
		ev->map.length = size(w);
		return syscall(SYS_munmap, ev->map.addr, ev->map.length);
	case 4:
	case 5:
		ev->kind = BRKWATCH_EVENT_KIND_MPROTECT;
		do
			span(stage, w, ev);
		while (!is_sound(stage, ev));
		ev->map.prot = protection(w);
		return syscall(SYS_mprotect, ev->map.addr, ev->map.length, ev->map.prot);
	case 6:
		return remapping(stage, w, ev);
	case 7:
		return advice(stage, w, ev);
	default:
		return move_break(stage, w, ev);
	}
}

/* The mappings that the kernel placed outside of the arena. */
static void keep_own(struct worker *w, const struct event *ev)
{
	uint64_t length;

	if (ev->kind == BRKWATCH_EVENT_KIND_MMAP)
		length = ev->map.length;
	else if (ev->kind == BRKWATCH_EVENT_KIND_MREMAP)
		length = ev->map.new_length;
	else
		return;
	if (ev->map.result >= w->arena && ev->map.result < w->arena + 4 * ARENA_PAGES * PAGE)
		return;
	w->own[w->n++ % OWN] = (struct own){ ev->map.result, (length + PAGE - 1) & -PAGE };
}

static void step(struct stage *stage, struct worker *w, struct event *ev)
{
	uint64_t began = now();
	uint64_t result = make_call(stage, w, ev);

	ev->time = now();
	ev->duration = ev->time - began;
	ev->watch = 1;
	ev->tid = 1 + (w - stage->workers);
	if (ev->kind == BRKWATCH_EVENT_KIND_BRK)
		return;
	if (result == -1ULL)
		ev->error = errno;
	else
		ev->map.result = result;
	if (!ev->error)
		keep_own(w, ev);
}

static struct stage *stage_of_child;

static void *work(void *arg)
{
	struct stage *stage = stage_of_child;
	struct worker *w = arg;
	int round, i;

	for (round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&stage->barrier);
		pthread_barrier_wait(&stage->barrier);
		for (i = 0; i < STEPS; i++)
			step(stage, w, &w->events[round * STEPS + i]);
	}
	pthread_barrier_wait(&stage->barrier);
	pause();
	return NULL;
}

/* All threads stand still while the parent looks, between these two bytes. */
static void let_look(int to, int from)
{
	char byte = 0;

	if (write(to, &byte, 1) != 1 || read(from, &byte, 1) != 1)
		_exit(1);
}

void run_child(struct stage *stage, int to, int from)
{
	pthread_t thread;
	long pid;
	int i;

	stage_of_child = stage;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* From here on only the threads allocate, and no library handles a signal. */
	for (i = 0; i < stage->threads; i++)
		if (pthread_create(&thread, NULL, work, &stage->workers[i]))
			_exit(1);
	for (i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&stage->barrier);
		let_look(to, from);
		pthread_barrier_wait(&stage->barrier);
	}
	pthread_barrier_wait(&stage->barrier);
	pid = syscall(SYS_fork);
	if (pid < 0)
		_exit(1);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		syscall(SYS_pause);
	}
	stage->clone = (struct event){
		.kind = BRKWATCH_EVENT_KIND_CLONE,
		.watch = 1,
		.tid = THREADS_MAX + 1,
		.time = now(),
		.clone = { BRKWATCH_CLONE_KIND_COPY, pid, 2 },
	};
	let_look(to, from);
	kill(pid, SIGKILL);
	_exit(0);
}
