/* SPDX-License-Identifier: GPL-2.0 */
/* What /proc/PID/smaps says of mappings: their names, and what of them is in memory. */
#ifndef BRKWATCH_MAPPED_H
#define BRKWATCH_MAPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/address_space.h"

/**
 * struct mapped_area - a mapping
 * @start: first address
 * @end: first address after
 * @prot: bits of enum tag_prot
 * @name: path of a file, or a name in brackets; NULL for private memory without a file to which the
 *	process gave no name
 * @sized: whether @resident and @dirty are known
 * @resident: bytes in memory
 * @dirty: bytes in memory that were written to
 * @shared: whether it was mapped with MAP_SHARED
 */
struct mapped_area {
	uint64_t start;
	uint64_t end;
	int prot;
	char *name;
	bool sized;
	uint64_t resident;
	uint64_t dirty;
	bool shared;
};

/**
 * struct mapped - the mappings of a process
 * @v: the mappings, by rising address; none overlap
 * @n: how many
 * @cap: room in @v
 *
 * An all-zero set is empty.
 */
struct mapped {
	struct mapped_area *v;
	size_t n;
	size_t cap;
};

/**
 * mapped_add() - add a mapping
 * @mapped: the set
 * @area: the mapping; its name is copied. It is left out if it does not lie above all others, as
 *	the kernel's do
 *
 * Return: 0 or -ENOMEM.
 */
int mapped_add(struct mapped *mapped, const struct mapped_area *area);

/**
 * mapped_free() - make the set empty and free its memory
 * @mapped: the set
 */
void mapped_free(struct mapped *mapped);

/**
 * mapped_resident() - how much of a range is in memory
 * @mapped: the mappings, or NULL if they are not known
 * @range: the range
 * @resident: filled with bytes in memory
 * @dirty: filled with those that were written to
 *
 * Return: whether it is known, which it is not if the kernel counts a part of the range together
 * with what lies beside it.
 */
bool mapped_resident(const struct mapped *mapped, const struct range *range, uint64_t *resident,
		     uint64_t *dirty);

/**
 * mapped_is_shared() - was a range mapped with MAP_SHARED
 * @mapped: the mappings, or NULL if they are not known
 * @range: the range
 *
 * Return: whether its first mapping was.
 */
bool mapped_is_shared(const struct mapped *mapped, const struct range *range);

/**
 * mapped_is_claim() - did the process itself give a name, by PR_SET_VMA
 * @name: the name, or NULL
 *
 * Anonymous memory has no other. It says what the process likes, so nothing rests on it.
 *
 * Return: whether it did: "[anon:NAME]", or "[anon_shmem:NAME]" of shared memory.
 */
bool mapped_is_claim(const char *name);

/**
 * struct mapped_parts - which parts of an address space to see
 * @is_seen: whether to see ranges with a tag; NULL for all
 * @differ: neighbours of one name whose tags do not differ in these bits are one part
 * @page: bytes in a page
 * @put: gets each part, by rising address, its tag as likeness_tag() has it, and its name, NULL if
 *	it has none, as most anonymous memory; returns 0 or a negative errno
 */
struct mapped_parts {
	bool (*is_seen)(uint64_t tag);
	uint64_t differ;
	uint64_t page;
	int (*put)(const struct range *part, const char *name, void *arg);
};

/**
 * mapped_walk() - go through an address space in parts that have a name or none
 * @space: the address space
 * @mapped: the names, or NULL if they are not known
 * @parts: the parts
 * @arg: third argument of @put
 *
 * What lies above the address space comes last, as [vsyscall] does, which is no part of it.
 *
 * Return: 0 or what @put returned.
 */
int mapped_walk(const struct address_space *space, const struct mapped *mapped,
		const struct mapped_parts *parts, void *arg);

#endif
