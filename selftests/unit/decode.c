// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "wire/decode.h"
#include "view_fixture.h"
#include "message.h"

/* Seconds: 100,000 messages take long beside guests that keep the CPUs busy. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

#define EVENT(name) BRKWATCH_A_EVENT_##name
#define HEAD(kind)                                                                              \
	U32(EVENT(KIND), kind), U32(EVENT(WATCH), 3), U32(EVENT(PID), 42), U32(EVENT(TID), 43), \
		U64(EVENT(TIME), 1ULL << 40), U32(EVENT(TRAITS), BRKWATCH_TRAIT_COMPAT),        \
		U32(EVENT(LOST), 4), TEXT(EVENT(COMM), "lab")
#define STATE                                                                                  \
	U64(EVENT(DURATION), 5), U32(EVENT(ERROR), 0), U64(EVENT(HEAP_START), 0x555500000000), \
		U64(EVENT(BRK), 0x555500021000)

/* Where attributes lie in any message. */
enum { AT_KIND = 0, AT_COMM = 7, AT_ERROR = 9 };

#define MESSAGE(name, kind, ...) \
	static const struct attribute name##_message[] = { HEAD(kind), STATE, __VA_ARGS__ }

MESSAGE(brk, BRKWATCH_EVENT_KIND_BRK, U32(EVENT(BRK_KIND), BRKWATCH_BRK_KIND_GROW),
	U64(EVENT(REQUESTED), 11), U64(EVENT(BEFORE), 12), U64(EVENT(AFTER), 13));
MESSAGE(mmap, BRKWATCH_EVENT_KIND_MMAP, U64(EVENT(ADDR), 21), U64(EVENT(LENGTH), 22),
	U64(EVENT(PROT), 23), U64(EVENT(FLAGS), 24), U32(EVENT(FD), (uint32_t)-1),
	U64(EVENT(OFFSET), 25), U64(EVENT(RESULT), 26));
MESSAGE(munmap, BRKWATCH_EVENT_KIND_MUNMAP, U64(EVENT(ADDR), 31), U64(EVENT(LENGTH), 32),
	U64(EVENT(RESULT), 33));
MESSAGE(mremap, BRKWATCH_EVENT_KIND_MREMAP, U64(EVENT(ADDR), 41), U64(EVENT(LENGTH), 42),
	U64(EVENT(NEW_LENGTH), 43), U64(EVENT(FLAGS), 44), U64(EVENT(NEW_ADDR), 45),
	U64(EVENT(RESULT), 46));
MESSAGE(mprotect, BRKWATCH_EVENT_KIND_MPROTECT, U64(EVENT(ADDR), 51), U64(EVENT(LENGTH), 52),
	U64(EVENT(PROT), 53), U64(EVENT(RESULT), 54));
MESSAGE(pkey_mprotect, BRKWATCH_EVENT_KIND_PKEY_MPROTECT, U64(EVENT(ADDR), 51),
	U64(EVENT(LENGTH), 52), U64(EVENT(PROT), 53), U32(EVENT(PKEY), (uint32_t)-1),
	U64(EVENT(RESULT), 54));
MESSAGE(madvise, BRKWATCH_EVENT_KIND_MADVISE, U64(EVENT(ADDR), 61), U64(EVENT(LENGTH), 62),
	U32(EVENT(ADVICE), 63), U64(EVENT(RESULT), 64));
MESSAGE(shmat, BRKWATCH_EVENT_KIND_SHMAT, U32(EVENT(SHMID), (uint32_t)-2), U64(EVENT(ADDR), 71),
	U64(EVENT(FLAGS), 72), U64(EVENT(RESULT), 73));
MESSAGE(shmdt, BRKWATCH_EVENT_KIND_SHMDT, U64(EVENT(ADDR), 81), U64(EVENT(RESULT), 82));
MESSAGE(clone, BRKWATCH_EVENT_KIND_CLONE, U32(EVENT(CLONE_KIND), BRKWATCH_CLONE_KIND_SHARED),
	U32(EVENT(CHILD), 91), U32(EVENT(CHILD_WATCH), 92));
MESSAGE(exec, BRKWATCH_EVENT_KIND_EXEC);
MESSAGE(fault, BRKWATCH_EVENT_KIND_FAULT, U32(EVENT(SIGNAL), SIGSEGV),
	U32(EVENT(CODE), SEGV_ACCERR), U64(EVENT(ADDR), 101));
MESSAGE(snapshot, BRKWATCH_EVENT_KIND_SNAPSHOT, U32(EVENT(SNAPSHOT), 111));

static const struct attribute exit_message[] = {
	HEAD(BRKWATCH_EVENT_KIND_EXIT),
	U32(EVENT(EXIT_CODE), 121),
	U64(EVENT(PEAK_RSS), 122),
};

