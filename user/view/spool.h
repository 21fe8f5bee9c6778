/* SPDX-License-Identifier: GPL-2.0 */
/* The texts about processes that have ended, in a file without a name. */
#ifndef BRKWATCH_SPOOL_H
#define BRKWATCH_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct spooled - the text about one process
 * @watch: id of its watch
 * @bytes: length of the text
 * @at: offset of the text in the file
 */
struct spooled {
	uint32_t watch;
	uint32_t bytes;
	uint64_t at;
};

/**
 * struct spool - the file, and where in it each text is
 * @file: the file, NULL if none is needed
 * @v: the processes: first the reported ones by rising watch, then the rest
 * @n: how many
 * @cap: room in @v
 * @told: how many of them have been reported
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
 * Return: 0, or a negative errno that has already been reported.
 */
int spool_open(struct spool *spool);

/**
 * spool_begin() - begin the text about a process
 * @spool: the spool
 *
 * Return: the stream to write it to.
 */
FILE *spool_begin(struct spool *spool);

/**
 * spool_end() - end the text about a process
 * @spool: the spool
 * @watch: id of the watch of the process
 *
 * Return: 0, -ENOMEM, or another negative errno that has already been reported.
 */
int spool_end(struct spool *spool, uint32_t watch);

/**
 * spool_sort() - sort the texts by rising watch, before spool_put()
 * @spool: the spool
 * @all: include the processes that have been reported
 *
 * Return: index of the first process to report; report all from there on.
 */
size_t spool_sort(struct spool *spool, bool all);

/**
 * spool_put() - write the text about a process
 * @spool: the spool
 * @i: index of the process
 * @out: where to
 *
 * Return: 0, or a negative errno that has already been reported.
 */
int spool_put(struct spool *spool, size_t i, FILE *out);

/**
 * spool_free() - release the memory and the file
 * @spool: the spool
 */
void spool_free(struct spool *spool);

#endif
