// SPDX-License-Identifier: GPL-2.0
/*
 * Makes random sequences of the calls by which a process gets, changes and releases
 * memory, and counts them.
 *
 *   sequences [--seed N] [--sequences N] [--threads N] [--steps N]
 *	       [--children N] [--exec] [--fixed-shared] [--hold]
 *
 * Sequence i of seed s is sequence 0 of seed s + i. The threads of one sequence run
 * at the same time; fixed addresses are each thread's own, but for --fixed-shared.
 * One step of --children starts a child; with --exec, some children run a program.
 * Each sequence also ends with a child, which inherits what was mapped up to there.
 * Each thread does the same each time.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "player.h"
#include "raw.h"

#define THREADS 8
#define STACK (128 << 10)

static struct options {
	unsigned long seed, sequences, threads, steps, children;
	int exec, fixed_shared, hold;
} options = { .seed = 1, .sequences = 100, .threads = 1, .steps = 50, .children = 64 };

static const char *const names[CALLS] = {
	"brk", "mmap", "munmap", "mremap", "mprotect", "pkey_mprotect", "madvise", "shmat", "shmdt",
};

static struct player players[THREADS];
static char stacks[THREADS][STACK] __attribute__((aligned(16)));
static int ended[THREADS];
static uint64_t threads_made;
/* All processes share this memory: the counts of this process, and of its children. */
static struct counts *counts;

static void reserve(struct player *p)
{
	player_call(p, MMAP, p->arena, RESERVED, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static void thread(void *arg)
{
	play(arg, options.steps);
	raw(SYS_exit, 0, 0, 0, 0, 0, 0);
}

static void start_thread(int i)
{
	const unsigned long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
				    CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID;

	ended[i] = 1;
	if (raw_task(flags, stacks[i] + STACK, thread, &players[i], &ended[i]) < 0)
		errx(1, "no thread");
	threads_made++;
}

static void join(int i)
{
	while (__atomic_load_n(&ended[i], __ATOMIC_ACQUIRE))
		raw(SYS_futex, (long)&ended[i], FUTEX_WAIT, 1, 0, 0, 0);
}

static void begin(struct player *p, unsigned long sequence, unsigned int i)
{
	bool shares = options.fixed_shared;

	p->random = ((options.seed + sequence) * THREADS + i) * 0xd6e8feb86659fd93ULL;
	p->arena = ARENAS + (shares ? 0 : i * STRIDE);
	p->now = raw(SYS_brk, 0, 0, 0, 0, 0, 0);
	p->counts->made[BRK]++;
	p->heap = i && !shares ? 0 : round_to(p->now, PAGE);
	if (!shares || !i)
		reserve(p);
}

/* Removes all of a sequence, so that the next one begins without it. */
static void tidy(struct player *p)
{
	uintptr_t now = player_call(p, BRK, 0, 0, 0, 0, 0, 0);

	slots_clear(p);
	player_call(p, MUNMAP, p->arena, STRIDE, 0, 0, 0, 0);
	if (!p->heap)
		return;
	/* The kernel lowers the break only if something is mapped there. */
	if (now > p->heap)
		player_call(p, MMAP, p->heap, now - p->heap, PROT_READ,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	player_call(p, BRK, p->heap, 0, 0, 0, 0, 0);
	player_call(p, MUNMAP, p->heap, 2 * HEAP, 0, 0, 0, 0);
}

static void sequence(unsigned long number)
{
	unsigned int i, n = options.threads;

	for (i = 0; i < n; i++)
		begin(&players[i], number, i);
	if (n == 1) {
		play(&players[0], options.steps);
	} else {
		for (i = 0; i < n; i++)
			start_thread(i);
		for (i = 0; i < n; i++)
			join(i);
	}
	if (options.children)
		play_copy(&players[0]);
	/* Memory of the last sequence stays mapped until the exit. */
	for (i = 0; i < n && number + 1 < options.sequences; i++)
		tidy(&players[i]);
}

static int segment(size_t bytes)
{
	int id = shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600);

	/* The segment is removed after its attach, so that it ends with the last process. */
	if (id < 0 || shmat(id, NULL, 0) == (void *)-1 || shmctl(id, IPC_RMID, NULL))
		err(1, "shared memory");
	return id;
}

static void set_up(void)
{
	const int fds[4] = { memfd_create("sequences", 0), open("/proc/self/exe", O_RDONLY),
			     open("/dev/zero", O_RDWR), open("/", O_RDONLY | O_DIRECTORY) };
	unsigned long i, j;

	if (fds[0] < 0 || fds[1] < 0 || fds[2] < 0 || fds[3] < 0 || ftruncate(fds[0], 64 * PAGE))
		err(1, "files");
	counts = mmap(NULL, 2 * sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (counts == MAP_FAILED)
		err(1, "mmap");
	for (i = 0; i < options.threads; i++) {
		struct player *p = &players[i];

		p->counts = &counts[0];
		p->children = &counts[1];
		p->one_in = options.children;
		p->exec = options.exec;
		p->pkey = i ? players[0].pkey : pkey_alloc(0, 0);
		memcpy(p->fds, fds, sizeof(fds));
		for (j = 0; j < SEGMENTS; j++)
			p->segments[j] = segment(SEGMENT_BYTES(j));
	}
}

static int parse(int argc, char **argv)
{
	static const struct option known[] = { { "seed", required_argument, NULL, 's' },
					       { "sequences", required_argument, NULL, 'n' },
					       { "threads", required_argument, NULL, 't' },
					       { "steps", required_argument, NULL, 'l' },
					       { "children", required_argument, NULL, 'c' },
					       { "exec", no_argument, &options.exec, 1 },
					       { "fixed-shared", no_argument, &options.fixed_shared,
						 1 },
					       { "hold", no_argument, &options.hold, 1 },
					       {} };
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0) {
		unsigned long value = optarg ? strtoul(optarg, NULL, 0) : 0;

		switch (option) {
		case 's':
			options.seed = value;
			break;
		case 'n':
			options.sequences = value;
			break;
		case 't':
			options.threads = value;
			break;
		case 'l':
			options.steps = value;
			break;
		case 'c':
			options.children = value;
			break;
		case '?':
			return -1;
		}
	}
	return optind == argc && options.threads >= 1 && options.threads <= THREADS ? 0 : -1;
}

/* The text has its own buffer, because malloc would move the break for stdio's. */
static char text[2048];
static size_t length;

static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	length += vsnprintf(text + length, sizeof(text) - length, format, args);
	va_end(args);
}

static void say_counts(const char *name, const struct counts *c)
{
	int i;

	say(", \"%s\": {", name);
	for (i = 0; i < CALLS; i++)
		say("\"%s\": {\"made\": %lu, \"failed\": %lu}, ", names[i], c->made[i],
		    c->failed[i]);
	say("\"copies\": %lu, \"shared\": %lu}", c->copies, c->shared);
}

int main(int argc, char **argv)
{
	unsigned long i;

	if (parse(argc, argv))
		errx(2, "usage: see the source");
	set_up();
	for (i = 0; i < options.sequences; i++)
		sequence(i);
	say("{\"seed\": %lu, \"sequences\": %lu, \"threads\": %lu, \"steps\": %lu, \"started\": %lu",
	    options.seed, options.sequences, options.threads, options.steps, threads_made);
	say_counts("calls", &counts[0]);
	say_counts("children", &counts[1]);
	say("}\n");
	if (write(STDOUT_FILENO, text, length) != (ssize_t)length)
		return 1;
	/* The process stops, so that /proc shows what is mapped at the end. */
	if (options.hold)
		raise(SIGSTOP);
	return 0;
}
