/* SPDX-License-Identifier: GPL-2.0 */
/* Names of the places in a process: <map1>, <addr1> and so on. */
#ifndef BRKWATCH_PLACE_NAMES_H
#define BRKWATCH_PLACE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "ledger/ranges.h"

/* An address and the number in its name. */
struct landmark {
	uint64_t addr;
	uint32_t number;
};

/* Landmarks, sorted by the field that lookups use. */
struct landmarks {
	struct landmark *v;
	size_t n;
	size_t cap;
};

/**
 * struct place_names - the names of one watch
 * @watch: id of the watch
 * @maps: mappings by number, from 1
 * @bases: where each mapping began, by number; includes some that are long gone
 * @others: addresses in no known mapping, by address
 * @last: highest number of a mapping
 */
struct place_names {
	uint32_t watch;
	struct ranges maps;
	struct landmarks bases;
	struct landmarks others;
	uint32_t last;
};

/**
 * struct place_names_all - the names of all watches
 * @v: the names, by id of the watch
 * @n: how many
 * @cap: room in @v
 *
 * An all-zero structure is empty.
 */
struct place_names_all {
	struct place_names *v;
	size_t n;
	size_t cap;
};

/**
 * place_names_all_get() - find the names of a watch, or start an empty set of them
 * @set: the names of all watches
 * @watch: id of the watch
 *
 * Return: the names, valid until the set changes, or NULL if memory runs out.
 */
struct place_names *place_names_all_get(struct place_names_all *set, uint32_t watch);

/**
 * place_names_all_copy() - give a child the names of its parent
 * @set: the names of all watches
 * @from: id of the parent's watch
 * @to: id of the child's watch; it gets the names of what is mapped, and continues the numbers
 *
 * Return: 0 or -ENOMEM.
 */
int place_names_all_copy(struct place_names_all *set, uint32_t from, uint32_t to);

/**
 * place_names_all_drop() - forget a watch
 * @set: the names of all watches
 * @watch: its id
 */
void place_names_all_drop(struct place_names_all *set, uint32_t watch);

/**
 * place_names_all_free() - forget all watches
 * @set: the names of all watches
 */
void place_names_all_free(struct place_names_all *set);

/**
 * place_names_add() - learn a mapping
 * @names: the names
 * @start: first address
 * @end: first address after
 *
 * A new mapping inside a known one gets no new name, because loaders map segments so.
 *
 * Return: 0 or -ENOMEM.
 */
int place_names_add(struct place_names *names, uint64_t start, uint64_t end);

/**
 * place_names_remove() - forget mappings
 * @names: the names
 * @start: first address
 * @end: first address after
 *
 * Return: 0 or -ENOMEM.
 */
int place_names_remove(struct place_names *names, uint64_t start, uint64_t end);

/**
 * place_names_remap() - learn what a mremap did; a mapping that moves as a whole keeps its name
 * @names: the names
 * @ev: the call, which succeeded
 * @page: bytes in a page
 *
 * Return: 0 or -ENOMEM.
 */
int place_names_remap(struct place_names *names, const struct event *ev, uint64_t page);

/**
 * place_names_clear() - forget all mappings; numbers go on, so that no name means two places
 * @names: the names
 */
void place_names_clear(struct place_names *names);

/**
 * place_names_map() - find the mapping that holds an address
 * @names: the names
 * @addr: the address
 * @base: filled with where the mapping began
 *
 * Return: the number of the mapping, or 0.
 */
uint32_t place_names_map(const struct place_names *names, uint64_t addr, uint64_t *base);

/**
 * place_names_other() - number an address that lies in no known mapping
 * @names: the names
 * @addr: the address
 *
 * Return: the number, which is new for a new address; 0 if memory runs out.
 */
uint32_t place_names_other(struct place_names *names, uint64_t addr);

#endif
