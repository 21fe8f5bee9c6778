// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <json-c/json.h>
#include <sys/mman.h>
#include <kselftest_harness.h>

#include "view_fixture.h"
#include "message.h"
#include "lib/names.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

FIXTURE(json)
{
	struct fixture fixture;
	json_object *line;
};

FIXTURE_SETUP(json)
{
	fixture_begin(&self->fixture, &json_view);
}

FIXTURE_TEARDOWN(json)
{
	json_object_put(self->line);
	fixture_free(&self->fixture);
}

/* json-c reads the line back and must find one whole object in it. */
#define PARSE(event)                                                           \
	do {                                                                   \
		fixture_event(&self->fixture, event);                          \
		json_object_put(self->line);                                   \
		self->line = json_tokener_parse(fixture_text(&self->fixture)); \
		ASSERT_NE(NULL, self->line);                                   \
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
	struct event ev = brk_event(BRKWATCH_BRK_KIND_SHRINK, HEAP, HEAP + PAGE, HEAP);

	ev.tid = 43;
	PARSE(ev);
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

TEST_F(json, origins)
{
	struct asker *asker = &self->fixture.ledger.asker;
	struct event arena = mmap_event(0, 64 << 20, ANON | MAP_NORESERVE, MAPS);

	PARSE(brk_event(BRKWATCH_BRK_KIND_GROW, HEAP + PAGE, HEAP, HEAP + PAGE));
	EXPECT_NONE("origin");
	EXPECT_TEXT("origin_guess", "heap");
	PARSE(brk_event(BRKWATCH_BRK_KIND_QUERY, 0, HEAP + PAGE, HEAP + PAGE));
	EXPECT_NONE("origin");
	EXPECT_NONE("origin_guess");
	arena.map.prot = PROT_NONE;
	PARSE(arena);
	EXPECT_NONE("origin");
	EXPECT_TEXT("origin_guess", "thread arena");
	PARSE(mmap_event(0, PAGE, MAP_PRIVATE, MAPS + (64 << 20)));
	EXPECT_NONE("origin");
	EXPECT_NONE("origin_guess");
	*asker = (struct asker){ .owner = OWNER_TCMALLOC, .file = "libtcmalloc.so.4" };
	PARSE(mmap_event(0, PAGE, ANON, MAPS + (65 << 20)));
	EXPECT_TEXT("origin", "tcmalloc (libtcmalloc.so.4)");
	EXPECT_NONE("origin_guess");
	PARSE(failed(mmap_event(0, PAGE, ANON, 0), ENOMEM));
	EXPECT_TEXT("origin", "tcmalloc (libtcmalloc.so.4)");
	*asker = (struct asker){ .owner = OWNER_GLIBC, .file = "libc.so.6" };
	PARSE(mremap_event(MAPS + (65 << 20), PAGE, 2 * PAGE, 0, MAPS + (65 << 20)));
	EXPECT_TEXT("origin", "malloc");
	PARSE(munmap_event(MAPS, PAGE));
	EXPECT_FALSE(json_object_object_get_ex(self->line, "origin", NULL));
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

TEST_F(json, mremap_fields)
{
	PARSE(mremap_event(MAPS, 100, 200, MREMAP_MAYMOVE | MREMAP_FIXED, MAPS + PAGE));
	EXPECT_TEXT("event", "mremap");
	EXPECT_TEXT("addr", "0x7fff00000000");
	EXPECT_INT("length", 100);
	EXPECT_INT("new_length", 200);
	EXPECT_TEXT("flags", "MREMAP_MAYMOVE|MREMAP_FIXED");
	EXPECT_TEXT("new_addr", "0x7fff00001000");
	EXPECT_TEXT("result", "0x7fff00001000");
	PARSE(failed(mremap_event(MAPS, 100, 200, 0, MAPS), ENOMEM));
	EXPECT_NONE("new_addr");
	EXPECT_NONE("result");
}

TEST_F(json, mprotect_fields)
{
	struct event ev = mprotect_event(MAPS, 100, PROT_NONE);

	PARSE(ev);
	EXPECT_TEXT("event", "mprotect");
	EXPECT_TEXT("addr", "0x7fff00000000");
	EXPECT_INT("length", 100);
	EXPECT_TEXT("prot", "PROT_NONE");
	EXPECT_INT("result", 0);
	EXPECT_FALSE(json_object_object_get_ex(self->line, "pkey", NULL));
	ev.kind = BRKWATCH_EVENT_KIND_PKEY_MPROTECT;
	ev.map.pkey = -1;
	PARSE(failed(ev, EINVAL));
	EXPECT_TEXT("event", "pkey_mprotect");
	EXPECT_TEXT("prot", "PROT_NONE");
	EXPECT_INT("pkey", -1);
	EXPECT_NONE("result");
}

TEST_F(json, madvise_fields)
{
	PARSE(madvise_event(MAPS, 100, MADV_DONTNEED));
	EXPECT_TEXT("event", "madvise");
	EXPECT_TEXT("addr", "0x7fff00000000");
	EXPECT_INT("length", 100);
	EXPECT_TEXT("advice", "MADV_DONTNEED");
	EXPECT_FALSE(json_object_object_get_ex(self->line, "prot", NULL));
	EXPECT_INT("result", 0);
}

TEST_F(json, shared_memory_fields)
{
	PARSE(shmat_event(0, 010000, MAPS));
	EXPECT_TEXT("event", "shmat");
	EXPECT_INT("shmid", 98305);
	EXPECT_TEXT("addr", "0x0");
	EXPECT_TEXT("flags", "SHM_RDONLY");
	EXPECT_TEXT("result", "0x7fff00000000");
	PARSE(shmdt_event(MAPS));
	EXPECT_TEXT("event", "shmdt");
	EXPECT_TEXT("addr", "0x7fff00000000");
	EXPECT_INT("result", 0);
	PARSE(failed(shmdt_event(MAPS), EINVAL));
	EXPECT_NONE("result");
}

TEST_F(json, clone_fields)
{
	PARSE(clone_event(BRKWATCH_CLONE_KIND_COPY, 44, 2));
	EXPECT_TEXT("event", "clone");
	EXPECT_TEXT("kind", "copy");
	EXPECT_INT("child", 44);
	EXPECT_TRUE(json_object_get_boolean(FIELD("child_followed")));
	PARSE(clone_event(BRKWATCH_CLONE_KIND_SHARED, 44, 0));
	EXPECT_TEXT("kind", "shared");
	EXPECT_TRUE(json_object_is_type(FIELD("child_followed"), json_type_boolean));
	EXPECT_FALSE(json_object_get_boolean(FIELD("child_followed")));
	PARSE(clone_event(BRKWATCH_CLONE_KIND_THREAD, 44, 0));
	EXPECT_TEXT("kind", "thread");
	EXPECT_FALSE(json_object_object_get_ex(self->line, "child_watch", NULL));
	self->fixture.view->normalize = true;
	self->fixture.view->many = true;
	PARSE(clone_event(BRKWATCH_CLONE_KIND_COPY, 44, 3));
	EXPECT_NONE("child");
	EXPECT_INT("child_watch", 3);
}

TEST_F(json, fault_fields)
{
	PARSE(fault_event(SIGSEGV, SEGV_MAPERR, HEAP + 34 * PAGE));
	EXPECT_TEXT("event", "fault");
	EXPECT_TEXT("signal", "SIGSEGV");
	EXPECT_TEXT("code", "SEGV_MAPERR");
	EXPECT_TEXT("addr", "0x555500022000");
	EXPECT_INT("brk_distance", 4096);
	PARSE(fault_event(SIGSEGV, SEGV_ACCERR, HEAP));
	EXPECT_INT("brk_distance", -33 * (int64_t)PAGE);
	PARSE(fault_event(SIGBUS, BUS_ADRERR, MAPS));
	EXPECT_TEXT("signal", "SIGBUS");
	EXPECT_NONE("brk_distance");
}

TEST_F(json, compat)
{
	struct event ev = munmap_event(MAPS, 100);

	PARSE(ev);
	EXPECT_TRUE(json_object_is_type(FIELD("compat"), json_type_boolean));
	EXPECT_FALSE(json_object_get_boolean(FIELD("compat")));
	ev.traits = BRKWATCH_TRAIT_READ_IMPLIES_EXEC;
	PARSE(ev);
	EXPECT_FALSE(json_object_get_boolean(FIELD("compat")));
	ev.traits = BRKWATCH_TRAIT_COMPAT;
	PARSE(ev);
	EXPECT_TRUE(json_object_get_boolean(FIELD("compat")));
}

TEST_F(json, each_kind)
{
	/* The keys that each kind has besides the common ones. */
	static const char *const keys[KINDS][11] = {
		{ "kind", "requested", "before", "after", "delta", "origin", "origin_guess" },
		{ "addr", "length", "prot", "flags", "fd", "offset", "anonymous", "result",
		  "origin", "origin_guess" },
		{ "addr", "length", "result" },
		{ "addr", "length", "new_length", "flags", "new_addr", "result", "origin",
		  "origin_guess" },
		{ "addr", "length", "prot", "result" },
		{ "addr", "length", "prot", "pkey", "result" },
		{ "addr", "length", "advice", "result" },
		{ "shmid", "addr", "flags", "result" },
		{ "addr", "result" },
		{ "kind", "child", "child_followed" },
		{ "seccomp" },
		{ "code", "signal", "core_dumped", "peak_rss_pages" },
		{ "signal", "code", "addr", "brk_distance" },
		{},
		{ "reason" },
		{ "text" },
	};
	static const char *const all[] = { "event", "time_ns",	  "duration_ns", "pid",
					   "tid",   "comm",	  "error",	 "compat",
					   "brk",   "heap_start", "rss_pages" };
	size_t kind, i;

	for (kind = 0; kind < KINDS; kind++) {
		PARSE(any_event(kind));
		EXPECT_TEXT("event", names_event(kind));
		for (i = 0; i < N(all); i++)
			EXPECT_TRUE(json_object_object_get_ex(self->line, all[i], NULL));
		for (i = 0; keys[kind][i]; i++)
			EXPECT_TRUE(json_object_object_get_ex(self->line, keys[kind][i], NULL));
		EXPECT_EQ(event_is_call(kind),
			  json_object_object_get_ex(self->line, "refusal", NULL));
		EXPECT_EQ(N(all) + i + event_is_call(kind), json_object_object_length(self->line));
	}
}

TEST_F(json, life)
{
	struct event exec = exec_event("a\"\n");

	PARSE(exec);
	EXPECT_TEXT("event", "exec");
	EXPECT_TEXT("comm", "a\\042\\012");
	EXPECT_TEXT("seccomp", "off");
	exec.seccomp = 2;
	PARSE(exec);
	EXPECT_TEXT("seccomp", "filter");
	exec.seccomp = SECCOMP_UNKNOWN;
	PARSE(exec);
	EXPECT_NONE("seccomp");
	PARSE(exit_event(3 << 8));
	EXPECT_TEXT("event", "exit");
	EXPECT_INT("code", 3);
	EXPECT_NONE("signal");
	EXPECT_INT("peak_rss_pages", 0);
	EXPECT_NONE("heap_start");
	EXPECT_NONE("brk");
	EXPECT_NONE("rss_pages");
	PARSE(exit_event(SIGSEGV | 0x80));
	EXPECT_NONE("code");
	EXPECT_TEXT("signal", "SIGSEGV");
	EXPECT_TRUE(json_object_get_boolean(FIELD("core_dumped")));
	PARSE(leave_event());
	EXPECT_TEXT("event", "leave");
	EXPECT_TEXT("reason", "credentials");
	PARSE(mark_event("a\"\n"));
	EXPECT_TEXT("event", "mark");
	EXPECT_TEXT("text", "a\\042\\012");
	EXPECT_NONE("brk");
}

TEST_F(json, normalized)
{
	self->fixture.view->normalize = true;
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
	PARSE(shmat_event(0, 0, MAPS + PAGE));
	EXPECT_NONE("shmid");
	EXPECT_TEXT("result", "<map2>");
	PARSE(clone_event(BRKWATCH_CLONE_KIND_COPY, 44, 0));
	EXPECT_NONE("child");
	PARSE(exit_event(0));
	EXPECT_NONE("peak_rss_pages");
}

TEST_F(json, last_line)
{
	const struct report report = { .events = 9, .losses = { 1, 0, 3, 4 } };

	fixture_end(&self->fixture, &report);
	EXPECT_STREQ("{\"event\":\"lost\",\"ring\":1,\"probe\":0,\"watch\":3,\"socket\":4}\n",
		     fixture_text(&self->fixture));
}

TEST_F(json, losses_that_are_not_exact)
{
	const struct report report = {
		.losses = { .probe = 2, .blind_from = 5, .blind_to = 7 },
	};

	fixture_end(&self->fixture, &report);
	EXPECT_STREQ("{\"event\":\"lost\",\"ring\":0,\"probe\":2,\"watch\":0,\"socket\":0,"
		     "\"at_least\":true,\"blind\":{\"from_ns\":5,\"to_ns\":7}}\n",
		     fixture_text(&self->fixture));
}

TEST_HARNESS_MAIN
