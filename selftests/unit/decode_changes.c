// SPDX-License-Identifier: GPL-2.0
/* Events that say only what is not as in the event before. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "events_fixture.h"

/*
 * What a call may have, as the module orders it: numbers that are small and so often the same as
 * before. The oracle is the same event alone in a message.
 */
static const struct attribute common[] = {
	FRONT(0, 0, 0, 0, 0),
	STATE,
	U32(EVENT(RSS), 0),
	U64(EVENT(IP), 0),
};
static const struct attribute brk_own[] = {
	U32(EVENT(BRK_KIND), 0),
	U64(EVENT(REQUESTED), 0),
	U64(EVENT(BEFORE), 0),
	U64(EVENT(AFTER), 0),
};
static const struct attribute mmap_own[] = {
	U64(EVENT(ADDR), 0), U64(EVENT(LENGTH), 0), U64(EVENT(PROT), 0),   U64(EVENT(FLAGS), 0),
	U32(EVENT(FD), 0),   U64(EVENT(OFFSET), 0), U64(EVENT(RESULT), 0),
};
static const struct attribute munmap_own[] = { MUNMAP };
static const struct attribute mremap_own[] = {
	U64(EVENT(ADDR), 0),  U64(EVENT(LENGTH), 0),   U64(EVENT(NEW_LENGTH), 0),
	U64(EVENT(FLAGS), 0), U64(EVENT(NEW_ADDR), 0), U64(EVENT(RESULT), 0),
};
static const struct attribute madvise_own[] = {
	U64(EVENT(ADDR), 0),
	U64(EVENT(LENGTH), 0),
	U32(EVENT(ADVICE), 0),
	U64(EVENT(RESULT), 0),
};

static const struct {
	uint32_t kind;
	struct attribute_list own;
} calls[] = {
	{ BRKWATCH_EVENT_KIND_BRK, { brk_own, N(brk_own) } },
	{ BRKWATCH_EVENT_KIND_MMAP, { mmap_own, N(mmap_own) } },
	{ BRKWATCH_EVENT_KIND_MUNMAP, { munmap_own, N(munmap_own) } },
	{ BRKWATCH_EVENT_KIND_MREMAP, { mremap_own, N(mremap_own) } },
	{ BRKWATCH_EVENT_KIND_MADVISE, { madvise_own, N(madvise_own) } },
};

/* So many fit into a message of libnl. */
#define SERIES 16
#define ATTRIBUTES_MAX (N(common) + N(mmap_own) + 1)

/* Events, each whole and as what it changes. */
struct series {
	struct attribute whole[SERIES][ATTRIBUTES_MAX];
	struct attribute change[SERIES][ATTRIBUTES_MAX];
	struct attribute_list wholes[SERIES];
	struct attribute_list changes[SERIES];
};

static size_t add_random(struct attribute *to, const struct attribute *from, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		to[i] = from[i];
		to[i].value = random() % 3;
	}
	return n;
}

static bool is_in(const struct attribute_list *list, const struct attribute *wanted)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->attributes[i].type == wanted->type)
			return list->attributes[i].value == wanted->value;
	return false;
}

/* What an event changes is what the event before does not have, and all of another kind. */
static void make_change(struct series *series, size_t at)
{
	const struct attribute_list *before = at ? &series->wholes[at - 1] : NULL;
	const struct attribute_list *whole = &series->wholes[at];
	bool same_kind = before && is_in(before, &whole->attributes[0]);
	size_t i, n = 0;

	for (i = 0; i < whole->n; i++) {
		bool own = i >= N(common) && i + 1 < whole->n;

		if (!before || (own && !same_kind) || !is_in(before, &whole->attributes[i]))
			series->change[at][n++] = whole->attributes[i];
	}
	series->changes[at] = (struct attribute_list){ series->change[at], n };
}

