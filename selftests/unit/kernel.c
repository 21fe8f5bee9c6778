// SPDX-License-Identifier: GPL-2.0
/*
 * The ledger against the kernel of this machine: a child really makes random
 * calls and records them as events; the ledger's state after these is compared with
 * the child's /proc/PID/smaps, and its counts with each other.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <kselftest_harness.h>
#include <linux/mman.h>

#include "ledger/ledger.h"
#include "ledger/address_space.h"

#define PAGE 4096ULL
#define ARENA_PAGES 96
#define HEAP_PAGES 24
#define OWN 24
#define ROUNDS 8
#define STEPS 60
#define THREADS_MAX 8
#define SEQUENCES 25
#define EVENTS_MAX (ROUNDS * STEPS + 1)

/* Where the kernel put a mapping; its neighbours may not belong to the test. */
struct own {
	uint64_t addr;
	uint64_t length;
};

/* What one thread of the child does. */
struct worker {
	unsigned int seed;
	uint64_t arena;
	bool brk;
	struct own own[OWN];
	size_t n;
	struct event events[EVENTS_MAX];
};

/* Memory that child and parent share. */
struct stage {
	int threads;
	bool careful;
	bool churn;
	int fd;
	uint64_t heap;
	pthread_barrier_t barrier;
	struct worker workers[THREADS_MAX];
	struct event clone;
};

static unsigned int pick(struct worker *w, unsigned int below)
{
	return rand_r(&w->seed) / 7 % below;
}

static uint64_t now(void)
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

static void run_child(struct stage *stage, int to, int from)
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

/* Mappings of a process, each with the flags of a snapshot. */
struct mappings {
	struct area v[4096];
	size_t n;
};

static void take_line(struct mappings *mappings, const char *line)
{
	struct area *area = &mappings->v[mappings->n];
	unsigned long start, end, inode;
	char prot[5], name[64] = "";

	if (sscanf(line, "%lx-%lx %4s %*x %*x:%*x %lu %63[^\n]", &start, &end, prot, &inode,
		   name) >= 4) {
		*area = (struct area){ start, end, 0 };
		area->flags |= prot[0] == 'r' ? BRKWATCH_AREA_FLAG_READ : 0;
		area->flags |= prot[1] == 'w' ? BRKWATCH_AREA_FLAG_WRITE : 0;
		area->flags |= prot[2] == 'x' ? BRKWATCH_AREA_FLAG_EXEC : 0;
		if (prot[3] == 's')
			area->flags |= BRKWATCH_AREA_FLAG_SHARED;
		else if (!strncmp(name, "[v", 2))
			area->flags |= BRKWATCH_AREA_FLAG_SPECIAL;
		else if (!inode)
			area->flags |= BRKWATCH_AREA_FLAG_ANONYMOUS;
		mappings->n++;
	} else if (!strncmp(line, "VmFlags:", 8)) {
		area--;
		if (strstr(line, " gd"))
			area->flags = (area->flags & ~BRKWATCH_AREA_FLAG_ANONYMOUS) |
				      BRKWATCH_AREA_FLAG_GROWS_DOWN;
		if (strstr(line, " dc"))
			area->flags |= BRKWATCH_AREA_FLAG_DONT_FORK;
	}
}

static struct mappings *read_mappings(pid_t pid)
{
	struct mappings *mappings = calloc(1, sizeof(*mappings));
	char path[64], line[512];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	file = fopen(path, "r");
	if (!file || !mappings)
		abort();
	while (mappings->n < 4095 && fgets(line, sizeof(line), file))
		take_line(mappings, line);
	fclose(file);
	return mappings;
}

static struct ranges set_of(const struct mappings *mappings)
{
	struct ranges set = { 0 };
	size_t i;

	for (i = 0; i < mappings->n; i++)
		if (mappings->v[i].flags & BRKWATCH_AREA_FLAG_ANONYMOUS &&
		    ranges_set(&set, mappings->v[i].start, mappings->v[i].end,
			       mappings->v[i].flags & 7))
			abort();
	return set;
}

/* What a comparison is about, and its result. */
struct judgement {
	const struct address_space *space;
	int wrong;
};