static const struct attribute leave_message[] = {
	HEAD(BRKWATCH_EVENT_KIND_LEAVE),
	U32(EVENT(LEAVE_REASON), BRKWATCH_LEAVE_REASON_CREDENTIALS),
};

static const struct attribute mark_message[] = {
	HEAD(BRKWATCH_EVENT_KIND_MARK),
	TEXT(EVENT(MARK), "phase 2"),
};

#define ENTRY(name)                                \
	{                                          \
		name##_message, N(name##_message), \
	}

/* By kind. */
static const struct attribute_list messages[KINDS] = {
	ENTRY(brk),	 ENTRY(mmap),	       ENTRY(munmap),  ENTRY(mremap),
	ENTRY(mprotect), ENTRY(pkey_mprotect), ENTRY(madvise), ENTRY(shmat),
	ENTRY(shmdt),	 ENTRY(clone),	       ENTRY(exec),    ENTRY(exit),
	ENTRY(fault),	 ENTRY(snapshot),      ENTRY(leave),   ENTRY(mark),
};

static const struct attribute moment[] = {
	U32(BRKWATCH_A_AREA_SNAPSHOT, 1), U32(BRKWATCH_A_AREA_WATCH, 2),
	U64(BRKWATCH_A_AREA_TIME, 3),	  U64(BRKWATCH_A_AREA_HEAP_START, 4),
	U64(BRKWATCH_A_AREA_BRK, 5),	  U32(BRKWATCH_A_AREA_AREAS, 6),
};

static const struct attribute area[] = {
	U32(BRKWATCH_A_AREA_SNAPSHOT, 1),
	U64(BRKWATCH_A_AREA_START, 0x1000),
	U64(BRKWATCH_A_AREA_END, 0x2000),
	U32(BRKWATCH_A_AREA_FLAGS, BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_ANONYMOUS),
};

static const struct attribute probe[] = {
	TEXT(BRKWATCH_A_PROBE_NAME, "mmap"),
	TEXT(BRKWATCH_A_PROBE_SYMBOL, "__x64_sys_mmap"),
	U32(BRKWATCH_A_PROBE_STATE, BRKWATCH_PROBE_STATE_MISSING),
	U32(BRKWATCH_A_PROBE_OPTIONAL, 256),
	U64(BRKWATCH_A_PROBE_MISSED, 9),
};

static int decode(const struct attribute *attributes, size_t n, struct event *ev)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	int err = decode_event(hdr, ev);

	free(hdr);
	return err;
}

static struct event decoded(struct __test_metadata *_metadata, enum brkwatch_event_kind kind)
{
	struct event ev;

	ASSERT_EQ(0, decode(messages[kind].attributes, messages[kind].n, &ev))
	{
		TH_LOG("kind %d", kind);
	}
	EXPECT_EQ(kind, ev.kind);
	return ev;
}

TEST(what_all_have)
{
	int kind;

	for (kind = 0; kind < KINDS; kind++) {
		struct event ev = decoded(_metadata, kind);

		EXPECT_EQ(3, ev.watch);
		EXPECT_EQ(42, ev.pid);
		EXPECT_EQ(43, ev.tid);
		EXPECT_EQ(1ULL << 40, ev.time);
		EXPECT_EQ(BRKWATCH_TRAIT_COMPAT, ev.traits);
		EXPECT_EQ(4, ev.lost);
		EXPECT_STREQ("lab", ev.comm);
		EXPECT_FALSE(ev.has_rss);
		EXPECT_EQ(kind != BRKWATCH_EVENT_KIND_EXIT && kind != BRKWATCH_EVENT_KIND_LEAVE &&
				  kind != BRKWATCH_EVENT_KIND_MARK,
			  ev.has_heap);
		if (!ev.has_heap)
			continue;
		EXPECT_EQ(5, ev.duration);
		EXPECT_EQ(0x555500000000, ev.heap_start);
		EXPECT_EQ(0x555500021000, ev.brk);
	}
}

TEST(a_brk)
{
	struct event ev = decoded(_metadata, BRKWATCH_EVENT_KIND_BRK);

	EXPECT_EQ(BRKWATCH_BRK_KIND_GROW, ev.move.kind);
	EXPECT_EQ(11, ev.move.requested);
	EXPECT_EQ(12, ev.move.before);
	EXPECT_EQ(13, ev.move.after);
}

TEST(an_mmap)
{
	struct event ev = decoded(_metadata, BRKWATCH_EVENT_KIND_MMAP);

	EXPECT_EQ(21, ev.map.addr);
	EXPECT_EQ(22, ev.map.length);
	EXPECT_EQ(23, ev.map.prot);
	EXPECT_EQ(24, ev.map.flags);
	EXPECT_EQ(-1, ev.map.fd);
	EXPECT_EQ(25, ev.map.offset);
	EXPECT_EQ(26, ev.map.result);
}

