// SPDX-License-Identifier: GPL-2.0
/*
 * Uses memory as programs do about whose memory people ask:
 *	situations WAY
 * It prints addresses and sizes that only it knows, an object of JSON, and ends with its input.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB (1UL << 20)
#define PAGE 4096UL
#define THREADS 12
#define BLOCKS 400
#define BLOCK (100UL << 10)
#define FRAME (16UL << 10)
#define DEEP 380
#define REFUSED 28
#define MOVE (64UL << 10)

static pthread_t threads[THREADS];
static pthread_barrier_t barrier;
static char table[96 * MIB];
static int facts;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void fact(const char *name, unsigned long value)
{
	printf("%s\"%s\": %lu", facts++ ? ", " : "{", name, value);
}

static void address(const char *name, const void *at)
{
	fact(name, (unsigned long)at);
}

/* After this nothing changes until the test has looked. */
static void wait_for_end(void)
{
	char c;

	printf(facts ? "}\n" : "{}\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}

/* Not inline, so that the compiler does not know that most blocks are not used. */
static __attribute__((noinline)) void *get(size_t size)
{
	void *block = malloc(size);

	if (!block)
		fail("malloc");
	return memset(block, 1, size);
}

static void *map(size_t length, int flags, int fd)
{
	void *got = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (got == MAP_FAILED)
		fail("mmap");
	return memset(got, 1, length);
}

static void start(int n, void *(*run)(void *arg), void *args, size_t size)
{
	int i;

	for (i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, run, (char *)args + i * size))
			fail("pthread_create");
}

/* What a thread that stays says of itself. */
struct stays {
	const void *block, *stack;
};

static void *stay(void *arg)
{
	struct stays *stays = arg;

	stays->block = get(100);
	stays->stack = &stays;
	pthread_barrier_wait(&barrier);
	for (;;)
		pause();
	return NULL;
}

static void start_staying(int n)
{
	static struct stays stays[THREADS];
	char name[32];
	int i;

	pthread_barrier_init(&barrier, NULL, n + 1);
	start(n, stay, stays, sizeof(*stays));
	pthread_barrier_wait(&barrier);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "stack%d", i);
		address(name, stays[i].stack);
		snprintf(name, sizeof(name), "arena%d", i);
		address(name, stays[i].block);
	}
}

static void arenas(void)
{
	start_staying(6);
}

static void *stop(void *arg)
{
	return arg;
}

/* Threads that end, but whose stacks wait for pthread_join(). */
static void unjoined(void)
{
	start(THREADS, stop, threads, 0);
}

static void array(void)
{
	memset(table, 1, sizeof(table) / 2);
	address("table", table);
	fact("bytes", sizeof(table));
}

static __attribute__((noinline)) int recurse(int depth)
{
	volatile char frame[FRAME];
	int got;

	memset((char *)frame, depth, sizeof(frame));
	if (!depth) {
		address("deep", (char *)frame);
		wait_for_end();
		return frame[0];
	}
	got = recurse(depth - 1);
	return got + frame[FRAME / 2];
}

static void recursion(void)
{
	char here = 0;

	address("shallow", &here);
	exit(recurse(DEEP) == 42);
}

static void shared(void)
{
	int fd = memfd_create("pool", 0);

	if (fd < 0 || ftruncate(fd, 32 * MIB))
		fail("memfd_create");
	address("anonymous", map(64 * MIB, MAP_SHARED | MAP_ANONYMOUS, -1));
	address("file", map(32 * MIB, MAP_SHARED, fd));
}

/* To free a block that was mapped raises the size from which malloc maps: the others are on the heap. */
static void threshold(void)
{
	void *blocks[8];
	int i;

	free(get(MIB));
	for (i = 0; i < 8; i++)
		blocks[i] = get(MIB);
	for (i = 0; i < 7; i++)
		free(blocks[i]);
}

static void large(void)
{
	int i;

	for (i = 0; i < BLOCKS - 1; i++)
		get(BLOCK);
	address("heap", get(BLOCK));
	address("block", get(64 * MIB));
	address("own", map(32 * MIB, MAP_PRIVATE | MAP_ANONYMOUS, -1));
	start_staying(4);
}

static void heap(void)
{
	char *from = sbrk(0);
	int i;

	for (i = 0; i < BLOCKS; i++)
		get(BLOCK);
	fact("moved", (char *)sbrk(0) - from);
}

static void doubled(void)
{
	char *block = get(MIB);
	size_t size;

	for (size = 2 * MIB; size <= 64 * MIB; size *= 2) {
		block = realloc(block, size);
		if (!block)
			fail("realloc");
		memset(block, 1, size);
	}
	free(block);
}

