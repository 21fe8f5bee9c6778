// SPDX-License-Identifier: GPL-2.0
/*
 * Moves its break, maps and unmaps, and counts what it did.
 *
 *	calls N		N rounds, then the end
 *	calls		for each line of stdin, its figures so far as JSON after:
 *			N		N rounds
 *			refused		a break beyond RLIMIT_DATA
 *			others		each other memory call, and a failing one of
 *					each; a child; a fault a page above the break
 *			thread		a thread that ends
 *			exec		exec of this program
 *			trap N		from now on SIGINT is the end, with status N;
 *					with 0 it only makes it say "again"
 *			exit N, kill N	the end
 *
 * It uses no stdio, because stdio's buffers would cause further calls.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PAGE 4096UL

/* What the program did, in calls and bytes; where its break was and what it requested last. */
static struct {
	unsigned long brk, queries, grows, shrinks, refused;
	unsigned long grown, grown_largest, shrunk;
	unsigned long mmap, mmap_failed, anonymous, mapped, mapped_largest, files, file_bytes;
	unsigned long munmap, munmap_failed, unmapped, unmapped_largest, unmapped_anonymous;
	unsigned long first, peak, now, asked;
} own;

static const struct {
	const char *name;
	const unsigned long *value;
} figures[] = {
	{ "brk", &own.brk },
	{ "queries", &own.queries },
	{ "grows", &own.grows },
	{ "shrinks", &own.shrinks },
	{ "refused", &own.refused },
	{ "grown", &own.grown },
	{ "grown_largest", &own.grown_largest },
	{ "shrunk", &own.shrunk },
	{ "mmap", &own.mmap },
	{ "mmap_failed", &own.mmap_failed },
	{ "anonymous", &own.anonymous },
	{ "mapped", &own.mapped },
	{ "mapped_largest", &own.mapped_largest },
	{ "files", &own.files },
	{ "file_bytes", &own.file_bytes },
	{ "munmap", &own.munmap },
	{ "munmap_failed", &own.munmap_failed },
	{ "unmapped", &own.unmapped },
	{ "unmapped_largest", &own.unmapped_largest },
	{ "unmapped_anonymous", &own.unmapped_anonymous },
	{ "first", &own.first },
	{ "peak", &own.peak },
	{ "now", &own.now },
	{ "asked", &own.asked },
};

static void report(void)
{
	char line[2048];
	size_t i;
	int n = 0;

	for (i = 0; i < ARRAY_SIZE(figures); i++)
		n += sprintf(line + n, "%s\"%s\": %lu", i ? ", " : "{", figures[i].name,
			     *figures[i].value);
	n += sprintf(line + n, "}\n");
	if (write(STDOUT_FILENO, line, n) != n)
		_exit(2);
}

static void largest(unsigned long *figure, unsigned long bytes)
{
	if (*figure < bytes)
		*figure = bytes;
}

/* The raw call, because glibc's own brk() hides the result of a refusal. */
static void move(unsigned long to)
{
	unsigned long got = syscall(SYS_brk, to), before = own.now;

	own.brk++;
	own.asked = to;
	own.now = got;
	if (!before) {
		own.queries++;
		own.first = got;
	} else if (!to || (to == got && got == before)) {
		own.queries++;
	} else if (to != got) {
		own.refused++;
	} else if (got > before) {
		own.grows++;
		own.grown += got - before;
		largest(&own.grown_largest, got - before);
	} else {
		own.shrinks++;
		own.shrunk += before - got;
	}
	largest(&own.peak, got);
}

static void *map(unsigned long bytes, int flags, int fd)
{
	unsigned long whole = (bytes + PAGE - 1) & ~(PAGE - 1);
	void *at = mmap(NULL, bytes, PROT_READ, flags, fd, 0);

	own.mmap++;
	if (at == MAP_FAILED) {
		own.mmap_failed++;
	} else if (flags & MAP_ANONYMOUS) {
		own.anonymous++;
		own.mapped += whole;
		largest(&own.mapped_largest, whole);
	} else {
		own.files++;
		own.file_bytes += whole;
	}
	return at;
}

