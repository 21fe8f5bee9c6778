// SPDX-License-Identifier: GPL-2.0
/*
 * Uses memory in each way that a program has, with whatever allocator is behind malloc(), and
 * prints what it knows of that, an object of JSON:
 *	places		[address, what lies there] each
 *	allocator	bytes of the system that the allocator has, as it says itself
 * and below that what glibc's malloc says of itself, malloc_info(3), even if it did nothing. It ends
 * with its input.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#endif

#define THREADS 3
#define BLOCKS 2000
#define BLOCK 100
#define LARGE (40UL << 20)
#define MIB (1UL << 20)
/* glibc's arenas have this size and alignment, and so have what Go and others reserve. */
#define RESERVED (64UL << 20)
#define RESERVED_AT 0x300000000000UL

static struct {
	const void *at;
	const char *what;
} places[32];
static int n;

static struct {
	pthread_t id;
	const void *block, *large, *stack;
} threads[THREADS];
static pthread_barrier_t barrier;
static char table[MIB];

static void place(const void *at, const char *what)
{
	places[n].at = at;
	places[n++].what = what;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Not inline, so that the compiler does not know that most blocks are not used. */
static __attribute__((noinline)) void *get(size_t size)
{
	void *block = malloc(size);

	if (!block)
		fail("malloc");
	return memset(block, 1, size);
}

static void *get_blocks(void)
{
	void *last = NULL;
	int i;

	for (i = 0; i < BLOCKS; i++)
		last = get(BLOCK);
	return last;
}

static void *map(unsigned long at, size_t length, int prot, int flags)
{
	void *got = mmap((void *)at, length, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (got == MAP_FAILED)
		fail("mmap");
	return got;
}

static void *work(void *arg)
{
	long number = (long)arg;
	char here = 0;

	threads[number].block = get_blocks();
	threads[number].large = get(MIB);
	threads[number].stack = &here;
	pthread_barrier_wait(&barrier);
	for (;;)
		pause();
	return NULL;
}

static void start_threads(void)
{
	long i;

	pthread_barrier_init(&barrier, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i].id, NULL, work, (void *)i))
			fail("pthread_create");
	pthread_barrier_wait(&barrier);
	for (i = 0; i < THREADS; i++) {
		place(threads[i].block, "thread block");
		place(threads[i].large, "large block");
		place(threads[i].stack, "thread stack");
	}
}

static void map_itself(void)
{
	char *own = map(0, 3 * MIB, PROT_READ | PROT_WRITE, 0);
	char *reserved = map(RESERVED_AT, RESERVED, PROT_NONE, MAP_NORESERVE);
	char *part = map(RESERVED_AT, 4 * MIB, PROT_READ | PROT_WRITE, MAP_FIXED);

	memset(own, 1, MIB);
	memset(part, 1, MIB);
	place(own, "own mapping");
	place(part, "own mapping");
	place(reserved + RESERVED / 2, "own mapping");
}

#ifdef __GLIBC__
/* musl has an sbrk() that only says where the break is. */
static void move_break(void)
{
	char *old = sbrk(16384);

	if (old == (void *)-1)
		fail("sbrk");
	place(old + 8192, "own break");
}

static size_t of_jemalloc(int (*mallctl)(const char *, void *, size_t *, void *, size_t))
{
	size_t mapped = 0, size = sizeof(mapped);
	uint64_t epoch = 1;

	if (mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch)) ||
	    mallctl("stats.mapped", &mapped, &size, NULL, 0))
		fail("mallctl");
	return mapped;
}

static size_t of_tcmalloc(int (*property)(const char *, size_t *))
{
	size_t heap = 0;

	if (!property("generic.heap_size", &heap))
		fail("MallocExtension_GetNumericProperty");
	return heap;
}

static size_t of_mimalloc(void (*info)(size_t *, size_t *, size_t *, size_t *, size_t *, size_t *,
				       size_t *, size_t *))
{
	size_t unused, committed = 0;

	info(&unused, &unused, &unused, &unused, &unused, &committed, &unused, &unused);
	return committed;
}

/* Functions that only one allocator has. */
static size_t of_allocator(void)
{
	void *function = dlsym(RTLD_DEFAULT, "mallctl");

	if (function)
		return of_jemalloc(function);
	function = dlsym(RTLD_DEFAULT, "MallocExtension_GetNumericProperty");
	if (function)
		return of_tcmalloc(function);
	function = dlsym(RTLD_DEFAULT, "mi_process_info");
	return function ? of_mimalloc(function) : 0;
}
#else
static void move_break(void)
{
}

static size_t of_allocator(void)
{
	return 0;
}
#endif

int main(void)
{
	int i = 0;
	char c;

	memset(table, 1, sizeof(table));
	place(table + sizeof(table) / 2, "table");
	place(&i, "first stack");
	place(get_blocks(), "block");
	/* Without a free(), musl links a malloc() that only moves the break. */
	free(get(BLOCK));
	place(get(LARGE), "large block");
	map_itself();
	move_break();
	start_threads();
	printf("{\"allocator\": %zu, \"places\": [", of_allocator());
	for (i = 0; i < n; i++)
		printf("%s[\"%p\", \"%s\"]", i ? ", " : "", places[i].at, places[i].what);
	printf("]}\n");
#ifdef __GLIBC__
	malloc_info(0, stdout);
#endif
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
