// SPDX-License-Identifier: GPL-2.0
/* A call as strace writes it, and what it means. */
#include <inttypes.h>
#include <string.h>
#include <linux/mman.h>

#include "format.h"
#include "names.h"
#include "text.h"

static void put_result(struct sink *sink, const struct event *ev, const char *place)
{
	char name[NAMES_MAX];
	const char *meaning = strerrordesc_np(ev->error);

	if (!ev->error)
		fprintf(sink->out, " = %s", ev->map.result && *place ? place : "0");
	else if (meaning)
		fprintf(sink->out, " = -1 %s (%s)", names_errno(name, ev->error), meaning);
	else
		fprintf(sink->out, " = -1 (errno %" PRIu32 ")", ev->error);
}

static void put_anonymous(struct sink *sink, const struct step *step)
{
	if (sink->filtered)
		return;
	if (step->process->unknown)
		fprintf(sink->out, ", anonymous unknown (events lost)");
	else
		fprintf(sink->out, ", anonymous %" PRIu64 " bytes%s",
			process_anonymous(step->process),
			step->process->from_exec ? "" : " since attach");
}

static void put_span(struct sink *sink, char sign, uint64_t bytes, const char *what)
{
	char buf[FORMAT_MAX];

	fprintf(sink->out, "%s%s",
		format_pages(buf, sign, bytes, pages_of(bytes, sink->page), sink->page), what);
}

static void put_refusal(struct sink *sink, const struct event *ev)
{
	uint64_t asked = ev->move.requested, kept = ev->move.after;
	uint64_t bytes = asked > kept ? asked - kept : kept - asked;

	if (is_out_of_reach(ev, asked)) {
		fprintf(sink->out, "refused: asked for an address out of reach");
	} else {
		fprintf(sink->out, "refused: asked ");
		put_span(sink, asked > kept ? '+' : '-', bytes, "");
	}
	fprintf(sink->out, ", kept: ");
}

static void put_move(struct sink *sink, const struct event *ev)
{
	uint64_t before = pages_of(ev->move.before - ev->heap_start, sink->page);
	uint64_t after = pages_of(ev->move.after - ev->heap_start, sink->page);
	bool up = ev->move.kind == BRKWATCH_BRK_KIND_GROW;
	uint64_t bytes = up ? ev->move.after - ev->move.before : ev->move.before - ev->move.after;
	char buf[FORMAT_MAX];

	fprintf(sink->out, "%s, ",
		format_pages(buf, up ? '+' : '-', bytes, up ? after - before : before - after,
			     sink->page));
}

static void put_brk(struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;
	char buf[FORMAT_MAX];

	fprintf(sink->out, "brk(%s) = %s  # ", pointer(ev->move.requested, step->places.requested),
		step->places.after);
	if (ev->move.kind == BRKWATCH_BRK_KIND_REFUSED)
		put_refusal(sink, ev);
	else if (ev->move.kind != BRKWATCH_BRK_KIND_QUERY)
		put_move(sink, ev);
	/* The break that this call returned: another thread may have moved it since. */
	fprintf(sink->out, "%s", format_heap(buf, ev->heap_start, ev->move.after, sink->page));
}

static void put_mmap_meaning(struct sink *sink, const struct step *step)
{
	uint64_t removed = step->change.removed + step->change.removed_other;

	if (step->ev->map.flags & MAP_ANONYMOUS) {
		put_span(sink, '+', step->change.added, "");
		if (removed && !is_blind(step)) {
			fprintf(sink->out, ", ");
			put_span(sink, '-', removed, " replaced");
		}
		put_anonymous(sink, step);
	} else if (removed) {
		fprintf(sink->out, "file mapping over ");
		put_span(sink, '-', removed, " anonymous");
		put_anonymous(sink, step);
	} else {
		fprintf(sink->out, "file mapping");
	}
}

static void put_munmap_meaning(struct sink *sink, const struct step *step)
{
	const struct change *change = &step->change;

	if (is_blind(step)) {
		fprintf(sink->out, "anonymous unknown (events lost)");
	} else if (change->removed || change->removed_other) {
		if (change->removed)
			put_span(sink, '-', change->removed, " anonymous");
		if (change->removed && change->removed_other)
			fprintf(sink->out, ", ");
		if (change->removed_other)
			put_span(sink, '-', change->removed_other, " of other private memory");
		put_anonymous(sink, step);
	} else if (change->removed_file) {
		fprintf(sink->out, "file mapping");
	} else {
		fprintf(sink->out, "nothing that was seen mapped");
	}
}

/* What became of the range, without its size; empty when only that has changed. */
static const char *fate(const struct event *ev, uint64_t old, uint64_t new)
{
	if (!old)
		return "mapped a second time";
	if (ev->map.result == ev->map.addr)
		return old == new ? "nothing changes" : "";
	return ev->map.flags & MREMAP_DONTUNMAP ? "pages moved, the old range stays" : "moved";
}

static void put_mremap_meaning(struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;
	uint64_t old = pages_of(ev->map.length, sink->page) * sink->page;
	uint64_t new = pages_of(ev->map.new_length, sink->page) * sink->page;
	const char *what = fate(ev, old, new);

	fprintf(sink->out, "%s%s", what, *what && old != new ? ", " : "");
	if (old != new)
		put_span(sink, new < old ? '-' : '+', new < old ? old - new : new - old, "");
	put_anonymous(sink, step);
}

static void put_mprotect_meaning(struct sink *sink, const struct step *step)
{
	const struct change *change = &step->change;

	if (is_blind(step))
		fprintf(sink->out, "committed unknown (events lost)");
	else if (change->committed)
		put_span(sink, '+', change->committed, " committed");
	else if (change->decommitted)
		put_span(sink, '-', change->decommitted, " committed");
	else if (sink->filtered)
		fprintf(sink->out, "committed unknown (events filtered)");
	else
		fprintf(sink->out, "nothing committed");
}

