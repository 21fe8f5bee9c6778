/* SPDX-License-Identifier: GPL-2.0 */
/* A child whose threads really make random calls, and record them as events. */
#ifndef UNIT_KERNEL_CHILD_H
#define UNIT_KERNEL_CHILD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

#define PAGE 4096ULL
#define ARENA_PAGES 96
#define HEAP_PAGES 24
#define OWN 24
#define ROUNDS 8
#define STEPS 60
#define THREADS_MAX 8
#define EVENTS_MAX (ROUNDS * STEPS + 1)

/* Where the kernel put a mapping; its neighbours may not belong to the test. */
struct own {
	uint64_t addr;
	uint64_t length;
};

/* What one thread of the child does. */
struct worker {
	unsigned int seed;
	uint64_t arena;
	bool brk;
	struct own own[OWN];
	size_t n;
	struct event events[EVENTS_MAX];
};

/* Memory that child and parent share. */
struct stage {
	int threads;
	bool careful;
	bool churn;
	int fd;
	uint64_t heap;
	pthread_barrier_t barrier;
	struct worker workers[THREADS_MAX];
	struct event clone;
};

/**
 * now() - the clock by which events are ordered
 *
 * Return: its time in nanoseconds.
 */
uint64_t now(void);

/**
 * run_child() - make the calls, and stop for the parent before each round of them
 * @stage: what the child shares with its parent
 * @to: pipe that gets a byte whenever the child's threads stand still
 * @from: pipe that has a byte when they may go on
 *
 * It does not return: the child exits.
 */
void run_child(struct stage *stage, int to, int from);

#endif
