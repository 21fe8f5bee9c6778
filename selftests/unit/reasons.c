// SPDX-License-Identifier: GPL-2.0
/* Why the kernel refused a call, in text and in JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <linux/mman.h>
#include <kselftest_harness.h>

#include "event/system_facts.h"
#include "ledger/address_space.h"
#include "stack/stacks.h"
#include "message.h"
#include "view_fixture.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define BRK (HEAP + 33 * PAGE)
#define KIB 1024ULL

static const struct system_facts facts = {
	.max_map_count = 400,
	.overcommit = OVERCOMMIT_GUESS,
	.total = 1ULL << 30,
};

static const struct event_limits roomy = {
	.known = true,
	.as = 1000 * KIB,
	.data = (82144 - 16) * KIB,
	.locked = 60 * KIB,
	.mappings = 20,
	.limit_as = LIMIT_NONE,
	.limit_data = LIMIT_NONE,
	.limit_memlock = LIMIT_NONE,
	.limit_stack = LIMIT_NONE,
};

/* The same events in text and in JSON. */
struct both {
	struct fixture text;
	struct fixture json;
	struct event_limits limits;
};

FIXTURE(reasons)
{
	struct both both;
};

FIXTURE_SETUP(reasons)
{
	struct event exec = exec_event("lab");

	exec.time = SECOND;
	self->both.limits = roomy;
	fixture_begin(&self->both.text, &text_view);
	fixture_begin(&self->both.json, &json_view);
	self->both.text.view->machine = self->both.json.view->machine = &facts;
	fixture_event(&self->both.text, exec);
	fixture_event(&self->both.json, exec);
	fixture_text(&self->both.text);
}

FIXTURE_TEARDOWN(reasons)
{
	fixture_free(&self->both.text);
	fixture_free(&self->both.json);
}

/* Compare what ends the line of text, behind who asked, and the value of "refusal". */
static void compare(struct __test_metadata *_metadata, struct both *both, const char *text,
		    const char *json, struct event ev)
{
	const char *meaning, *end;
	json_object *line;

	ev.limits = both->limits;
	fixture_event(&both->text, ev);
	meaning = strstr(fixture_text(&both->text), "  # ");
	ASSERT_NE(NULL, meaning);
	end = strstr(meaning, text);
	ASSERT_NE(NULL, end) TH_LOG("%s", meaning);
	EXPECT_STREQ(text, end);
	EXPECT_EQ(' ', end[-1]);
	fixture_text(&both->json);
	fixture_event(&both->json, ev);
	line = json_tokener_parse(fixture_text(&both->json));
	ASSERT_TRUE(json_object_object_get_ex(line, "refusal", NULL));
	EXPECT_STREQ(json, json_object_to_json_string_ext(JSON_AT(line, "refusal"),
							  JSON_C_TO_STRING_PLAIN));
	json_object_put(line);
}

#define COMPARE(text, json, event) compare(_metadata, &self->both, text, json, event)

static struct event refused(uint64_t requested)
{
	return brk_event(BRKWATCH_BRK_KIND_REFUSED, requested, BRK, BRK);
}

TEST_F(reasons, none)
{
	COMPARE("direct mmap?: +1 page (4 KiB), anonymous 4 KiB\n", "null",
		mmap_event(0, PAGE, ANON, MAPS));
	COMPARE("heap?: refused: asked +4 pages (16 KiB), kept: heap 132 KiB\n",
		"[{\"what\":\"unknown\",\"limit\":null,\"would_be\":null}]",
		refused(BRK + 4 * PAGE));
	COMPARE("failed\n", "[{\"what\":\"unknown\",\"limit\":null,\"would_be\":null}]",
		failed(mmap_event(0, 0, ANON, 0), EINVAL));
	/* So it is in an old capture. */
	self->both.limits.known = false;
	self->both.limits.limit_data = 0;
	COMPARE("heap?: refused: asked +4 pages (16 KiB), kept: heap 132 KiB\n", "null",
		refused(BRK + 4 * PAGE));
	COMPARE("failed\n", "null", failed(mmap_event(0, PAGE, ANON, 0), ENOMEM));
}

