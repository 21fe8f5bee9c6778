// SPDX-License-Identifier: GPL-2.0
/*
 * A program to which a seccomp filter denies brk, so that its malloc falls back to mmap:
 *	denied run	without a filter
 *	denied exec	set the filter, then run the program anew
 *	denied wait	set the filter, say so, and run when standard input ends
 *	denied later	say so, and set the filter and run when standard input ends
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#define BLOCKS 20
#define BLOCK 50000

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void deny_brk(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_brk, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		fail("seccomp");
}

static void run(void)
{
	int i;

	for (i = 0; i < BLOCKS; i++) {
		void *block = malloc(BLOCK);

		if (!block)
			fail("malloc");
		memset(block, 1, BLOCK);
	}
}

/* The filter answers in place of the kernel. */
static void run_denied(void)
{
	if (syscall(SYS_brk, 0) != -1 || errno != EPERM)
		fail("brk was not denied");
	run();
}

static void wait_for_end(void)
{
	char c;

	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		fail("write");
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}

int main(int argc, char **argv)
{
	const char *how = argc == 2 ? argv[1] : "";

	if (!strcmp(how, "run")) {
		run();
	} else if (!strcmp(how, "denied")) {
		run_denied();
	} else if (!strcmp(how, "exec")) {
		deny_brk();
		execl(argv[0], argv[0], "denied", NULL);
		fail("exec");
	} else if (!strcmp(how, "wait")) {
		deny_brk();
		wait_for_end();
		run_denied();
	} else if (!strcmp(how, "later")) {
		wait_for_end();
		deny_brk();
		run_denied();
	} else {
		fprintf(stderr, "usage: denied run|exec|wait|later\n");
		return 1;
	}
	return 0;
}