static void make_series(struct series *series)
{
	size_t i;

	for (i = 0; i < SERIES; i++) {
		size_t call = random() % N(calls), n;
		struct attribute *whole = series->whole[i];

		n = add_random(whole, common, N(common));
		whole[0].value = calls[call].kind;
		n += add_random(whole + n, calls[call].own.attributes, calls[call].own.n);
		whole[n++] = (struct attribute)COMM;
		series->wholes[i] = (struct attribute_list){ whole, n };
		make_change(series, i);
	}
}

struct taken {
	struct event v[SERIES];
	size_t n;
};

static int keep(const struct event *ev, void *arg)
{
	struct taken *taken = arg;

	if (taken->n == SERIES)
		return -ENOMEM;
	taken->v[taken->n++] = *ev;
	return 0;
}

static int decode_into(const struct attribute_list *lists, size_t n, struct taken *taken)
{
	struct event_taker taker = { NULL, keep, taken, 0 };
	struct nlmsghdr *hdr = message_nest(BRKWATCH_A_EVENTS_EVENT, lists, n);
	int err = decode_events(hdr, &taker);

	free(hdr);
	return err;
}

static void expect_same(struct __test_metadata *_metadata, const struct event *whole,
			const struct event *changed)
{
	EXPECT_EQ(whole->kind, changed->kind);
	EXPECT_EQ(whole->watch, changed->watch);
	EXPECT_EQ(whole->pid, changed->pid);
	EXPECT_EQ(whole->tid, changed->tid);
	EXPECT_EQ(whole->error, changed->error);
	EXPECT_EQ(whole->traits, changed->traits);
	EXPECT_EQ(whole->lost, changed->lost);
	EXPECT_EQ(whole->time, changed->time);
	EXPECT_EQ(whole->duration, changed->duration);
	EXPECT_EQ(whole->heap_start, changed->heap_start);
	EXPECT_EQ(whole->brk, changed->brk);
	EXPECT_EQ(whole->rss, changed->rss);
	EXPECT_EQ(whole->has_heap, changed->has_heap);
	EXPECT_EQ(whole->has_rss, changed->has_rss);
	EXPECT_STREQ(whole->comm, changed->comm);
	EXPECT_EQ(whole->asker.ip, changed->asker.ip);
	EXPECT_EQ(whole->seccomp, changed->seccomp);
	/* The largest of what a kind has of its own; what it does not have is 0. */
	EXPECT_EQ(0, memcmp(&whole->map, &changed->map, sizeof(whole->map)));
}

TEST(what_changes_makes_the_same_events)
{
	const unsigned int seed = 4;
	int turn;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (turn = 0; turn < 1000; turn++) {
		static struct series series;
		static struct taken one, all;
		size_t i;

		make_series(&series);
		all.n = 0;
		ASSERT_EQ(0, decode_into(series.changes, SERIES, &all));
		ASSERT_EQ(SERIES, all.n);
		for (i = 0; i < SERIES; i++) {
			one.n = 0;
			ASSERT_EQ(0, decode_into(&series.wholes[i], 1, &one));
			expect_same(_metadata, &one.v[0], &all.v[i]);
		}
	}
}

/* It lies in the message, and a call without a stack must not get the one of the call before. */
TEST(a_stack_belongs_to_one_event)
{
	static const uint64_t registers[EVENT_REGISTERS];
	static const struct attribute with_stack[] = {
		FRONT(BRKWATCH_EVENT_KIND_MUNMAP, 3, 42, 0, 0),
		STATE,
		MUNMAP,
		COMM,
		BYTES(EVENT(REGISTERS), registers, sizeof(registers)),
		BYTES(EVENT(STACK), registers, 2 * sizeof(*registers)),
	};
	static const struct attribute again[] = {
		BYTES(EVENT(REGISTERS), registers, sizeof(registers)),
		BYTES(EVENT(STACK), registers, sizeof(*registers)),
	};
	static const struct attribute_list lists[] = {
		{ with_stack, N(with_stack) },	 { later_event, N(later_event) },
		{ brk_event, N(brk_event) },	 { again, N(again) },
		{ later_event, N(later_event) },
	};
	static const uint32_t wanted[] = { 2 * sizeof(*registers), 0, 0, sizeof(*registers), 0 };
	static struct taken taken;
	size_t i;

	ASSERT_EQ(0, decode_into(lists, N(lists), &taken));
	ASSERT_EQ(N(lists), taken.n);
	for (i = 0; i < N(lists); i++) {
		EXPECT_EQ(wanted[i], taken.v[i].stack.len);
		EXPECT_EQ(!wanted[i], !taken.v[i].stack.registers);
		EXPECT_EQ(!wanted[i], !taken.v[i].stack.bytes);
	}
	EXPECT_EQ(BRKWATCH_EVENT_KIND_BRK, taken.v[4].kind);
	EXPECT_EQ(6, taken.v[4].duration);
}

