// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/brkwatch.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <kselftest_harness.h>

#include "message.h"
#include "run/code_files.h"
#include "wire/attrs.h"
#include "wire/capture_read.h"
#include "wire/channel.h"
#include "wire/fact.h"
#include "wire/fact_process.h"
#include "wire/fact_system.h"

#define FAMILY 100
#define KIND(value) U32(CAPTURE_A_KIND, value)
#define KEY(text) TEXT(CAPTURE_A_KEY, text)
#define VALUE(text) TEXT(CAPTURE_A_VALUE, text)
/* Text without its terminating zero. */
#define BARE(type, text)                        \
	{                                       \
		type, sizeof(text) - 1, 0, text \
	}

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

/* A capture with the least that a reader wants, and what a test adds. */
FIXTURE(capture)
{
	char path[32];
	struct capture capture;
	struct capture_reader *reader;
	struct channel *channel;
};

static void put_message(struct capture *capture, int type, int seq, int cmd, bool sent,
			const struct attribute *attribute)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, 0, seq, type, 0, 0, cmd, 1) ||
	    (attribute && nla_put(msg, attribute->type, attribute->len, &attribute->value)))
		abort();
	capture_message(nlmsg_hdr(msg), sent, capture);
	nlmsg_free(msg);
}

FIXTURE_SETUP(capture)
{
	static const struct attribute id = { CTRL_ATTR_FAMILY_ID, 2, FAMILY, NULL };

	snprintf(self->path, sizeof(self->path), "/tmp/brkwatch-fact-XXXXXX");
	ASSERT_LE(0, mkstemp(self->path));
	self->capture.meta.page = 4096;
	ASSERT_EQ(0, capture_open(&self->capture, self->path));
	put_message(&self->capture, GENL_ID_CTRL, 1, CTRL_CMD_NEWFAMILY, false, &id);
	capture_begin(&self->capture, FAMILY);
}

FIXTURE_TEARDOWN(capture)
{
	channel_close(self->channel);
	capture_close(&self->capture);
	unlink(self->path);
}

static void request(struct capture *capture, int seq, int cmd)
{
	put_message(capture, FAMILY, seq, cmd, true, NULL);
}

static void put_fact(struct capture *capture, const struct attribute *attributes, size_t n)
{
	struct nlmsghdr *hdr = message_new(attributes, n);
	struct genlmsghdr *genl = nlmsg_data(hdr);

	hdr->nlmsg_type = FAMILY;
	hdr->nlmsg_seq = 0;
	genl->cmd = CAPTURE_CMD_FACT;
	capture_message(hdr, false, capture);
	free(hdr);
}

#define PUT(self, ...)                                                         \
	({                                                                     \
		static const struct attribute attributes_[] = { __VA_ARGS__ }; \
		put_fact(&(self)->capture, attributes_, N(attributes_));       \
	})

/* From now on the channel reads the capture. */
#define REPLAY(self)                                                                    \
	do {                                                                            \
		struct capture_meta meta_;                                              \
		ASSERT_EQ(0, capture_flush(&(self)->capture));                          \
		ASSERT_EQ(0, capture_read_open(&(self)->reader, (self)->path, &meta_)); \
		ASSERT_EQ(0, channel_replay(&(self)->channel, (self)->reader));         \
	} while (0)

/* The command of the next request, which it skips; 0 at the end. */
static int next_request(struct capture_reader *reader)
{
	const struct nlmsghdr *hdr = capture_read_peek(reader);
	int cmd = hdr ? ((struct genlmsghdr *)nlmsg_data(hdr))->cmd : 0;

	capture_read_skip(reader);
	return cmd;
}

