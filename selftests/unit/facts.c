// SPDX-License-Identifier: GPL-2.0
/* The facts of a capture that nobody has taken yet. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <kselftest_harness.h>

#include "fact_message.h"
#include "wire/fact.h"

static int add(struct facts *facts, const struct attribute *attributes, size_t n)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	int err = facts_add(facts, hdr);

	free(hdr);
	return err;
}

#define ADD(facts, ...)                                                        \
	({                                                                     \
		static const struct attribute attributes_[] = { __VA_ARGS__ }; \
		add(facts, attributes_, N(attributes_));                       \
	})

/* Takes a fact and frees it. */
static bool has(struct facts *facts, enum fact_kind kind, const char *key, const char *value)
{
	struct fact *fact = facts_take(facts, kind, key);
	bool found = fact && !strcmp(fact->key, key) && fact->len == strlen(value) + 1 &&
		     !strcmp(fact->value, value);

	free(fact);
	return found;
}

#define ROOM (1ULL << 30)

static size_t left(const struct facts *facts)
{
	return facts->files.n + facts->others.n;
}

/* Adds a fact with a number as its key. */
static int add_number(struct facts *facts, uint32_t kind, size_t number)
{
	char key[16];
	const struct attribute attributes[] = {
		KIND(kind),
		{ CAPTURE_A_KEY, snprintf(key, sizeof(key), "%zu", number) + 1, 0, key },
		VALUE("d"),
	};

	return add(facts, attributes, N(attributes));
}

/* Takes that fact and frees it. */
static bool has_number(struct facts *facts, uint32_t kind, size_t number)
{
	char key[16];

	snprintf(key, sizeof(key), "%zu", number);
	return has(facts, kind, key, "d");
}

TEST(in_order)
{
	struct facts facts = { .room = ROOM };

	ASSERT_EQ(0, ADD(&facts, KIND(FACT_PROCESS), KEY("1"), VALUE("a")));
	ASSERT_EQ(0, ADD(&facts, KIND(FACT_PROCESS), KEY("2"), VALUE("b")));
	ASSERT_EQ(0, ADD(&facts, KIND(FACT_MAPS), KEY("1"), VALUE("c")));
	ASSERT_EQ(0, ADD(&facts, KIND(FACT_PROCESS), KEY("1"), VALUE("d")));
	EXPECT_EQ(NULL, facts_take(&facts, FACT_PROCESS, "3"));
	EXPECT_TRUE(has(&facts, FACT_PROCESS, "1", "a"));
	EXPECT_TRUE(has(&facts, FACT_PROCESS, "1", "d"));
	EXPECT_EQ(NULL, facts_take(&facts, FACT_PROCESS, "1"));
	/* The last one is gone, so the next one goes behind the one before. */
	ASSERT_EQ(0, ADD(&facts, KIND(FACT_SYSTEM), KEY(""), VALUE("e")));
	EXPECT_TRUE(has(&facts, FACT_SYSTEM, "", "e"));
	EXPECT_TRUE(has(&facts, FACT_MAPS, "1", "c"));
	EXPECT_TRUE(has(&facts, FACT_PROCESS, "2", "b"));
	EXPECT_EQ(0, left(&facts));
	EXPECT_EQ(NULL, facts.tree);
}

TEST(places_that_are_past)
{
	struct facts facts = { .room = ROOM };
	size_t i;

	ASSERT_EQ(0, ADD(&facts, KIND(FACT_PROCESS), KEY("1"), VALUE("a")));
	ASSERT_EQ(0, ADD(&facts, KIND(FACT_FILE), KEY("/lib"), VALUE("b")));
	ASSERT_EQ(0, ADD(&facts, KIND(77), KEY("1"), VALUE("c")));
	facts_pass(&facts);
	EXPECT_EQ(NULL, facts_take(&facts, FACT_PROCESS, "1"));
	EXPECT_EQ(NULL, facts_take(&facts, 77, "1"));
	/* Those about files stay, but no more than some. */
	for (i = 0; i < FACT_FILES_MAX; i++)
		ASSERT_EQ(0, add_number(&facts, FACT_FILE, i));
	EXPECT_EQ(FACT_FILES_MAX, facts.files.n);
	EXPECT_EQ(NULL, facts_take(&facts, FACT_FILE, "/lib"));
	EXPECT_TRUE(has(&facts, FACT_FILE, "0", "d"));
	EXPECT_TRUE(has(&facts, FACT_FILE, "4095", "d"));
	EXPECT_EQ(FACT_FILES_MAX - 2, facts.files.n);
	facts_free(&facts);
	EXPECT_EQ(0, left(&facts));
	EXPECT_EQ(NULL, facts.tree);
}