TEST_F(reasons, resource_limits)
{
	self->both.limits.limit_data = 65536 * KIB;
	COMPARE("heap?: refused: RLIMIT_DATA is 65536 KiB, this would make 82144 KiB; "
		"asked +4 pages (16 KiB), kept: heap 132 KiB\n",
		"[{\"what\":\"RLIMIT_DATA\",\"limit\":67108864,\"would_be\":84115456}]",
		refused(BRK + 4 * PAGE));
	self->both.limits.limit_as = 1001;
	COMPARE("failed, ENOMEM: RLIMIT_AS is 1001 bytes, this would make 1016 KiB; "
		"RLIMIT_DATA is 65536 KiB, this would make 82144 KiB\n",
		"[{\"what\":\"RLIMIT_AS\",\"limit\":1001,\"would_be\":1040384},"
		"{\"what\":\"RLIMIT_DATA\",\"limit\":67108864,\"would_be\":84115456}]",
		failed(mmap_event(0, 4 * PAGE, ANON, 0), ENOMEM));
	/* It is not known how much the call would have made. */
	COMPARE("failed, ENOMEM: RLIMIT_AS is 1001 bytes\n",
		"[{\"what\":\"RLIMIT_AS\",\"limit\":1001,\"would_be\":null}]",
		failed(shmat_event(0, 0, 0), ENOMEM));
}

TEST_F(reasons, locked_memory)
{
	struct event locked = failed(mmap_event(0, 2 * PAGE, ANON | MAP_LOCKED, 0), EAGAIN);

	self->both.limits.limit_memlock = 64 * KIB;
	COMPARE("failed, EAGAIN: RLIMIT_MEMLOCK is 64 KiB, this would make 68 KiB\n",
		"[{\"what\":\"RLIMIT_MEMLOCK\",\"limit\":65536,\"would_be\":69632}]", locked);
	self->both.limits.lock_future = true;
	COMPARE("failed, EAGAIN: RLIMIT_MEMLOCK with mlockall(MCL_FUTURE) is 64 KiB, "
		"this would make 68 KiB\n",
		"[{\"what\":\"RLIMIT_MEMLOCK\",\"limit\":65536,\"would_be\":69632}]", locked);
}

TEST_F(reasons, settings_of_the_machine)
{
	self->both.limits.mappings = 400;
	fixture_event(&self->both.text, mmap_event(0, PAGE, ANON, MAPS));
	fixture_event(&self->both.json, mmap_event(0, PAGE, ANON, MAPS));
	fixture_text(&self->both.text);
	COMPARE("failed, ENOMEM: 400 mappings (vm.max_map_count), uncertain\n",
		"[{\"what\":\"max_map_count\",\"limit\":400,\"would_be\":401}]",
		failed(mprotect_event(MAPS, PAGE, PROT_READ), ENOMEM));
	COMPARE("failed, ENOMEM: the overcommit limit is 1048576 KiB, "
		"this would make 1048580 KiB\n",
		"[{\"what\":\"overcommit\",\"limit\":1073741824,\"would_be\":1073745920}]",
		failed(mmap_event(0, (1 << 30) + 1, ANON, 0), ENOMEM));
}

TEST_F(reasons, guesses)
{
	COMPARE("failed, ENOMEM: cgroup?\n",
		"[{\"what\":\"cgroup\",\"limit\":null,\"would_be\":null,\"guess\":true}]",
		failed(madvise_event(MAPS, PAGE, MADV_POPULATE_WRITE), ENOMEM));
}

