// SPDX-License-Identifier: GPL-2.0
/* The origin of memory: a table of who asks and what for, and guesses where nothing shows who. */
#include <string.h>
#include <linux/mman.h>
#include <sys/mman.h>

#include "ledger/origin.h"
#include "lib/text_buffer.h"

/* glibc's M_MMAP_THRESHOLD, which slides up from here. */
#define MALLOC_FROM (128ULL << 10)
/* glibc maps HEAP_MAX_SIZE for a heap, or twice that before it trims the heap to its alignment. */
#define ARENA_FROM (64ULL << 20)
#define ARENA_FROM_COMPAT (1ULL << 20)
/* CPython maps its arenas in these sizes: ARENA_BITS is 20 from 3.10 on, and was 18 before. */
#define POOL_SIZE (1ULL << 20)
#define POOL_SIZE_OLD (256ULL << 10)
/* posix_spawn() of glibc, and so system() and popen(), maps 32 KiB and room for the arguments. */
#define SPAWN_MOST (64ULL << 10)

/**
 * enum shape - what a call asks for, as far as its arguments show
 * @SHAPE_BREAK: it moves the program break
 * @SHAPE_STACK: a stack, because it has MAP_STACK
 * @SHAPE_SPAWN: the same, but a small one without a guard page
 * @SHAPE_RESERVE: addresses that nobody may touch yet
 * @SHAPE_POOL: as much as an arena of CPython has
 * @SHAPE_OTHER: anything else
 * @SHAPES: how many there are
 */
enum shape {
	SHAPE_BREAK,
	SHAPE_STACK,
	SHAPE_SPAWN,
	SHAPE_RESERVE,
	SHAPE_POOL,
	SHAPE_OTHER,
	SHAPES,
};

#define ALWAYS(origin)                        \
	{                                     \
		[0 ... SHAPES - 1] = (origin) \
	}

/*
 * ORIGIN_LIBRARY stands for the program as well, if it is the asker. musl makes stacks without
 * MAP_STACK. Its malloc reserves addresses too, but less often.
 */
static const enum origin origins[OWNERS][SHAPES] = {
	[OWNER_LOADER] = ALWAYS(ORIGIN_LOADER),
	[OWNER_GLIBC] = {
		[SHAPE_BREAK] = ORIGIN_HEAP,
		[SHAPE_STACK] = ORIGIN_STACK,
		[SHAPE_SPAWN] = ORIGIN_SPAWN,
		[SHAPE_RESERVE] = ORIGIN_ARENA,
		[SHAPE_POOL] = ORIGIN_MALLOC,
		[SHAPE_OTHER] = ORIGIN_MALLOC,
	},
	[OWNER_MUSL] = {
		[SHAPE_BREAK] = ORIGIN_MUSL,
		[SHAPE_STACK] = ORIGIN_STACK,
		[SHAPE_SPAWN] = ORIGIN_STACK,
		[SHAPE_RESERVE] = ORIGIN_STACK,
		[SHAPE_POOL] = ORIGIN_MUSL,
		[SHAPE_OTHER] = ORIGIN_MUSL,
	},
	[OWNER_JEMALLOC] = ALWAYS(ORIGIN_JEMALLOC),
	[OWNER_TCMALLOC] = ALWAYS(ORIGIN_TCMALLOC),
	[OWNER_MIMALLOC] = ALWAYS(ORIGIN_MIMALLOC),
	[OWNER_GO] = ALWAYS(ORIGIN_GO),
	[OWNER_JVM] = ALWAYS(ORIGIN_JVM),
	[OWNER_V8] = ALWAYS(ORIGIN_V8),
	[OWNER_PYTHON] = {
		[SHAPE_BREAK] = ORIGIN_PROGRAM_HEAP,
		[SHAPE_STACK] = ORIGIN_LIBRARY,
		[SHAPE_SPAWN] = ORIGIN_LIBRARY,
		[SHAPE_RESERVE] = ORIGIN_LIBRARY,
		[SHAPE_POOL] = ORIGIN_OBMALLOC,
		[SHAPE_OTHER] = ORIGIN_LIBRARY,
	},
	[OWNER_OTHER] = {
		[SHAPE_BREAK] = ORIGIN_PROGRAM_HEAP,
		[SHAPE_STACK] = ORIGIN_LIBRARY,
		[SHAPE_SPAWN] = ORIGIN_LIBRARY,
		[SHAPE_RESERVE] = ORIGIN_LIBRARY,
		[SHAPE_POOL] = ORIGIN_LIBRARY,
		[SHAPE_OTHER] = ORIGIN_LIBRARY,
	},
};

