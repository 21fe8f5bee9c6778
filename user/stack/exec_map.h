/* SPDX-License-Identifier: GPL-2.0 */
/* Which files' code a process has mapped, and where. */
#ifndef BRKWATCH_EXEC_MAP_H
#define BRKWATCH_EXEC_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

struct elf_file;

/**
 * struct exec_map - a file's code
 * @image: where it lies; the structure owns its path, and @image.below rises when something covers
 *	a part of what lies below
 * @bias: what to add to an address in the file to get the one in memory
 * @told: libdwfl knows it
 * @unread: its file cannot be opened
 * @covered: a part of it was unmapped since, or something else was mapped over it
 * @file: what the file says of who asks for memory in it, NULL until somebody wants to know
 */
struct exec_map {
	struct image image;
	uint64_t bias;
	bool told;
	bool unread;
	bool covered;
	const struct elf_file *file;
};

/**
 * struct exec_maps - all mapped code of a process
 * @v: the mapped code
 * @n: how many
 * @cap: room in @v
 * @stale: some that libdwfl knows are gone
 * @fresh: libdwfl does not yet know some
 *
 * An all-zero set is empty.
 */
struct exec_maps {
	struct exec_map *v;
	size_t n;
	size_t cap;
	bool stale;
	bool fresh;
};

/**
 * exec_maps_add() - add a file's code in place of what lay there before
 * @maps: of the process
 * @image: the image
 *
 * Return: 0 or -ENOMEM.
 */
int exec_maps_add(struct exec_maps *maps, const struct image *image);

/**
 * exec_maps_forget() - drop what the module noted before a moment
 * @maps: of the process
 * @time: the moment, CLOCK_MONOTONIC in ns
 */
void exec_maps_forget(struct exec_maps *maps, uint64_t time);

/**
 * exec_maps_cover() - mark what was unmapped, or over which something else was mapped
 * @maps: of the process
 * @start: first address of the range
 * @end: first address after
 * @time: when that happened, CLOCK_MONOTONIC in ns
 *
 * The code stays, because callers may lie in the rest of it.
 */
void exec_maps_cover(struct exec_maps *maps, uint64_t start, uint64_t end, uint64_t time);

/**
 * exec_maps_at() - find what lies at an address
 * @maps: of the process
 * @addr: the address
 *
 * Return: it, or NULL.
 */
struct exec_map *exec_maps_at(const struct exec_maps *maps, uint64_t addr);

/**
 * exec_maps_file() - find the file that is mapped at an address
 * @maps: of the process
 * @addr: the address
 * @time: the moment, CLOCK_MONOTONIC in ns
 *
 * It is certain that no other file is mapped there: the module saw this one there before, and
 * nothing has covered a part of it since.
 *
 * Return: the image whose code lies at @addr or whose headers do, or NULL.
 */
const struct image *exec_maps_file(const struct exec_maps *maps, uint64_t addr, uint64_t time);

/**
 * exec_map_fd() - open the file of an image if it is still the one that was mapped
 * @image: the image
 * @pid: of the process, because its root directory may not be ours
 *
 * Whoever serves the file decides how long this call takes.
 *
 * Return: a file descriptor, or -1.
 */
int exec_map_fd(const struct image *image, uint32_t pid);

/**
 * exec_map_open() - open the file in time if it is still the one that was mapped
 * @map: @bias is set
 * @pid: of the process, because its root directory may not be ours
 * @is_32: set if it is for 32-bit programs
 * @copied: as in opener_open()
 *
 * Return: a file descriptor, or -1.
 */
int exec_map_open(struct exec_map *map, uint32_t pid, bool *is_32, uint64_t *copied);

/**
 * exec_maps_free() - release its memory
 * @maps: of a process
 */
void exec_maps_free(struct exec_maps *maps);

#endif
