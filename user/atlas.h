/* SPDX-License-Identifier: GPL-2.0 */
/* Names of the places in a process: <map1>, <addr1> and so on. */
#ifndef BRKWATCH_ATLAS_H
#define BRKWATCH_ATLAS_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "ranges.h"

/* An address and the number in its name. */
struct landmark {
	uint64_t addr;
	uint32_t number;
};

/* Landmarks in the order of what they are found by. */
struct landmarks {
	struct landmark *v;
	size_t n;
	size_t cap;
};

/**
 * struct atlas - the names of one watch
 * @watch: id of the watch
 * @maps: mappings by number, from 1
 * @bases: where each of them began, by number; some long gone included
 * @others: addresses in no known mapping, by address
 * @last: highest number of a mapping
 */
struct atlas {
	uint32_t watch;
	struct ranges maps;
	struct landmarks bases;
	struct landmarks others;
	uint32_t last;
};

/**
 * struct atlases - those of a session
 * @v: by id of the watch
 * @n: how many
 * @cap: room in @v
 *
 * All zero has none.
 */
struct atlases {
	struct atlas *v;
	size_t n;
	size_t cap;
};

/**
 * atlases_get() - find the names of a watch, begin with none if there are none
 * @set: the atlases
 * @watch: id of the watch
 *
 * Return: the names, valid until the set changes, or NULL without memory.
 */
struct atlas *atlases_get(struct atlases *set, uint32_t watch);

/**
 * atlases_copy() - a new process knows the places of the one that made it
 * @set: the atlases
 * @from: id of the one's watch
 * @to: id of the new one's; it has the names of what is mapped, and new numbers go on from there
 *
 * Return: 0 or -ENOMEM.
 */
int atlases_copy(struct atlases *set, uint32_t from, uint32_t to);

/**
 * atlases_drop() - forget a watch
 * @set: the atlases
 * @watch: its id
 */
void atlases_drop(struct atlases *set, uint32_t watch);

/**
 * atlases_free() - forget all
 * @set: the atlases
 */
void atlases_free(struct atlases *set);

/**
 * atlas_add() - learn a mapping
 * @atlas: the names
 * @start: first address
 * @end: first address after
 *
 * A new mapping in a known one keeps its name: a loader's segments, for one.
 *
 * Return: 0 or -ENOMEM.
 */
int atlas_add(struct atlas *atlas, uint64_t start, uint64_t end);

/**
 * atlas_remove() - forget mappings
 * @atlas: the names
 * @start: first address
 * @end: first address after
 *
 * Return: 0 or -ENOMEM.
 */
int atlas_remove(struct atlas *atlas, uint64_t start, uint64_t end);

/**
 * atlas_remap() - learn what a mremap did; a mapping that moves as a whole keeps its name
 * @atlas: the names
 * @ev: the call, which succeeded
 * @page: bytes in a page
 *
 * Return: 0 or -ENOMEM.
 */
int atlas_remap(struct atlas *atlas, const struct event *ev, uint64_t page);

/**
 * atlas_clear() - forget all mappings; numbers go on, so that no name means two places
 * @atlas: the names
 */
void atlas_clear(struct atlas *atlas);

/**
 * atlas_map() - the mapping that an address is in
 * @atlas: the names
 * @addr: the address
 * @base: filled with where the mapping began
 *
 * Return: its number, or 0.
 */
uint32_t atlas_map(const struct atlas *atlas, uint64_t addr, uint64_t *base);

/**
 * atlas_other() - the number of an address in no known mapping
 * @atlas: the names
 * @addr: the address
 *
 * Return: the number, a new one when it was not met before; 0 without memory.
 */
uint32_t atlas_other(struct atlas *atlas, uint64_t addr);

#endif
