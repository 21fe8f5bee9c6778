/* SPDX-License-Identifier: GPL-2.0 */
/* Which files' code a process has mapped, and where. */
#ifndef BRKWATCH_CODE_H
#define BRKWATCH_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

/**
 * struct code - a file's code
 * @image: where it lies; its path is ours
 * @bias: to be added to addresses in its file
 * @told: to libdwfl
 * @unread: its file cannot be had
 */
struct code {
	struct image image;
	uint64_t bias;
	bool told;
	bool unread;
};

/**
 * struct codes - all of a process
 * @v: what lies where
 * @n: how many
 * @cap: room in @v
 * @stale: some that had been told of are there no more
 * @fresh: some have still to be told of
 *
 * All zero has none.
 */
struct codes {
	struct code *v;
	size_t n;
	size_t cap;
	bool stale;
	bool fresh;
};

/**
 * codes_add() - a file's code lies somewhere now, and nothing else does any more
 * @codes: of the process
 * @image: the image
 *
 * Return: 0 or -ENOMEM.
 */
int codes_add(struct codes *codes, const struct image *image);

/**
 * codes_forget() - of what was noted before a moment nothing is there any more
 * @codes: of the process
 * @time: the moment, CLOCK_MONOTONIC in ns
 */
void codes_forget(struct codes *codes, uint64_t time);

/**
 * codes_at() - what lies at an address
 * @codes: of the process
 * @addr: the address
 *
 * Return: it, or NULL.
 */
const struct code *codes_at(const struct codes *codes, uint64_t addr);

/**
 * code_open() - open a file that is still what was mapped
 * @code: @bias is set
 * @pid: of the process, whose root directory may not be ours
 * @is_32: set if it is for 32-bit programs
 *
 * Return: a file descriptor, or -1.
 */
int code_open(struct code *code, uint32_t pid, bool *is_32);

/**
 * codes_free() - give back its memory
 * @codes: of a process
 */
void codes_free(struct codes *codes);

#endif
