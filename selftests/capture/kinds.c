// SPDX-License-Identifier: GPL-2.0
/*
 * Meets each kind of call, refusal, origin and event that a capture can have:
 *	kinds		all of them, once it has a byte of input
 *	kinds filtered	what a child of it runs where a filter of seccomp(2) denies brk
 *	kinds wait	says when it has memory of each origin, and ends with its input
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#define PAGE 4096UL
#define MIB (1UL << 20)
#define BLOCK (100UL << 10)
#define BLOCKS 3
#define THREADS 2
#define NOBODY 65534

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	_exit(1);
}

/* Not inline, so that the compiler keeps blocks that nobody uses. */
static __attribute__((noinline)) void *get(size_t size)
{
	void *block = malloc(size);

	must(block, "malloc");
	return memset(block, 1, size);
}

static char *map(size_t length, int prot, int flags)
{
	char *at = mmap(NULL, length, prot, flags | MAP_ANONYMOUS, -1, 0);

	must(at != MAP_FAILED, "mmap");
	return at;
}

static unsigned long move_to(unsigned long addr)
{
	return syscall(SYS_brk, addr);
}

/* The last block that is freed lets malloc trim the heap. */
static void use_heap(void)
{
	void *blocks[BLOCKS];
	int i;

	for (i = 0; i < BLOCKS; i++)
		blocks[i] = get(BLOCK);
	while (i--)
		free(blocks[i]);
	must(sbrk(PAGE) != (void *)-1, "sbrk");
}

static void use_mapped_block(void)
{
	void *block = realloc(get(MIB), 2 * MIB);

	must(block, "realloc");
	free(block);
}

static void use_shared_memory(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600), fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char *segment = shmat(id, NULL, 0);

	must(id >= 0 && segment != (void *)-1 && !shmdt(segment), "shmat, shmdt");
	must(!shmctl(id, IPC_RMID, NULL), "shmctl");
	map(16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	must(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED, "mmap of a file");
	must(!close(fd), "close");
}

static void use_mappings(void)
{
	const int fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	char *at = map(64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);

	must(!mprotect(at, PAGE, PROT_READ), "mprotect");
	syscall(SYS_pkey_mprotect, at + PAGE, PAGE, PROT_READ, -1);
	must(!madvise(at + 8 * PAGE, 8 * PAGE, MADV_DONTNEED), "madvise");
	must(!madvise(at + 16 * PAGE, 8 * PAGE, MADV_FREE), "madvise");
	must(!munmap(at + 32 * PAGE, 8 * PAGE), "munmap");
	must(mmap(at + 48 * PAGE, 8 * PAGE, PROT_NONE, fixed, -1, 0) != MAP_FAILED, "mmap");
	map(64 * MIB, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE);
	map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_GROWSDOWN);
	use_shared_memory();
}

static pthread_barrier_t barrier;

static void *stay(void *unused)
{
	get(100);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return unused;
}

