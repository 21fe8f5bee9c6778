// SPDX-License-Identifier: GPL-2.0
/*
 * Names anonymous memory by PR_SET_VMA:
 *	names give	names parts of a private and of a shared mapping
 *	names take	does so, and takes the names away
 * It prints where its memory is and the errno of the first call, an object of JSON, and ends with
 * its input.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PAGE 4096UL
#define PAGES 12
/* The kernel takes so many bytes of a name, with the zero at its end. */
#define NAME_MAX_LEN 80

static int error;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* A kernel without CONFIG_ANON_VMA_NAME refuses the first call already. */
static void name(char *at, unsigned long pages, const char *text)
{
	if (error || !prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, at, pages * PAGE, text))
		return;
	error = errno;
	if (error != EINVAL)
		fail("prctl");
}

/* The printable characters that the kernel takes, as many as fit, from one on. */
static const char *characters(char from)
{
	static char text[NAME_MAX_LEN];
	size_t n = 0;

	for (; from <= '~' && n < sizeof(text) - 1; from++)
		if (!strchr("\\`$[]", from))
			text[n++] = from;
	text[n] = '\0';
	return text;
}

static char *map(int flags)
{
	char *at = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		fail("mmap");
	return memset(at, 1, PAGES * PAGE);
}

int main(int argc, char **argv)
{
	char *own = map(MAP_PRIVATE), *shared = map(MAP_SHARED), c;

	if (argc != 2)
		return 2;
	name(own + PAGE, 2, "the program");
	name(own + 3 * PAGE, 1, ", given back, \"origin\": \"malloc\"");
	name(own + 5 * PAGE, 1, characters(' '));
	name(own + 7 * PAGE, 2, characters('A'));
	name(own + 9 * PAGE, 1, "");
	name(shared + PAGE, 2, "/pool (deleted)");
	if (!strcmp(argv[1], "take")) {
		name(own, PAGES, NULL);
		name(shared, PAGES, NULL);
	}
	printf("{\"error\": %d, \"private\": %lu, \"shared\": %lu, \"bytes\": %lu}\n", error,
	       (unsigned long)own, (unsigned long)shared, PAGES * PAGE);
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