static int differs(uint64_t start, uint64_t end, int ours, int theirs, void *arg)
{
	struct judgement *judgement = arg;
	uint64_t at;

	for (at = start; at < end; at += PAGE) {
		const struct range *range = ranges_find(&judgement->space->ranges, at);

		if (range && tag_is_uncertain(range->tag))
			continue;
		fprintf(stderr, "# %" PRIx64 "-%" PRIx64 ": ours %d, theirs %d\n", at, end, ours,
			theirs);
		judgement->wrong++;
		return 0;
	}
	return 0;
}

struct run {
	struct ledger ledger;
	struct stage *stage;
	pid_t pid;
	int to, from;
	unsigned int seed;
	bool shared;
	bool careful;
	bool churn;
	size_t booked[THREADS_MAX];
	uint64_t mapped;
	struct site site;
	int wrong;
	int doubtful;
	int looks;
};

static void load(struct run *run, const struct mappings *mappings, uint64_t brk)
{
	struct snapshot snapshot = {
		.watch = 1,
		.time = now(),
		.heap_start = run->stage->heap,
		.brk = brk,
		.areas = (struct area *)mappings->v,
		.n = mappings->n,
	};

	if (ledger_snapshot(&run->ledger, &snapshot))
		abort();
}

/* Counted in the same way as the module counts. */
static void count_mapped(struct run *run, const struct event *ev)
{
	uint64_t start, end;

	if (ev->kind == BRKWATCH_EVENT_KIND_MMAP && ev->map.flags & MAP_ANONYMOUS &&
	    event_span(ev, &run->ledger.geometry, &start, &end))
		run->mapped += end - start;
}

/* Events of all threads by time of return. */
static void apply(struct run *run, size_t limit)
{
	struct change change;
	const struct event *ev;
	int i, next;

	for (;;) {
		next = -1;
		for (i = 0; i < run->stage->threads; i++)
			if (run->booked[i] < limit &&
			    (next < 0 ||
			     run->stage->workers[i].events[run->booked[i]].time <
				     run->stage->workers[next].events[run->booked[next]].time))
				next = i;
		if (next < 0)
			return;
		ev = &run->stage->workers[next].events[run->booked[next]++];
		count_mapped(run, ev);
		if (!ledger_apply(&run->ledger, ev, &change))
			abort();
		holdings_attach(&run->ledger.holdings, change.call, &run->site);
	}
}

static bool is_balanced(const struct run *run, const struct process *p)
{
	uint64_t still = process_anonymous(p) - process_inherited(p);

	return run->mapped + p->remapped - p->unmapped == still;
}

/* Its own calls hold what they got and what is not unmapped yet, and the heap. */
static bool is_held(const struct run *run, const struct process *p)
{
	const struct ranges *set = &p->space->ranges;
	uint64_t held = 0;
	size_t i;

	for (i = 0; i < set->n; i++) {
		bool own = (set->v[i].tag & (TAG_COUNTED | TAG_INHERITED)) == TAG_COUNTED;

		if (own && !tag_call(set->v[i].tag))
			return false;
		held += tag_call(set->v[i].tag) ? set->v[i].end - set->v[i].start : 0;
	}
	return held == run->site.held;
}

static void compare(struct run *run, uint32_t watch, pid_t pid)
{
	const struct process *p = ledger_find(&run->ledger, watch);
	struct mappings *mappings = read_mappings(pid);
	struct ranges set = set_of(mappings);
	struct judgement judgement = { p->space, 0 };

	address_space_compare(p->space, &set, differs, &judgement);
	run->looks++;
	run->doubtful += watch == 1 && !p->space->exact;
	/*
	 * When no thread uses another's addresses, the whole account must fit; the copy's
	 * must fit too, though it counts as uncertain because its parent has threads.
	 */
	if (ledger_find(&run->ledger, 1)->space->whole)
		run->wrong += judgement.wrong;
	else
		run->wrong += !run->shared;
	run->wrong += watch == 1 && (!is_balanced(run, p) || !is_held(run, p));
	if (!p->space->exact && watch == 1)
		load(run, mappings, p->space->brk);
	ranges_free(&set);
	free(mappings);
}

