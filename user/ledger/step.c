// SPDX-License-Identifier: GPL-2.0
/* What the account says of one event. */
#include <linux/mman.h>

#include "ledger/address_space.h"
#include "ledger/ledger.h"
#include "ledger/step.h"
#include "lib/format.h"

bool step_is_blind(const struct step *step)
{
	const struct process *process = step->process;

	return process->unknown && !(process->space && process->space->whole);
}

bool step_is_of_files(const struct step *step, uint64_t page)
{
	const struct address_space *space = step->process->space;
	const struct event *ev = step->ev;
	bool moved = ev->kind == BRKWATCH_EVENT_KIND_MREMAP && !ev->error;
	uint64_t length = moved ? ev->map.new_length : ev->map.length;
	uint64_t start = moved ? ev->map.result : ev->map.addr;
	uint64_t end = start + pages_of(length, page) * page;
	bool files = false;
	size_t i;

	if (!space || step_is_blind(step))
		return false;
	for (i = ranges_after(&space->ranges, start);
	     i < space->ranges.n && space->ranges.v[i].start < end; i++) {
		uint64_t tag = space->ranges.v[i].tag;

		if (tag & TAG_COUNTED ||
		    (tag_class(tag) != CLASS_FILE && tag_class(tag) != CLASS_SPECIAL))
			return false;
		files = true;
	}
	return files;
}

bool step_gets_memory(const struct step *step, uint64_t page)
{
	const struct event *ev = step->ev;

	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		return ev->move.kind == BRKWATCH_BRK_KIND_GROW ||
		       ev->move.kind == BRKWATCH_BRK_KIND_REFUSED;
	case BRKWATCH_EVENT_KIND_MMAP:
		return ev->map.flags & MAP_ANONYMOUS;
	case BRKWATCH_EVENT_KIND_MREMAP:
		return pages_of(ev->map.new_length, page) > pages_of(ev->map.length, page);
	default:
		return false;
	}
}
