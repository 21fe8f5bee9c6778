/* SPDX-License-Identifier: GPL-2.0 */
/* Sizes of pages, and which whole pages a call covers. */
#ifndef BRKWATCH_GEOMETRY_H
#define BRKWATCH_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

struct event;

/**
 * struct geometry - sizes of pages, to which the kernel rounds up the length of a mapping
 * @page: bytes in a page
 * @huge: bytes in a huge page if a call gives MAP_HUGETLB without a size, 0 if the kernel has no
 *	huge pages
 */
struct geometry {
	uint64_t page;
	uint64_t huge;
};

/**
 * event_length() - how much an mmap or munmap asks for, in whole pages
 * @ev: the event
 * @geometry: the sizes of pages
 *
 * Return: bytes, 0 if there is no such number.
 */
uint64_t event_length(const struct event *ev, const struct geometry *geometry);

/**
 * event_span() - addresses that a successful mmap or munmap covers
 * @ev: the event
 * @geometry: the sizes of pages
 * @start: filled with the first of these addresses
 * @end: filled with the first address behind them
 *
 * Return: whether the call covers any address. A call that failed covers none.
 */
bool event_span(const struct event *ev, const struct geometry *geometry, uint64_t *start,
		uint64_t *end);

#endif
