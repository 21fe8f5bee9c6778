// SPDX-License-Identifier: GPL-2.0
/* The settings of the machine in a capture. */
#include "wire/attrs.h"
#include "wire/fact.h"
#include "wire/fact_system.h"

#define SYSTEM(attr, member) FIELD(attr, U64, struct system_facts, member, false)

/* Captures have these numbers, so they never change. */
static const struct attr_field system_fields[] = {
	SYSTEM(1, max_map_count), SYSTEM(2, overcommit),    SYSTEM(3, commit_limit),
	SYSTEM(4, total),	  SYSTEM(5, admin_reserve), SYSTEM(6, user_reserve),
	SYSTEM(7, guard_gap),	  SYSTEM(8, task_size),	    SYSTEM(9, ignores_data),
};

#define SYSTEM_FIELDS (sizeof(system_fields) / sizeof(*system_fields))

int fact_put_system(struct channel *channel, const struct system_facts *facts)
{
	return fact_put_fields(channel, FACT_SYSTEM, "", system_fields, SYSTEM_FIELDS, facts);
}

void fact_take_system(struct channel *channel, struct system_facts *facts)
{
	*facts = (struct system_facts){ 0 };
	if (fact_take_fields(channel, FACT_SYSTEM, "", system_fields, SYSTEM_FIELDS, facts))
		*facts = (struct system_facts){ 0 };
}
