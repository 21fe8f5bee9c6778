// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <json-c/json.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "feed.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

FIXTURE(json)
{
	struct feed feed;
	json_object *line;
};

FIXTURE_SETUP(json)
{
	feed_begin(&self->feed, &json_sink);
}

FIXTURE_TEARDOWN(json)
{
	json_object_put(self->line);
	feed_free(&self->feed);
}

/* Read the line back with json-c, which must find one whole object in it. */
#define PARSE(event)                                                     \
	do {                                                             \
		feed_event(&self->feed, event);                          \
		json_object_put(self->line);                             \
		self->line = json_tokener_parse(feed_text(&self->feed)); \
		ASSERT_NE(NULL, self->line);                             \
	} while (0)

#define FIELD(key) json_object_object_get(self->line, key)
#define EXPECT_TEXT(key, text) EXPECT_STREQ(text, json_object_get_string(FIELD(key)))
#define EXPECT_INT(key, value)                                               \
	do {                                                                 \
		EXPECT_TRUE(json_object_is_type(FIELD(key), json_type_int)); \
		EXPECT_EQ(value, json_object_get_int64(FIELD(key)));         \
	} while (0)
#define EXPECT_NONE(key)                                                       \
	do {                                                                   \
		EXPECT_TRUE(json_object_object_get_ex(self->line, key, NULL)); \
		EXPECT_EQ(NULL, FIELD(key));                                   \
	} while (0)

TEST_F(json, brk_fields)
{
	PARSE(brk_event(BRKWATCH_BRK_KIND_SHRINK, HEAP, HEAP + PAGE, HEAP));
	EXPECT_TEXT("event", "brk");
	EXPECT_INT("time_ns", SECOND + 1234567);
	EXPECT_INT("duration_ns", 500);
	EXPECT_INT("pid", 42);
	EXPECT_INT("tid", 43);
	EXPECT_TEXT("comm", "lab");
	EXPECT_NONE("error");
	EXPECT_TEXT("kind", "shrink");
	EXPECT_TEXT("requested", "0x555500000000");
	EXPECT_TEXT("before", "0x555500001000");
	EXPECT_TEXT("after", "0x555500000000");
	EXPECT_INT("delta", -4096);
	EXPECT_TEXT("heap_start", "0x555500000000");
	EXPECT_TEXT("brk", "0x555500000000");
	EXPECT_INT("rss_pages", 7);
	PARSE(brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP, HEAP));
	EXPECT_TEXT("kind", "query");
	EXPECT_TEXT("requested", "0x0");
	EXPECT_INT("delta", 0);
}

TEST_F(json, mmap_fields)
{
	PARSE(mmap_event(0, 5001216, ANON, MAPS));
	EXPECT_TEXT("event", "mmap");
	EXPECT_TEXT("addr", "0x0");
	EXPECT_INT("length", 5001216);
	EXPECT_TEXT("prot", "PROT_READ|PROT_WRITE");
	EXPECT_TEXT("flags", "MAP_PRIVATE|MAP_ANONYMOUS");
	EXPECT_INT("fd", -1);
	EXPECT_INT("offset", 0);
	EXPECT_TRUE(json_object_get_boolean(FIELD("anonymous")));
	EXPECT_TEXT("result", "0x7fff00000000");
	PARSE(mmap_event(0, 1, MAP_SHARED, MAPS));
	EXPECT_FALSE(json_object_get_boolean(FIELD("anonymous")));
	PARSE(failed(mmap_event(0, UINT64_MAX, ANON, 0), ENOMEM));
	EXPECT_TEXT("error", "ENOMEM");
	EXPECT_EQ(UINT64_MAX, json_object_get_uint64(FIELD("length")));
	EXPECT_NONE("result");
}

TEST_F(json, munmap_fields)
{
	PARSE(munmap_event(MAPS, 100));
	EXPECT_TEXT("addr", "0x7fff00000000");
	EXPECT_INT("length", 100);
	EXPECT_INT("result", 0);
	PARSE(failed(munmap_event(1, 100), EINVAL));
	EXPECT_TEXT("error", "EINVAL");
	EXPECT_NONE("result");
}

TEST_F(json, life)
{
	PARSE(exec_event("a\"\n"));
	EXPECT_TEXT("event", "exec");
	EXPECT_TEXT("comm", "a\\042\\012");
	PARSE(exit_event(3 << 8));
	EXPECT_TEXT("event", "exit");
	EXPECT_INT("code", 3);
	EXPECT_NONE("signal");
	EXPECT_NONE("heap_start");
	EXPECT_NONE("brk");
	EXPECT_NONE("rss_pages");
	PARSE(exit_event(SIGSEGV | 0x80));
	EXPECT_NONE("code");
	EXPECT_TEXT("signal", "SIGSEGV");
	EXPECT_TRUE(json_object_get_boolean(FIELD("core_dumped")));
}

TEST_F(json, normalized)
{
	self->feed.sink.normalize = true;
	PARSE(mmap_event(0, 100, ANON, MAPS));
	EXPECT_NONE("time_ns");
	EXPECT_NONE("duration_ns");
	EXPECT_NONE("pid");
	EXPECT_NONE("tid");
	EXPECT_NONE("rss_pages");
	EXPECT_TEXT("addr", "0x0");
	EXPECT_TEXT("result", "<map1>");
	EXPECT_TEXT("heap_start", "heap");
	EXPECT_TEXT("brk", "heap+0x21000");
}

TEST_F(json, last_line)
{
	const struct report report = { .events = 9, .losses = { 1, 2, 3, 4 } };

	feed_end(&self->feed, &report);
	EXPECT_STREQ("{\"event\":\"lost\",\"ring\":1,\"probe\":2,\"watch\":3,\"socket\":4}\n",
		     feed_text(&self->feed));
}

TEST_HARNESS_MAIN
