// SPDX-License-Identifier: GPL-2.0
/* Makes breaks and calls fail in every way that is easy to cause. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define PAGE 4096UL

static void refused_breaks(void)
{
	const struct rlimit limit = { 1 << 20, 1 << 20 };
	unsigned long now = syscall(SYS_brk, 0);

	syscall(SYS_brk, 1);
	syscall(SYS_brk, now - (1UL << 40));
	syscall(SYS_brk, ~0UL);
	if (setrlimit(RLIMIT_DATA, &limit))
		perror("setrlimit");
	syscall(SYS_brk, now + (16UL << 20));
	syscall(SYS_brk, now + PAGE);
	syscall(SYS_brk, now + 100);
	syscall(SYS_brk, now);
}

static void failing_mmaps(void *occupied)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;

	/* Bad lengths: none, too long, longer than the address space, more than RLIMIT_DATA. */
	mmap(NULL, 0, PROT_READ, anon, -1, 0);
	mmap(NULL, 1UL << 50, PROT_READ, anon, -1, 0);
	mmap(NULL, ~0UL, PROT_READ, anon, -1, 0);
	mmap(NULL, 64UL << 20, PROT_READ | PROT_WRITE, anon, -1, 0);
	/* Bad addresses: not a page's, the kernel's, the lowest, an occupied one. */
	mmap((void *)1, PAGE, PROT_READ, anon | MAP_FIXED, -1, 0);
	mmap((void *)(1UL << 63), PAGE, PROT_READ, anon | MAP_FIXED, -1, 0);
	mmap((void *)PAGE, PAGE, PROT_NONE, MAP_FIXED, -1, 0);
	mmap(occupied, PAGE, PROT_READ, anon | MAP_FIXED_NOREPLACE, -1, 0);
	/* Bad descriptors and offsets. */
	mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0);
	mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0);
	syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, 0, 1);
	syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, 0, ~0UL & ~(PAGE - 1));
}

static void failing_munmaps(char *occupied)
{
	munmap(occupied + 1, PAGE);
	munmap(occupied, 0);
	munmap((void *)(1UL << 63), PAGE);
	munmap(occupied, ~0UL);
	/* This call succeeds, although nothing is mapped there. */
	munmap((void *)(1UL << 40), PAGE);
	munmap(occupied, 1);
}

int main(void)
{
	void *occupied = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	refused_breaks();
	failing_mmaps(occupied);
	failing_munmaps(occupied);
	return 0;
}
