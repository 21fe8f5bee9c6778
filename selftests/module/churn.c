// SPDX-License-Identifier: GPL-2.0
/* Moves its break and maps memory until it is killed. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	for (;;) {
		void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (at == MAP_FAILED || munmap(at, 4096) || sbrk(4096) == (void *)-1 ||
		    sbrk(-4096) == (void *)-1)
			return 1;
	}
}
