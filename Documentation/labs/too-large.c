// SPDX-License-Identifier: GPL-2.0
/* One request that is too large for the heap. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "maps.h"

#define SIZE (35 * 4096)

int main(void)
{
	void *small = malloc(100);
	void *large = malloc(SIZE);

	if (!small || !large) {
		perror("malloc");
		return 1;
	}
	printf("malloc(100)    = %p\n", small);
	print_mapping(small);
	printf("malloc(%d) = %p\n", SIZE, large);
	print_mapping(large);
	return 0;
}
