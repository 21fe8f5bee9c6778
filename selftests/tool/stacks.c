// SPDX-License-Identifier: GPL-2.0
/*
 * Asks for memory from a known place: as a static program, with threads, and with a
 * library that is loaded on the way. What each function is called matters to stacks.py.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGE 300000
#define KEEP __attribute__((noinline, noclone))

static pthread_mutex_t moving = PTHREAD_MUTEX_INITIALIZER;

/* One move at a time: if two overlap, both events begin at the same break (LIMITS in the man page). */
KEEP void *move(void)
{
	void *before;

	pthread_mutex_lock(&moving);
	before = sbrk(4096);
	pthread_mutex_unlock(&moving);
	return before;
}

/* A frame of its own size, and work after the call, so that the call is no jump. */
KEEP int ask(int depth)
{
	volatile char frame[40 + depth];
	void *large;

	frame[0] = depth;
	if (depth)
		return ask(depth - 1) + frame[0];
	large = malloc(LARGE);
	if (!large || move() == (void *)-1)
		return -1;
	free(large);
	return frame[0];
}

KEEP void *thread(void *arg)
{
	*(int *)arg += ask(3);
	return NULL;
}

#ifdef WITH_THREADS
static int more(void)
{
	int done[2] = { 0 };
	pthread_t threads[2];
	int i;

	for (i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, thread, &done[i]))
			return -1;
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return done[0] + done[1];
}
#elif defined(WITH_PLUGIN)
static int more(void)
{
	void *library = dlopen(PLUGIN, RTLD_NOW);
	int (*plugin)(int (*)(int)) = library ? dlsym(library, "plugin") : NULL;
	int done = plugin ? plugin(ask) : -1;

	if (library)
		dlclose(library);
	return done;
}
#else
static int more(void)
{
	int done = 0;

	thread(&done);
	return done;
}
#endif

int main(void)
{
	return ask(5) + more() < 0;
}
