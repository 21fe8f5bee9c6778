/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's rules, of which reasons_find() puts together those of a call. */
#ifndef BRKWATCH_REASON_RULES_H
#define BRKWATCH_REASON_RULES_H

#include "event/event.h"
#include "ledger/ranges.h"
#include "ledger/reason.h"

/**
 * struct rules - a refused call, and what stands in its way as far as it was examined
 * @step: the call
 * @ev: its event
 * @covered: what was mapped in its range
 * @system: settings of the machine
 * @geometry: the sizes of pages
 * @page: bytes in a page
 * @list: what stands in the way
 * @n: how many
 */
struct rules {
	const struct step *step;
	const struct event *ev;
	const struct covered *covered;
	const struct system_facts *system;
	const struct geometry *geometry;
	uint64_t page;
	struct reason *list;
	size_t n;
};

/**
 * rules_add() - note what stands in the way
 * @rules: the call
 * @what: which
 * @limit: the most that the kernel grants, or REASON_NO_FIGURE
 * @would_be: what the call would have made, or REASON_NO_FIGURE
 *
 * Return: the entry.
 */
struct reason *rules_add(struct rules *rules, enum reason_what what, uint64_t limit,
			 uint64_t would_be);

/**
 * rules_up() - round up to whole pages
 * @rules: the call
 * @bytes: bytes, or an address
 *
 * Return: bytes; less than @bytes when there is no such number.
 */
uint64_t rules_up(const struct rules *rules, uint64_t bytes);

/**
 * rules_end() - where the addresses of the process end
 * @rules: the call
 *
 * Return: the first address behind; too high rather than too low if it is not known.
 */
uint64_t rules_end(const struct rules *rules);

/**
 * rules_range() - the first range of the account that ends behind an address
 * @rules: the call
 * @addr: the address
 *
 * Return: the range, or NULL if there is none or the account is not exact there.
 */
const struct range *rules_range(const struct rules *rules, uint64_t addr);

/**
 * rules_occupied() - note that a mapping stands in the way
 * @rules: the call
 * @range: the mapping, as the account has it
 * @from: first address of those at which it would be in the way
 * @limit: bytes that were free there, or REASON_NO_FIGURE
 * @would_be: bytes that the call asked for there, or REASON_NO_FIGURE
 */
void rules_occupied(struct rules *rules, const struct range *range, uint64_t from, uint64_t limit,
		    uint64_t would_be);

/**
 * rules_as() - see whether RLIMIT_AS stands in the way
 * @rules: the call
 * @more: bytes of address space that the call adds
 * @exact: it adds just that; otherwise so much at least
 */
void rules_as(struct rules *rules, uint64_t more, bool exact);

/**
 * rules_as_would_fail() - would RLIMIT_AS forbid so much more address space
 * @rules: the call
 * @more: bytes
 *
 * Return: whether it would.
 */
bool rules_as_would_fail(const struct rules *rules, uint64_t more);

/**
 * rules_data() - see whether RLIMIT_DATA stands in the way
 * @rules: the call
 * @more: bytes of private writable memory that the call adds
 * @exact: it adds just that; otherwise so much at least
 */
void rules_data(struct rules *rules, uint64_t more, bool exact);

/**
 * rules_memlock() - see whether RLIMIT_MEMLOCK stands in the way
 * @rules: the call, which would lock memory
 * @more: bytes that it would lock
 * @exact: it would lock just that; otherwise so much at least
 */
void rules_memlock(struct rules *rules, uint64_t more, bool exact);

/**
 * rules_mappings() - see whether vm.max_map_count stands in the way
 * @rules: the call
 * @room: for how many more mappings the kernel demands room; 0 if it looks only whether there are
 *	too many already
 */
void rules_mappings(struct rules *rules, uint64_t room);

/**
 * rules_overcommit() - see whether vm.overcommit_memory stands in the way
 * @rules: the call
 * @bytes: bytes that the kernel would have to promise
 * @sure: it is known that the kernel counts them
 */
void rules_overcommit(struct rules *rules, uint64_t bytes, bool sure);

/**
 * rules_of_mapping() - see what stands in the way of a call that works on mappings
 * @rules: the call: any but brk
 */
void rules_of_mapping(struct rules *rules);

#endif
