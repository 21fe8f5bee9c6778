// SPDX-License-Identifier: GPL-2.0
/*
 * sleepers THREADS: the threads of a process sleep in munmap() for as long as it lives, because
 * no process reads the event of userfaultfd that each waits for. The process begins on a line
 * of input, reports when all threads sleep, and ends with its input.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/userfaultfd.h>

#define PAGE 4096
#define STACK (64 << 10)

static char *pages;
static pid_t *tids;

static void *sleeper(void *arg)
{
	long i = (long)arg;

	__atomic_store_n(&tids[i], gettid(), __ATOMIC_RELEASE);
	/* Threads unmap every other page, so that none is next to one that is gone. */
	munmap(pages + 2 * i * PAGE, PAGE);
	return NULL;
}

/* Maps memory so that munmap() waits until a process reads the returned descriptor. */
static int register_pages(size_t bytes)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_EVENT_UNMAP };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	range.range.start = (unsigned long)pages;
	range.range.len = bytes;
	if (fd < 0 || pages == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &range))
		return -1;
	return fd;
}

static int start(pthread_t *threads, int n)
{
	pthread_attr_t attr;
	long i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	for (i = 0; i < n; i++)
		if (pthread_create(&threads[i], &attr, sleeper, (void *)i))
			return -1;
	return 0;
}

/* For a thread that sleeps in a call, the file begins with the number of the call. */
static int is_asleep(pid_t tid)
{
	char path[64];
	int call = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%d", &call) != 1)
		call = -1;
	fclose(file);
	return call == SYS_munmap;
}

static void wait_asleep(int n)
{
	int i;

	for (i = 0; i < n; i++) {
		pid_t tid;

		while (!(tid = __atomic_load_n(&tids[i], __ATOMIC_ACQUIRE)) || !is_asleep(tid))
			usleep(10000);
	}
}

int main(int argc, char **argv)
{
	int n = argc == 2 ? atoi(argv[1]) : 0;
	pthread_t *threads = calloc(n, sizeof(*threads));

	tids = calloc(n, sizeof(*tids));
	if (n < 1 || !threads || !tids)
		return 2;
	if (register_pages(2UL * n * PAGE) < 0) {
		perror("userfaultfd");
		return 4;
	}
	if (write(STDOUT_FILENO, "r", 1) != 1 || getchar() == EOF)
		return 0;
	if (start(threads, n)) {
		perror("pthread_create");
		return 2;
	}
	wait_asleep(n);
	if (write(STDOUT_FILENO, "a", 1) != 1)
		return 1;
	while (getchar() != EOF)
		;
	_exit(0);
}
