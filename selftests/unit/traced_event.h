/* SPDX-License-Identifier: GPL-2.0 */
/* An event whose stack is one function, as if it had been unwound. */
#ifndef UNIT_TRACED_EVENT_H
#define UNIT_TRACED_EVENT_H

#include <stdlib.h>

#include "stack/stacks.h"
#include "view_fixture.h"

static inline void traced_event(struct fixture *fixture, struct stacks *stacks,
				const struct frame *frame, struct event ev)
{
	ev.stack.registers = "";
	if (stacks_event(stacks, &ev))
		abort();
	stacks->trace = (struct trace){ .frames = { frame }, .n = 1 };
	stacks->traced = true;
	fixture_event(fixture, ev);
}

#endif