/* The whole range: what of it was touched since it was last given back is not seen. */
static void put_madvise_meaning(struct sink *sink, const struct step *step)
{
	uint64_t bytes = pages_of(step->ev->map.length, sink->page) * sink->page;

	switch (step->ev->map.advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
		put_span(sink, 0, bytes, " given back");
		break;
	case MADV_FREE:
		put_span(sink, 0, bytes, " given back when memory is short");
		break;
	case MADV_DONTFORK:
		fprintf(sink->out, "a child does not get it");
		break;
	case MADV_DOFORK:
		fprintf(sink->out, "a child gets it");
		break;
	default:
		fprintf(sink->out, "nothing given back");
		break;
	}
}

static void put_range_meaning(struct sink *sink, const struct step *step)
{
	if (is_of_files(sink, step))
		fprintf(sink->out, "file mapping");
	else if (step->ev->kind == BRKWATCH_EVENT_KIND_MREMAP)
		put_mremap_meaning(sink, step);
	else if (step->ev->kind == BRKWATCH_EVENT_KIND_MADVISE)
		put_madvise_meaning(sink, step);
	else
		put_mprotect_meaning(sink, step);
}

static void put_meaning(struct sink *sink, const struct step *step)
{
	if (step->ev->error) {
		fprintf(sink->out, "failed");
		return;
	}
	switch (step->ev->kind) {
	case BRKWATCH_EVENT_KIND_MMAP:
		put_mmap_meaning(sink, step);
		break;
	case BRKWATCH_EVENT_KIND_MUNMAP:
		put_munmap_meaning(sink, step);
		break;
	case BRKWATCH_EVENT_KIND_SHMAT:
		fprintf(sink->out, "shared memory attached");
		break;
	case BRKWATCH_EVENT_KIND_SHMDT:
		fprintf(sink->out, "shared memory detached");
		break;
	default:
		put_range_meaning(sink, step);
		break;
	}
}

static void put_mmap(FILE *out, const struct event *ev, const struct places *places)
{
	char prot[NAMES_MAX], flags[NAMES_MAX];

	fprintf(out, "%s, %" PRIu64 ", %s, %s, %" PRId32 ", %#" PRIx64,
		pointer(ev->map.addr, places->addr), ev->map.length, names_prot(prot, ev->map.prot),
		names_flags(flags, ev->map.flags), ev->map.fd, ev->map.offset);
}

/* Like strace, which shows the new address only where it is a demand. */
static void put_mremap(FILE *out, const struct event *ev, const struct places *places)
{
	const uint64_t demand = MREMAP_MAYMOVE | MREMAP_FIXED;
	char flags[NAMES_MAX];

	fprintf(out, "%s, %" PRIu64 ", %" PRIu64 ", %s", pointer(ev->map.addr, places->addr),
		ev->map.length, ev->map.new_length, names_mremap(flags, ev->map.flags));
	if ((ev->map.flags & demand) == demand)
		fprintf(out, ", %s", pointer(ev->map.new_addr, places->new_addr));
}

static void put_mprotect(FILE *out, const struct event *ev, const struct places *places)
{
	char prot[NAMES_MAX];

	fprintf(out, "%s, %" PRIu64 ", %s", pointer(ev->map.addr, places->addr), ev->map.length,
		names_prot(prot, ev->map.prot));
	if (ev->kind == BRKWATCH_EVENT_KIND_PKEY_MPROTECT)
		fprintf(out, ", %" PRId32, ev->map.pkey);
}

static void put_madvise(FILE *out, const struct event *ev, const struct places *places)
{
	char advice[NAMES_MAX];

	fprintf(out, "%s, %" PRIu64 ", %s", pointer(ev->map.addr, places->addr), ev->map.length,
		names_advice(advice, ev->map.advice));
}

static void put_shmat(const struct sink *sink, const struct event *ev, const struct places *places)
{
	char flags[NAMES_MAX];

	/* The kernel counts the segments that it ever made. */
	if (sink->normalize)
		fprintf(sink->out, "<shm>");
	else
		fprintf(sink->out, "%" PRId32, ev->map.shmid);
	fprintf(sink->out, ", %s, %s", pointer(ev->map.addr, places->addr),
		names_shmat(flags, ev->map.flags));
}

static void put_arguments(struct sink *sink, const struct event *ev, const struct places *places)
{
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_MMAP:
		put_mmap(sink->out, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_MREMAP:
		put_mremap(sink->out, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
		put_mprotect(sink->out, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_MADVISE:
		put_madvise(sink->out, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_SHMAT:
		put_shmat(sink, ev, places);
		break;
	case BRKWATCH_EVENT_KIND_SHMDT:
		fprintf(sink->out, "%s", pointer(ev->map.addr, places->addr));
		break;
	default:
		fprintf(sink->out, "%s, %" PRIu64, pointer(ev->map.addr, places->addr),
			ev->map.length);
		break;
	}
}

void put_call(struct sink *sink, const struct step *step)
{
	const struct event *ev = step->ev;

	if (ev->kind == BRKWATCH_EVENT_KIND_BRK) {
		put_brk(sink, step);
		return;
	}
	fprintf(sink->out, "%s(", names_event(ev->kind));
	put_arguments(sink, ev, &step->places);
	fprintf(sink->out, ")");
	put_result(sink, ev, step->places.result);
	fprintf(sink->out, "  # ");
	put_meaning(sink, step);
	if (step->change.uncertain)
		fprintf(sink->out, ", uncertain");
}