TEST(an_mremap)
{
	struct event ev = decoded(_metadata, BRKWATCH_EVENT_KIND_MREMAP);

	EXPECT_EQ(41, ev.map.addr);
	EXPECT_EQ(42, ev.map.length);
	EXPECT_EQ(43, ev.map.new_length);
	EXPECT_EQ(44, ev.map.flags);
	EXPECT_EQ(45, ev.map.new_addr);
	EXPECT_EQ(46, ev.map.result);
}

TEST(calls_on_a_range)
{
	struct event ev = decoded(_metadata, BRKWATCH_EVENT_KIND_MUNMAP);

	EXPECT_EQ(31, ev.map.addr);
	EXPECT_EQ(32, ev.map.length);
	EXPECT_EQ(33, ev.map.result);
	ev = decoded(_metadata, BRKWATCH_EVENT_KIND_MPROTECT);
	EXPECT_EQ(51, ev.map.addr);
	EXPECT_EQ(52, ev.map.length);
	EXPECT_EQ(53, ev.map.prot);
	EXPECT_EQ(54, ev.map.result);
	ev = decoded(_metadata, BRKWATCH_EVENT_KIND_PKEY_MPROTECT);
	EXPECT_EQ(53, ev.map.prot);
	EXPECT_EQ(-1, ev.map.pkey);
	ev = decoded(_metadata, BRKWATCH_EVENT_KIND_MADVISE);
	EXPECT_EQ(61, ev.map.addr);
	EXPECT_EQ(62, ev.map.length);
	EXPECT_EQ(63, ev.map.advice);
	EXPECT_EQ(64, ev.map.result);
}

TEST(shared_memory)
{
	struct event ev = decoded(_metadata, BRKWATCH_EVENT_KIND_SHMAT);

	EXPECT_EQ(-2, ev.map.shmid);
	EXPECT_EQ(71, ev.map.addr);
	EXPECT_EQ(72, ev.map.flags);
	EXPECT_EQ(73, ev.map.result);
	ev = decoded(_metadata, BRKWATCH_EVENT_KIND_SHMDT);
	EXPECT_EQ(81, ev.map.addr);
	EXPECT_EQ(82, ev.map.result);
}

TEST(life)
{
	struct event ev = decoded(_metadata, BRKWATCH_EVENT_KIND_CLONE);

	EXPECT_EQ(BRKWATCH_CLONE_KIND_SHARED, ev.clone.kind);
	EXPECT_EQ(91, ev.clone.child);
	EXPECT_EQ(92, ev.clone.watch);
	ev = decoded(_metadata, BRKWATCH_EVENT_KIND_EXIT);
	EXPECT_EQ(121, ev.exit.code);
	EXPECT_EQ(122, ev.exit.peak_rss);
	ev = decoded(_metadata, BRKWATCH_EVENT_KIND_FAULT);
	EXPECT_EQ(SIGSEGV, ev.fault.signal);
	EXPECT_EQ(SEGV_ACCERR, ev.fault.code);
	EXPECT_EQ(101, ev.fault.addr);
	ev = decoded(_metadata, BRKWATCH_EVENT_KIND_SNAPSHOT);
	EXPECT_EQ(111, ev.snapshot);
	ev = decoded(_metadata, BRKWATCH_EVENT_KIND_LEAVE);
	EXPECT_EQ(BRKWATCH_LEAVE_REASON_CREDENTIALS, ev.leave_reason);
	ev = decoded(_metadata, BRKWATCH_EVENT_KIND_MARK);
	EXPECT_STREQ("phase 2", ev.mark);
}

TEST(each_attribute_missing)
{
	struct attribute some[32];
	struct event ev;
	size_t i, j, k, n;

	for (i = 0; i < N(messages); i++) {
		for (j = 0; j < messages[i].n; j++) {
			for (k = n = 0; k < messages[i].n; k++)
				if (k != j)
					some[n++] = messages[i].attributes[k];
			EXPECT_EQ(-EBADMSG, decode(some, n, &ev))
			{
				TH_LOG("kind %zu without attribute %d", i,
				       messages[i].attributes[j].type);
			}
		}
	}
}

TEST(each_attribute_of_wrong_length)
{
	static const int by[] = { -1, 1, 4, -4 };
	struct attribute some[32];
	struct event ev;
	size_t i, j, k;

	for (i = 0; i < N(messages); i++) {
		for (j = 0; j < messages[i].n; j++) {
			for (k = 0; k < N(by); k++) {
				memcpy(some, messages[i].attributes, messages[i].n * sizeof(*some));
				/* A name may be longer; it has its own test below. */
				if (some[j].text && by[k] > 0)
					continue;
				some[j].len += by[k];
				EXPECT_EQ(-EBADMSG, decode(some, messages[i].n, &ev))
				{
					TH_LOG("kind %zu attribute %d by %d", i, some[j].type,
					       by[k]);
				}
			}
		}
	}
}