/**
 * struct origin_names - the names of an origin
 * @place: of what is mapped
 * @subject: of who asked for it, NULL if it is the same
 * @filed: the name of the file says more
 */
struct origin_names {
	const char *place;
	const char *subject;
	bool filed;
};

static const struct origin_names names[ORIGINS] = {
	[ORIGIN_UNKNOWN] = { .place = "unknown" },
	[ORIGIN_HEAP] = { .place = "heap", .subject = "malloc" },
	[ORIGIN_PROGRAM_HEAP] = {
		.place = "program heap",
		.subject = "the program",
		.filed = true,
	},
	[ORIGIN_EXEC] = { .place = "kernel at exec" },
	[ORIGIN_LOADER] = { .place = "loader" },
	[ORIGIN_MALLOC] = { .place = "malloc mmap", .subject = "malloc" },
	[ORIGIN_ARENA] = { .place = "thread arena" },
	[ORIGIN_STACK] = { .place = "thread stack" },
	[ORIGIN_SPAWN] = { .place = "spawn stack" },
	[ORIGIN_MUSL] = { .place = "musl malloc" },
	[ORIGIN_JEMALLOC] = { .place = "jemalloc", .filed = true },
	[ORIGIN_TCMALLOC] = { .place = "tcmalloc", .filed = true },
	[ORIGIN_MIMALLOC] = { .place = "mimalloc", .filed = true },
	[ORIGIN_GO] = { .place = "Go runtime" },
	[ORIGIN_JVM] = { .place = "JVM" },
	[ORIGIN_V8] = { .place = "V8" },
	[ORIGIN_OBMALLOC] = { .place = "obmalloc", .filed = true },
	[ORIGIN_LIBRARY] = { .place = "library", .filed = true },
	[ORIGIN_PROGRAM] = { .place = "the program" },
	[ORIGIN_OVERLAY] = { .place = "fixed overlay" },
	[ORIGIN_DIRECT] = { .place = "direct mmap" },
};

const char *origin_name(enum origin origin)
{
	return names[origin].place;
}

const char *apart_name(uint64_t tag)
{
	if (tag_class(tag) == CLASS_GROWS_DOWN)
		return "growing down";
	if (tag & TAG_HUGE)
		return tag & TAG_SHARED ? "shared huge pages" : "huge pages";
	return "shared";
}

bool file_is_plain(const char *file)
{
	const char *point = file ? strrchr(file, '.') : NULL;

	return point && point[1];
}

const char *asked_place(char buf[ASKED_MAX], const struct asked *asked)
{
	const char *mark = asked->guess ? "?" : "";
	struct text_buffer text = text_in(buf, ASKED_MAX);

	if (asked->origin == ORIGIN_LIBRARY && file_is_plain(asked->file)) {
		text_add(&text, asked->file);
		text_add(&text, mark);
		return buf;
	}
	text_add(&text, names[asked->origin].place);
	text_add(&text, mark);
	if (asked->file) {
		text_add(&text, " (");
		text_add(&text, asked->file);
		text_add_char(&text, ')');
	}
	return buf;
}

/* A guess looks at the form of a call, and that form is all that it names. */
const char *asked_text(char buf[ASKED_MAX], const struct asked *asked)
{
	const char *subject = names[asked->origin].subject;
	struct text_buffer text;

	if (!subject || asked->guess || (asked->file && !file_is_plain(asked->file)))
		return asked_place(buf, asked);
	text = text_in(buf, ASKED_MAX);
	text_add(&text, asked->file ?: subject);
	return buf;
}

static bool is_arena(const struct event *ev)
{
	bool compat = ev->traits & BRKWATCH_TRAIT_COMPAT;

	uint64_t from = compat ? ARENA_FROM_COMPAT : ARENA_FROM;

	if (ev->map.prot != PROT_NONE)
		return false;
	/* Since 2.40 glibc does without the flag, so without it the size must be glibc's own. */
	return ev->map.flags & MAP_NORESERVE ? ev->map.length >= from :
					       ev->map.length == from || ev->map.length == 2 * from;
}

