// SPDX-License-Identifier: GPL-2.0
/* Runs 200 threads at one time that malloc and free. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 200
#define BLOCKS 40

static pthread_barrier_t all;

static void *churn(void *arg)
{
	unsigned int random = (unsigned long)arg;
	void *blocks[BLOCKS] = {};
	int i;

	for (i = 0; i < 5 * BLOCKS; i++) {
		void **block = &blocks[rand_r(&random) % BLOCKS];
		size_t bytes = 1UL << rand_r(&random) % 19;

		free(*block);
		*block = malloc(bytes);
		if (!*block)
			abort();
		memset(*block, 1, bytes < 64 ? bytes : 64);
	}
	/* No thread may end before all have begun. */
	pthread_barrier_wait(&all);
	for (i = 0; i < BLOCKS; i++)
		free(blocks[i]);
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];
	pthread_attr_t small;
	unsigned long i;

	if (pthread_barrier_init(&all, NULL, THREADS) || pthread_attr_init(&small) ||
	    pthread_attr_setstacksize(&small, 256 << 10))
		return 1;
	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], &small, churn, (void *)(i + 1)))
			return 1;
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
