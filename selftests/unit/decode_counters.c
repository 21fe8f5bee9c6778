// SPDX-License-Identifier: GPL-2.0
/* The counters of a watch, from its message. */
#include <errno.h>
#include <stdlib.h>
#include <kselftest_harness.h>
#include <linux/netlink.h>

#include "wire/decode.h"
#include "view_fixture.h"
#include "message.h"

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

TEST_HARNESS_MAIN
