/* SPDX-License-Identifier: GPL-2.0 */
/* Which events the module should deliver, or the tool should show of a capture. */
#ifndef BRKWATCH_FILTER_H
#define BRKWATCH_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"

/**
 * struct filter - what an event must be like to be delivered
 * @events: its kind, as bits (1 << kind); 0 for any
 * @min_size: bytes that a call must be about at least
 * @failed: the call failed
 * @by_uid: @uid counts
 * @uid: effective user of the thread
 * @comm: glob that the name of the thread matches, or NULL
 * @cgroup: control group that the thread is in or below, or NULL
 *
 * An all-zero filter lets everything through.
 */
struct filter {
	uint32_t events;
	uint64_t min_size;
	bool failed;
	bool by_uid;
	uint32_t uid;
	const char *comm;
	const char *cgroup;
};

/**
 * filter_matches() - would the module have delivered an event
 * @filter: the filter; @uid and @cgroup do not count, because events do not contain them
 * @ev: the event
 *
 * Return: whether it would.
 */
bool filter_matches(const struct filter *filter, const struct event *ev);

#endif
