/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BRKWATCH_SUMMARY_H
#define BRKWATCH_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>
#include <json-c/json.h>

#include "event.h"
#include "sink.h"

/**
 * put_sizes() - how many calls were how large, by powers of two
 * @out: where to
 * @c: figures of a process
 *
 * Nothing if no call had a size.
 */
void put_sizes(FILE *out, const struct counters *c);

/**
 * put_durations() - how long the calls took
 * @out: where to
 * @c: figures of a process
 *
 * Nothing if there was no call.
 */
void put_durations(FILE *out, const struct counters *c);

/**
 * summary_site() - book who asked for memory, as text
 * @sink: the sink
 * @step: the event
 *
 * Return: 0 or -ENOMEM.
 */
int summary_site(struct sink *sink, const struct step *step);

/**
 * summary_site_json() - the same, as JSON
 * @sink: the sink
 * @step: the event
 *
 * Return: 0 or -ENOMEM.
 */
int summary_site_json(struct sink *sink, const struct step *step);

/**
 * put_sites() - who asked a process's memory, most first
 * @sink: the sink, whose sites are sorted
 * @watch: id of the watch
 */
void put_sites(const struct sink *sink, uint32_t watch);

/**
 * sites_json() - the same, all of them
 * @sites: the sites, sorted
 * @watch: id of the watch
 *
 * Return: an array, or NULL without memory.
 */
json_object *sites_json(const struct sites *sites, uint32_t watch);

#endif