TEST_F(reasons, addresses)
{
	COMPARE("heap?: refused: asked for an address out of reach, kept: heap 132 KiB\n",
		"[{\"what\":\"out_of_reach\",\"limit\":null,\"would_be\":null}]",
		refused(UINT64_MAX));
	COMPARE("heap?: refused: the heap begins above that address; asked -34 pages (136 KiB), "
		"kept: heap 132 KiB\n",
		"[{\"what\":\"out_of_reach\",\"limit\":null,\"would_be\":null}]",
		refused(HEAP - PAGE));
	/* A limit explains more than the distance does. */
	COMPARE("heap?: refused: the overcommit limit is 1048576 KiB, this would make 68719476736 KiB, "
		"kept: heap 132 KiB\n",
		"[{\"what\":\"overcommit\",\"limit\":1073741824,\"would_be\":70368744177664}]",
		refused(BRK + (1ULL << 46)));
	COMPARE("failed, ENOMEM: the addresses are out of reach\n",
		"[{\"what\":\"out_of_reach\",\"limit\":null,\"would_be\":null}]",
		failed(mmap_event(0, UINT64_MAX, ANON, 0), ENOMEM));
	COMPARE("failed, EPERM: the memory is sealed\n",
		"[{\"what\":\"sealed\",\"limit\":null,\"would_be\":null}]",
		failed(munmap_event(MAPS, PAGE), EPERM));
	COMPARE("failed, EEXIST: a mapping is in the way\n",
		"[{\"what\":\"occupied\",\"limit\":null,\"would_be\":null,\"by\":null}]",
		failed(mmap_event(MAPS, PAGE, ANON | MAP_FIXED_NOREPLACE, 0), EEXIST));
}

/* The heap, a mapping 12 KiB above it, and two mappings with a page between them. */
static void load(struct ledger *ledger)
{
	const uint32_t flags = BRKWATCH_AREA_FLAG_ANONYMOUS | BRKWATCH_AREA_FLAG_READ |
			       BRKWATCH_AREA_FLAG_WRITE;
	struct area areas[] = {
		{ HEAP, BRK, flags },
		{ BRK + 3 * PAGE, BRK + 4 * PAGE, flags },
		{ MAPS, MAPS + PAGE, flags },
		{ MAPS + 2 * PAGE, MAPS + 3 * PAGE, flags },
	};
	const struct snapshot snapshot = {
		.watch = 1,
		.time = SECOND + 1,
		.heap_start = HEAP,
		.brk = BRK,
		.areas = areas,
		.n = 4,
	};

	if (ledger_snapshot(ledger, &snapshot))
		abort();
}

TEST_F(reasons, what_stands_in_the_way)
{
	load(&self->both.text.ledger);
	load(&self->both.json.ledger);
	COMPARE("heap?: refused: a mapping begins 12 KiB above the break; asked +3 pages (12 KiB), "
		"kept: heap 132 KiB\n",
		"[{\"what\":\"occupied\",\"limit\":8192,\"would_be\":12288,\"by\":null}]",
		refused(BRK + 3 * PAGE));
	COMPARE("failed, ENOMEM: a mapping begins 4 KiB behind the range\n",
		"[{\"what\":\"occupied\",\"limit\":4096,\"would_be\":8192,\"by\":null}]",
		failed(mremap_event(MAPS, PAGE, 3 * PAGE, 0, 0), ENOMEM));
	self->both.text.view->normalize = self->both.json.view->normalize = true;
	COMPARE("heap?: refused: a mapping is in the way; asked +3 pages (12 KiB), kept: heap 132 KiB\n",
		"[{\"what\":\"occupied\",\"limit\":null,\"would_be\":null,\"by\":null}]",
		refused(BRK + 3 * PAGE));
}

TEST_F(reasons, a_mapping_at_the_break)
{
	self->both.limits.limit_as = 0;
	load(&self->both.text.ledger);
	load(&self->both.json.ledger);
	fixture_event(&self->both.text, mmap_event(BRK, PAGE, ANON, BRK));
	fixture_event(&self->both.json, mmap_event(BRK, PAGE, ANON, BRK));
	fixture_text(&self->both.text);
	COMPARE("heap?: refused: a mapping begins at the break; "
		"RLIMIT_AS is 0 bytes, this would make 1004 KiB; "
		"asked +1 page (4 KiB), kept: heap 132 KiB\n",
		"[{\"what\":\"occupied\",\"limit\":0,\"would_be\":4096,\"by\":null},"
		"{\"what\":\"RLIMIT_AS\",\"limit\":0,\"would_be\":1028096}]",
		refused(BRK + PAGE));
}

