// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "wire/decode.h"
#include "event/distribution.h"
#include "message.h"

#define BRK BRKWATCH_EVENT_KIND_BRK
#define SIZE BRKWATCH_MEASURE_SIZE
#define DURATION BRKWATCH_MEASURE_DURATION

TEST(each_value_in_its_bucket)
{
	static const struct {
		uint64_t value;
		int of_sizes;
		int of_durations;
	} cases[] = {
		{ 0, 0, 0 },
		{ 1, 0, 0 },
		{ 2, 0, 1 },
		{ 4095, 0, 11 },
		{ 8191, 0, 12 },
		{ 8192, 1, 13 },
		{ (1ULL << 31) - 1, 18, 30 },
		{ 1ULL << 31, 19, 31 },
		{ 1ULL << 43, 31, 31 },
		{ UINT64_MAX, 31, 31 },
	};
	size_t i;

	for (i = 0; i < N(cases); i++) {
		struct distribution all[DISTRIBUTIONS] = { 0 };
		const struct distribution *sizes = &all[distribution_find(BRK, SIZE)];
		const struct distribution *durations = &all[distribution_find(BRK, DURATION)];

		distribution_add(all, BRK, SIZE, cases[i].value);
		distribution_add(all, BRK, DURATION, cases[i].value);
		EXPECT_EQ(1, sizes->buckets[cases[i].of_sizes]);
		EXPECT_EQ(1, durations->buckets[cases[i].of_durations]);
		EXPECT_EQ(cases[i].value, sizes->least);
		EXPECT_EQ(cases[i].value, sizes->most);
	}
}

TEST(parts)
{
	const int id = distribution_find(BRKWATCH_EVENT_KIND_MMAP, DURATION);
	const struct distribution_type *type = &distribution_types[id];
	struct distribution all[DISTRIBUTIONS] = { 0 };
	int i;

	for (i = 0; i < 98; i++)
		distribution_add(all, BRKWATCH_EVENT_KIND_MMAP, DURATION, 600);
	distribution_add(all, BRKWATCH_EVENT_KIND_MMAP, DURATION, 5000);
	EXPECT_EQ(1024, distribution_part(&all[id], type, 50));
	/* 98 of 99 are less than 99 of 100. */
	EXPECT_EQ(5000, distribution_part(&all[id], type, 99));
	distribution_add(all, BRKWATCH_EVENT_KIND_MMAP, DURATION, 70000);
	EXPECT_EQ(8192, distribution_part(&all[id], type, 99));
	EXPECT_EQ(70000, distribution_part(&all[id], type, 100));
	EXPECT_EQ(600, all[id].least);
}

TEST(protection_keys_count_as_mprotect)
{
	EXPECT_EQ(distribution_find(BRKWATCH_EVENT_KIND_MPROTECT, DURATION),
		  distribution_find(BRKWATCH_EVENT_KIND_PKEY_MPROTECT, DURATION));
	EXPECT_EQ(-1, distribution_find(BRKWATCH_EVENT_KIND_SHMAT, DURATION));
	EXPECT_EQ(-1, distribution_find(BRKWATCH_EVENT_KIND_MADVISE, SIZE));
}

/* A distribution as a watch's message holds it. */
struct told {
	uint32_t kind;
	uint32_t measure;
	uint32_t first;
	int bytes;
};

static int decode(const struct told *told, struct distribution *all)
{
	static const uint64_t buckets[BUCKETS + 1] = { 3, 0, 4 };
	const uint64_t least = 5000, most = 20000;
	struct nl_msg *msg = nlmsg_alloc();
	struct nlattr *nest;
	int err;

	if (!msg || !genlmsg_put(msg, 1, 1, 100, 0, 0, 1, 1))
		abort();
	nest = nla_nest_start(msg, BRKWATCH_A_WATCH_DISTRIBUTION);
	nla_put_u32(msg, BRKWATCH_A_DISTRIBUTION_KIND, told->kind);
	nla_put_u32(msg, BRKWATCH_A_DISTRIBUTION_MEASURE, told->measure);
	nla_put_u64(msg, BRKWATCH_A_DISTRIBUTION_LEAST, least);
	nla_put_u64(msg, BRKWATCH_A_DISTRIBUTION_MOST, most);
	nla_put_u32(msg, BRKWATCH_A_DISTRIBUTION_FIRST, told->first);
	if (told->bytes >= 0)
		nla_put(msg, BRKWATCH_A_DISTRIBUTION_BUCKETS, told->bytes, buckets);
	nla_nest_end(msg, nest);
	err = decode_distributions(nlmsg_hdr(msg), all);
	nlmsg_free(msg);
	return err;
}

TEST(told_by_the_module)
{
	const struct told told = { BRK, SIZE, 13, 3 * sizeof(uint64_t) };
	struct distribution all[DISTRIBUTIONS] = { 0 };
	const struct distribution *d = &all[distribution_find(BRK, SIZE)];

	ASSERT_EQ(0, decode(&told, all));
	EXPECT_EQ(7, d->n);
	EXPECT_EQ(5000, d->least);
	EXPECT_EQ(20000, d->most);
	EXPECT_EQ(0, d->buckets[0]);
	EXPECT_EQ(3, d->buckets[1]);
	EXPECT_EQ(4, d->buckets[3]);
}

TEST(told_by_a_newer_module)
{
	const struct told some[] = { { 1000, SIZE, 13, 24 }, { BRK, 1000, 13, 24 } };
	struct distribution all[DISTRIBUTIONS] = { 0 };
	size_t i;

	for (i = 0; i < N(some); i++)
		EXPECT_EQ(0, decode(&some[i], all));
	for (i = 0; i < DISTRIBUTIONS; i++)
		EXPECT_EQ(0, all[i].n);
}

TEST(told_wrongly)
{
	const struct told some[] = {
		{ BRK, SIZE, 11, 24 },	       { BRK, SIZE, 44, 8 },	  { BRK, SIZE, 43, 16 },
		{ BRK, SIZE, UINT32_MAX, 24 }, { BRK, SIZE, 12, 33 * 8 }, { BRK, SIZE, 12, 12 },
		{ BRK, SIZE, 12, 0 },	       { BRK, SIZE, 12, -1 },
	};
	struct distribution all[DISTRIBUTIONS] = { 0 };
	size_t i;

	for (i = 0; i < N(some); i++)
		EXPECT_EQ(-EBADMSG, decode(&some[i], all));
}

TEST_HARNESS_MAIN
