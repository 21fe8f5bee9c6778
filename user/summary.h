/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BRKWATCH_SUMMARY_H
#define BRKWATCH_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>

#include "event.h"

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

#endif