static void start_threads(pthread_t threads[THREADS])
{
	int i;

	pthread_barrier_init(&barrier, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		must(!pthread_create(&threads[i], NULL, stay, NULL), "pthread_create");
	pthread_barrier_wait(&barrier);
}

static void use_threads(void)
{
	pthread_t threads[THREADS];
	int i;

	start_threads(threads);
	pthread_barrier_wait(&barrier);
	for (i = 0; i < THREADS; i++)
		must(!pthread_join(threads[i], NULL), "pthread_join");
}

/* The soft limit is so low that each call exceeds it. */
static void exceed(int resource, bool (*is_refused)(void))
{
	struct rlimit old, low;

	must(!getrlimit(resource, &old), "getrlimit");
	low = old;
	low.rlim_cur = PAGE;
	must(!setrlimit(resource, &low), "setrlimit");
	must(is_refused(), "a call beyond a limit");
	must(!setrlimit(resource, &old), "setrlimit");
}

static bool is_brk_refused(void)
{
	unsigned long at = move_to(0);

	return move_to(at + MIB) == at;
}

static bool is_mmap_refused(void)
{
	return mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
	       errno == ENOMEM;
}

static bool is_lock_refused(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED;

	return mmap(NULL, 2 * PAGE, PROT_READ, flags, -1, 0) == MAP_FAILED && errno == EAGAIN;
}

static void meet_obstacles(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
	unsigned long heap = move_to(0), at = (heap + PAGE - 1) & -PAGE;
	char *wall = mmap((char *)at + 4 * PAGE, PAGE, PROT_READ, flags, -1, 0);

	must(wall != MAP_FAILED, "mmap above the break");
	must(move_to(at + 8 * PAGE) == heap, "brk below a mapping");
	must(mmap(wall, PAGE, PROT_READ, flags, -1, 0) == MAP_FAILED && errno == EEXIST, "mmap");
	must(move_to(1) == heap, "brk below the heap");
	must(munmap((char *)1, PAGE) && errno == EINVAL, "munmap");
	must(!mlock(wall, PAGE), "mlock");
	must(madvise(wall, PAGE, MADV_DONTNEED) && errno == EINVAL, "madvise");
	must(!munmap(wall, PAGE), "munmap");
}

/* root may lock any memory, so the child becomes another user; a fault kills it. */
static void live_and_die(const char *program)
{
	(void)program;
	must(!setresgid(NOBODY, NOBODY, NOBODY) && !setresuid(NOBODY, NOBODY, NOBODY), "setresuid");
	exceed(RLIMIT_MEMLOCK, is_lock_refused);
	*(volatile char *)(move_to(0) + 8 * PAGE) = 1;
}

static void deny_brk(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_brk, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(*code), code };

	must(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
		     !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter),
	     "seccomp");
}

static void run_filtered(const char *program)
{
	deny_brk();
	execl(program, "kinds", "filtered", NULL);
	must(false, program);
}

/* Returns the status of the child. */
static int have_child(void (*live)(const char *program), const char *program)
{
	pid_t child = fork();
	int status;

	must(child >= 0, "fork");
	if (!child)
		live(program);
	must(waitpid(child, &status, 0) == child, "waitpid");
	return status;
}

static void use_children(const char *program)
{
	static char *const argv[] = { "none", NULL };
	const struct rlimit no_core = { 0 };
	pid_t child;

	must(!setrlimit(RLIMIT_CORE, &no_core), "setrlimit");
	must(posix_spawn(&child, "/nowhere/none", NULL, NULL, argv, argv + 1) == ENOENT,
	     "posix_spawn");
	must(WIFSIGNALED(have_child(live_and_die, program)), "a child that dies");
	must(!have_child(run_filtered, program), "a child with a filter");
}

static void mark(const char *text)
{
	ssize_t length = strlen(text);
	int fd = open("/proc/brkwatch", O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && write(fd, text, length) == length && !close(fd), "/proc/brkwatch");
}

static void meet_all(const char *program)
{
	char c;

	must(read(STDIN_FILENO, &c, 1) == 1, "read");
	use_heap();
	use_mapped_block();
	use_mappings();
	use_threads();
	mark("half way");
	exceed(RLIMIT_DATA, is_brk_refused);
	exceed(RLIMIT_AS, is_mmap_refused);
	meet_obstacles();
	use_children(program);
}

static void wait_for_end(void)
{
	pthread_t threads[THREADS];
	char c;

	get(BLOCK);
	get(64 * MIB);
	map(32 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	map(16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	start_threads(threads);
	must(write(STDOUT_FILENO, "ready\n", 6) == 6, "write");
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}

int main(int argc, char **argv)
{
	if (argc == 1) {
		meet_all(argv[0]);
	} else if (!strcmp(argv[1], "filtered")) {
		get(BLOCK);
	} else if (!strcmp(argv[1], "wait")) {
		wait_for_end();
	} else {
		fprintf(stderr, "usage: kinds [filtered | wait]\n");
		return 1;
	}
	return 0;
}
