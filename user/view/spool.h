/* SPDX-License-Identifier: GPL-2.0 */
/* What is to be said of each process that has ended, in a file that has no name. */
#ifndef BRKWATCH_SPOOL_H
#define BRKWATCH_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct spooled - what is said of one process
 * @watch: id of its watch
 * @bytes: how long it is
 * @at: where in the file it begins
 */
struct spooled {
	uint32_t watch;
	uint32_t bytes;
	uint64_t at;
};

/**
 * struct spool - the file, and where in it is what
 * @file: the file, NULL if none is needed
 * @v: the processes: those that were told of by rising watch, then those that were not
 * @n: how many
 * @cap: room in @v
 * @told: how many of them were told of
 * @size: bytes in the file
 */
struct spool {
	FILE *file;
	struct spooled *v;
	size_t n;
	size_t cap;
	size_t told;
	uint64_t size;
};

/**
 * spool_open() - make the file
 * @spool: all zero
 *
 * Return: 0 or a negative errno, which has been said.
 */
int spool_open(struct spool *spool);

/**
 * spool_begin() - begin with what is to be said of a process
 * @spool: the spool
 *
 * Return: where to write it.
 */
FILE *spool_begin(struct spool *spool);

/**
 * spool_end() - all of it is written
 * @spool: the spool
 * @watch: id of the watch of the process
 *
 * Return: 0, -ENOMEM or another negative errno, which has been said.
 */
int spool_end(struct spool *spool, uint32_t watch);

/**
 * spool_sort() - be ready to say it, by rising watch
 * @spool: the spool
 * @all: also of those that were told of
 *
 * Return: index of the first that is to be told of; the rest follows.
 */
size_t spool_sort(struct spool *spool, bool all);

/**
 * spool_put() - say what is to be said of a process
 * @spool: the spool
 * @i: index of the process
 * @out: where to
 *
 * Return: 0 or a negative errno, which has been said.
 */
int spool_put(struct spool *spool, size_t i, FILE *out);

/**
 * spool_free() - give back its memory, and the file
 * @spool: the spool
 */
void spool_free(struct spool *spool);

#endif
