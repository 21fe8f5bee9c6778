// SPDX-License-Identifier: GPL-2.0
/* The kernel's rules that several calls have in common. */
#include <linux/mman.h>

#include "ledger/address_space.h"
#include "ledger/ledger.h"
#include "ledger/reason_rules.h"

/* Addresses of a 32-bit program on a 64-bit kernel of x86 end here. */
#define COMPAT_END 0xffffe000ULL
/* No machine has so many bits of user addresses. */
#define END_UNKNOWN (1ULL << 57)
/* The part of its own size that the kernel does not promise to a process. */
#define OWN_SHARE 32

struct reason *rules_add(struct rules *rules, enum reason_what what, uint64_t limit,
			 uint64_t would_be)
{
	struct reason *reason = &rules->list[rules->n++];

	*reason = (struct reason){ .what = what, .limit = limit, .would_be = would_be };
	return reason;
}

uint64_t rules_up(const struct rules *rules, uint64_t bytes)
{
	return (bytes + rules->page - 1) & -rules->page;
}

uint64_t rules_end(const struct rules *rules)
{
	bool compat = rules->ev->traits & BRKWATCH_TRAIT_COMPAT;

	/* A 64-bit program can make 32-bit calls, too. */
	if (compat && !(rules->ev->heap_start >> 32))
		return COMPAT_END;
	return rules->system->task_size ?: END_UNKNOWN;
}

const struct range *rules_range(const struct rules *rules, uint64_t addr)
{
	const struct address_space *space = rules->step->process->space;
	size_t i;

	if (!space || !space->whole)
		return NULL;
	i = ranges_after(&space->ranges, addr);
	if (i == space->ranges.n || tag_is_uncertain(space->ranges.v[i].tag))
		return NULL;
	return &space->ranges.v[i];
}

void rules_occupied(struct rules *rules, const struct range *range, uint64_t from, uint64_t limit,
		    uint64_t would_be)
{
	struct reason *reason = rules_add(rules, REASON_OCCUPIED, limit, would_be);

	reason->at = range->start > from ? range->start : from;
	reason->tag = range->tag;
}

/* The kernel compares pages, so a limit that is no whole number of pages is rounded down. */
static bool exceeds(const struct rules *rules, uint64_t used, uint64_t more, uint64_t limit)
{
	return limit != LIMIT_NONE && used / rules->page + more / rules->page > limit / rules->page;
}

void rules_as(struct rules *rules, uint64_t more, bool exact)
{
	const struct event_limits *limits = &rules->ev->limits;

	if (exceeds(rules, limits->as, more, limits->limit_as))
		rules_add(rules, REASON_AS, limits->limit_as,
			  exact ? limits->as + more : REASON_NO_FIGURE);
}

/* If the soft limit is 0, the kernel takes the hard limit, which the module does not send. */
void rules_data(struct rules *rules, uint64_t more, bool exact)
{
	const struct event_limits *limits = &rules->ev->limits;

	if (!rules->system->ignores_data && limits->limit_data &&
	    exceeds(rules, limits->data, more, limits->limit_data))
		rules_add(rules, REASON_DATA, limits->limit_data,
			  exact ? limits->data + more : REASON_NO_FIGURE);
}

bool rules_as_would_fail(const struct rules *rules, uint64_t more)
{
	return exceeds(rules, rules->ev->limits.as, more, rules->ev->limits.limit_as);
}

void rules_memlock(struct rules *rules, uint64_t more, bool exact)
{
	const struct event_limits *limits = &rules->ev->limits;

	if (exceeds(rules, limits->locked, more, limits->limit_memlock))
		rules_add(rules, REASON_MEMLOCK, limits->limit_memlock,
			  exact ? limits->locked + more : REASON_NO_FIGURE);
}

void rules_mappings(struct rules *rules, uint64_t room)
{
	uint64_t mappings = rules->ev->limits.mappings;
	uint64_t max = rules->system->max_map_count;

	if (max && mappings + room > max)
		rules_add(rules, REASON_MAX_MAP_COUNT, max, mappings + (room ?: 1));
}

/*
 * The kernel keeps a reserve from processes without CAP_SYS_ADMIN. Whether the process has the
 * capability is not known, so it is a guess that the reserve made the difference.
 */
static void commit_limit(struct rules *rules, uint64_t bytes, bool sure)
{
	const struct system_facts *system = rules->system;
	uint64_t own = rules->ev->limits.as / rules->page / OWN_SHARE;
	uint64_t user = system->user_reserve / rules->page;
	uint64_t admin = system->admin_reserve / rules->page;
	uint64_t wanted = (rules->ev->limits.committed + bytes) / rules->page;
	uint64_t most = system->commit_limit / rules->page;
	bool certain;

	/* The kernel grants less than the limit, not as much. */
	own = (own < user ? own : user) + 1;
	most = most > own ? most - own : 0;
	certain = wanted > most;
	if (!certain)
		most = most > admin ? most - admin : 0;
	if (system->commit_limit && wanted > most)
		rules_add(rules, REASON_OVERCOMMIT, most * rules->page, wanted * rules->page)
			->guess = !certain || !sure;
}

void rules_overcommit(struct rules *rules, uint64_t bytes, bool sure)
{
	const struct system_facts *system = rules->system;

	if (system->overcommit == OVERCOMMIT_NEVER)
		commit_limit(rules, bytes, sure);
	else if (system->overcommit == OVERCOMMIT_GUESS && system->total && bytes > system->total)
		rules_add(rules, REASON_OVERCOMMIT, system->total, bytes)->guess = !sure;
}
