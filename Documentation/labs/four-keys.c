// SPDX-License-Identifier: GPL-2.0
/* Four requests of ten pages, each when the Enter key is pressed. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SIZE (10 * 4096)

static int wait_for_key(void)
{
	printf("Press Enter: ");
	fflush(stdout);
	return getchar() == '\n';
}

int main(void)
{
	printf("break %p\n", sbrk(0));
	for (int i = 0; i < 4 && wait_for_key(); i++) {
		void *p = malloc(SIZE);

		if (!p) {
			perror("malloc");
			return 1;
		}
		printf("malloc(%d) = %p, break %p\n", SIZE, p, sbrk(0));
	}
	return !wait_for_key();
}
