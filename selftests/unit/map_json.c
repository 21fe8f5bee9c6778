// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <json-c/json.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "view_fixture.h"
#include "message.h"
#include "ledger/address_space.h"
#include "view/mapped.h"

#define RW (PROT_BIT_READ | PROT_BIT_WRITE)
#define ANONYMOUS(prot, origin) \
	(CLASS_ANONYMOUS | (prot) << TAG_PROT_SHIFT | ORIGIN_##origin << TAG_ORIGIN_SHIFT)

FIXTURE(map)
{
	struct fixture fixture;
	struct address_space *space;
	json_object *line;
};

/* The account of watch 1, whose ranges a test sets. */
FIXTURE_SETUP(map)
{
	fixture_begin(&self->fixture, &map_json_view);
	self->space = ledger_process(&self->fixture.ledger, 1)->space;
}

FIXTURE_TEARDOWN(map)
{
	json_object_put(self->line);
	fixture_free(&self->fixture);
}

static const struct counters watch = { .id = 1, .pid = 42, .comm = "a\"b" };

#define LOOK()                                                                 \
	do {                                                                   \
		ASSERT_EQ(0, map_json_view.look(self->fixture.view, &watch));  \
		json_object_put(self->line);                                   \
		self->line = json_tokener_parse(fixture_text(&self->fixture)); \
		ASSERT_NE(NULL, self->line);                                   \
	} while (0)

#define SET(start, end, tag) ASSERT_EQ(0, ranges_set(&self->space->ranges, start, end, tag))
#define RANGES() json_object_object_get(self->line, "ranges")
#define TEXT_OF(object) json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN)
#define EXPECT_RANGE(i, text) EXPECT_STREQ(text, TEXT_OF(json_object_array_get_idx(RANGES(), i)))
#define FIELD(i, key) \
	json_object_get_string(json_object_object_get(json_object_array_get_idx(RANGES(), i), key))

TEST_F(map, whole_object)
{
	SET(0x20000, 0x41000, ANONYMOUS(RW, HEAP));
	self->space->exact = true;
	self->space->reserved = (struct total){ 0x21000, 0x22000 };
	self->space->committed = (struct total){ 1, 2 };
	self->space->given_back = (struct total){ 3, 4 };
	ASSERT_EQ(0, map_json_view.look(self->fixture.view, &watch));
	EXPECT_STREQ("{\"event\":\"map\",\"pid\":42,\"comm\":\"a\\\\042b\",\"exact\":true,"
		     "\"ranges\":[{\"start\":\"0x20000\",\"end\":\"0x41000\",\"bytes\":135168,"
		     "\"prot\":\"rw-\",\"kind\":\"private\",\"origin\":\"heap\","
		     "\"origin_guess\":null,\"path\":null,\"committed\":135168,"
		     "\"resident\":null,\"dirty\":null,\"given_back\":false,\"uncertain\":false}],"
		     "\"totals\":{\"reserved\":{\"now\":135168,\"peak\":139264},"
		     "\"committed\":{\"now\":1,\"peak\":2},"
		     "\"given_back\":{\"now\":3,\"peak\":4},\"apart\":0}}\n",
		     fixture_text(&self->fixture));
}

TEST_F(map, kinds)
{
	static const struct {
		uint64_t tag;
		const char *kind;
	} kinds[] = {
		{ CLASS_ANONYMOUS, "private" },
		{ CLASS_FILE, "file" },
		{ CLASS_FILE | TAG_COUNTED | TAG_SHARED, "shared" },
		{ CLASS_FILE | TAG_COUNTED | TAG_HUGE, "huge" },
		{ CLASS_FILE | TAG_COUNTED | TAG_HUGE | TAG_SHARED, "shared-huge" },
		{ CLASS_GROWS_DOWN, "grows-down" },
		{ CLASS_GROWS_DOWN | TAG_COUNTED, "grows-down" },
		{ CLASS_GROWS_DOWN | TAG_GREW, "grows-down" },
		{ CLASS_SPECIAL, "special" },
		{ CLASS_NONE | TAG_UNCERTAIN, "none" },
	};
	size_t i;

	for (i = 0; i < N(kinds); i++)
		SET((i + 1) << 20, ((i + 1) << 20) + 4096, kinds[i].tag);
	LOOK();
	ASSERT_EQ(N(kinds), json_object_array_length(RANGES()));
	for (i = 0; i < N(kinds); i++)
		EXPECT_STREQ(kinds[i].kind, FIELD(i, "kind"));
	/* Five of them are apart: shared, huge, shared-huge, and two that grow down. */
	EXPECT_EQ(5 * 4096, json_object_get_int64(JSON_AT(self->line, "totals", "apart")));
}

/* A guess never stands where a fact does. */
TEST_F(map, origins)
{
	SET(0x1000, 0x2000, ANONYMOUS(RW, MALLOC) | TAG_GUESS);
	SET(0x3000, 0x4000, ANONYMOUS(RW, STACK));
	SET(0x5000, 0x6000, ANONYMOUS(RW, UNKNOWN));
	SET(0x7000, 0x8000,
	    CLASS_FILE | TAG_COUNTED | TAG_SHARED | TAG_GUESS | ORIGIN_MALLOC << TAG_ORIGIN_SHIFT);
	SET(0x9000, 0xa000, CLASS_FILE | ORIGIN_EXEC << TAG_ORIGIN_SHIFT);
	SET(0xb000, 0xc000, CLASS_GROWS_DOWN | ORIGIN_EXEC << TAG_ORIGIN_SHIFT);
	SET(0xd000, 0xe000, CLASS_GROWS_DOWN);
	SET(0xf000, 0x10000, CLASS_GROWS_DOWN | TAG_COUNTED | ORIGIN_PROGRAM << TAG_ORIGIN_SHIFT);
	LOOK();
	EXPECT_EQ(NULL, FIELD(0, "origin"));
	EXPECT_STREQ("malloc mmap", FIELD(0, "origin_guess"));
	EXPECT_STREQ("thread stack", FIELD(1, "origin"));
	EXPECT_EQ(NULL, FIELD(1, "origin_guess"));
	EXPECT_EQ(NULL, FIELD(2, "origin"));
	EXPECT_EQ(NULL, FIELD(2, "origin_guess"));
	EXPECT_EQ(NULL, FIELD(3, "origin"));
	EXPECT_EQ(NULL, FIELD(3, "origin_guess"));
	EXPECT_EQ(NULL, FIELD(4, "origin"));
	EXPECT_STREQ("kernel at exec", FIELD(5, "origin"));
	EXPECT_EQ(NULL, FIELD(5, "origin_guess"));
	EXPECT_EQ(NULL, FIELD(6, "origin"));
	EXPECT_EQ(NULL, FIELD(7, "origin"));
}

TEST_F(map, states)
{
	SET(0x1000, 0x2000, ANONYMOUS(0, ARENA));
	SET(0x2000, 0x3000, ANONYMOUS(RW, ARENA) | TAG_GIVEN_BACK);
	SET(0x3000, 0x4000, ANONYMOUS(RW | PROT_BIT_EXEC, ARENA) | TAG_UNCERTAIN);
	/* A difference that is not shown makes no range of its own. */
	SET(0x4000, 0x5000, ANONYMOUS(RW | PROT_BIT_EXEC, ARENA) | TAG_UNCERTAIN | TAG_DONT_FORK);
	SET(0x9000, 0xa000, CLASS_FILE | RW << TAG_PROT_SHIFT);
	LOOK();
	ASSERT_EQ(4, json_object_array_length(RANGES()));
	EXPECT_STREQ("---", FIELD(0, "prot"));
	EXPECT_STREQ("0", FIELD(0, "committed"));
	EXPECT_STREQ("true", FIELD(1, "given_back"));
	EXPECT_STREQ("4096", FIELD(1, "committed"));
	EXPECT_STREQ("rwx", FIELD(2, "prot"));
	EXPECT_STREQ("true", FIELD(2, "uncertain"));
	EXPECT_STREQ("8192", FIELD(2, "bytes"));
	EXPECT_STREQ("0", FIELD(3, "committed"));
}

TEST_F(map, paths)
{
	struct mapped mapped = { 0 };

	SET(0x1000, 0x3000, CLASS_FILE);
	SET(0x3000, 0x4000, ANONYMOUS(RW, HEAP));
	ASSERT_EQ(0, mapped_add(&mapped, &(struct mapped_area){ 0x1000, 0x2000, 0,
								"/usr/lib/li\"b.so", true, 7, 5 }));
	ASSERT_EQ(0, mapped_add(&mapped, &(struct mapped_area){ 0x3000, 0x4000, 0, "[heap]" }));
	self->fixture.view->mapped = &mapped;
	LOOK();
	ASSERT_EQ(3, json_object_array_length(RANGES()));
	EXPECT_STREQ("/usr/lib/li\\042b.so", FIELD(0, "path"));
	EXPECT_STREQ("7", FIELD(0, "resident"));
	EXPECT_STREQ("5", FIELD(0, "dirty"));
	EXPECT_EQ(NULL, FIELD(1, "resident"));
	EXPECT_EQ(NULL, FIELD(1, "path"));
	EXPECT_EQ(NULL, FIELD(2, "path"));
	self->fixture.view->normalize = true;
	LOOK();
	EXPECT_RANGE(0, "{\"start\":null,\"end\":null,\"bytes\":4096,\"prot\":\"---\","
			"\"kind\":\"file\",\"origin\":null,\"origin_guess\":null,"
			"\"path\":\"li\\\\042b.so\",\"committed\":0,\"resident\":null,"
			"\"dirty\":null,\"given_back\":false,\"uncertain\":false}");
	EXPECT_EQ(NULL, json_object_object_get(self->line, "pid"));
	EXPECT_FALSE(json_object_object_get_ex(self->line, "watch", NULL));
	self->fixture.view->many = true;
	LOOK();
	EXPECT_EQ(1, json_object_get_int(json_object_object_get(self->line, "watch")));
	mapped_free(&mapped);
}

/* What a process says of its memory is no origin, and breaks no line. */
TEST_F(map, names_that_processes_give)
{
	struct mapped mapped = { 0 };

	SET(0x1000, 0x4000, ANONYMOUS(RW, MALLOC) | TAG_GUESS);
	SET(0x4000, 0x5000, CLASS_FILE | TAG_COUNTED | TAG_SHARED);
	ASSERT_EQ(0, mapped_add(&mapped, &(struct mapped_area){ 0x1000, 0x2000, RW, NULL }));
	ASSERT_EQ(0,
		  mapped_add(&mapped, &(struct mapped_area){ 0x2000, 0x4000, RW,
							     "[anon:a/b\",\"\n c]", true, 7, 5 }));
	ASSERT_EQ(0, mapped_add(&mapped, &(struct mapped_area){ 0x4000, 0x5000, RW,
								"[anon_shmem:the program]" }));
	self->fixture.view->mapped = &mapped;
	LOOK();
	ASSERT_EQ(3, json_object_array_length(RANGES()));
	EXPECT_EQ(NULL, FIELD(0, "path"));
	EXPECT_STREQ("0x2000", FIELD(1, "start"));
	EXPECT_STREQ("[anon:a/b\\042,\\042\\012 c]", FIELD(1, "path"));
	EXPECT_EQ(NULL, FIELD(1, "origin"));
	EXPECT_STREQ("malloc mmap", FIELD(1, "origin_guess"));
	EXPECT_STREQ("7", FIELD(1, "resident"));
	EXPECT_STREQ("[anon_shmem:the program]", FIELD(2, "path"));
	EXPECT_STREQ("shared", FIELD(2, "kind"));
	EXPECT_EQ(NULL, FIELD(2, "origin"));
	/* A slash in such a name separates nothing. */
	self->fixture.view->normalize = true;
	LOOK();
	EXPECT_STREQ("[anon:a/b\\042,\\042\\012 c]", FIELD(1, "path"));
	mapped_free(&mapped);
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

TEST(start)
{
	EXPECT_EQ(json_view.begin, map_json_view.begin);
}

/* The view shows a map at the exit, marks, and nothing else. */
TEST_F(map, events)
{
	fixture_event(&self->fixture, mmap_event(0, PAGE, MAP_PRIVATE | MAP_ANONYMOUS, MAPS));
	EXPECT_STREQ("", fixture_text(&self->fixture));
	fixture_event(&self->fixture, mark_event("half way"));
	EXPECT_NE(NULL, strstr(fixture_text(&self->fixture), "\"text\":\"half way\""));
	fixture_event(&self->fixture, exit_event(0));
	EXPECT_TRUE(begins(fixture_text(&self->fixture),
			   "{\"event\":\"map\",\"pid\":42,\"comm\":\"lab\","));
	EXPECT_NE(NULL, strstr(self->fixture.text, "\"start\":\"0x7fff00000000\""));
	fixture_end(&self->fixture, &(struct report){ .losses = { 1 } });
	EXPECT_TRUE(begins(fixture_text(&self->fixture), "{\"event\":\"lost\",\"ring\":1,"));
}

TEST_HARNESS_MAIN
