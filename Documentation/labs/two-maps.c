// SPDX-License-Identifier: GPL-2.0
/* Ask the kernel for memory twice, without malloc. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "maps.h"

#define SIZE (45 * 4096)

static void *map(void)
{
	void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return p;
}

int main(void)
{
	char *first = map();
	char *second = map();

	printf("first  %p\nsecond %p\n", (void *)first, (void *)second);
	printf("first - second = %td bytes = %td pages\n", first - second, (first - second) / 4096);
	print_mapping(first);
	print_mapping(second);
	return 0;
}