static bool is_malloc(const struct event *ev)
{
	return !ev->map.addr && ev->map.fd == -1 && ev->map.prot == (PROT_READ | PROT_WRITE) &&
	       ev->map.flags == (MAP_PRIVATE | MAP_ANONYMOUS) && ev->map.length >= MALLOC_FROM;
}

static enum origin guess(const struct event *ev, uint64_t over)
{
	bool fixed = ev->map.flags & MAP_FIXED;

	if (ev->kind == BRKWATCH_EVENT_KIND_BRK)
		return ORIGIN_HEAP;
	if (ev->kind == BRKWATCH_EVENT_KIND_MREMAP)
		return tag_origin(over);
	if (ev->map.flags & MAP_STACK)
		return ORIGIN_STACK;
	if (fixed && over)
		return ORIGIN_OVERLAY;
	if (!fixed && is_arena(ev))
		return ORIGIN_ARENA;
	return is_malloc(ev) ? ORIGIN_MALLOC : ORIGIN_DIRECT;
}

static enum shape shape_of(const struct event *ev)
{
	if (ev->kind == BRKWATCH_EVENT_KIND_BRK)
		return SHAPE_BREAK;
	if (ev->kind == BRKWATCH_EVENT_KIND_MREMAP)
		return SHAPE_OTHER;
	if (ev->map.flags & MAP_STACK)
		return ev->map.prot == PROT_NONE || ev->map.length > SPAWN_MOST ? SHAPE_STACK :
										  SHAPE_SPAWN;
	if (ev->map.prot == PROT_NONE)
		return SHAPE_RESERVE;
	if (ev->map.prot == (PROT_READ | PROT_WRITE) &&
	    ev->map.flags == (MAP_PRIVATE | MAP_ANONYMOUS) &&
	    (ev->map.length == POOL_SIZE || ev->map.length == POOL_SIZE_OLD))
		return SHAPE_POOL;
	return SHAPE_OTHER;
}

/* glibc can give an arena's end back by mapping it anew. */
static bool is_trimmed_arena(const struct event *ev, uint64_t over, const struct asker *asker)
{
	return ev->kind == BRKWATCH_EVENT_KIND_MMAP && ev->map.flags & MAP_FIXED &&
	       ev->map.prot == PROT_NONE && tag_origin(over) == ORIGIN_ARENA &&
	       (asker->owner == OWNER_GLIBC || asker->owner == OWNER_UNKNOWN);
}

bool origin_needs_asker(const struct event *ev)
{
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		return ev->move.kind != BRKWATCH_BRK_KIND_QUERY ||
		       ev->move.requested == ev->move.after;
	case BRKWATCH_EVENT_KIND_MMAP:
		return ev->map.flags & MAP_ANONYMOUS;
	case BRKWATCH_EVENT_KIND_MREMAP:
		return true;
	default:
		return false;
	}
}

struct asked origin_of_call(const struct event *ev, uint64_t over, const struct asker *asker)
{
	struct asked asked = { .guess = asker->guess };

	if (is_trimmed_arena(ev, over, asker)) {
		asked.origin = ORIGIN_ARENA;
		asked.guess = tag_is_guess(over) || asker->guess || asker->owner == OWNER_UNKNOWN;
	} else if (asker->owner == OWNER_UNKNOWN) {
		asked.origin = guess(ev, over);
		asked.guess = asked.origin != ORIGIN_UNKNOWN;
	} else {
		asked.origin = origins[asker->owner][shape_of(ev)];
		/*
		 * A thread's stack can be as small, and without a guard page, but few are; and the
		 * malloc of musl reserves addresses, too.
		 */
		asked.guess |= asked.origin == ORIGIN_SPAWN ||
			       (asker->owner == OWNER_MUSL && asked.origin == ORIGIN_STACK &&
				!(ev->map.flags & MAP_STACK));
	}
	if (asked.origin == ORIGIN_LIBRARY && asker->program)
		asked.origin = ORIGIN_PROGRAM;
	/* The name of the program says nothing more, except where its own allocator is named. */
	if (names[asked.origin].filed && !(asked.origin == ORIGIN_PROGRAM_HEAP && asker->program))
		asked.file = asker->file;
	return asked;
}
