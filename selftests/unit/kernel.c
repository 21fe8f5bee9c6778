// SPDX-License-Identifier: GPL-2.0
/*
 * The ledger against the kernel of this machine: a child really makes random
 * calls and records them as events; the ledger's state after these is compared with
 * the child's /proc/PID/smaps, and its counts with each other.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "ledger/ledger.h"
#include "ledger/address_space.h"
#include "kernel_child.h"

#define SEQUENCES 25

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