TEST(rss_is_optional_but_whole)
{
	struct attribute some[N(brk_message) + 1];
	struct event ev;

	memcpy(some, brk_message, sizeof(brk_message));
	some[N(brk_message)] = (struct attribute)U32(EVENT(RSS), 99);
	ASSERT_EQ(0, decode(some, N(some), &ev));
	EXPECT_TRUE(ev.has_rss);
	EXPECT_EQ(99, ev.rss);
	some[N(brk_message)].len = 8;
	EXPECT_EQ(-EBADMSG, decode(some, N(some), &ev));
}

TEST(seccomp_of_an_exec_is_optional_but_whole)
{
	struct attribute some[N(exec_message) + 1];
	struct event ev;

	memcpy(some, exec_message, sizeof(exec_message));
	ASSERT_EQ(0, decode(some, N(exec_message), &ev));
	EXPECT_EQ(SECCOMP_UNKNOWN, ev.seccomp);
	some[N(exec_message)] = (struct attribute)U32(EVENT(SECCOMP), 2);
	ASSERT_EQ(0, decode(some, N(some), &ev));
	EXPECT_EQ(2, ev.seccomp);
	some[N(exec_message)].len = 8;
	EXPECT_EQ(-EBADMSG, decode(some, N(some), &ev));
}

TEST(names_of_threads)
{
	struct attribute some[N(exec_message)];
	struct attribute *comm = &some[AT_COMM];
	struct event ev;

	memcpy(some, exec_message, sizeof(some));
	ASSERT_EQ(EVENT(COMM), comm->type);
	*comm = (struct attribute)TEXT(EVENT(COMM), "123456789012345");
	EXPECT_EQ(0, decode(some, N(some), &ev));
	EXPECT_STREQ("123456789012345", ev.comm);
	*comm = (struct attribute)TEXT(EVENT(COMM), "1234567890123456");
	EXPECT_EQ(-EBADMSG, decode(some, N(some), &ev));
	*comm = (struct attribute)TEXT(EVENT(COMM), "unended");
	comm->len--;
	EXPECT_EQ(-EBADMSG, decode(some, N(some), &ev));
	comm->len = 0;
	EXPECT_EQ(-EBADMSG, decode(some, N(some), &ev));
}

TEST(what_is_unknown)
{
	struct attribute some[N(brk_message) + 1];
	struct event ev;

	memcpy(some, brk_message, sizeof(brk_message));
	some[N(brk_message)] = (struct attribute)U64(BRKWATCH_A_EVENT_MAX + 1, 1);
	EXPECT_EQ(0, decode(some, N(some), &ev))
	{
		TH_LOG("an attribute of a newer module");
	}
	some[AT_KIND].value = KINDS;
	EXPECT_EQ(-ENOMSG, decode(some, N(some), &ev));
}

/* @value is the first invalid one for an attribute with few values. */
static void reject(struct __test_metadata *_metadata, enum brkwatch_event_kind kind, int type,
		   uint64_t value, int err)
{
	const size_t n = messages[kind].n;
	struct attribute some[32];
	struct event ev;
	size_t at = 0;

	memcpy(some, messages[kind].attributes, n * sizeof(*some));
	while (at < n && some[at].type != type)
		at++;
	ASSERT_LT(at, n);
	some[at].value = value - 1;
	EXPECT_EQ(0, decode(some, n, &ev));
	some[at].value = value;
	EXPECT_EQ(err, decode(some, n, &ev));
}

TEST(values_out_of_range)
{
	reject(_metadata, BRKWATCH_EVENT_KIND_BRK, EVENT(BRK_KIND), BRKWATCH_BRK_KIND_REFUSED + 1,
	       -ENOMSG);
	reject(_metadata, BRKWATCH_EVENT_KIND_CLONE, EVENT(CLONE_KIND),
	       BRKWATCH_CLONE_KIND_THREAD + 1, -ENOMSG);
	/* The watch of the process that made the child. */
	reject(_metadata, BRKWATCH_EVENT_KIND_CLONE, EVENT(CHILD_WATCH), 3, -EBADMSG);
	reject(_metadata, BRKWATCH_EVENT_KIND_LEAVE, EVENT(LEAVE_REASON),
	       BRKWATCH_LEAVE_REASON_CREDENTIALS + 1, -ENOMSG);
	reject(_metadata, BRKWATCH_EVENT_KIND_FAULT, EVENT(SIGNAL), 65, -EBADMSG);
}

TEST(no_errno)
{
	struct attribute some[N(brk_message)];
	struct event ev;

	memcpy(some, brk_message, sizeof(some));
	ASSERT_EQ(EVENT(ERROR), some[AT_ERROR].type);
	some[AT_ERROR].value = 4095;
	EXPECT_EQ(0, decode(some, N(some), &ev));
	some[AT_ERROR].value = 4096;
	EXPECT_EQ(-EBADMSG, decode(some, N(some), &ev));
}

