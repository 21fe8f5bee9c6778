// SPDX-License-Identifier: GPL-2.0
/* Messages with many events, and what the tool sees in them at a glance. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
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

static const struct attribute failed_event[] = {
	FRONT(BRKWATCH_EVENT_KIND_MUNMAP, 4, 43, 7, EINVAL),
	STATE,
	MUNMAP,
	TEXT(EVENT(COMM), "laboratory"),
};

/* Another order, which our module never writes. */
static const struct attribute reordered_event[] = {
	U64(EVENT(TIME), 1ULL << 40),
	TEXT(EVENT(COMM), "lab"),
	MUNMAP,
	STATE,
	FRONT(BRKWATCH_EVENT_KIND_MUNMAP, 5, 42, 0, 0),
};

/* The same attributes as in the event before, with other values. */
static const struct attribute later_event[] = {
	U64(EVENT(TIME), (1ULL << 40) + 7),
	U64(EVENT(DURATION), 6),
};

static const struct attribute other_watch_event[] = {
	U32(EVENT(WATCH), 6),
	U64(EVENT(TIME), (1ULL << 40) + 8),
	U64(EVENT(LENGTH), 33),
};

static const struct attribute brk_event[] = {
	U32(EVENT(KIND), BRKWATCH_EVENT_KIND_BRK),
	U64(EVENT(TIME), (1ULL << 40) + 9),
	U32(EVENT(BRK_KIND), BRKWATCH_BRK_KIND_QUERY),
	U64(EVENT(REQUESTED), 0),
	U64(EVENT(BEFORE), 1),
	U64(EVENT(AFTER), 1),
};

static const struct attribute_list three[] = {
	{ munmap_event, N(munmap_event) },
	{ failed_event, N(failed_event) },
	{ reordered_event, N(reordered_event) },
};

static const struct attribute_list changes[] = {
	{ munmap_event, N(munmap_event) },
	{ later_event, N(later_event) },
	{ other_watch_event, N(other_watch_event) },
	{ brk_event, N(brk_event) },
};

struct seen {
	uint32_t passed[8];
	uint32_t taken[8];
	size_t glances;
	size_t n;
	struct glance last;
	struct event last_taken;
	bool pass;
	uint32_t all_but;
	int err;
};

static bool look(const struct glance *glance, void *arg)
{
	struct seen *seen = arg;

	seen->last = *glance;
	seen->passed[seen->glances++] = glance->watch;
	return seen->pass && glance->kind != seen->all_but;
}

static int take(const struct event *ev, void *arg)
{
	struct seen *seen = arg;

	seen->taken[seen->n++] = ev->watch;
	seen->last_taken = *ev;
	return seen->err;
}

static int decode(const struct attribute_list *lists, size_t n, bool glance, struct seen *seen)
{
	const struct event_taker taker = { glance ? look : NULL, take, seen };
	struct nlmsghdr *hdr = message_nest(BRKWATCH_A_EVENTS_EVENT, lists, n);
	int err = decode_events(hdr, &taker);

	free(hdr);
	return err;
}

TEST(all_in_order)
{
	struct seen seen = {};

	ASSERT_EQ(0, decode(three, N(three), false, &seen));
	ASSERT_EQ(3, seen.n);
	EXPECT_EQ(3, seen.taken[0]);
	EXPECT_EQ(4, seen.taken[1]);
	EXPECT_EQ(5, seen.taken[2]);
}

TEST(a_message_that_is_one_event)
{
	struct seen seen = { .pass = true, .all_but = NO_KIND };
	const struct event_taker taker = { look, take, &seen };
	struct nlmsghdr *hdr = message_new(munmap_event, N(munmap_event));

	ASSERT_EQ(0, decode_events(hdr, &taker));
	EXPECT_EQ(0, seen.glances);
	ASSERT_EQ(1, seen.n);
	EXPECT_EQ(3, seen.taken[0]);
	free(hdr);
}

TEST(a_glance)
{
	struct seen seen = {};

	ASSERT_EQ(0, decode(three, 2, true, &seen));
	EXPECT_EQ(2, seen.n);
	ASSERT_EQ(2, seen.glances);
	EXPECT_EQ(BRKWATCH_EVENT_KIND_MUNMAP, seen.last.kind);
	EXPECT_EQ(4, seen.last.watch);
	EXPECT_EQ(42, seen.last.pid);
	EXPECT_EQ(43, seen.last.tid);
	EXPECT_EQ(EINVAL, seen.last.error);
}

