// SPDX-License-Identifier: GPL-2.0
/*
 * Has files right above its break when the heap must grow:
 *	above loaded	a library, as the loader maps it; later without its headers; later with this
 *			program's in their place
 *	above mixed	this program's headers below the library's code
 *
 * The library lies beside this program and wants to be mapped above a heap that is not random.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <unistd.h>

#define LIBRARY "libabove.so"
#define PAGE 4096UL
/* So many pages are free above the break. */
#define FREE 3

static void must(int holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	exit(1);
}

/* Starts again, so that the heap begins right behind the program. */
static void be_not_random(char **argv)
{
	int old = personality(0xffffffff);

	if (old & ADDR_NO_RANDOMIZE)
		return;
	must(personality(old | ADDR_NO_RANDOMIZE) >= 0, "personality");
	execv("/proc/self/exe", argv);
	must(0, "execv");
}

static int opened(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	must(fd >= 0, path);
	return fd;
}

static void put(char *at, int prot, int fd, off_t offset)
{
	must(mmap(at, PAGE, prot, MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, offset) == at, "mmap");
}

static void be_refused(unsigned long pages)
{
	must(sbrk(pages * PAGE) == (void *)-1, "sbrk, which should not move the break");
}

static void move_up_to(const char *at)
{
	must(sbrk(at - FREE * PAGE - (char *)sbrk(0)) != (void *)-1, "sbrk");
}

/* The program goes on when its input ends. For each byte before, it maps a page. */
static void be_ready(void)
{
	char c;

	must(write(STDOUT_FILENO, "\n", 1) == 1, "write");
	while (read(STDIN_FILENO, &c, 1) > 0)
		must(mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED,
		     "mmap");
}

static void loaded(const char *library)
{
	void *handle = dlopen(library, RTLD_NOW);
	void *code = handle ? dlsym(handle, "plugin") : NULL;
	Dl_info info;
	char *at;

	must(code && dladdr(code, &info), library);
	at = info.dli_fbase;
	move_up_to(at);
	be_ready();
	be_refused(FREE);
	must(!munmap(at, PAGE), "munmap");
	be_refused(FREE + 1);
	put(at, PROT_READ, opened("/proc/self/exe"), 0);
	be_refused(FREE);
}

/* As one file would lie there: its second page above its first. */
static void mixed(const char *library)
{
	char *at = (char *)(((unsigned long)sbrk(0) & -PAGE) + (FREE + 1) * PAGE);

	put(at, PROT_READ, opened("/proc/self/exe"), 0);
	put(at + PAGE, PROT_READ | PROT_EXEC, opened(library), PAGE);
	move_up_to(at);
	be_ready();
	be_refused(FREE);
}

int main(int argc, char **argv)
{
	static char library[PATH_MAX];
	ssize_t n;

	if (argc != 2)
		return 2;
	be_not_random(argv);
	n = readlink("/proc/self/exe", library, sizeof(library) - sizeof(LIBRARY));
	must(n > 0, "/proc/self/exe");
	memcpy(strrchr(library, '/') + 1, LIBRARY, sizeof(LIBRARY));
	if (!strcmp(argv[1], "loaded"))
		loaded(library);
	else
		mixed(library);
	return 0;
}