/* A change is checked as a whole event is. */
TEST(what_changes_for_the_worse)
{
	static const struct {
		struct attribute bad;
		int err;
	} cases[] = {
		{ U32(EVENT(TIME), 1), -EBADMSG },
		{ U64(EVENT(WATCH), 1), -EBADMSG },
		{ U64(EVENT(KIND), BRKWATCH_EVENT_KIND_MUNMAP), -EBADMSG },
		{ FLAG(EVENT(LENGTH)), -EBADMSG },
		{ FLAG(EVENT(COMM)), -EBADMSG },
		{ U32(EVENT(IP), 1), -EBADMSG },
		{ U32(EVENT(ASKER), 1), -EBADMSG },
		{ U32(EVENT(ERROR), MAX_ERRNO + 1), -EBADMSG },
		{ U64(EVENT(REGISTERS), 1), -EBADMSG },
		/* No event before has what calls of these kinds need. */
		{ U32(EVENT(KIND), BRKWATCH_EVENT_KIND_BRK), -EBADMSG },
		{ U32(EVENT(KIND), BRKWATCH_EVENT_KIND_MMAP), -EBADMSG },
		{ U32(EVENT(KIND), BRKWATCH_EVENT_KIND_EXIT), -EBADMSG },
		{ U32(EVENT(KIND), 1000), -ENOMSG },
		{ U32(EVENT(KIND), NO_KIND), -ENOMSG },
	};
	size_t i;

	for (i = 0; i < N(cases); i++) {
		const struct attribute_list lists[] = {
			{ munmap_event, N(munmap_event) },
			{ &cases[i].bad, 1 },
		};
		struct seen seen = {};

		EXPECT_EQ(cases[i].err, decode(lists, N(lists), false, &seen)) TH_LOG("%zu", i);
		EXPECT_EQ(1, seen.n);
	}
}

/* Numbers that the kind does not need say nothing, whatever they are. */
TEST(what_changes_nothing)
{
	static const struct attribute cases[] = {
		U32(EVENT(PROT), 1),
		U64(EVENT(PROT), 1),
		FLAG(EVENT(AFTER)),
		U32(0, 1),
		U32(BRKWATCH_A_EVENT_MAX + 1, 1),
		U32(EVENT(KIND), BRKWATCH_EVENT_KIND_MUNMAP),
	};
	size_t i;

	for (i = 0; i < N(cases); i++) {
		const struct attribute_list lists[] = {
			{ munmap_event, N(munmap_event) },
			{ &cases[i], 1 },
		};
		struct seen seen = {};

		EXPECT_EQ(0, decode(lists, N(lists), false, &seen)) TH_LOG("%zu", i);
		ASSERT_EQ(2, seen.n);
		EXPECT_EQ(3, seen.last_taken.watch);
		EXPECT_EQ(31, seen.last_taken.map.addr);
		EXPECT_EQ(32, seen.last_taken.map.length);
		EXPECT_EQ(0, seen.last_taken.map.prot);
		EXPECT_EQ(33, seen.last_taken.map.result);
	}
}

TEST_HARNESS_MAIN