/* Book an event that text and JSON show without interest for the test. */
static void pass(struct both *both, const struct asker *asker, struct event ev)
{
	struct fixture *fixtures[] = { &both->text, &both->json };
	size_t i;

	for (i = 0; i < N(fixtures); i++) {
		fixtures[i]->ledger.asker = *asker;
		fixture_event(fixtures[i], ev);
		fixtures[i]->ledger.asker = (struct asker){ 0 };
		fixture_text(fixtures[i]);
	}
}

/* Map a page 12 KiB above the break, and compare who has it. */
static void compare_above(struct __test_metadata *_metadata, struct both *both,
			  const struct asker *asker, struct event map, const char *text,
			  const char *json)
{
	char wanted[256], wanted_json[256];

	map.map.addr = map.map.result = BRK + 3 * PAGE;
	map.map.flags |= MAP_FIXED;
	pass(both, asker, map);
	snprintf(wanted, sizeof(wanted),
		 "heap?: refused: a mapping begins 12 KiB above the break%s; "
		 "asked +3 pages (12 KiB), kept: heap 132 KiB\n",
		 text);
	snprintf(wanted_json, sizeof(wanted_json),
		 "[{\"what\":\"occupied\",\"limit\":8192,\"would_be\":12288,\"by\":%s}]", json);
	compare(_metadata, both, wanted, wanted_json, refused(BRK + 3 * PAGE));
}

#define COMPARE_ABOVE(asker, map, text, json) \
	compare_above(_metadata, &self->both, asker, map, text, json)

static const struct asker nobody = { .owner = OWNER_UNKNOWN };
static const struct asker program = { .owner = OWNER_OTHER, .program = true, .file = "prog" };
static const struct asker library = { .owner = OWNER_OTHER, .file = "libfoo.so" };
static const struct asker glibc = { .owner = OWNER_GLIBC, .file = "libc.so.6" };
static const struct asker perhaps_glibc = { .owner = OWNER_GLIBC, .guess = true };
static const struct asker loader = { .owner = OWNER_LOADER };

TEST_F(reasons, who_asked_for_what_stands_in_the_way)
{
	struct event page = mmap_event(0, PAGE, ANON, 0);
	struct event shared = mmap_event(0, PAGE, MAP_SHARED | MAP_ANONYMOUS, 0);
	struct event stack = mmap_event(0, PAGE, ANON | MAP_STACK, 0);

	load(&self->both.text.ledger);
	load(&self->both.json.ledger);
	COMPARE_ABOVE(&program, page, " (the program)", "\"the program\"");
	COMPARE_ABOVE(&library, page, " (libfoo.so)", "\"libfoo.so\"");
	COMPARE_ABOVE(&glibc, page, " (malloc)", "\"malloc\"");
	/* A guess is left out. */
	COMPARE_ABOVE(&perhaps_glibc, page, "", "null");
	COMPARE_ABOVE(&nobody, page, "", "null");
	COMPARE_ABOVE(&program, shared, "", "null");
	stack.map.prot = PROT_NONE;
	COMPARE_ABOVE(&glibc, stack, " (thread stack)", "\"thread stack\"");
	/* The same of other calls, and where nothing varies from run to run. */
	self->both.text.view->normalize = self->both.json.view->normalize = true;
	COMPARE("failed, EEXIST: a mapping is in the way (thread stack)\n",
		"[{\"what\":\"occupied\",\"limit\":null,\"would_be\":null,"
		"\"by\":\"thread stack\"}]",
		failed(mmap_event(BRK + 2 * PAGE, 4 * PAGE, ANON | MAP_FIXED_NOREPLACE, 0),
		       EEXIST));
}

