// SPDX-License-Identifier: GPL-2.0
/* Five large requests, then every page of the last block is written to. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "maps.h"

#define SIZE 5000000

int main(void)
{
	char *p = NULL;

	for (int i = 0; i < 5; i++) {
		p = malloc(SIZE);
		if (!p) {
			perror("malloc");
			return 1;
		}
		printf("malloc(%d) = %p, break %p\n", SIZE, (void *)p, sbrk(0));
		print_residency(p);
	}

	for (int i = 0; i < SIZE; i += 4096)
		p[i] = 1;
	printf("every page of the last block written\n");
	print_residency(p);
	return 0;
}