/*
 * A capture may have any number of facts in one place, and a reader may ask for the last one first,
 * and for many that are not there. With a list this takes MANY * MANY steps, and the harness ends a
 * test that takes so long.
 */
#define MANY 150000

TEST(many)
{
	struct facts facts = { .room = ROOM };
	size_t i;

	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, add_number(&facts, FACT_PROCESS, i));
		ASSERT_EQ(NULL, facts_take(&facts, FACT_PROCESS, "none"));
	}
	for (i = MANY; i > 0; i--)
		ASSERT_TRUE(has_number(&facts, FACT_PROCESS, i - 1));
	EXPECT_EQ(0, left(&facts));
	EXPECT_EQ(0, facts.others.bytes);
	EXPECT_EQ(0, facts.dropped);
	/* Likewise where files come behind them, of which only the latest stay. */
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, add_number(&facts, FACT_PROCESS, i));
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, add_number(&facts, FACT_FILE, i));
	EXPECT_EQ(MANY + FACT_FILES_MAX, left(&facts));
	facts_pass(&facts);
	EXPECT_EQ(FACT_FILES_MAX, left(&facts));
	EXPECT_TRUE(has_number(&facts, FACT_FILE, MANY - 1));
	facts_free(&facts);
	EXPECT_EQ(NULL, facts.tree);
}

/* The oldest facts of a place make room for the newest; those about files have their own. */
TEST(no_more_than_there_is_room)
{
	struct facts facts = { .room = ROOM };
	const size_t some = 100;
	size_t i;

	for (i = 0; i < some; i++)
		ASSERT_EQ(0, add_number(&facts, FACT_PROCESS, i + some));
	facts.room = facts.others.bytes;
	ASSERT_EQ(0, add_number(&facts, FACT_FILE, 0));
	EXPECT_EQ(0, facts.dropped);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, add_number(&facts, FACT_MAPS, i + some));
	EXPECT_EQ(3, facts.dropped);
	EXPECT_EQ(some, facts.others.n);
	EXPECT_GE(facts.room, facts.others.bytes);
	EXPECT_FALSE(has_number(&facts, FACT_PROCESS, some + 2));
	EXPECT_TRUE(has_number(&facts, FACT_PROCESS, some + 3));
	EXPECT_TRUE(has_number(&facts, FACT_MAPS, some + 2));
	EXPECT_TRUE(has_number(&facts, FACT_FILE, 0));
	/* A fact that is larger than the room is there alone. */
	facts.room = 1;
	ASSERT_EQ(0, add_number(&facts, FACT_PROCESS, 0));
	EXPECT_EQ(1, left(&facts));
	EXPECT_TRUE(has_number(&facts, FACT_PROCESS, 0));
	facts_free(&facts);
}

TEST(crafted)
{
	struct facts facts = { .room = ROOM };
	struct nlmsghdr *whole, *cut;
	size_t len;

	EXPECT_EQ(-EBADMSG, ADD(&facts, KEY("1"), VALUE("a")));
	EXPECT_EQ(-EBADMSG, ADD(&facts, KIND(1), VALUE("a")));
	EXPECT_EQ(-EBADMSG, ADD(&facts, KIND(1), KEY("1")));
	EXPECT_EQ(-EBADMSG, ADD(&facts, U64(CAPTURE_A_KIND, 1), KEY("1"), VALUE("a")));
	EXPECT_EQ(-EBADMSG, ADD(&facts, FLAG(CAPTURE_A_KIND), KEY("1"), VALUE("a")));
	EXPECT_EQ(-EBADMSG, ADD(&facts, KIND(1), BARE(CAPTURE_A_KEY, "1"), VALUE("a")));
	EXPECT_EQ(-EBADMSG, ADD(&facts, KIND(1), FLAG(CAPTURE_A_KEY), VALUE("a")));
	EXPECT_EQ(-EBADMSG, ADD(&facts, KIND(1), KEY("1\0002"), VALUE("a")));
	EXPECT_EQ(0, ADD(&facts, KIND(1), KEY("1"), FLAG(CAPTURE_A_VALUE)));
	facts_free(&facts);
	whole = message_new((const struct attribute[]){ KIND(1), KEY("1"), VALUE("abc") }, 3);
	for (len = NLMSG_HDRLEN; len < whole->nlmsg_len; len++) {
		cut = message_cut(whole, len);
		EXPECT_EQ(-EBADMSG, facts_add(&facts, cut))
		{
			TH_LOG("%zu bytes", len);
		}
		free(cut);
	}
	free(whole);
	EXPECT_EQ(0, left(&facts));
	EXPECT_EQ(NULL, facts.tree);
}

TEST_HARNESS_MAIN
