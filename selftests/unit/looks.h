/* SPDX-License-Identifier: GPL-2.0 */
/* Counts how many ranges a view looks at, because it asks of each what it is like. */
#ifndef UNIT_LOOKS_H
#define UNIT_LOOKS_H

#include "ledger/likeness.h"

static uint64_t looks;

uint64_t __real_likeness_tag(const struct ranges *set, size_t at, uint64_t page);
uint64_t __wrap_likeness_tag(const struct ranges *set, size_t at, uint64_t page);

uint64_t __wrap_likeness_tag(const struct ranges *set, size_t at, uint64_t page)
{
	looks++;
	return __real_likeness_tag(set, at, page);
}

#endif
