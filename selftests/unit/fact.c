// SPDX-License-Identifier: GPL-2.0
/* Facts and the other messages of a capture. */
#include <errno.h>
#include <kselftest_harness.h>

#include "fact_fixture.h"
#include "wire/attrs.h"

/* The command of the next request, which it skips; 0 at the end. */
static int next_request(struct capture_reader *reader)
{
	const struct nlmsghdr *hdr = capture_read_peek(reader);
	int cmd = hdr ? ((struct genlmsghdr *)nlmsg_data(hdr))->cmd : 0;

	capture_read_skip(reader);
	return cmd;
}

TEST_F(capture, between_requests)
{
	request(&self->capture, 2, BRKWATCH_CMD_DRAIN);
	PUT(self, KIND(FACT_PROCESS), KEY("1"), VALUE("a"));
	PUT(self, KIND(FACT_PROCESS), KEY("1"), VALUE("b"));
	PUT(self, KIND(FACT_FILE), KEY("/lib"), VALUE("c"));
	request(&self->capture, 3, BRKWATCH_CMD_DRAIN);
	PUT(self, KIND(FACT_PROCESS), KEY("1"), VALUE("d"));
	REPLAY(self);
	EXPECT_EQ('-', taken(self->channel, FACT_PROCESS, "1"));
	ASSERT_NE(NULL, capture_read_ask(self->reader, capture_read_peek(self->reader)));
	EXPECT_EQ('a', taken(self->channel, FACT_PROCESS, "1"));
	/* Nobody takes the second one, and it must not stand for a later one. */
	ASSERT_NE(NULL, capture_read_ask(self->reader, capture_read_peek(self->reader)));
	EXPECT_EQ('d', taken(self->channel, FACT_PROCESS, "1"));
	EXPECT_EQ('-', taken(self->channel, FACT_PROCESS, "1"));
	EXPECT_EQ('c', taken(self->channel, FACT_FILE, "/lib"));
	EXPECT_EQ('-', taken(self->channel, FACT_FILE, "/lib"));
	EXPECT_EQ(NULL, capture_read_peek(self->reader));
	EXPECT_EQ(NULL, capture_read_damage(self->reader));
}

/* A reader without the command passes over it, because it is no request and no answer. */
TEST_F(capture, other_messages)
{
	static const struct attribute nothing = FLAG(CAPTURE_A_KIND);

	request(&self->capture, 2, BRKWATCH_CMD_DRAIN);
	put_message(&self->capture, FAMILY, 0, CAPTURE_CMD_FACT - 1, false, &nothing);
	put_message(&self->capture, FAMILY, 2, CAPTURE_CMD_FACT, false, &nothing);
	put_message(&self->capture, FAMILY + 1, 0, CAPTURE_CMD_FACT, false, &nothing);
	request(&self->capture, 3, BRKWATCH_CMD_SESSION_GET);
	request(&self->capture, 4, CAPTURE_CMD_FACT);
	REPLAY(self);
	EXPECT_EQ(BRKWATCH_CMD_DRAIN, next_request(self->reader));
	EXPECT_EQ(BRKWATCH_CMD_SESSION_GET, next_request(self->reader));
	EXPECT_EQ(CAPTURE_CMD_FACT, next_request(self->reader));
	EXPECT_EQ(0, next_request(self->reader));
	EXPECT_EQ(NULL, capture_read_damage(self->reader));
}

TEST_F(capture, damaged)
{
	PUT(self, KIND(FACT_PROCESS), KEY("1"));
	request(&self->capture, 2, BRKWATCH_CMD_DRAIN);
	REPLAY(self);
	EXPECT_EQ('-', taken(self->channel, FACT_PROCESS, "1"));
	EXPECT_STREQ("a fact cannot be read", capture_read_damage(self->reader));
	EXPECT_EQ(NULL, capture_read_peek(self->reader));
}

/* A structure as others may want to store one. */
struct figures {
	uint64_t large;
	uint32_t small;
	bool flag;
	bool other;
	char name[8];
};

static const struct attr_field fields[] = {
	FIELD(1, U64, struct figures, large, false), FIELD(2, U32, struct figures, small, false),
	FIELD(3, FLAG, struct figures, flag, true),  FIELD(4, BOOL, struct figures, other, false),
	FIELD(5, TEXT, struct figures, name, false),
};

static const struct figures figures = { UINT64_MAX - 1, 7, true, true, "a name" };

TEST_F(capture, structures)
{
	struct nl_msg *value = nlmsg_alloc();
	struct figures found = { 0 };

	ASSERT_EQ(0, attrs_put(value, fields, N(fields), &figures));
	put_value(&self->capture, FACT_SYSTEM, "", value);
	PUT(self, KIND(FACT_SYSTEM), KEY(""), VALUE("no attributes"));
	REPLAY(self);
	ASSERT_EQ(0, fact_take_fields(self->channel, FACT_SYSTEM, "", fields, N(fields), &found));
	EXPECT_EQ(figures.large, found.large);
	EXPECT_EQ(figures.small, found.small);
	EXPECT_TRUE(found.flag);
	EXPECT_TRUE(found.other);
	EXPECT_STREQ(figures.name, found.name);
	EXPECT_EQ(NULL, capture_read_damage(self->reader));
	EXPECT_EQ(-EBADMSG,
		  fact_take_fields(self->channel, FACT_SYSTEM, "", fields, N(fields), &found));
	EXPECT_STREQ("a fact cannot be read", capture_read_damage(self->reader));
	EXPECT_EQ(-ENOENT,
		  fact_take_fields(self->channel, FACT_SYSTEM, "", fields, N(fields), &found));
}

/* A message without room for the structure. */
TEST(no_room)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_HDRLEN + 16);

	EXPECT_EQ(-ENOMEM, attrs_put(msg, fields, N(fields), &figures));
	nlmsg_free(msg);
}

/* A capture that is written anew has the facts of the old one, once, in their places. */
TEST_F(capture, written_anew)
{
	struct capture anew = { .meta.page = 4096 };
	char path[] = "/tmp/brkwatch-anew-XXXXXX";
	struct capture_reader *reader;
	struct capture_meta meta;

	request(&self->capture, 2, BRKWATCH_CMD_DRAIN);
	PUT(self, KIND(FACT_PROCESS), KEY("1"), VALUE("a"));
	PUT(self, KIND(FACT_PROCESS), KEY("2"), VALUE("b"));
	REPLAY(self);
	ASSERT_LE(0, mkstemp(path));
	ASSERT_EQ(0, capture_open(&anew, path));
	ASSERT_EQ(0, channel_tap(self->channel, capture_message, &anew));
	capture_begin(&anew, FAMILY);
	EXPECT_EQ(BRKWATCH_CMD_DRAIN, next_request(self->reader));
	EXPECT_EQ('a', taken(self->channel, FACT_PROCESS, "1"));
	EXPECT_EQ(0, fact_put(self->channel, FACT_PROCESS, "3", "c", 1));
	EXPECT_EQ(NULL, capture_read_peek(self->reader));
	ASSERT_EQ(0, capture_close(&anew));
	ASSERT_EQ(0, capture_read_open(&reader, path, &meta));
	channel_close(self->channel);
	ASSERT_EQ(0, channel_replay(&self->channel, reader));
	EXPECT_EQ('a', taken(self->channel, FACT_PROCESS, "1"));
	EXPECT_EQ('b', taken(self->channel, FACT_PROCESS, "2"));
	EXPECT_EQ('-', taken(self->channel, FACT_PROCESS, "3"));
	unlink(path);
}

TEST_HARNESS_MAIN
