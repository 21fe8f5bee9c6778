/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who made most of the calls that asked for memory. A count for each origin and size would take
 * more room than all else that the tool keeps of a process, so this is a majority vote.
 */
#ifndef BRKWATCH_MAKERS_H
#define BRKWATCH_MAKERS_H

#include <stdbool.h>
#include <stdint.h>

#include "event/distribution.h"

/**
 * struct maker - who leads among those who made some calls
 * @who: bits of the tag that its memory has: the origin, whether that is a guess, and the file
 * @lead: it made at least so many calls; of all calls that were counted, the others made no more
 *	than the rest. 0 if nobody leads
 */
struct maker {
	uint32_t who;
	uint32_t lead;
};

/**
 * struct makers - who leads among those who made the calls of a process
 * @mmap: anonymous mappings, by the buckets of their distribution by size
 * @brk: growth of the heap
 *
 * All zero is the beginning.
 */
struct makers {
	struct maker mmap[BUCKETS];
	struct maker brk;
};

/**
 * makers_mmap() - count an anonymous mapping
 * @makers: the makers
 * @tag: tag of the mapping
 * @bytes: its size
 */
void makers_mmap(struct makers *makers, uint64_t tag, uint64_t bytes);

/**
 * makers_brk() - count a call that grew the heap
 * @makers: the makers
 * @tag: tag of what the heap got
 */
void makers_brk(struct makers *makers, uint64_t tag);

/**
 * maker_is_certain() - check whether it is known who it is
 * @maker: the maker
 *
 * Return: whether it is known, and no guess.
 */
bool maker_is_certain(const struct maker *maker);

/**
 * maker_is_malloc() - check whether it is glibc's malloc for certain
 * @maker: the maker
 *
 * Return: whether it is.
 */
bool maker_is_malloc(const struct maker *maker);

#endif
