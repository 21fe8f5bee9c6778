// SPDX-License-Identifier: GPL-2.0
/* What a call means. */
#include <inttypes.h>
#include <linux/mman.h>

#include "lib/format.h"
#include "lib/names.h"
#include "view/reasons.h"
#include "view/text.h"

/* Who asks for memory leads what it means. */
static void put_asked(struct view *view, const struct step *step)
{
	char buf[ASKED_MAX];

	if (step->asked.origin != ORIGIN_UNKNOWN && step_gets_memory(step, view->page))
		fprintf(view->out, "%s: ", asked_text(buf, &step->asked));
}

static void put_anonymous(struct view *view, const struct step *step)
{
	char size[FORMAT_MAX];

	if (view->filtered)
		return;
	if (step->process->unknown)
		fprintf(view->out, ", anonymous unknown (events lost)");
	else
		fprintf(view->out, ", anonymous %s%s",
			format_size(size, process_anonymous(step->process)),
			step->process->from_exec ? "" : " since attach");
}

static void put_span(struct view *view, char sign, uint64_t bytes, const char *what)
{
	char buf[FORMAT_MAX];

	fprintf(view->out, "%s%s",
		format_pages(buf, sign, bytes, pages_of(bytes, view->page), view->page), what);
}

static void put_refusal(struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	uint64_t asked = ev->move.requested, kept = ev->move.after;
	uint64_t bytes = asked > kept ? asked - kept : kept - asked;
	bool told;

	fprintf(view->out, "refused: ");
	told = put_reasons(view, step, "");
	if (!is_out_of_reach(ev, asked)) {
		fputs(told ? "; asked " : "asked ", view->out);
		put_span(view, asked > kept ? '+' : '-', bytes, "");
	} else if (!told) {
		fprintf(view->out, "asked for an address out of reach");
	}
	fprintf(view->out, ", kept: ");
}

static void put_failure(struct view *view, const struct step *step)
{
	char name[NAMES_MAX], before[NAMES_MAX + 8];

	snprintf(before, sizeof(before), ", %s: ", names_errno(name, step->ev->error));
	fprintf(view->out, "failed");
	put_reasons(view, step, before);
}

static void put_move(struct view *view, const struct event *ev)
{
	uint64_t before = pages_of(ev->move.before - ev->heap_start, view->page);
	uint64_t after = pages_of(ev->move.after - ev->heap_start, view->page);
	bool up = ev->move.kind == BRKWATCH_BRK_KIND_GROW;
	uint64_t bytes = up ? ev->move.after - ev->move.before : ev->move.before - ev->move.after;
	char buf[FORMAT_MAX];

	fprintf(view->out, "%s, ",
		format_pages(buf, up ? '+' : '-', bytes, up ? after - before : before - after,
			     view->page));
}

static void put_brk_meaning(struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	char buf[FORMAT_MAX];

	put_asked(view, step);
	if (ev->move.kind == BRKWATCH_BRK_KIND_REFUSED)
		put_refusal(view, step);
	else if (ev->move.kind != BRKWATCH_BRK_KIND_QUERY)
		put_move(view, ev);
	/* Use the break that this call returned, because another thread may have moved it since. */
	fprintf(view->out, "heap %s", format_size(buf, ev->move.after - ev->heap_start));
}

static void put_mmap_meaning(struct view *view, const struct step *step)
{
	uint64_t removed = step->change.removed + step->change.removed_other;

	if (step->ev->map.flags & MAP_ANONYMOUS) {
		put_asked(view, step);
		put_span(view, '+', step->change.added, "");
		if (removed && !step_is_blind(step)) {
			fprintf(view->out, ", ");
			put_span(view, '-', removed, " replaced");
		}
		put_anonymous(view, step);
	} else if (removed) {
		fprintf(view->out, "file mapping over ");
		put_span(view, '-', removed, " anonymous");
		put_anonymous(view, step);
	} else {
		fprintf(view->out, "file mapping");
	}
}

