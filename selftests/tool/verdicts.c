// SPDX-License-Identifier: GPL-2.0
/*
 * Uses memory in a way that -c has a verdict on, or in one that is close to it:
 *	verdicts WAY
 */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define THREADS 4
#define BLOCKS 256
#define BLOCK (64UL << 10)
#define LARGE (1UL << 20)
#define MANY 200
/* Where Go's runtime begins its own heap; a multiple of the size of glibc's heaps of arenas. */
#define RESERVED_AT 0xc000000000UL
#define RESERVED (64UL << 20)
#define RESERVATIONS 3
#define COMMITTED (4 * LARGE)
/* With this many pauses a run outlasts the delays of a busy machine. */
#define PAUSES 64

static void *blocks[BLOCKS];
static pthread_barrier_t barrier;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void *get(size_t size)
{
	void *block = malloc(size);

	if (!block)
		fail("malloc");
	memset(block, 1, size);
	return block;
}

static void pause_ms(long ms)
{
	const struct timespec time = { .tv_nsec = ms * 1000000 };

	if (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL))
		fail("clock_nanosleep");
}

/* Blocks of the heap; all but the last are freed, and the last one keeps the break up. */
static void heap(int keep)
{
	int i;

	mallopt(M_MMAP_THRESHOLD, 2 * BLOCK);
	mallopt(M_TRIM_THRESHOLD, BLOCK);
	for (i = 0; i < BLOCKS; i++)
		blocks[i] = get(BLOCK);
	for (i = 0; i < BLOCKS - keep; i++)
		free(blocks[i]);
}

static void freed(void)
{
	heap(1);
	malloc_trim(0);
}

static void returned(void)
{
	heap(0);
	malloc_trim(0);
}

/* A program that has unmapped the upper part of its heap leaves brk nothing there to trim. */
static void trim_refused(void)
{
	char *heap = sbrk(LARGE), *middle = heap + LARGE / 2;

	if (heap == (void *)-1 || munmap(middle, LARGE / 2))
		fail("sbrk, munmap");
	/* The C library does not mind a break that is too high. */
	if (brk(middle) || sbrk(0) == middle)
		fail("brk was not refused");
}

static void grow_refused(void)
{
	if (sbrk(LARGE) == (void *)-1 || sbrk(PTRDIFF_MAX) != (void *)-1)
		fail("sbrk");
}

static void *thread(void *unused)
{
	void *block;

	pthread_barrier_wait(&barrier);
	block = get(1000);
	pthread_barrier_wait(&barrier);
	free(block);
	return unused;
}

static void threads(void)
{
	pthread_t ids[THREADS];
	int i;

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&ids[i], NULL, thread, NULL))
			fail("pthread_create");
	for (i = 0; i < THREADS; i++)
		pthread_join(ids[i], NULL);
}

static void one_arena(void)
{
	mallopt(M_ARENA_MAX, 1);
	threads();
}

static void churn(void)
{
	int i;

	mallopt(M_MMAP_THRESHOLD, LARGE / 2);
	for (i = 0; i < MANY; i++)
		free(get(LARGE));
}

/* As many calls with the same sizes, but no mapping takes another's place. */
static void once(void)
{
	void *large[MANY];
	int i;

	mallopt(M_MMAP_THRESHOLD, LARGE / 2);
	for (i = 0; i < MANY; i++) {
		large[i] = malloc(LARGE);
		if (!large[i])
			fail("malloc");
	}
	for (i = 0; i < MANY; i++)
		free(large[i]);
}

/* The program maps for itself, so malloc's threshold changes nothing. */
static void own_churn(void)
{
	int i;

	for (i = 0; i < MANY; i++) {
		void *large = mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				   -1, 0);

		if (large == MAP_FAILED || munmap(large, LARGE))
			fail("mmap, munmap");
	}
}

static void *idle(void *unused)
{
	return unused;
}

/* Reserves as much as malloc for an arena, and has a thread, which never allocates. */
static void own_reservations(void)
{
	pthread_t id;
	int i;

	if (pthread_create(&id, NULL, idle, NULL) || pthread_join(id, NULL))
		fail("pthread_create");
	for (i = 0; i < RESERVATIONS; i++) {
		char *at = (char *)RESERVED_AT + i * RESERVED;

		at = mmap(at, RESERVED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (at == MAP_FAILED || mmap(at, COMMITTED, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != at)
			fail("mmap");
	}
}

static void grow(void)
{
	int i;

	for (i = 0; i < PAUSES; i++) {
		blocks[i] = get(BLOCK);
		pause_ms(40);
	}
}

/* malloc keeps what is freed below the last block, and makes no call for it. */
static void fragments(void)
{
	int i;

	grow();
	for (i = 0; i < PAUSES - 1; i++)
		free(blocks[i]);
}

/* Grows as much at first, then reuses the memory that it frees. */
static void level(void)
{
	int i;

	for (i = 0; i < PAUSES; i++)
		blocks[i] = get(BLOCK);
	for (i = 0; i < PAUSES; i++) {
		pause_ms(40);
		free(blocks[i]);
		blocks[i] = get(BLOCK);
	}
}

static const struct {
	const char *name;
	void (*use)(void);
} ways[] = {
	{ "freed", freed },
	{ "returned", returned },
	{ "threads", threads },
	{ "trim-refused", trim_refused },
	{ "grow-refused", grow_refused },
	{ "one-arena", one_arena },
	{ "churn", churn },
	{ "once", once },
	{ "own-churn", own_churn },
	{ "own-reservations", own_reservations },
	{ "grow", grow },
	{ "fragments", fragments },
	{ "level", level },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc == 2 && i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(argv[1], ways[i].name))
			continue;
		ways[i].use();
		/* Pause so that earlier growth does not last to the end of the run. */
		if (ways[i].use != grow && ways[i].use != fragments)
			for (i = 0; i < PAUSES; i++)
				pause_ms(8);
		return 0;
	}
	fprintf(stderr, "usage: verdicts WAY\n");
	return 1;
}
