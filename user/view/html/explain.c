// SPDX-License-Identifier: GPL-2.0
/* Sentences that explain an event to a newcomer. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "lib/format.h"
#include "lib/names.h"
#include "view/html/explain.h"
#include "view/reasons.h"
#include "ledger/address_space.h"

/* No sentence rests on a guess. */
static enum origin certain(const struct asked *asked)
{
	return asked->guess ? ORIGIN_UNKNOWN : asked->origin;
}

static void put_brk(FILE *out, const struct step *step, uint64_t page)
{
	const struct event *ev = step->ev;
	bool by_malloc = certain(&step->asked) == ORIGIN_HEAP;
	uint64_t asked = ev->move.requested, before = ev->move.before, after = ev->move.after;
	char buf[FORMAT_MAX];

	switch (ev->move.kind) {
	case BRKWATCH_BRK_KIND_QUERY:
		fprintf(out, "It asks where the program break is. Nothing moves.");
		break;
	case BRKWATCH_BRK_KIND_GROW:
		fprintf(out, "The heap grows by %s: the program break moves up.%s",
			format_whole(buf, after - before, page),
			by_malloc ? " malloc cuts its smaller blocks from there." : "");
		break;
	case BRKWATCH_BRK_KIND_SHRINK:
		fprintf(out,
			"The heap shrinks by %s: %sthe program break moves down and the kernel has "
			"these pages back.",
			format_whole(buf, before - after, page),
			by_malloc ? "its top was free, so " : "");
		break;
	default:
		if (asked < after)
			fprintf(out, "The kernel refuses to move the program break down.");
		else
			fprintf(out,
				"The kernel refuses to move the program break up: there is a limit, "
				"or something is mapped in the way.%s",
				by_malloc ? " malloc then takes mmap." : "");
	}
}

static enum origin origin_at(const struct step *step, uint64_t addr)
{
	const struct address_space *space = step->process->space;
	const struct range *range = space ? ranges_find(&space->ranges, addr) : NULL;

	return range && !tag_is_guess(range->tag) ? tag_origin(range->tag) : ORIGIN_UNKNOWN;
}

static void put_mmap(FILE *out, const struct step *step, uint64_t page)
{
	static const char *const sentences[ORIGINS] = {
		[ORIGIN_MALLOC] =
			"malloc maps %s, outside the heap: so it serves large blocks (128 "
			"KiB or more at first), and others when the heap cannot grow.",
		[ORIGIN_ARENA] = "malloc reserves addresses for the arena of a thread, %s. None of "
				 "it is memory yet.",
		[ORIGIN_STACK] = "The stack of a new thread: %s.",
		[ORIGIN_LOADER] = "The loader of the program takes %s of anonymous memory.",
		[ORIGIN_MUSL] = "malloc of musl maps %s.",
		[ORIGIN_JEMALLOC] = "jemalloc maps %s, to serve malloc from there.",
		[ORIGIN_TCMALLOC] = "tcmalloc maps %s, to serve malloc from there.",
		[ORIGIN_MIMALLOC] = "mimalloc maps %s, to serve malloc from there.",
		[ORIGIN_GO] = "The runtime of Go maps %s.",
		[ORIGIN_JVM] = "The virtual machine of Java maps %s.",
		[ORIGIN_V8] = "V8, which runs JavaScript, maps %s.",
		[ORIGIN_OBMALLOC] = "Python maps %s, an arena for its small objects.",
		[ORIGIN_LIBRARY] = "A library maps %s of anonymous memory.",
		[ORIGIN_PROGRAM] = "The program itself maps %s of anonymous memory.",
	};
	const struct event *ev = step->ev;
	const char *sentence = NULL;
	char buf[FORMAT_MAX];

	format_whole(buf, ev->map.length, page);
	if (certain(&step->asked) == ORIGIN_ARENA && ev->map.flags & MAP_FIXED)
		sentence =
			"malloc gives the end of an arena back, %s. The addresses stay reserved.";
	else if (ev->map.flags & MAP_ANONYMOUS)
		sentence = sentences[certain(&step->asked)];
	else
		sentence = "%s of a file are mapped. They cost memory when they are touched.";
	fprintf(out, sentence ?: "%s of anonymous memory are mapped.", buf);
}

static void put_mremap(FILE *out, const struct step *step, uint64_t page)
{
	const struct event *ev = step->ev;
	char from[FORMAT_MAX], to[FORMAT_MAX];

	fprintf(out, "A mapping of %s now has %s, %s.%s", format_whole(from, ev->map.length, page),
		format_whole(to, ev->map.new_length, page),
		ev->map.result == ev->map.addr ? "and stays where it is" :
						 "and moves there without a copy",
		certain(&step->asked) == ORIGIN_MALLOC ? " So realloc changes large blocks." : "");
}

static const char *usable_for(enum origin origin)
{
	return origin == ORIGIN_ARENA ?
		       ": the arena of the thread grows" :
	       origin == ORIGIN_STACK ?
		       ": the stack of the thread, above a page that stays closed" :
		       "";
}