TEST(cut_short)
{
	struct event ev;
	size_t i, len;

	for (i = 0; i < N(messages); i++) {
		struct nlmsghdr *whole = message_new(messages[i].attributes, messages[i].n);

		for (len = sizeof(*whole); len < whole->nlmsg_len; len++) {
			struct nlmsghdr *hdr = message_cut(whole, len);

			EXPECT_NE(0, decode_event(hdr, &ev))
			{
				TH_LOG("kind %zu at %zu bytes", i, len);
			}
			free(hdr);
		}
		free(whole);
	}
}

TEST(last_attribute_without_padding)
{
	static const struct attribute some[] = {
		STATE,
		HEAD(BRKWATCH_EVENT_KIND_EXEC),
		{ EVENT(COMM), 2, 0, "x" },
	};
	struct nlmsghdr *padded = message_new(some, N(some));
	struct nlmsghdr *hdr = message_cut(padded, padded->nlmsg_len - 2);
	struct event ev;

	EXPECT_EQ(0, decode_event(hdr, &ev));
	EXPECT_STREQ("x", ev.comm);
	free(padded);
	free(hdr);
}

static struct nlmsghdr *any_message(size_t which)
{
	switch (which) {
	case KINDS:
		return message_new(moment, N(moment));
	case KINDS + 1:
		return message_new(area, N(area));
	case KINDS + 2:
		return message_new(probe, N(probe));
	default:
		return message_new(messages[which].attributes, messages[which].n);
	}
}

/* ASan and UBSan are the oracle: any answer passes, a crash fails. */
TEST(bytes_at_random)
{
	const unsigned int seed = 1;
	struct area_message part;
	struct probe_state state_of_probe;
	struct session_state state;
	struct counters counters;
	struct event ev;
	int i;

	TH_LOG("seed %u", seed);
	srandom(seed);
	for (i = 0; i < 100000; i++) {
		struct nlmsghdr *hdr = any_message(random() % (KINDS + 3));

		message_spoil(hdr);
		decode_event(hdr, &ev);
		decode_counters(hdr, &counters);
		decode_session(hdr, &state);
		decode_area(hdr, &part);
		decode_probe(hdr, &state_of_probe);
		free(hdr);
	}
}

/* The value of each attribute is its number. */
static size_t counters_message(struct attribute *some)
{
	size_t n = 0;
	int type;

	for (type = BRKWATCH_A_WATCH_HEAP_START; type <= BRKWATCH_A_WATCH_LOST; type++)
		some[n++] = (struct attribute)U64(type, type);
	some[n++] = (struct attribute)U32(BRKWATCH_A_WATCH_ID, 1);
	some[n++] = (struct attribute)U32(BRKWATCH_A_WATCH_PID, 2);
	some[n++] = (struct attribute)TEXT(BRKWATCH_A_WATCH_COMM, "lab");
	return n;
}

static int decode_watch(const struct attribute *attributes, size_t n, struct counters *counters)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	int err = decode_counters(hdr, counters);

	free(hdr);
	return err;
}

TEST(counters_of_a_watch)
{
	struct attribute some[BRKWATCH_A_WATCH_MAX + 1];
	size_t n = counters_message(some);
	struct counters c;
	size_t i;

	ASSERT_EQ(0, decode_watch(some, n, &c));
	EXPECT_EQ(1, c.id);
	EXPECT_EQ(2, c.pid);
	EXPECT_FALSE(c.exited);
	EXPECT_EQ(BRKWATCH_A_WATCH_HEAP_START, c.heap_start);
	EXPECT_EQ(BRKWATCH_A_WATCH_BRK_REFUSED, c.brk_refused);
	EXPECT_EQ(BRKWATCH_A_WATCH_MAPPED_FILE_BYTES, c.mapped_file_bytes);
	EXPECT_EQ(BRKWATCH_A_WATCH_MREMAP_CALLS, c.mremap_calls);
	EXPECT_EQ(BRKWATCH_A_WATCH_SHMDT_FAILED, c.shmdt_failed);
	EXPECT_EQ(BRKWATCH_A_WATCH_GIVEN_BACK_BYTES, c.given_back_bytes);
	EXPECT_EQ(BRKWATCH_A_WATCH_FAULTS, c.faults);
	EXPECT_EQ(BRKWATCH_A_WATCH_LOST, c.lost);
	EXPECT_EQ(0, c.peak_rss);
	some[n] = (struct attribute)U64(BRKWATCH_A_WATCH_PEAK_RSS, 77);
	ASSERT_EQ(0, decode_watch(some, n + 1, &c));
	EXPECT_EQ(77, c.peak_rss);
	some[n] = (struct attribute)FLAG(BRKWATCH_A_WATCH_EXITED);
	ASSERT_EQ(0, decode_watch(some, n + 1, &c));
	EXPECT_TRUE(c.exited);
	some[n].len = 1;
	EXPECT_EQ(-EBADMSG, decode_watch(some, n + 1, &c));
	for (i = 0; i < n; i++) {
		struct attribute gone = some[i];

		some[i].type = BRKWATCH_A_WATCH_MAX + 1;
		EXPECT_EQ(-EBADMSG, decode_watch(some, n, &c));
		some[i] = gone;
	}
}