static void unmap(char *at, unsigned long bytes, int anonymous)
{
	unsigned long whole = (bytes + PAGE - 1) & ~(PAGE - 1);

	own.munmap++;
	if (munmap(at, bytes)) {
		own.munmap_failed++;
		return;
	}
	own.unmapped += whole;
	largest(&own.unmapped_largest, whole);
	if (anonymous)
		own.unmapped_anonymous += whole;
}

static void round_of_calls(unsigned long i, int fd)
{
	unsigned long bytes = (i % 7 + 1) * 5000;
	char *at = map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *file = map(3000, MAP_PRIVATE, fd);

	move(0);
	move(own.now + (i % 5 + 1) * 1000);
	if (i % 2)
		move(own.now - 1500);
	if (i % 3 == 0)
		move(1);
	if (i % 5 == 0)
		map(0, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (i % 7 == 0)
		unmap(at + 1, PAGE, 1);
	if (i % 4)
		unmap(at, bytes, 1);
	unmap(file, 3000, 0);
}

static void rounds(unsigned long n)
{
	static unsigned long done;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	while (n--)
		round_of_calls(done++, fd);
	close(fd);
}

static void others_succeed(char *at, int id)
{
	char *shared;

	at = mremap(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	mprotect(at, PAGE, PROT_READ | PROT_WRITE);
	syscall(SYS_pkey_mprotect, at, PAGE, PROT_READ, -1);
	madvise(at, PAGE, MADV_DONTNEED);
	shared = shmat(id, NULL, SHM_RDONLY);
	shmdt(shared);
}

static void others_fail(char *at)
{
	mremap(at, PAGE, 0, 0);
	mprotect(at + 1, PAGE, PROT_READ);
	syscall(SYS_pkey_mprotect, at + 1, PAGE, PROT_READ, -1);
	madvise(at, PAGE, -1);
	shmat(-1, NULL, 0);
	shmdt(at + 1);
}

static sigjmp_buf after_fault;

static void on_fault(int sig)
{
	siglongjmp(after_fault, sig);
}

static void fault(void)
{
	unsigned long above = own.now + PAGE;

	signal(SIGSEGV, on_fault);
	if (!sigsetjmp(after_fault, 1))
		*(volatile char *)above = 1;
	signal(SIGSEGV, SIG_DFL);
}

static void mark(const char *text)
{
	int fd = open("/proc/brkwatch", O_WRONLY | O_CLOEXEC);

	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		_exit(2);
	close(fd);
}

static void others(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	char *at = map(PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	pid_t child;

	others_succeed(at, id);
	others_fail(at);
	shmctl(id, IPC_RMID, NULL);
	child = fork();
	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
	fault();
	mark("all done\n");
}

static void *nothing(void *arg)
{
	return arg;
}

static void thread(void)
{
	pthread_t id;

	if (pthread_create(&id, NULL, nothing, NULL) || pthread_join(id, NULL))
		_exit(2);
}

static int trap_status;

static void trap(int sig)
{
	(void)sig;
	if (trap_status || write(STDOUT_FILENO, "again\n", 6) != 6)
		_exit(trap_status);
}

static void obey(char *word)
{
	const struct rlimit limit = { 1 << 20, 1 << 20 };
	char *number = strchr(word, ' ');

	if (!strcmp(word, "refused")) {
		setrlimit(RLIMIT_DATA, &limit);
		move(own.now + (16UL << 20));
	} else if (!strcmp(word, "others")) {
		others();
	} else if (!strcmp(word, "thread")) {
		thread();
	} else if (!strcmp(word, "exec")) {
		execl("/proc/self/exe", "calls", NULL);
	} else if (!strncmp(word, "trap ", 5)) {
		trap_status = atoi(number);
		signal(SIGINT, trap);
	} else if (!strncmp(word, "mark ", 5)) {
		mark(number + 1);
	} else if (!strncmp(word, "exit ", 5)) {
		_exit(atoi(number));
	} else if (!strncmp(word, "kill ", 5)) {
		kill(getpid(), atoi(number));
	} else {
		rounds(atol(word));
	}
	report();
}

int main(int argc, char **argv)
{
	char line[64];
	ssize_t n;

	own.now = own.first = own.peak = (unsigned long)sbrk(0);
	if (argc > 1) {
		rounds(atol(argv[1]));
		return 0;
	}
	report();
	while ((n = read(STDIN_FILENO, line, sizeof(line))) > 0) {
		line[n - 1] = '\0';
		obey(line);
	}
	return 0;
}
