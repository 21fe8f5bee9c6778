// SPDX-License-Identifier: GPL-2.0
/* Five small requests: what does malloc do for them? */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 5; i++) {
		void *p = malloc(50000);

		if (!p) {
			perror("malloc");
			return 1;
		}
		printf("malloc(50000) = %p, break %p\n", p, sbrk(0));
	}
	return 0;
}
