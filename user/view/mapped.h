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
 * @name: path of a file, or a name in brackets; NULL for private memory without a file
 * @sized: whether @resident and @dirty are known
 * @resident: bytes in memory
 * @dirty: bytes in memory that were written to
 */
struct mapped_area {
	uint64_t start;
	uint64_t end;
	int prot;
	char *name;
	bool sized;
	uint64_t resident;
	uint64_t dirty;
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
 * mapped_walk() - go through an address space in parts that have a name or none
 * @space: the address space
 * @mapped: the names, or NULL if they are not known
 * @shown: neighbours without a name whose tags do not differ in these bits are one part
 * @put: gets each part, by rising address, and its name, NULL if it has none, as anonymous memory;
 *	returns 0 or a negative errno
 * @arg: its third argument
 *
 * What lies above the address space comes last, as [vsyscall] does, which is no part of it.
 *
 * Return: 0 or what @put returned.
 */
int mapped_walk(const struct address_space *space, const struct mapped *mapped, uint64_t shown,
		int (*put)(const struct range *part, const char *name, void *arg), void *arg);

#endif