static void wait_for_child(struct run *run)
{
	char byte;

	if (read(run->from, &byte, 1) != 1)
		abort();
}

static void go_on(struct run *run)
{
	if (write(run->to, "", 1) != 1)
		abort();
}

static void look(struct run *run)
{
	struct mappings *mappings;
	struct change change;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		wait_for_child(run);
		if (!round) {
			mappings = read_mappings(run->pid);
			load(run, mappings, run->stage->heap);
			free(mappings);
		}
		apply(run, round * STEPS);
		compare(run, 1, run->pid);
		go_on(run);
	}
	wait_for_child(run);
	apply(run, ROUNDS * STEPS);
	compare(run, 1, run->pid);
	if (!ledger_apply(&run->ledger, &run->stage->clone, &change))
		abort();
	compare(run, 2, run->stage->clone.clone.child);
	go_on(run);
}

static void prepare(struct run *run)
{
	struct stage *stage = run->stage;
	pthread_barrierattr_t attr;
	int i;

	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&stage->barrier, &attr, stage->threads + 1);
	stage->fd = open("/proc/self/exe", O_RDONLY);
	stage->heap = (uint64_t)sbrk(0);
	for (i = 0; i < stage->threads; i++) {
		struct worker *w = &stage->workers[i];

		w->seed = run->seed * 31 + i;
		w->brk = !i;
		w->arena = 0x200000000000ULL + (run->shared ? 0 : i) * 0x10000000ULL;
	}
}

static void run_sequence(struct run *run)
{
	int up[2], down[2], status;

	run->ledger.geometry = (struct geometry){ PAGE, 512 * PAGE };
	run->ledger.holdings.wanted = true;
	run->stage = mmap(NULL, sizeof(*run->stage), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (run->stage == MAP_FAILED || pipe(up) || pipe(down))
		abort();
	run->stage->threads = run->churn  ? THREADS_MAX :
			      run->shared ? 2 + run->seed % 3 :
					    1 + run->seed % 4;
	run->stage->careful = run->careful;
	run->stage->churn = run->churn;
	prepare(run);
	run->pid = fork();
	if (!run->pid)
		run_child(run->stage, up[1], down[0]);
	run->from = up[0];
	run->to = down[1];
	close(up[1]);
	close(down[0]);
	look(run);
	waitpid(run->pid, &status, 0);
	close(up[0]);
	close(down[1]);
	close(run->stage->fd);
	munmap(run->stage, sizeof(*run->stage));
	ledger_free(&run->ledger);
}

static void run_all(struct __test_metadata *_metadata, const struct run *how)
{
	int looks = 0, doubtful = 0;
	unsigned int seed;

	for (seed = 1; seed <= SEQUENCES; seed++) {
		struct run run = *how;

		run.seed = seed;
		run_sequence(&run);
		looks += run.looks;
		doubtful += run.doubtful;
		ASSERT_EQ(0, run.wrong)
		{
			TH_LOG("seed %u", seed);
		}
	}
	TH_LOG("seeds 1-%u: looked %d times, %d of them when it was not exact", seed - 1, looks,
	       doubtful);
	if (how->churn)
		EXPECT_EQ(0, doubtful);
}

FIXTURE(kernel)
{
	struct run how;
};

FIXTURE_SETUP(kernel)
{
}

FIXTURE_TEARDOWN(kernel)
{
}

/* No call fails and no page is shared: the account must be equal without a snapshot. */
TEST_F_TIMEOUT(kernel, churn, 120)
{
	self->how.churn = true;
	run_all(_metadata, &self->how);
}

/* Few calls fail halfway: mostly the account must be equal everywhere. */
TEST_F_TIMEOUT(kernel, careful, 120)
{
	self->how.careful = true;
	run_all(_metadata, &self->how);
}

/* Each thread has its own addresses, as in real programs: equal except for failures. */
TEST_F_TIMEOUT(kernel, own_addresses, 120)
{
	run_all(_metadata, &self->how);
}

/* All threads share the addresses: the account is equal, or marked as uncertain. */
TEST_F_TIMEOUT(kernel, shared_addresses, 120)
{
	self->how.shared = true;
	run_all(_metadata, &self->how);
}

TEST_HARNESS_MAIN
