/* SPDX-License-Identifier: GPL-2.0 */
/* A process with figures that a call may exceed, and what is expected of the reasons. */
#ifndef UNIT_REASON_FIXTURE_H
#define UNIT_REASON_FIXTURE_H

#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "calls.h"
#include "ledger/reason.h"

#define PAGES(n) ((n)*PAGE)
#define NONE REASON_NO_FIGURE
#define END ((1ULL << 47) - PAGE)

FIXTURE(reason)
{
	struct account account;
	struct account *a;
	struct event_limits limits;
	struct system_facts system;
	struct reason list[REASONS_MAX];
	size_t n;
};

/* A process with a heap of 10 pages and without limits, on a machine that promises anything. */
FIXTURE_SETUP(reason)
{
	self->a = &self->account;
	start(self->a);
	book(self->a, a_brk(HEAP, HEAP + PAGES(10), HEAP + PAGES(10)));
	self->limits = (struct event_limits){
		.known = true,
		.as = PAGES(100),
		.data = PAGES(50),
		.locked = PAGES(10),
		.mappings = 20,
		.limit_as = LIMIT_NONE,
		.limit_data = LIMIT_NONE,
		.limit_memlock = LIMIT_NONE,
		.limit_stack = LIMIT_NONE,
		.committed = PAGES(1000),
	};
	self->system = (struct system_facts){
		.max_map_count = 65530,
		.overcommit = OVERCOMMIT_ALWAYS,
		.commit_limit = PAGES(2000),
		.total = PAGES(4000),
		.guard_gap = PAGES(256),
		.task_size = END,
	};
}

FIXTURE_TEARDOWN(reason)
{
	ledger_free(&self->account.ledger);
}

#define FIND(what)                                                                       \
	do {                                                                             \
		struct event ev_ = what;                                                 \
		struct step step_ = { .ev = &ev_ };                                      \
		ev_.limits = self->limits;                                               \
		book(self->a, ev_);                                                      \
		step_.process = self->a->p;                                              \
		step_.change = self->a->change;                                          \
		self->n = reasons_find(&step_, &self->system, &self->a->ledger.geometry, \
				       self->list);                                      \
	} while (0)

#define EXPECT_ENTRY(i, name, limit_, would_be_)                     \
	do {                                                         \
		ASSERT_LT((size_t)(i), self->n);                     \
		EXPECT_STREQ(name, reason_name(self->list[i].what)); \
		EXPECT_EQ(limit_, self->list[i].limit);              \
		EXPECT_EQ(would_be_, self->list[i].would_be);        \
		EXPECT_FALSE(self->list[i].guess);                   \
	} while (0)

#define EXPECT_ONLY(name, limit, would_be, event)       \
	do {                                            \
		FIND(event);                            \
		EXPECT_EQ(1, self->n);                  \
		EXPECT_ENTRY(0, name, limit, would_be); \
	} while (0)

#define EXPECT_UNKNOWN(event) EXPECT_ONLY("unknown", NONE, NONE, event)

#define EXPECT_GUESS(name, limit_, would_be_, event)                 \
	do {                                                         \
		FIND(event);                                         \
		ASSERT_EQ(1, self->n);                               \
		EXPECT_STREQ(name, reason_name(self->list[0].what)); \
		EXPECT_TRUE(self->list[0].guess);                    \
		EXPECT_EQ(limit_, self->list[0].limit);              \
		EXPECT_EQ(would_be_, self->list[0].would_be);        \
	} while (0)

/* A brk that asks for so many bytes more than the heap has. */
static inline struct event refused(int64_t more)
{
	struct event ev = a_brk(HEAP + PAGES(10), HEAP + PAGES(10) + more, HEAP + PAGES(10));

	ev.move.kind = BRKWATCH_BRK_KIND_REFUSED;
	return ev;
}

static inline struct event no_memory(uint64_t pages, uint64_t prot, uint64_t flags)
{
	return an_error(a_mmap(AT(0), pages, prot, flags), ENOMEM);
}

#endif
