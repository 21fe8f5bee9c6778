/* SPDX-License-Identifier: GPL-2.0 */
/* Which files' code a process has mapped, and where. */
#ifndef BRKWATCH_EXEC_MAP_H
#define BRKWATCH_EXEC_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

/**
 * struct exec_map - a file's code
 * @image: where it lies; its path is ours
 * @bias: to be added to addresses in its file
 * @told: to libdwfl
 * @unread: its file cannot be had
 */
struct exec_map {
	struct image image;
	uint64_t bias;
	bool told;
	bool unread;
};

/**
 * struct exec_maps - all of a process
 * @v: what lies where
 * @n: how many
 * @cap: room in @v
 * @stale: some that had been told of are there no more
 * @fresh: some have still to be told of
 *
 * All zero has none.
 */
struct exec_maps {
	struct exec_map *v;
	size_t n;
	size_t cap;
	bool stale;
	bool fresh;
};

/**
 * exec_maps_add() - a file's code lies somewhere now, and nothing else does any more
 * @maps: of the process
 * @image: the image
 *
 * Return: 0 or -ENOMEM.
 */
int exec_maps_add(struct exec_maps *maps, const struct image *image);

/**
 * exec_maps_forget() - of what was noted before a moment nothing is there any more
 * @maps: of the process
 * @time: the moment, CLOCK_MONOTONIC in ns
 */
void exec_maps_forget(struct exec_maps *maps, uint64_t time);

/**
 * exec_maps_at() - what lies at an address
 * @maps: of the process
 * @addr: the address
 *
 * Return: it, or NULL.
 */
const struct exec_map *exec_maps_at(const struct exec_maps *maps, uint64_t addr);

/**
 * exec_map_open() - open a file that is still what was mapped
 * @map: @bias is set
 * @pid: of the process, whose root directory may not be ours
 * @is_32: set if it is for 32-bit programs
 *
 * Return: a file descriptor, or -1.
 */
int exec_map_open(struct exec_map *map, uint32_t pid, bool *is_32);

/**
 * exec_maps_free() - give back its memory
 * @maps: of a process
 */
void exec_maps_free(struct exec_maps *maps);

#endif