static void put_mprotect(FILE *out, const struct step *step, uint64_t page)
{
	const struct change *change = &step->change;
	char buf[FORMAT_MAX];

	if (change->committed)
		fprintf(out, "%s of what was reserved become usable%s.",
			format_whole(buf, change->committed, page),
			usable_for(origin_at(step, step->ev->map.addr)));
	else if (change->decommitted)
		fprintf(out, "%s can no longer be used; the addresses stay reserved.",
			format_whole(buf, change->decommitted, page));
	else
		fprintf(out, "What may be done with %s changes. No memory comes or goes.",
			format_whole(buf, step->ev->map.length, page));
}

static void put_madvise(FILE *out, const struct step *step, uint64_t page)
{
	char buf[FORMAT_MAX];

	if (step->change.given_back)
		fprintf(out,
			"%s are given back: they stay mapped, and read as zero when they are "
			"touched again.",
			format_whole(buf, step->change.given_back, page));
	else
		fprintf(out,
			"The program advises the kernel how it will use %s. Nothing comes or goes.",
			format_whole(buf, step->ev->map.length, page));
}

static void put_munmap(FILE *out, const struct step *step, uint64_t page)
{
	const struct change *change = &step->change;
	bool files = change->removed_file && !change->removed && !change->removed_other;
	char buf[FORMAT_MAX];

	fprintf(out,
		files ? "%s of files are unmapped." :
			"%s are unmapped: the kernel has them back at once.",
		format_whole(buf, step->ev->map.length, page));
}

static void put_clone(FILE *out, const struct event *ev)
{
	static const char *const sentences[] = {
		[BRKWATCH_CLONE_KIND_COPY] = "A child begins with a copy of all of this. A page is "
					     "copied when one of the two writes to it.",
		[BRKWATCH_CLONE_KIND_SHARED] = "A child begins that shares this memory.",
		[BRKWATCH_CLONE_KIND_THREAD] = "A thread begins. It shares this memory.",
	};

	fprintf(out, "%s", sentences[ev->clone.kind]);
}

/* Returns NULL for calls. */
static const char *lifecycle_sentence(const struct event *ev)
{
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_EXEC:
		return "A new program begins. All that was mapped before is gone.";
	case BRKWATCH_EVENT_KIND_EXIT:
		return "The process ends. All its memory goes back to the kernel.";
	case BRKWATCH_EVENT_KIND_FAULT:
		return "It touches memory that it may not: the kernel sends a signal.";
	case BRKWATCH_EVENT_KIND_SNAPSHOT:
		return "What the program begins with, as the kernel has it.";
	case BRKWATCH_EVENT_KIND_MARK:
		return "A mark that was set by hand or by a program.";
	case BRKWATCH_EVENT_KIND_LEAVE:
		return "It runs with rights that the reader does not have, so its events end here.";
	default:
		return NULL;
	}
}

static void put_call_sentence(FILE *out, const struct step *step, uint64_t page)
{
	const struct event *ev = step->ev;

	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		return put_brk(out, step, page);
	case BRKWATCH_EVENT_KIND_MMAP:
		return put_mmap(out, step, page);
	case BRKWATCH_EVENT_KIND_MUNMAP:
		return put_munmap(out, step, page);
	case BRKWATCH_EVENT_KIND_MREMAP:
		return put_mremap(out, step, page);
	case BRKWATCH_EVENT_KIND_MADVISE:
		return put_madvise(out, step, page);
	case BRKWATCH_EVENT_KIND_SHMAT:
		fprintf(out, "Memory that other processes may have too is attached.");
		break;
	case BRKWATCH_EVENT_KIND_SHMDT:
		fprintf(out, "Shared memory is detached.");
		break;
	default:
		put_mprotect(out, step, page);
	}
}

static void put_sentence(FILE *out, const struct step *step, uint64_t page)
{
	const struct event *ev = step->ev;
	const char *life = lifecycle_sentence(ev);

	if (life)
		fprintf(out, "%s", life);
	else if (ev->kind == BRKWATCH_EVENT_KIND_CLONE)
		put_clone(out, ev);
	else if (ev->error && ev->kind != BRKWATCH_EVENT_KIND_BRK)
		fprintf(out, "The kernel refuses: %s.", strerror(ev->error));
	else
		put_call_sentence(out, step, page);
}

/* The reason has a line of its own, because it may be a guess, and no sentence rests on one. */
static void put_refusal(struct view *view, const struct step *step)
{
	char name[NAMES_MAX], before[NAMES_MAX + 4] = "\nrefused: ";

	if (step->ev->kind != BRKWATCH_EVENT_KIND_BRK)
		snprintf(before, sizeof(before), "\n%s: ", names_errno(name, step->ev->error));
	put_reasons(view, step, before);
}

void put_explanation(struct view *view, const struct step *step)
{
	put_sentence(view->out, step, view->page);
	put_refusal(view, step);
}