/* The first byte of a fact, '-' without one. */
static char taken(struct channel *channel, enum fact_kind kind, const char *key)
{
	struct fact *fact = fact_take(channel, kind, key);
	char value = fact ? *fact->value : '-';

	free(fact);
	return value;
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

/* Store the attributes of a message as one fact. */
static void put_value(struct capture *capture, enum fact_kind kind, const char *key,
		      struct nl_msg *value)
{
	const struct nlmsghdr *hdr = nlmsg_hdr(value);
	const struct attribute attributes[] = {
		KIND(kind),
		{ CAPTURE_A_KEY, strlen(key) + 1, 0, key },
		{ CAPTURE_A_VALUE, nlmsg_datalen(hdr), 0, nlmsg_data(hdr) },
	};

	put_fact(capture, attributes, N(attributes));
	nlmsg_free(value);
}

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

static void put_process(struct capture *capture, const struct attribute *attributes, size_t n)
{
	struct nl_msg *value = nlmsg_alloc();
	size_t i;

	for (i = 0; i < n; i++)
		if (nla_put(value, attributes[i].type, attributes[i].len,
			    attributes[i].text ?: (const char *)&attributes[i].value))
			abort();
	put_value(capture, FACT_PROCESS, "5", value);
}

/* Stores the facts of a file with this name as a library. */
static void put_file(struct capture *capture, const char *key, const char *soname)
{
	struct elf_facts facts = { .read = true };
	size_t len;
	void *block;

	snprintf(facts.soname, sizeof(facts.soname), "%s", soname);
	block = elf_facts_pack(&facts, &len);
	if (!block)
		abort();
	put_fact(capture,
		 (const struct attribute[]){ KIND(FACT_FILE),
					     { CAPTURE_A_KEY, strlen(key) + 1, 0, key },
					     { CAPTURE_A_VALUE, len, 0, block } },
		 3);
	free(block);
}

/* The name as a library that the facts of an image's file have. */
static const char *soname_of(struct pipeline *pipeline, const struct image *image)
{
	if (elf_files_add(&pipeline->stacks.files, image) || code_files_know(pipeline))
		abort();
	return elf_files_find(&pipeline->stacks.files, image)->facts.soname;
}

/* Several files have one path, and one of them could not be read. */
TEST_F(capture, files)
{
	struct session session = { 0 };
	struct pipeline pipeline = { .session = &session };
	struct image image = {
		.file_size = 3,
		.file_time = 4,
		.file_device = 1,
		.path = "/lib/a",
	};

	put_file(&self->capture, "1:7:3:4:/lib/a", "seven");
	put_file(&self->capture, "1:8:3:4:/lib/a", "eight");
	put_file(&self->capture, "/lib/b", "path alone");
	put_file(&self->capture, "/lib/b", "path alone, second");
	request(&self->capture, 2, BRKWATCH_CMD_DRAIN);
	REPLAY(self);
	session.channel = self->channel;
	image.file_inode = 6;
	EXPECT_STREQ("", soname_of(&pipeline, &image));
	image.file_inode = 8;
	EXPECT_STREQ("eight", soname_of(&pipeline, &image));
	image.file_inode = 7;
	EXPECT_STREQ("seven", soname_of(&pipeline, &image));
	/* The tool or the module that made the capture knew no inodes. */
	image.path = "/lib/b";
	EXPECT_STREQ("path alone", soname_of(&pipeline, &image));
	image.file_inode = image.file_device = 0;
	EXPECT_STREQ("path alone, second", soname_of(&pipeline, &image));
	EXPECT_EQ(NULL, capture_read_damage(self->reader));
	elf_files_free(&pipeline.stacks.files);
}

TEST_F(capture, processes)
{
	static const struct attribute all[] = { TEXT(1, "/bin/a"), TEXT(2, "/b"),    U32(3, 1000),
						U32(4, 1),	   U64(5, 20000000), U32(6, 2) };
	static const struct attribute some[] = { U32(3, 0) };
	struct process_facts facts = { .watch = 5, .pid = 6 };

	put_process(&self->capture, all, N(all));
	put_process(&self->capture, some, N(some));
	REPLAY(self);
	ASSERT_EQ(0, fact_take_process(self->channel, &facts));
	EXPECT_STREQ("/bin/a", facts.executable);
	EXPECT_STREQ("/b", facts.cgroup);
	EXPECT_TRUE(facts.has_uid);
	EXPECT_EQ(1000, facts.uid);
	EXPECT_TRUE(facts.has_parent);
	EXPECT_EQ(1, facts.parent);
	EXPECT_TRUE(facts.has_start);
	EXPECT_EQ(20000000, facts.start);
	EXPECT_TRUE(facts.has_seccomp);
	EXPECT_EQ(2, facts.seccomp);
	process_facts_free(&facts);
	facts = (struct process_facts){ .watch = 5, .pid = 6 };
	ASSERT_EQ(0, fact_take_process(self->channel, &facts));
	EXPECT_EQ(NULL, facts.executable);
	EXPECT_EQ(NULL, facts.cgroup);
	EXPECT_TRUE(facts.has_uid);
	EXPECT_FALSE(facts.has_parent);
	EXPECT_FALSE(facts.has_start);
	EXPECT_FALSE(facts.has_seccomp);
	/* There are no more. */
	facts = (struct process_facts){ .watch = 5, .pid = 6 };
	ASSERT_EQ(0, fact_take_process(self->channel, &facts));
	EXPECT_FALSE(facts.has_uid);
	EXPECT_EQ(NULL, capture_read_damage(self->reader));
}

TEST_F(capture, crafted_processes)
{
	static const struct attribute first[] = { TEXT(1, "/bin/a"), BARE(2, "/b") };
	struct process_facts facts = { .watch = 5, .pid = 6 };

	put_process(&self->capture, first, N(first));
	REPLAY(self);
	ASSERT_EQ(0, fact_take_process(self->channel, &facts));
	EXPECT_EQ(NULL, facts.executable);
	EXPECT_EQ(NULL, facts.cgroup);
	EXPECT_EQ(5, facts.watch);
	EXPECT_EQ(6, facts.pid);
	EXPECT_STREQ("a fact cannot be read", capture_read_damage(self->reader));
}

static void put_system(struct capture *capture, int last)
{
	struct nl_msg *value = nlmsg_alloc();
	int i;

	for (i = 1; i <= last; i++)
		if (nla_put_u64(value, i, 100 + i))
			abort();
	put_value(capture, FACT_SYSTEM, "", value);
}

TEST_F(capture, system)
{
	struct system_facts facts;

	put_system(&self->capture, 9);
	REPLAY(self);
	fact_take_system(self->channel, &facts);
	EXPECT_EQ(101, facts.max_map_count);
	EXPECT_EQ(102, facts.overcommit);
	EXPECT_EQ(103, facts.commit_limit);
	EXPECT_EQ(104, facts.total);
	EXPECT_EQ(105, facts.admin_reserve);
	EXPECT_EQ(106, facts.user_reserve);
	EXPECT_EQ(107, facts.guard_gap);
	EXPECT_EQ(108, facts.task_size);
	EXPECT_EQ(109, facts.ignores_data);
	/* Captures of before do not have it. */
	fact_take_system(self->channel, &facts);
	EXPECT_EQ(0, facts.max_map_count);
	EXPECT_EQ(NULL, capture_read_damage(self->reader));
}

TEST_F(capture, crafted_system)
{
	struct system_facts facts;

	put_system(&self->capture, 8);
	REPLAY(self);
	fact_take_system(self->channel, &facts);
	EXPECT_EQ(0, facts.max_map_count);
	EXPECT_EQ(0, facts.task_size);
	EXPECT_STREQ("a fact cannot be read", capture_read_damage(self->reader));
}

TEST_HARNESS_MAIN
