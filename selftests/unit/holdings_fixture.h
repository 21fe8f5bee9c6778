/* SPDX-License-Identifier: GPL-2.0 */
/* A process whose calls come from two places. */
#ifndef UNIT_HOLDINGS_FIXTURE_H
#define UNIT_HOLDINGS_FIXTURE_H

#include <stdlib.h>
#include <kselftest_harness.h>

#include "calls.h"

#define RW_AREA (BRKWATCH_AREA_FLAG_ANONYMOUS | BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_WRITE)
#define FILE_AREA (BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_WRITE)

FIXTURE(holdings)
{
	struct account account;
	struct account *a;
	struct holdings *all;
	struct site x;
	struct site y;
};

FIXTURE_SETUP(holdings)
{
	self->a = &self->account;
	self->all = &self->a->ledger.holdings;
	self->all->wanted = true;
	start(self->a);
}

FIXTURE_TEARDOWN(holdings)
{
	ledger_free(&self->account.ledger);
}

/* Book a call from a place. */
static inline void got(struct account *a, struct site *site, struct event ev)
{
	book(a, ev);
	holdings_attach(&a->ledger.holdings, a->change.call, site);
}

static inline struct area area(uint64_t start, uint64_t pages, uint32_t flags)
{
	return (struct area){ .start = start, .end = start + pages * PAGE, .flags = flags };
}

#endif
