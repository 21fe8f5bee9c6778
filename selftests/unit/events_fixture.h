/* SPDX-License-Identifier: GPL-2.0 */
/* Messages with many events, and what the tool sees in them. */
#ifndef UNIT_EVENTS_FIXTURE_H
#define UNIT_EVENTS_FIXTURE_H

#include <stdlib.h>
#include <kselftest_harness.h>

#include "wire/decode.h"
#include "message.h"

/* Seconds: 100,000 messages take long beside guests that keep the CPUs busy. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

#define EVENT(name) BRKWATCH_A_EVENT_##name
/* The order in which the module writes. */
#define FRONT(kind, watch, tid, lost, error)                                            \
	U32(EVENT(KIND), kind), U32(EVENT(WATCH), watch), U32(EVENT(PID), 42),          \
		U32(EVENT(TID), tid), U32(EVENT(LOST), lost), U32(EVENT(ERROR), error), \
		U64(EVENT(TIME), 1ULL << 40), U64(EVENT(DURATION), 5), U32(EVENT(TRAITS), 0)
#define COMM TEXT(EVENT(COMM), "lab")
#define STATE U64(EVENT(HEAP_START), 0x555500000000), U64(EVENT(BRK), 0x555500021000)
/* No event has this attribute. */
#define NO_KIND ((uint32_t)-1)
#define MUNMAP U64(EVENT(ADDR), 31), U64(EVENT(LENGTH), 32), U64(EVENT(RESULT), 33)

static const struct attribute munmap_event[] = {
	FRONT(BRKWATCH_EVENT_KIND_MUNMAP, 3, 42, 0, 0),
	STATE,
	MUNMAP,
	TEXT(EVENT(COMM), "lab"),
};

/* The same attributes as in the event before, with other values. */
static const struct attribute later_event[] = {
	U64(EVENT(TIME), (1ULL << 40) + 7),
	U64(EVENT(DURATION), 6),
};

static const struct attribute brk_event[] = {
	U32(EVENT(KIND), BRKWATCH_EVENT_KIND_BRK),
	U64(EVENT(TIME), (1ULL << 40) + 9),
	U32(EVENT(BRK_KIND), BRKWATCH_BRK_KIND_QUERY),
	U64(EVENT(REQUESTED), 0),
	U64(EVENT(BEFORE), 1),
	U64(EVENT(AFTER), 1),
};

struct seen {
	uint32_t passed[8];
	uint32_t taken[8];
	size_t glances;
	size_t unread;
	size_t n;
	struct glance last;
	struct event last_taken;
	bool pass;
	uint32_t all_but;
	int err;
};

static inline bool look(const struct glance *glance, void *arg)
{
	struct seen *seen = arg;

	seen->last = *glance;
	seen->passed[seen->glances++] = glance->watch;
	return seen->pass && glance->kind != seen->all_but;
}

static inline int take(const struct event *ev, void *arg)
{
	struct seen *seen = arg;

	seen->taken[seen->n++] = ev->watch;
	seen->last_taken = *ev;
	return seen->err;
}

static inline int decode(const struct attribute_list *lists, size_t n, bool glance,
			 struct seen *seen)
{
	struct event_taker taker = { glance ? look : NULL, take, seen, 0 };
	struct nlmsghdr *hdr = message_nest(BRKWATCH_A_EVENTS_EVENT, lists, n);
	int err = decode_events(hdr, &taker);

	seen->unread = taker.passed;
	free(hdr);
	return err;
}

#endif
