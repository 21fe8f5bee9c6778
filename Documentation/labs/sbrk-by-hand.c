// SPDX-License-Identifier: GPL-2.0
/* Move the program break by one page, without malloc. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	/* printf calls malloc, which moves the break: print afterwards. */
	void *first = sbrk(0);
	void *second = sbrk(4096);
	void *third = sbrk(0);

	if (second == (void *)-1) {
		perror("sbrk");
		return 1;
	}
	printf("sbrk(0)    = %p\n", first);
	printf("sbrk(4096) = %p\n", second);
	printf("sbrk(0)    = %p\n", third);
	return 0;
}
