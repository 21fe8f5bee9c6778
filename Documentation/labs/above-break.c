// SPDX-License-Identifier: GPL-2.0
/* Write upward from the program break until the kernel objects. */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *end;

/* When this returns, the write is tried again, now without a handler. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
	char *at = info->si_addr;

	dprintf(STDOUT_FILENO, "fault at %p, %td bytes above the break\n", (void *)at, at - end);
}

int main(int argc, char *argv[])
{
	struct sigaction action = { .sa_sigaction = on_fault,
				    .sa_flags = SA_SIGINFO | SA_RESETHAND };
	int more = argc > 1 ? atoi(argv[1]) : 0, above = argc > 2 ? atoi(argv[2]) : 0;
	void *before = sbrk(0);

	printf("before the first printf: break %p\n", before);
	printf("after it:                break %p\n", sbrk(0));

	if (sbrk(more) == (void *)-1 || sigaction(SIGSEGV, &action, NULL)) {
		perror(argv[0]);
		return 1;
	}
	end = sbrk(0);
	printf("writing upward from      break %p + %d\n", (void *)end, above);
	for (char *p = end + above;; p++)
		*p = 1;
}
