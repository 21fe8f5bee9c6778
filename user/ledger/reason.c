// SPDX-License-Identifier: GPL-2.0
/* Why the kernel refused a call, and brk's own rules. */
#include "ledger/address_space.h"
#include "ledger/reason_rules.h"

const char *reason_name(enum reason_what what)
{
	static const char *const names[] = {
		[REASON_AS] = "RLIMIT_AS",	     [REASON_DATA] = "RLIMIT_DATA",
		[REASON_MEMLOCK] = "RLIMIT_MEMLOCK", [REASON_MAX_MAP_COUNT] = "max_map_count",
		[REASON_OVERCOMMIT] = "overcommit",  [REASON_CGROUP] = "cgroup",
		[REASON_OCCUPIED] = "occupied",	     [REASON_OUT_OF_REACH] = "out_of_reach",
		[REASON_SEALED] = "sealed",	     [REASON_LOCKED] = "locked",
		[REASON_UNKNOWN] = "unknown",
	};

	return names[what];
}

/* A page must stay free between the break and the next mapping, and more below a stack. */
static void what_stands_above(struct rules *rules, uint64_t from, uint64_t to)
{
	const struct range *next = rules_range(rules, from);
	uint64_t gap = rules->page;
	uint64_t begin, room;

	if (!next)
		return;
	if (tag_class(next->tag) == CLASS_GROWS_DOWN)
		gap += rules->system->guard_gap;
	begin = next->start > from ? next->start : from;
	room = begin - from > gap ? begin - from - gap : 0;
	if (to - from > room)
		rules_occupied(rules, next, from, room, to - from);
}

/* Before it looks at VmData, brk(2) compares the heap and the initialized data, in bytes. */
static void data_of_brk(struct rules *rules, uint64_t more)
{
	const struct event *ev = rules->ev;
	uint64_t size = ev->move.requested - ev->heap_start + ev->limits.static_data;

	if (more)
		rules_data(rules, more, true);
	if (!rules->n && ev->limits.limit_data != LIMIT_NONE && size > ev->limits.limit_data)
		rules_add(rules, REASON_DATA, ev->limits.limit_data, size);
}

static void rules_of_brk(struct rules *rules)
{
	const struct event *ev = rules->ev;
	uint64_t from = rules_up(rules, ev->move.after);
	uint64_t to = rules_up(rules, ev->move.requested);
	uint64_t more = to > from ? to - from : 0;

	if (ev->move.requested < ev->heap_start || to < ev->move.requested ||
	    to > rules_end(rules)) {
		rules_add(rules, REASON_OUT_OF_REACH, REASON_NO_FIGURE, REASON_NO_FIGURE);
		return;
	}
	data_of_brk(rules, more);
	if (!more)
		return;
	if (ev->limits.lock_future)
		rules_memlock(rules, more, true);
	what_stands_above(rules, from, to);
	rules_as(rules, more, true);
	rules_mappings(rules, 0);
	rules_overcommit(rules, more, true);
}

static bool is_refused(const struct event *ev)
{
	if (ev->kind == BRKWATCH_EVENT_KIND_BRK)
		return ev->move.kind == BRKWATCH_BRK_KIND_REFUSED;
	return event_is_call(ev->kind) && ev->error;
}

size_t reasons_find(const struct step *step, const struct system_facts *system,
		    const struct geometry *geometry, struct reason list[REASONS_MAX])
{
	static const struct system_facts nothing;
	struct rules rules = {
		.step = step,
		.ev = step->ev,
		.covered = &step->change.covered,
		.system = system ?: &nothing,
		.geometry = geometry,
		.page = geometry->page,
		.list = list,
	};

	if (!is_refused(step->ev) || !step->ev->limits.known)
		return 0;
	if (step->ev->kind == BRKWATCH_EVENT_KIND_BRK)
		rules_of_brk(&rules);
	else
		rules_of_mapping(&rules);
	if (!rules.n)
		rules_add(&rules, REASON_UNKNOWN, REASON_NO_FIGURE, REASON_NO_FIGURE);
	return rules.n;
}
