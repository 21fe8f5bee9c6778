// SPDX-License-Identifier: GPL-2.0
/* Events that go into a capture and are not shown. */
#include "view/view.h"

static int no_event(struct view *view, const struct step *step)
{
	(void)view;
	(void)step;
	return 0;
}

static int no_end(struct view *view, const struct report *report)
{
	put_losses(view, report);
	return 0;
}

const struct view_type none_view = {
	.traits = VIEW_TIMES | VIEW_RELATIVE | VIEW_CALLS | VIEW_NAMES | VIEW_COUNT | VIEW_ASIDE,
	.events = CALL_EVENTS | LIFECYCLE_EVENTS,
	.late = true,
	.blind = true,
	.event = no_event,
	.end = no_end,
};