/* The capture of a module that did not check what mremap added. */
TEST(counters_before_protocol_had_remaps)
{
	struct attribute some[BRKWATCH_A_WATCH_MAX + 1];
	size_t n = counters_message(some), i;
	struct counters c;

	for (i = 0; i < n; i++)
		if (some[i].type == BRKWATCH_A_WATCH_MREMAP_CALLS)
			some[i] = (struct attribute)U64(BRKWATCH_A_WATCH_MREMAP_CALLS,
							BRKWATCH_A_WATCH_MREMAP_FAILED + 9);
	ASSERT_EQ(0, decode_watch(some, n, &c));
	EXPECT_EQ(9, c.remaps_unknown);
	some[n++] = (struct attribute)U64(BRKWATCH_A_WATCH_REMAPPED_BYTES, 4096);
	some[n++] = (struct attribute)U64(BRKWATCH_A_WATCH_REMAPS_UNKNOWN, 2);
	ASSERT_EQ(0, decode_watch(some, n, &c));
	EXPECT_EQ(2, c.remaps_unknown);
	EXPECT_EQ(4096, c.remapped_bytes);
}

/* The attributes in one entry of the failed calls. */
struct __attribute__((packed)) refusal_bytes {
	struct nlattr kind_head;
	uint32_t kind;
	struct nlattr error_head;
	uint32_t error;
	struct nlattr calls_head;
	uint64_t calls;
};

static struct refusal_bytes refusal(uint32_t kind, uint32_t error, uint64_t calls)
{
	return (struct refusal_bytes){
		{ 8, BRKWATCH_A_REFUSALS_KIND },   kind,  { 8, BRKWATCH_A_REFUSALS_ERRNO }, error,
		{ 12, BRKWATCH_A_REFUSALS_CALLS }, calls,
	};
}

#define REFUSALS(bytes, len)                                              \
	{                                                                 \
		BRKWATCH_A_WATCH_REFUSALS, len, 0, (const char *)&(bytes) \
	}

TEST(failed_calls_of_a_watch)
{
	const struct refusal_bytes few = refusal(BRKWATCH_EVENT_KIND_MMAP, ENOMEM, 3);
	const struct refusal_bytes many = refusal(BRKWATCH_EVENT_KIND_MPROTECT, EACCES, 1ULL << 40);
	const struct refusal_bytes newer = refusal(KINDS, ENOMEM, 5);
	struct refusal_bytes others = refusal(0, 0, 7);
	struct attribute some[BRKWATCH_A_WATCH_MAX + 8];
	size_t n = counters_message(some);
	struct counters c;

	/* The module sends an entry without a kind for what no other entry has room for. */
	others.kind_head.nla_type = BRKWATCH_A_REFUSALS_MAX + 1;
	some[n++] = (struct attribute)U64(BRKWATCH_A_WATCH_ARENAS, 0);
	some[n++] = (struct attribute)REFUSALS(few, sizeof(few));
	some[n++] = (struct attribute)REFUSALS(many, sizeof(many));
	some[n++] = (struct attribute)REFUSALS(newer, sizeof(newer));
	some[n++] = (struct attribute)REFUSALS(others, sizeof(others));
	ASSERT_EQ(0, decode_watch(some, n, &c));
	EXPECT_FALSE(c.refusals.unknown);
	ASSERT_EQ(2, c.refusals.n);
	EXPECT_EQ(BRKWATCH_EVENT_KIND_MPROTECT, c.refusals.v[0].kind);
	EXPECT_EQ(EACCES, c.refusals.v[0].error);
	EXPECT_EQ(1ULL << 40, c.refusals.v[0].calls);
	EXPECT_EQ(BRKWATCH_EVENT_KIND_MMAP, c.refusals.v[1].kind);
	EXPECT_EQ(ENOMEM, c.refusals.v[1].error);
	EXPECT_EQ(3, c.refusals.v[1].calls);
	EXPECT_EQ(12, c.refusals.others);
	/* An entry without the number of its calls. */
	some[n++] = (struct attribute)REFUSALS(few, 16);
	EXPECT_EQ(-EBADMSG, decode_watch(some, n, &c));
}