TEST(what_passes_is_not_read)
{
	struct seen seen = { .pass = true, .all_but = NO_KIND };

	ASSERT_EQ(0, decode(three, 2, true, &seen));
	ASSERT_EQ(2, seen.glances);
	ASSERT_EQ(0, seen.n);
	/* The glance cannot decide, so the event is decoded. */
	ASSERT_EQ(0, decode(three + 2, 1, true, &seen));
	ASSERT_EQ(2, seen.glances);
	ASSERT_EQ(1, seen.n);
	EXPECT_EQ(5, seen.taken[0]);
}

static void expect_brk(struct __test_metadata *_metadata, const struct event *ev)
{
	EXPECT_EQ(BRKWATCH_EVENT_KIND_BRK, ev->kind);
	EXPECT_EQ(6, ev->watch);
	EXPECT_EQ(42, ev->tid);
	EXPECT_EQ((1ULL << 40) + 9, ev->time);
	EXPECT_EQ(6, ev->duration);
	EXPECT_EQ(0x555500021000, ev->brk);
	EXPECT_STREQ("lab", ev->comm);
	EXPECT_EQ(BRKWATCH_BRK_KIND_QUERY, ev->move.kind);
	EXPECT_EQ(1, ev->move.after);
}

TEST(what_is_left_out_is_as_before)
{
	struct seen seen = {};

	ASSERT_EQ(0, decode(changes, 3, false, &seen));
	ASSERT_EQ(3, seen.n);
	EXPECT_EQ(3, seen.taken[1]);
	EXPECT_EQ(BRKWATCH_EVENT_KIND_MUNMAP, seen.last_taken.kind);
	EXPECT_EQ(6, seen.last_taken.watch);
	EXPECT_EQ((1ULL << 40) + 8, seen.last_taken.time);
	EXPECT_EQ(6, seen.last_taken.duration);
	EXPECT_EQ(31, seen.last_taken.map.addr);
	EXPECT_EQ(33, seen.last_taken.map.length);
	seen.n = 0;
	ASSERT_EQ(0, decode(changes, N(changes), false, &seen));
	ASSERT_EQ(4, seen.n);
	expect_brk(_metadata, &seen.last_taken);
}

TEST(what_passed_tells_of_what_does_not)
{
	struct seen seen = { .pass = true, .all_but = BRKWATCH_EVENT_KIND_BRK };

	ASSERT_EQ(0, decode(changes, N(changes), true, &seen));
	ASSERT_EQ(4, seen.glances);
	EXPECT_EQ(3, seen.passed[1]);
	EXPECT_EQ(6, seen.passed[2]);
	EXPECT_EQ(6, seen.passed[3]);
	ASSERT_EQ(1, seen.n);
	expect_brk(_metadata, &seen.last_taken);
}

/* The first event of a message has no event before it. */
TEST(nothing_is_as_before)
{
	struct seen seen = {};

	EXPECT_EQ(-EBADMSG, decode(changes + 1, 1, false, &seen));
	EXPECT_EQ(-EBADMSG, decode(changes + 1, 1, true, &seen));
	EXPECT_EQ(0, seen.glances);
	EXPECT_EQ(0, seen.n);
}

TEST(the_taker_ends_it)
{
	struct seen seen = { .err = -ENOMEM };

	EXPECT_EQ(-ENOMEM, decode(three, N(three), false, &seen));
	EXPECT_EQ(1, seen.n);
}

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
	const struct event_taker taker = { NULL, keep, taken };
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

/* ASan is the oracle too: each byte that is read lies within the message. */
TEST(cut_short)
{
	struct nlmsghdr *whole = message_nest(BRKWATCH_A_EVENTS_EVENT, three, N(three));
	size_t len, between = 0;

	for (len = sizeof(*whole); len < whole->nlmsg_len; len++) {
		struct seen seen = {};
		const struct event_taker taker = { look, take, &seen };
		struct nlmsghdr *hdr = message_cut(whole, len);

		/* A message may end after an event. */
		if (!decode_events(hdr, &taker))
			between++;
		EXPECT_GT(3, seen.n);
		free(hdr);
	}
	EXPECT_EQ(2, between);
	free(whole);
}

TEST(bytes_at_random)
{
	const unsigned int seed = 2;
	int i;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (i = 0; i < 100000; i++) {
		struct seen seen = { .pass = random() % 2, .all_but = NO_KIND };
		const struct event_taker taker = { look, take, &seen };
		struct nlmsghdr *hdr =
			random() % 2 ? message_nest(BRKWATCH_A_EVENTS_EVENT, three, N(three)) :
				       message_nest(BRKWATCH_A_EVENTS_EVENT, changes, N(changes));

		message_spoil(hdr);
		decode_events(hdr, &taker);
		free(hdr);
	}
}

TEST_HARNESS_MAIN
