// SPDX-License-Identifier: GPL-2.0
/*
 * Loops of calls, and how long one turn takes:
 *	loops
 * reads lines "LOOP TURNS BATCHES" and answers each with the median of
 * BATCHES batches, in ns per turn. When a guest's clock counts instructions, 1 ns is one.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BATCHES_MAX 101
#define STEP 4096
#define BLOCKS 16
#define MAP_THRESHOLD (128 << 10)

static long heap;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void brk_query(void)
{
	syscall(SYS_brk, 0);
}

static void brk_move(void)
{
	if (syscall(SYS_brk, heap + STEP) != heap + STEP || syscall(SYS_brk, heap) != heap)
		fail("brk");
}

static void map(void)
{
	void *p = mmap(NULL, STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || munmap(p, STEP))
		fail("mmap");
}

/* The heap grows and is trimmed, and one block is a mapping; each turn does the same. */
static void churn(void)
{
	void *blocks[BLOCKS];
	int i;

	for (i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(i ? 24 + i * 6000L : 2 * MAP_THRESHOLD);
		if (!blocks[i])
			fail("malloc");
	}
	for (i = 0; i < BLOCKS; i++)
		free(blocks[i]);
}

static void bystander(void)
{
	syscall(SYS_getppid);
}

static const struct {
	const char *name;
	void (*turn)(void);
} loops[] = {
	{ "brk(0)", brk_query }, { "brk-move", brk_move }, { "mmap+munmap", map },
	{ "malloc", churn },	 { "getppid", bystander },
};

static long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000L + ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(void (*turn)(void), int turns, int batches)
{
	double took[BATCHES_MAX];
	int i, j;

	for (i = 0; i < batches; i++) {
		long begin = now();

		/* If two places called it in turn, each event would have another caller. */
#pragma GCC unroll 1
		for (j = 0; j < turns; j++)
			turn();
		took[i] = (double)(now() - begin) / turns;
	}
	qsort(took, batches, sizeof(*took), by_value);
	return took[batches / 2];
}

int main(void)
{
	int turns, batches;
	char name[32];
	size_t i;

	/* A threshold that is set explicitly does not move when blocks are freed. */
	mallopt(M_MMAP_THRESHOLD, MAP_THRESHOLD);
	setvbuf(stdout, NULL, _IONBF, 0);
	setvbuf(stdin, NULL, _IONBF, 0);
	while (scanf("%31s %d %d", name, &turns, &batches) == 3) {
		if (turns < 1 || batches < 1 || batches > BATCHES_MAX)
			return 1;
		heap = syscall(SYS_brk, 0);
		for (i = 0; i < sizeof(loops) / sizeof(*loops); i++)
			if (!strcmp(name, loops[i].name))
				printf("%.1f\n", median(loops[i].turn, turns, batches));
	}
	return 0;
}
