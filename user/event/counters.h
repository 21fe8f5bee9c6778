/* SPDX-License-Identifier: GPL-2.0 */
/* The figures of several processes as one. */
#ifndef BRKWATCH_COUNTERS_H
#define BRKWATCH_COUNTERS_H

#include <stdint.h>

#include "event/event.h"

/**
 * counters_add() - add the calls of a process to the calls of others
 * @sum: their figures: sums of calls and bytes, and the largest of each
 * @c: its own
 *
 * Its identity, its heap, its growth, its distributions, its arenas and its mode of seccomp are
 * left out, because they mean nothing as a sum.
 */
void counters_add(struct counters *sum, const struct counters *c);

/**
 * counters_calls() - how many calls were made
 * @c: figures
 *
 * Return: their number, failed ones included.
 */
uint64_t counters_calls(const struct counters *c);

/**
 * counters_failures() - how many of them failed or were refused
 * @c: figures
 *
 * Return: their number.
 */
uint64_t counters_failures(const struct counters *c);

#endif
