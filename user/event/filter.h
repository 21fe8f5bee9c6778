/* SPDX-License-Identifier: GPL-2.0 */
/* Which events the module shall deliver, or those of a capture are shown. */
#ifndef BRKWATCH_FILTER_H
#define BRKWATCH_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"

/* The longest that the protocol takes. */
#define FILTER_COMM_MAX 64
#define FILTER_CGROUP_MAX 1024

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
 * All zero lets everything through. The functions say what is wrong with a text.
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
 * filter_events() - add kinds of events
 * @filter: the filter
 * @text: their names with commas between them
 *
 * Return: 0 or -EINVAL.
 */
int filter_events(struct filter *filter, const char *text);

/**
 * filter_min_size() - set the least size
 * @filter: the filter
 * @text: bytes, as size_read() takes them
 *
 * Return: 0 or -EINVAL.
 */
int filter_min_size(struct filter *filter, const char *text);

/**
 * filter_uid() - set the user
 * @filter: the filter
 * @text: name or number
 *
 * Return: 0 or -EINVAL.
 */
int filter_uid(struct filter *filter, const char *text);

/**
 * filter_comm() - set the glob of names
 * @filter: the filter
 * @text: the glob; must stay where it is
 *
 * Return: 0 or -EINVAL.
 */
int filter_comm(struct filter *filter, const char *text);

/**
 * filter_cgroup() - set the control group
 * @filter: the filter
 * @text: its path, with or without /sys/fs/cgroup before it; must stay where it is
 *
 * Return: 0 or -EINVAL.
 */
int filter_cgroup(struct filter *filter, const char *text);

/**
 * filter_matches() - would the module have delivered an event
 * @filter: the filter; @uid and @cgroup do not count, as events do not tell them
 * @ev: the event
 *
 * Return: whether it would.
 */
bool filter_matches(const struct filter *filter, const struct event *ev);

/**
 * filter_option() - does it leave anything out, and by which option
 * @filter: the filter
 *
 * Return: the option as the user writes it, or NULL.
 */
const char *filter_option(const struct filter *filter);

#endif
