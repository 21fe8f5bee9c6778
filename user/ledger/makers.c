// SPDX-License-Identifier: GPL-2.0
/* Counting who makes most calls, by the algorithm of Boyer and Moore. */
#include <linux/brkwatch.h>

#include "ledger/makers.h"
#include "ledger/tag.h"

#define WHO (TAG_ORIGIN | TAG_GUESS | TAG_FILE)

_Static_assert(WHO <= UINT32_MAX, "a maker fits into 32 bits");

static void vote(struct maker *maker, uint64_t tag)
{
	uint32_t who = tag & WHO;

	if (tag_is_uncertain(tag))
		return;
	if (!maker->lead)
		*maker = (struct maker){ who, 1 };
	else if (maker->who != who)
		maker->lead--;
	else if (maker->lead < UINT32_MAX)
		maker->lead++;
}

void makers_mmap(struct makers *makers, uint64_t tag, uint64_t bytes)
{
	vote(&makers->mmap[distribution_bucket(BRKWATCH_EVENT_KIND_MMAP, BRKWATCH_MEASURE_SIZE,
					       bytes)],
	     tag);
}

void makers_brk(struct makers *makers, uint64_t tag)
{
	vote(&makers->brk, tag);
}

bool maker_is_certain(const struct maker *maker)
{
	return maker->lead && tag_origin(maker->who) != ORIGIN_UNKNOWN && !tag_is_guess(maker->who);
}

bool maker_is_malloc(const struct maker *maker)
{
	enum origin origin = tag_origin(maker->who);

	return maker_is_certain(maker) &&
	       (origin == ORIGIN_HEAP || origin == ORIGIN_MALLOC || origin == ORIGIN_ARENA);
}
