// SPDX-License-Identifier: GPL-2.0
/*
 * racer FILE: for each byte of its input, starts a child that has a read of FILE without an
 * answer under way (AIO), prints its PID, and ends some time after. The process that releases
 * the child's memory map last waits for the read.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/aio_abi.h>

#define PAGE 4096
#define SPIN_MAX 3000000

static int read_for_ever(const char *path)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int file = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
	struct iocb block = {
		.aio_fildes = file,
		.aio_buf = (uintptr_t)page,
		.aio_nbytes = PAGE,
		.aio_lio_opcode = IOCB_CMD_PREAD,
	};
	struct iocb *blocks = &block;
	aio_context_t context = 0;

	return file < 0 || page == MAP_FAILED || syscall(SYS_io_setup, 1, &context) ||
	       syscall(SYS_io_submit, context, 1, &blocks) != 1;
}

static void run(const char *path, int spin)
{
	int i;

	if (read_for_ever(path))
		_exit(1);
	printf("%d\n", getpid());
	fflush(stdout);
	for (i = 0; i < spin; i++)
		asm volatile("");
	_exit(0);
}

int main(int argc, char **argv)
{
	char c;

	if (argc != 2)
		return 2;
	signal(SIGCHLD, SIG_IGN);
	while (read(STDIN_FILENO, &c, 1) == 1) {
		int spin = random() % SPIN_MAX;

		if (!fork())
			run(argv[1], spin);
	}
	return 0;
}