static void put_munmap_meaning(struct view *view, const struct step *step)
{
	const struct change *change = &step->change;

	if (step_is_blind(step)) {
		fprintf(view->out, "anonymous unknown (events lost)");
	} else if (change->removed || change->removed_other) {
		if (change->removed)
			put_span(view, '-', change->removed, " anonymous");
		if (change->removed && change->removed_other)
			fprintf(view->out, ", ");
		if (change->removed_other)
			put_span(view, '-', change->removed_other, " of other private memory");
		put_anonymous(view, step);
	} else if (change->removed_file) {
		fprintf(view->out, "file mapping");
	} else {
		fprintf(view->out, "nothing that was seen mapped");
	}
}

/* Say what became of the range, without its size; empty if only the size has changed. */
static const char *fate(const struct event *ev, uint64_t old, uint64_t new)
{
	if (!old)
		return "mapped a second time";
	if (ev->map.result == ev->map.addr)
		return old == new ? "nothing changes" : "";
	return ev->map.flags & MREMAP_DONTUNMAP ? "pages moved, the old range stays" : "moved";
}

static void put_mremap_meaning(struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	uint64_t old = pages_of(ev->map.length, view->page) * view->page;
	uint64_t new = pages_of(ev->map.new_length, view->page) * view->page;
	const char *what = fate(ev, old, new);

	put_asked(view, step);
	fprintf(view->out, "%s%s", what, *what && old != new ? ", " : "");
	if (old != new)
		put_span(view, new < old ? '-' : '+', new < old ? old - new : new - old, "");
	put_anonymous(view, step);
}

static void put_mprotect_meaning(struct view *view, const struct step *step)
{
	const struct change *change = &step->change;

	if (step_is_blind(step))
		fprintf(view->out, "committed unknown (events lost)");
	else if (change->committed)
		put_span(view, '+', change->committed, " committed");
	else if (change->decommitted)
		put_span(view, '-', change->decommitted, " committed");
	else if (view->filtered)
		fprintf(view->out, "committed unknown (events filtered)");
	else
		fprintf(view->out, "nothing committed");
}

/* Show the whole range: the module does not see what was touched since it was given back. */
static void put_madvise_meaning(struct view *view, const struct step *step)
{
	uint64_t bytes = pages_of(step->ev->map.length, view->page) * view->page;

	switch (step->ev->map.advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
		put_span(view, 0, bytes, " given back");
		break;
	case MADV_FREE:
		put_span(view, 0, bytes, " given back when memory is short");
		break;
	case MADV_DONTFORK:
		fprintf(view->out, "a child does not get it");
		break;
	case MADV_DOFORK:
		fprintf(view->out, "a child gets it");
		break;
	default:
		fprintf(view->out, "nothing given back");
		break;
	}
}

static void put_range_meaning(struct view *view, const struct step *step)
{
	if (step_is_of_files(step, view->page))
		fprintf(view->out, "file mapping");
	else if (step->ev->kind == BRKWATCH_EVENT_KIND_MREMAP)
		put_mremap_meaning(view, step);
	else if (step->ev->kind == BRKWATCH_EVENT_KIND_MADVISE)
		put_madvise_meaning(view, step);
	else
		put_mprotect_meaning(view, step);
}

static void put_deed(struct view *view, const struct step *step)
{
	if (step->ev->error) {
		put_failure(view, step);
		return;
	}
	switch (step->ev->kind) {
	case BRKWATCH_EVENT_KIND_MMAP:
		put_mmap_meaning(view, step);
		break;
	case BRKWATCH_EVENT_KIND_MUNMAP:
		put_munmap_meaning(view, step);
		break;
	case BRKWATCH_EVENT_KIND_SHMAT:
		fprintf(view->out, "shared memory attached");
		break;
	case BRKWATCH_EVENT_KIND_SHMDT:
		fprintf(view->out, "shared memory detached");
		break;
	default:
		put_range_meaning(view, step);
		break;
	}
}

void put_meaning(struct view *view, const struct step *step)
{
	if (step->ev->kind == BRKWATCH_EVENT_KIND_BRK) {
		put_brk_meaning(view, step);
		return;
	}
	put_deed(view, step);
	if (step->change.uncertain)
		fprintf(view->out, ", uncertain");
}
