/* SPDX-License-Identifier: GPL-2.0 */
/* Sorted, disjoint ranges of addresses, each with a tag. */
#ifndef BRKWATCH_RANGES_H
#define BRKWATCH_RANGES_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct range - some addresses that have a tag in common
 * @start: first address
 * @end: first address after it
 * @tag: what the owner of the set wants to know about them
 */
struct range {
	uint64_t start;
	uint64_t end;
	uint64_t tag;
};

/**
 * struct ranges - a set of ranges: sorted, none overlap, neighbours of one tag are joined
 * @v: the ranges
 * @n: how many
 * @cap: room in @v
 *
 * All zero is the empty set.
 */
struct ranges {
	struct range *v;
	size_t n;
	size_t cap;
};

/**
 * ranges_set() - give a tag to all addresses in [start, end), whatever they had
 * @set: the set
 * @start: first address
 * @end: first address after
 * @tag: the tag
 *
 * Return: 0 or -ENOMEM, then nothing has changed.
 */
int ranges_set(struct ranges *set, uint64_t start, uint64_t end, uint64_t tag);

/**
 * ranges_clear() - take all addresses in [start, end) out of the set
 * @set: the set
 * @start: first address
 * @end: first address after
 *
 * Return: 0 or -ENOMEM, then nothing has changed.
 */
int ranges_clear(struct ranges *set, uint64_t start, uint64_t end);

/**
 * ranges_change() - give other tags to what is in [start, end)
 * @set: the set
 * @start: first address
 * @end: first address after
 * @change: makes the new tag of an old one
 * @arg: passed to @change
 *
 * Return: 0 or -ENOMEM, then nothing has changed.
 */
int ranges_change(struct ranges *set, uint64_t start, uint64_t end,
		  uint64_t (*change)(uint64_t tag, void *arg), void *arg);

/**
 * ranges_copy() - make a set of a part of another
 * @to: filled; what it held is not looked at
 * @from: the other
 * @start: first address
 * @end: first address after
 *
 * Return: 0 or -ENOMEM, then @to is empty.
 */
int ranges_copy(struct ranges *to, const struct ranges *from, uint64_t start, uint64_t end);

/**
 * ranges_after() - the first range that ends after an address
 * @set: the set
 * @addr: the address
 *
 * Return: its index in @set->v, @set->n when there is none.
 */
size_t ranges_after(const struct ranges *set, uint64_t addr);

/**
 * ranges_find() - the range that an address lies in
 * @set: the set
 * @addr: the address
 *
 * Return: the range, valid until the set changes, or NULL.
 */
const struct range *ranges_find(const struct ranges *set, uint64_t addr);

/**
 * ranges_free() - make the set empty and free its memory
 * @set: the set
 */
void ranges_free(struct ranges *set);

#endif
