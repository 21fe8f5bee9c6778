// SPDX-License-Identifier: GPL-2.0
/* Calls mmap with every bit of prot and flags alone, and with some together. */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void try(unsigned long prot, unsigned long flags, int fd)
{
	void *addr = flags & MAP_FIXED ? (void *)(1UL << 40) : NULL;
	long at = syscall(SYS_mmap, addr, PAGE, prot, flags, fd, 0);

	if (at > 0 || at < -4095)
		syscall(SYS_munmap, at, PAGE);
}

int main(void)
{
	int bit;

	for (bit = 0; bit < 64; bit++) {
		try(1UL << bit, ANON, -1);
		try(PROT_READ, ANON | 1UL << bit, -1);
		try(PROT_READ, MAP_SHARED | MAP_ANONYMOUS | 1UL << bit, -1);
	}
	for (bit = 0; bit < 16; bit++)
		try(bit, ANON, -1);
	for (bit = 0; bit < 4; bit++)
		try(PROT_NONE, bit, 0);
	/* Six bits of the flags hold the size of huge pages. */
	for (bit = 12; bit < 34; bit++)
		try(PROT_READ, ANON | MAP_HUGETLB | (unsigned long)bit << 26, -1);
	return 0;
}
