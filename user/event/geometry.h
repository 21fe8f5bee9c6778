/* SPDX-License-Identifier: GPL-2.0 */
/* Sizes of pages, and how much a call covers in whole pages. */
#ifndef BRKWATCH_GEOMETRY_H
#define BRKWATCH_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

struct event;

/**
 * struct geometry - sizes that lengths are rounded up to
 * @page: bytes in a page
 * @huge: bytes in a huge page when MAP_HUGETLB does not say which, 0 if there are none
 */
struct geometry {
	uint64_t page;
	uint64_t huge;
};

/**
 * event_span() - addresses that a successful mmap or munmap covers
 * @ev: the event
 * @geometry: see there
 * @start: filled with the first
 * @end: filled with the first after
 *
 * Return: whether there are any.
 */
bool event_span(const struct event *ev, const struct geometry *geometry, uint64_t *start,
		uint64_t *end);

#endif
