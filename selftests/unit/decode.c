// SPDX-License-Identifier: GPL-2.0
/* What an event says, from a message of each kind. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <kselftest_harness.h>

#include "messages.h"

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

TEST_HARNESS_MAIN
