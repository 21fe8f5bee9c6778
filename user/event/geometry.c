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

bool event_span(const struct event *ev, const struct geometry *geometry, uint64_t *start,
		uint64_t *end)
{
	bool mmap = ev->kind == BRKWATCH_EVENT_KIND_MMAP;
	uint64_t unit = geometry->page;
	uint64_t length = ev->map.length;

	if (ev->error)
		return false;
	/* munmap of huge pages takes whole ones only, so its length is right as it is. */
	if (mmap && ev->map.flags & MAP_ANONYMOUS && ev->map.flags & MAP_HUGETLB)
		unit = huge_page(geometry, ev->map.flags);
	if (length > UINT64_MAX - (unit - 1))
		return false;
	length = (length + unit - 1) / unit * unit;
	*start = mmap ? ev->map.result : ev->map.addr;
	*end = *start + length;
	return *end > *start;
}