TEST(arenas_and_seccomp_of_a_watch)
{
	struct attribute some[BRKWATCH_A_WATCH_MAX + 4];
	size_t n = counters_message(some);
	struct counters c;

	ASSERT_EQ(0, decode_watch(some, n, &c));
	EXPECT_FALSE(c.knows_arenas);
	EXPECT_TRUE(c.refusals.unknown);
	EXPECT_EQ(SECCOMP_UNKNOWN, c.seccomp);
	some[n++] = (struct attribute)U64(BRKWATCH_A_WATCH_ARENAS, 9);
	some[n++] = (struct attribute)U64(BRKWATCH_A_WATCH_ARENAS_UNKNOWN, 2);
	some[n++] = (struct attribute)U32(BRKWATCH_A_WATCH_SECCOMP, 0);
	ASSERT_EQ(0, decode_watch(some, n, &c));
	EXPECT_TRUE(c.knows_arenas);
	EXPECT_EQ(9, c.arenas);
	EXPECT_EQ(2, c.arenas_unknown);
	EXPECT_FALSE(c.refusals.unknown);
	EXPECT_EQ(0, c.refusals.n);
	EXPECT_EQ(0, c.seccomp);
	some[n - 1].value = 2;
	ASSERT_EQ(0, decode_watch(some, n, &c));
	EXPECT_EQ(2, c.seccomp);
}

/* What each state of a session has. */
#define STATE_OF_A_SESSION                                                                  \
	U32(BRKWATCH_A_SESSION_PROTOCOL, BRKWATCH_PROTOCOL_VERSION),                        \
		U32(BRKWATCH_A_SESSION_LIVE, 2), U64(BRKWATCH_A_SESSION_MADE, 3),           \
		U64(BRKWATCH_A_SESSION_DELIVERED, 4), U64(BRKWATCH_A_SESSION_LOST_RING, 5), \
		U64(BRKWATCH_A_SESSION_LOST_PROBE, 6), U64(BRKWATCH_A_SESSION_LOST_WATCH, 7)

TEST(state_of_a_session)
{
	struct attribute some[] = {
		STATE_OF_A_SESSION,
	};
	struct attribute blind[N(some) + 2];
	struct session_state state;
	struct nlmsghdr *hdr = message_new(some, N(some));

	ASSERT_EQ(0, decode_session(hdr, &state));
	EXPECT_EQ(2, state.live);
	EXPECT_EQ(6, state.lost_probe);
	EXPECT_EQ(7, state.lost_watch);
	EXPECT_EQ(0, state.blind_to);
	free(hdr);
	memcpy(blind, some, sizeof(some));
	blind[N(some)] = (struct attribute)U64(BRKWATCH_A_SESSION_BLIND_FROM, 8);
	blind[N(some) + 1] = (struct attribute)U64(BRKWATCH_A_SESSION_BLIND_TO, 9);
	hdr = message_new(blind, N(blind));
	ASSERT_EQ(0, decode_session(hdr, &state));
	EXPECT_EQ(8, state.blind_from);
	EXPECT_EQ(9, state.blind_to);
	free(hdr);
	hdr = message_new(some, N(some) - 1);
	EXPECT_EQ(-EBADMSG, decode_session(hdr, &state));
	free(hdr);
	some[0].value = BRKWATCH_PROTOCOL_VERSION + 1;
	hdr = message_new(some, 1);
	EXPECT_EQ(0, decode_session(hdr, &state))
	{
		TH_LOG("the version of another module must be readable");
	}
	EXPECT_EQ(BRKWATCH_PROTOCOL_VERSION + 1, state.protocol);
	free(hdr);
}

static int decode_image_of(const struct attribute *attributes, size_t n, struct image *image)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	int err = decode_image(hdr, image);

	free(hdr);
	return err;
}

TEST(images)
{
	struct attribute some[] = {
		U32(BRKWATCH_A_IMAGE_WATCH, 3),	      U64(BRKWATCH_A_IMAGE_TIME, 4),
		U64(BRKWATCH_A_IMAGE_START, 0x1000),  U64(BRKWATCH_A_IMAGE_END, 0x2000),
		U64(BRKWATCH_A_IMAGE_OFFSET, 0x3000), U64(BRKWATCH_A_IMAGE_FILE_SIZE, 5),
		U64(BRKWATCH_A_IMAGE_FILE_TIME, 6),   TEXT(BRKWATCH_A_IMAGE_PATH, "/lib"),
		U32(BRKWATCH_A_IMAGE_FILE_DEVICE, 7), U64(BRKWATCH_A_IMAGE_FILE_INODE, 8),
	};
	struct image image;

	ASSERT_EQ(0, decode_image_of(some, N(some), &image));
	EXPECT_EQ(3, image.watch);
	EXPECT_EQ(5, image.file_size);
	EXPECT_EQ(6, image.file_time);
	EXPECT_EQ(7, image.file_device);
	EXPECT_EQ(8, image.file_inode);
	/* A module of before did not report which file it is. */
	ASSERT_EQ(0, decode_image_of(some, N(some) - 2, &image));
	EXPECT_EQ(6, image.file_time);
	EXPECT_EQ(0, image.file_device);
	EXPECT_EQ(0, image.file_inode);
	EXPECT_EQ(-EBADMSG, decode_image_of(some, N(some) - 3, &image));
	some[9] = (struct attribute)U32(BRKWATCH_A_IMAGE_FILE_INODE, 8);
	EXPECT_EQ(-EBADMSG, decode_image_of(some, N(some), &image));
}