TEST_F(reasons, which_file_stands_in_the_way)
{
	struct ledger *const ledgers[] = { &self->both.text.ledger, &self->both.json.ledger };
	const struct image image = {
		.watch = 1,
		.time = SECOND,
		.below = BRK + 2 * PAGE,
		.start = BRK + 4 * PAGE,
		.end = BRK + 5 * PAGE,
		.path = "/lib/lib\"foo.so",
	};
	struct event headers = mmap_event(0, PAGE, MAP_PRIVATE, 0);
	struct stacks stacks = { 0 };
	size_t i;

	for (i = 0; i < N(ledgers); i++)
		load(ledgers[i]);
	ASSERT_EQ(0, elf_files_add(&stacks.files, &image));
	ASSERT_EQ(0, stacks_now(&stacks, &image));
	headers.map.prot = PROT_READ;
	COMPARE_ABOVE(&loader, headers, "", "null");
	self->both.text.view->code = self->both.json.view->code = &stacks;
	COMPARE_ABOVE(&loader, headers, " (lib\\042foo.so)", "\"lib\\\\042foo.so\"");
	/* Another process, or a call that nobody saw, may have mapped something else there. */
	for (i = 0; i < N(ledgers); i++)
		ledger_find(ledgers[i], 1)->mingled = true;
	COMPARE_ABOVE(&loader, headers, "", "null");
	for (i = 0; i < N(ledgers); i++) {
		ledger_find(ledgers[i], 1)->mingled = false;
		ledger_find(ledgers[i], 1)->unknown = true;
	}
	COMPARE_ABOVE(&loader, headers, "", "null");
	/* A file over a file changes no figure of the account, so that nothing is mingled. */
	for (i = 0; i < N(ledgers); i++) {
		ledger_find(ledgers[i], 1)->unknown = false;
		ledger_find(ledgers[i], 1)->space->by_guest = true;
	}
	COMPARE_ABOVE(&loader, headers, "", "null");
	stacks_free(&stacks);
}

TEST_F(reasons, locked_for_advice)
{
	load(&self->both.text.ledger);
	load(&self->both.json.ledger);
	self->both.limits.locked = self->both.limits.as;
	COMPARE("failed, EINVAL: the memory is locked\n",
		"[{\"what\":\"locked\",\"limit\":null,\"would_be\":null}]",
		failed(madvise_event(MAPS, PAGE, MADV_DONTNEED), EINVAL));
	self->both.limits.lock_future = true;
	COMPARE("failed, EINVAL: the memory is locked; mlockall(MCL_FUTURE) is in force\n",
		"[{\"what\":\"locked\",\"limit\":null,\"would_be\":null}]",
		failed(madvise_event(MAPS, PAGE, MADV_DONTNEED), EINVAL));
}

TEST_F(reasons, normalized)
{
	self->both.text.view->normalize = self->both.json.view->normalize = true;
	self->both.limits.limit_data = 65536 * KIB;
	COMPARE("heap?: refused: RLIMIT_DATA is 65536 KiB; asked +4 pages (16 KiB), kept: heap 132 KiB\n",
		"[{\"what\":\"RLIMIT_DATA\",\"limit\":67108864,\"would_be\":null}]",
		refused(BRK + 4 * PAGE));
	self->both.limits.limit_data = LIMIT_NONE;
	self->both.limits.mappings = 401;
	COMPARE("failed, ENOMEM: too many mappings (vm.max_map_count)\n",
		"[{\"what\":\"max_map_count\",\"limit\":400,\"would_be\":null}]",
		failed(mmap_event(0, PAGE, ANON, 0), ENOMEM));
	self->both.limits.mappings = 20;
	COMPARE("failed, ENOMEM: the overcommit limit\n",
		"[{\"what\":\"overcommit\",\"limit\":null,\"would_be\":null}]",
		failed(mmap_event(0, (1 << 30) + 1, ANON, 0), ENOMEM));
}

TEST_HARNESS_MAIN
