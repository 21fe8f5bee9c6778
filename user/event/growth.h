/* SPDX-License-Identifier: GPL-2.0 */
/* How the private memory of a process grew. */
#ifndef BRKWATCH_GROWTH_H
#define BRKWATCH_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

/* The module has as many. */
#define GROWTH_STEPS 16

/**
 * struct growth - private memory that a process may write to, except for its stack
 * @duration: ns since the watch began or since the last exec
 * @first: bytes then
 * @peak: most bytes
 * @now: bytes after the last call
 * @step: ns of a step; 0 if nothing is known
 * @least: least bytes in each step, the last of which may not have ended
 * @n: steps
 */
struct growth {
	uint64_t duration;
	uint64_t first;
	uint64_t peak;
	uint64_t now;
	uint64_t step;
	uint64_t least[GROWTH_STEPS];
	unsigned int n;
};

/**
 * growth_is_known() - has the module reported it
 * @growth: it
 *
 * An older module does not report it, and figures counted from events lack it.
 *
 * Return: whether it has.
 */
static inline bool growth_is_known(const struct growth *growth)
{
	return growth->step;
}

/**
 * growth_between() - how fast a size changed
 * @from: bytes before
 * @to: bytes after
 * @ns: time between
 *
 * Return: bytes in a second, less than 0 if it shrank, 0 if no time has passed; the nearest
 * with 63 bits, because a capture may contain any figures.
 */
int64_t growth_between(uint64_t from, uint64_t to, uint64_t ns);

/**
 * growth_rate() - how fast it grew over the whole time
 * @growth: it, known
 *
 * Return: as growth_between().
 */
int64_t growth_rate(const struct growth *growth);

/**
 * growth_is_steady() - did it grow in each quarter of the run
 * @growth: it
 *
 * Its floor must rise from quarter to quarter by 1/16 of the whole growth at least, and the
 * whole by 1 MiB. A run of less than 8 steps is too short to judge.
 *
 * Return: whether it did.
 */
bool growth_is_steady(const struct growth *growth);

#endif
