// SPDX-License-Identifier: GPL-2.0
/* At what rate the private memory of a process grew. */
#include "event/growth.h"

#define NSEC_PER_SEC 1e9
#define QUARTERS 4
#define STEPS_MIN 8
#define GROWN_MIN (1ULL << 20)
#define PART 16

int64_t growth_between(uint64_t from, uint64_t to, uint64_t ns)
{
	double rate = ns ? ((double)to - (double)from) * NSEC_PER_SEC / ns : 0.0;

	if (rate >= 0x1p63)
		return INT64_MAX;
	return rate <= -0x1p63 ? -INT64_MAX : (int64_t)rate;
}

int64_t growth_rate(const struct growth *growth)
{
	return growth_between(growth->first, growth->now, growth->duration);
}

static uint64_t floor_of(const struct growth *growth, unsigned int quarter)
{
	unsigned int i = quarter * growth->n / QUARTERS;
	unsigned int end = (quarter + 1) * growth->n / QUARTERS;
	uint64_t least = growth->least[i];

	for (; i < end; i++)
		if (growth->least[i] < least)
			least = growth->least[i];
	return least;
}

bool growth_is_steady(const struct growth *growth)
{
	uint64_t rise, before;
	unsigned int i;

	if (growth->n < STEPS_MIN || growth->now < growth->first + GROWN_MIN)
		return false;
	rise = (growth->now - growth->first) / PART;
	before = floor_of(growth, 0);
	for (i = 1; i < QUARTERS; i++) {
		uint64_t least = floor_of(growth, i);

		if (least < before + rise)
			return false;
		before = least;
	}
	return growth->now >= before;
}
