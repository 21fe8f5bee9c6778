// SPDX-License-Identifier: GPL-2.0
/* Which events a filter lets pass. */
#include <fnmatch.h>

#include "event/filter.h"

/* Returns how many bytes a call is about, or UINT64_MAX for events without a size. */
static uint64_t size_of(const struct event *ev)
{
	uint64_t before, after;

	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		before = ev->move.before;
		after = ev->move.requested;
		if (ev->move.kind == BRKWATCH_BRK_KIND_QUERY)
			return 0;
		return after > before ? after - before : before - after;
	case BRKWATCH_EVENT_KIND_MREMAP:
		return ev->map.length > ev->map.new_length ? ev->map.length : ev->map.new_length;
	case BRKWATCH_EVENT_KIND_MMAP:
	case BRKWATCH_EVENT_KIND_MUNMAP:
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
	case BRKWATCH_EVENT_KIND_MADVISE:
		return ev->map.length;
	default:
		return UINT64_MAX;
	}
}

/* Lifecycle events pass, because without them the failing process would be unknown. */
static bool has_failed(const struct event *ev)
{
	if (!event_is_call(ev->kind))
		return true;
	if (ev->kind == BRKWATCH_EVENT_KIND_BRK)
		return ev->move.kind == BRKWATCH_BRK_KIND_REFUSED;
	return ev->error;
}

bool filter_matches(const struct filter *filter, const struct event *ev)
{
	if (filter->events && !(filter->events & 1U << ev->kind))
		return false;
	/* These pass as in the module, because its thread may be another one by then. */
	if (ev->kind == BRKWATCH_EVENT_KIND_LEAVE || ev->kind == BRKWATCH_EVENT_KIND_MARK)
		return true;
	if (filter->failed && !has_failed(ev))
		return false;
	if (filter->min_size && size_of(ev) < filter->min_size)
		return false;
	return !filter->comm || !fnmatch(filter->comm, ev->comm, 0);
}