/* Only a session that can get images counts those that were lost. */
TEST(a_session_with_images)
{
	struct attribute some[] = {
		STATE_OF_A_SESSION,
		U64(BRKWATCH_A_SESSION_LOST_IMAGE, 0),
	};
	struct session_state state;
	struct nlmsghdr *hdr = message_new(some, N(some));

	ASSERT_EQ(0, decode_session(hdr, &state));
	EXPECT_TRUE(state.has_images);
	EXPECT_EQ(0, state.stack_bytes);
	free(hdr);
	hdr = message_new(some, N(some) - 1);
	ASSERT_EQ(0, decode_session(hdr, &state));
	EXPECT_FALSE(state.has_images);
	free(hdr);
}

static int decode_part(const struct attribute *attributes, size_t n, struct area_message *message)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	int err = decode_area(hdr, message);

	free(hdr);
	return err;
}

static int decode_one_probe(const struct attribute *attributes, size_t n, struct probe_state *state)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	int err = decode_probe(hdr, state);

	free(hdr);
	return err;
}

TEST(parts_of_a_snapshot)
{
	struct area_message message;

	ASSERT_EQ(0, decode_part(moment, N(moment), &message));
	EXPECT_TRUE(message.is_head);
	EXPECT_EQ(1, message.snapshot);
	EXPECT_EQ(1, message.head.id);
	EXPECT_EQ(2, message.head.watch);
	EXPECT_EQ(3, message.head.time);
	EXPECT_EQ(4, message.head.heap_start);
	EXPECT_EQ(5, message.head.brk);
	EXPECT_EQ(6, message.head.n);
	EXPECT_EQ(NULL, message.head.areas);
	ASSERT_EQ(0, decode_part(area, N(area), &message));
	EXPECT_FALSE(message.is_head);
	EXPECT_EQ(1, message.snapshot);
	EXPECT_EQ(0x1000, message.area.start);
	EXPECT_EQ(0x2000, message.area.end);
	EXPECT_EQ(BRKWATCH_AREA_FLAG_READ | BRKWATCH_AREA_FLAG_ANONYMOUS, message.area.flags);
}

/* Each message except @whole: each attribute is missing, then too long. */
#define EXPECT_BAD(whole, decode, to)                                       \
	do {                                                                \
		struct attribute some[N(whole)];                            \
		size_t i;                                                   \
		for (i = 0; i < N(whole); i++) {                            \
			memcpy(some, whole, sizeof(whole));                 \
			some[i].type = 60;                                  \
			EXPECT_EQ(-EBADMSG, decode(some, N(whole), to));    \
			memcpy(some, whole, sizeof(whole));                 \
			/* The name has no room and no terminating zero. */ \
			some[i].len = some[i].text ? 0 : some[i].len + 4;   \
			EXPECT_EQ(-EBADMSG, decode(some, N(whole), to));    \
		}                                                           \
	} while (0)

TEST(bad_parts_of_a_snapshot)
{
	struct attribute some[N(area)];
	struct area_message message;

	EXPECT_BAD(moment, decode_part, &message);
	EXPECT_BAD(area, decode_part, &message);
	memcpy(some, area, sizeof(some));
	some[2].value = some[1].value;
	EXPECT_EQ(-EBADMSG, decode_part(some, N(some), &message));
}

TEST(a_probe)
{
	struct attribute some[N(probe)];
	struct probe_state state;

	ASSERT_EQ(0, decode_one_probe(probe, N(probe), &state));
	EXPECT_STREQ("mmap", state.name);
	EXPECT_STREQ("__x64_sys_mmap", state.symbol);
	EXPECT_EQ(BRKWATCH_PROBE_STATE_MISSING, state.state);
	EXPECT_TRUE(state.optional);
	EXPECT_EQ(9, state.missed);
	EXPECT_BAD(probe, decode_one_probe, &state);
	memcpy(some, probe, sizeof(some));
	some[0] = (struct attribute)TEXT(BRKWATCH_A_PROBE_NAME, "1234567890123456789012345678901");
	EXPECT_EQ(0, decode_one_probe(some, N(some), &state));
	some[0] = (struct attribute)TEXT(BRKWATCH_A_PROBE_NAME, "12345678901234567890123456789012");
	EXPECT_EQ(-EBADMSG, decode_one_probe(some, N(some), &state));
	memcpy(some, probe, sizeof(some));
	some[2].value = BRKWATCH_PROBE_STATE_DISARMED + 1;
	EXPECT_EQ(-ENOMSG, decode_one_probe(some, N(some), &state));
}

TEST_HARNESS_MAIN
