// SPDX-License-Identifier: GPL-2.0
/*
 * A process that does what each letter on its standard input says, and answers with the letter:
 *	c calls   f a child that calls and ends   t a thread that does   e exec of itself
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLS 50

static void *calls(void *unused)
{
	int i;

	for (i = 0; i < CALLS; i++) {
		void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		syscall(SYS_brk, 0);
		if (at == MAP_FAILED || munmap(at, 4096))
			_exit(1);
	}
	return unused;
}

static void in_thread(void)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, calls, NULL))
		pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	char what;

	if (argc > 1 && write(STDOUT_FILENO, "e", 1) != 1)
		return 1;
	while (read(STDIN_FILENO, &what, 1) == 1) {
		if (what == 'c') {
			calls(NULL);
		} else if (what == 't') {
			in_thread();
		} else if (what == 'f' && !fork()) {
			calls(NULL);
			_exit(0);
		} else if (what == 'e') {
			execl("/proc/self/exe", argv[0], "again", NULL);
			return 1;
		}
		if (write(STDOUT_FILENO, &what, 1) != 1)
			return 1;
	}
	return 0;
}
