// SPDX-License-Identifier: GPL-2.0
/* Where a program itself begins, behind what the kernel and the loader did for it. */
#include "view/html/html.h"

void html_begun(struct told *told, const struct step *step, uint64_t page)
{
	enum origin origin = ORIGIN_UNKNOWN;

	if (!told->steps++)
		told->from_exec = step->ev->kind == BRKWATCH_EVENT_KIND_EXEC;
	/* If the program had begun before its first event, the loader's calls lie in its middle. */
	if (!told->from_exec || told->own)
		return;
	if (step_gets_memory(step, page) && !step->asked.guess)
		origin = step->asked.origin;
	if (origin == ORIGIN_LOADER)
		told->loaded = told->steps;
	else if (origin != ORIGIN_UNKNOWN && origin != ORIGIN_EXEC)
		told->own = told->steps;
}
