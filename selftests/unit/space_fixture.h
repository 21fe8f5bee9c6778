/* SPDX-License-Identifier: GPL-2.0 */
/* The address space of a process that has just begun a program. */
#ifndef UNIT_SPACE_FIXTURE_H
#define UNIT_SPACE_FIXTURE_H

#include <stdlib.h>
#include <kselftest_harness.h>

#include "calls.h"

#define RW_AREA (BRKWATCH_AREA_FLAG_ANONYMOUS | BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_WRITE)

FIXTURE(space)
{
	struct account account;
	struct account *a;
	struct address_space *space;
};

FIXTURE_SETUP(space)
{
	self->a = &self->account;
	start(self->a);
	self->space = self->a->p->space;
	ASSERT_TRUE(self->space->exact);
}

FIXTURE_TEARDOWN(space)
{
	ledger_free(&self->account.ledger);
}

static inline int class_at(const struct account *a, uint32_t watch, uint64_t addr)
{
	return tag_class(tag_at(a, watch, addr));
}

static inline int prot_at(const struct account *a, uint64_t addr)
{
	return tag_prot(tag_at(a, 1, addr));
}

static inline int origin_at(const struct account *a, uint64_t addr)
{
	return tag_origin(tag_at(a, 1, addr));
}

#endif