/* The break, moved to the next page. */
static char *whole_heap(void)
{
	unsigned long at = (unsigned long)sbrk(0);

	if (sbrk(-at & (PAGE - 1)) == (void *)-1)
		fail("sbrk");
	return sbrk(0);
}

static void put_in_the_way(char *at, int prot, int flags, int fd)
{
	if (mmap(at, PAGE, prot, flags | MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0) != at)
		fail("mmap");
}

static void be_refused(unsigned long more)
{
	if (sbrk(more) != (void *)-1)
		fail("sbrk, which should not move the break");
}

/* A page right at the break: malloc maps what it cannot have there. */
static void wall(void)
{
	int i;

	put_in_the_way(whole_heap(), PROT_READ, MAP_ANONYMOUS, -1);
	for (i = 0; i < REFUSED; i++)
		be_refused(BLOCK);
	get(BLOCK);
	fact("refused", REFUSED);
}

/* A page of this program's file three pages above the break: to read, then to execute. */
static void files(void)
{
	char *at = whole_heap() + 3 * PAGE;
	int fd = open("/proc/self/exe", O_RDONLY);

	put_in_the_way(at, PROT_READ, 0, fd);
	be_refused(3 * PAGE);
	if (munmap(at, PAGE))
		fail("munmap");
	put_in_the_way(at, PROT_READ | PROT_EXEC, 0, fd);
	be_refused(3 * PAGE);
}

/* As a managed heap: most of it has only addresses, and not all of the rest is used. */
static void reserved(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	const int prot = PROT_READ | PROT_WRITE;
	char *place = mmap(NULL, 4096 * MIB, PROT_NONE, flags, -1, 0);

	if (place == MAP_FAILED ||
	    mmap(place, 128 * MIB, prot, flags | MAP_FIXED, -1, 0) == MAP_FAILED)
		fail("mmap");
	memset(place, 1, 48 * MIB);
	address("place", place);
}

/* Blocks that are not used, as many as there are addresses for. */
static void exhausted(void)
{
	static void *volatile block;
	unsigned long n = 0;

	while ((block = malloc(1500 * MIB)))
		n++;
	fact("blocks", n);
}

static char *move_up(intptr_t bytes)
{
	char *before = sbrk(bytes);

	if (before == (void *)-1)
		fail("sbrk");
	return before;
}

/*
 * The heap gets another place, as in a process that is restored. The C library still has the old
 * break, so that its next call asks for one below the heap, and takes the answer for a success.
 */
static void displaced(void)
{
	char *place = map(MIB, MAP_PRIVATE | MAP_ANONYMOUS, -1), *end = place + MIB / 2;
	char *old = move_up(MOVE) + MOVE;

	if (munmap(end, MIB / 2))
		fail("munmap");
	/* The end moves first, because it must not lie before the beginning. */
	if (prctl(PR_SET_MM, PR_SET_MM_BRK, end, 0, 0) ||
	    prctl(PR_SET_MM, PR_SET_MM_START_BRK, place, 0, 0))
		fail("prctl");
	move_up(MOVE);
	move_up(MOVE);
	address("start", place);
	address("end", end);
	address("too_low", old + MOVE);
	address("now", sbrk(0));
}

#ifdef __i386__
/* Past the C library, so that the call comes from this file. */
static void move_by_itself(void)
{
	unsigned long to = (unsigned long)sbrk(0) + MOVE, got;

	asm volatile("int $0x80" : "=a"(got) : "a"(SYS_brk), "b"(to) : "memory");
	if (got != to)
		fail("brk");
	fact("by_itself", to);
}
#else
static void move_by_itself(void)
{
}
#endif

/* Asks for memory in each way that has an origin; its own first, by which the loader has ended. */
static void asked(void)
{
	address("own", map(MIB, MAP_PRIVATE | MAP_ANONYMOUS, -1));
	address("block", get(MIB));
	get(BLOCK);
	move_up(MOVE);
	start_staying(1);
	move_by_itself();
}

static const struct {
	const char *name;
	void (*use)(void);
} ways[] = {
	{ "arenas", arenas },	    { "unjoined", unjoined }, { "array", array },
	{ "recursion", recursion }, { "shared", shared },     { "threshold", threshold },
	{ "large", large },	    { "heap", heap },	      { "doubled", doubled },
	{ "wall", wall },	    { "files", files },	      { "displaced", displaced },
	{ "asked", asked },	    { "reserved", reserved }, { "exhausted", exhausted },
};

int main(int argc, char **argv)
{
	static char output[BUFSIZ];
	size_t i;

	/* So that stdio needs no memory. */
	setvbuf(stdout, output, _IOFBF, sizeof(output));
	for (i = 0; argc == 2 && i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(argv[1], ways[i].name))
			continue;
		ways[i].use();
		wait_for_end();
		return 0;
	}
	fprintf(stderr, "usage: situations WAY\n");
	return 1;
}
