/* SPDX-License-Identifier: GPL-2.0 */
/* The names that /proc/PID/maps has for mappings: files, [stack], [vdso]. */
#ifndef BRKWATCH_MAPPED_H
#define BRKWATCH_MAPPED_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/address_space.h"

/**
 * struct mapped_area - a mapping with a name
 * @start: first address
 * @end: first address after
 * @prot: bits of enum tag_prot
 * @name: path of a file, or a name in brackets
 */
struct mapped_area {
	uint64_t start;
	uint64_t end;
	int prot;
	char *name;
};

/**
 * struct mapped - the named mappings of a process
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
