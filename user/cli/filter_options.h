/* SPDX-License-Identifier: GPL-2.0 */
/* The options that make a filter. Each function reports what is wrong with its text. */
#ifndef BRKWATCH_FILTER_OPTIONS_H
#define BRKWATCH_FILTER_OPTIONS_H

#include "event/filter.h"

/* The protocol takes no longer texts. */
#define FILTER_COMM_MAX 64
#define FILTER_CGROUP_MAX 1024

/**
 * filter_events() - add kinds of events, or leave some out
 * @filter: the filter
 * @text: their names with commas between them; a leading "!" removes them from the kinds chosen
 *	so far, or from all. "trace=" before it has no further meaning
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
 * @text: the glob; must outlive the filter
 *
 * Return: 0 or -EINVAL.
 */
int filter_comm(struct filter *filter, const char *text);

/**
 * filter_cgroup() - set the control group
 * @filter: the filter
 * @text: its path, with or without /sys/fs/cgroup before it; must outlive the filter
 *
 * Return: 0 or -EINVAL.
 */
int filter_cgroup(struct filter *filter, const char *text);

/**
 * filter_option() - find the option by which a filter leaves anything out
 * @filter: the filter
 *
 * Return: the option as the user writes it, or NULL.
 */
const char *filter_option(const struct filter *filter);

#endif
