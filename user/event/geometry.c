// SPDX-License-Identifier: GPL-2.0
/* How much a call covers in whole pages. */
#include <linux/mman.h>

#include "event/event.h"
#include "event/geometry.h"

static uint64_t huge_page(const struct geometry *geometry, uint64_t flags)
{
	unsigned int shift = flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;

	if (shift)
		return 1ULL << shift;
	return geometry->huge ?: geometry->page;
}

uint64_t event_length(const struct event *ev, const struct geometry *geometry)
{
	const uint64_t huge = MAP_ANONYMOUS | MAP_HUGETLB;
	uint64_t unit = geometry->page;

	/* munmap of huge pages takes whole ones only, so its length is right as it is. */
	if (ev->kind == BRKWATCH_EVENT_KIND_MMAP && (ev->map.flags & huge) == huge)
		unit = huge_page(geometry, ev->map.flags);
	if (ev->map.length > UINT64_MAX - (unit - 1))
		return 0;
	return (ev->map.length + unit - 1) / unit * unit;
}

bool event_span(const struct event *ev, const struct geometry *geometry, uint64_t *start,
		uint64_t *end)
{
	if (ev->error)
		return false;
	*start = ev->kind == BRKWATCH_EVENT_KIND_MMAP ? ev->map.result : ev->map.addr;
	*end = *start + event_length(ev, geometry);
	return *end > *start;
}
