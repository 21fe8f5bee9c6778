// SPDX-License-Identifier: GPL-2.0
/* What the system says of a process, besides its events. */
#include <stdlib.h>

#include "event/process_facts.h"

void process_facts_free(struct process_facts *facts)
{
	free(facts->executable);
	free(facts->cgroup);
	facts->executable = NULL;
	facts->cgroup = NULL;
}
