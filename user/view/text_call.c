// SPDX-License-Identifier: GPL-2.0
/* What a call means. */
#include <linux/mman.h>

#include "lib/format.h"
#include "lib/names.h"
#include "view/reasons.h"
#include "view/text.h"

/* Who asks for memory leads what it means. */
static void add_asked(struct text_buffer *text, const struct view *view, const struct step *step)
{
	char who[ASKED_MAX];

	if (step->asked.origin == ORIGIN_UNKNOWN || !step_gets_memory(step, view->page))
		return;
	text_add(text, asked_text(who, &step->asked));
	text_add(text, ": ");
}

static void add_anonymous(struct text_buffer *text, const struct view *view,
			  const struct step *step)
{
	char size[FORMAT_MAX];

	if (view->filtered)
		return;
	text_add(text, ", anonymous ");
	if (step->process->unknown) {
		text_add(text, "unknown (events lost)");
		return;
	}
	text_add(text, format_size(size, process_anonymous(step->process)));
	text_add(text, step->process->from_exec ? "" : " since attach");
}

static void add_span(struct text_buffer *text, const struct view *view, char sign, uint64_t bytes,
		     const char *what)
{
	char buf[FORMAT_MAX];

	text_add(text, format_pages(buf, sign, bytes, pages_of(bytes, view->page), view->page));
	text_add(text, what);
}

static void add_refusal(struct text_buffer *text, struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	uint64_t asked = ev->move.requested, kept = ev->move.after;
	uint64_t bytes = asked > kept ? asked - kept : kept - asked;
	bool told;

	text_add(text, "refused: ");
	text_put(text, view->out);
	told = put_reasons(view, step, "");
	if (!is_out_of_reach(ev, asked)) {
		text_add(text, told ? "; asked " : "asked ");
		add_span(text, view, asked > kept ? '+' : '-', bytes, "");
	} else if (!told) {
		text_add(text, "asked for an address out of reach");
	}
	text_add(text, ", kept: ");
}

static void add_failure(struct text_buffer *text, struct view *view, const struct step *step)
{
	char name[NAMES_MAX], before[NAMES_MAX + 8];

	snprintf(before, sizeof(before), ", %s: ", names_errno(name, step->ev->error));
	text_add(text, "failed");
	text_put(text, view->out);
	put_reasons(view, step, before);
}

static void add_move(struct text_buffer *text, const struct view *view, const struct event *ev)
{
	uint64_t before = pages_of(ev->move.before - ev->heap_start, view->page);
	uint64_t after = pages_of(ev->move.after - ev->heap_start, view->page);
	bool up = ev->move.kind == BRKWATCH_BRK_KIND_GROW;
	uint64_t bytes = up ? ev->move.after - ev->move.before : ev->move.before - ev->move.after;
	char buf[FORMAT_MAX];

	text_add(text, format_pages(buf, up ? '+' : '-', bytes,
				    up ? after - before : before - after, view->page));
	text_add(text, ", ");
}

static void add_brk_meaning(struct text_buffer *text, struct view *view, const struct step *step)
{
	const struct event *ev = step->ev;
	char buf[FORMAT_MAX];

	add_asked(text, view, step);
	if (ev->move.kind == BRKWATCH_BRK_KIND_REFUSED)
		add_refusal(text, view, step);
	else if (ev->move.kind != BRKWATCH_BRK_KIND_QUERY)
		add_move(text, view, ev);
	/* Use the break that this call returned, because another thread may have moved it since. */
	text_add(text, "heap ");
	text_add(text, format_size(buf, ev->move.after - ev->heap_start));
}

static void add_mmap_meaning(struct text_buffer *text, const struct view *view,
			     const struct step *step)
{
	uint64_t removed = step->change.removed + step->change.removed_other;

	if (step->ev->map.flags & MAP_ANONYMOUS) {
		add_asked(text, view, step);
		add_span(text, view, '+', step->change.added, "");
		if (removed && !step_is_blind(step)) {
			text_add(text, ", ");
			add_span(text, view, '-', removed, " replaced");
		}
		add_anonymous(text, view, step);
	} else if (removed) {
		text_add(text, "file mapping over ");
		add_span(text, view, '-', removed, " anonymous");
		add_anonymous(text, view, step);
	} else {
		text_add(text, "file mapping");
	}
}

static void add_munmap_meaning(struct text_buffer *text, const struct view *view,
			       const struct step *step)
{
	const struct change *change = &step->change;

	if (step_is_blind(step)) {
		text_add(text, "anonymous unknown (events lost)");
	} else if (change->removed || change->removed_other) {
		if (change->removed)
			add_span(text, view, '-', change->removed, " anonymous");
		if (change->removed && change->removed_other)
			text_add(text, ", ");
		if (change->removed_other)
			add_span(text, view, '-', change->removed_other,
				 " of other private memory");
		add_anonymous(text, view, step);
	} else if (change->removed_file) {
		text_add(text, "file mapping");
	} else {
		text_add(text, "nothing that was seen mapped");
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

static void add_mremap_meaning(struct text_buffer *text, const struct view *view,
			       const struct step *step)
{
	const struct event *ev = step->ev;
	uint64_t old = pages_of(ev->map.length, view->page) * view->page;
	uint64_t new = pages_of(ev->map.new_length, view->page) * view->page;
	const char *what = fate(ev, old, new);

	add_asked(text, view, step);
	text_add(text, what);
	text_add(text, *what && old != new ? ", " : "");
	if (old != new)
		add_span(text, view, new < old ? '-' : '+', new < old ? old - new : new - old, "");
	add_anonymous(text, view, step);
}

static void add_mprotect_meaning(struct text_buffer *text, const struct view *view,
				 const struct step *step)
{
	const struct change *change = &step->change;

	if (step_is_blind(step))
		text_add(text, "committed unknown (events lost)");
	else if (change->committed)
		add_span(text, view, '+', change->committed, " committed");
	else if (change->decommitted)
		add_span(text, view, '-', change->decommitted, " committed");
	else if (view->filtered)
		text_add(text, "committed unknown (events filtered)");
	else
		text_add(text, "nothing committed");
}

/* Show the whole range: the module does not see what was touched since it was given back. */
static void add_madvise_meaning(struct text_buffer *text, const struct view *view,
				const struct step *step)
{
	uint64_t bytes = pages_of(step->ev->map.length, view->page) * view->page;

	switch (step->ev->map.advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
		add_span(text, view, 0, bytes, " given back");
		break;
	case MADV_FREE:
		add_span(text, view, 0, bytes, " given back when memory is short");
		break;
	case MADV_DONTFORK:
		text_add(text, "a child does not get it");
		break;
	case MADV_DOFORK:
		text_add(text, "a child gets it");
		break;
	default:
		text_add(text, "nothing given back");
		break;
	}
}

static void add_range_meaning(struct text_buffer *text, const struct view *view,
			      const struct step *step)
{
	if (step_is_of_files(step, view->page))
		text_add(text, "file mapping");
	else if (step->ev->kind == BRKWATCH_EVENT_KIND_MREMAP)
		add_mremap_meaning(text, view, step);
	else if (step->ev->kind == BRKWATCH_EVENT_KIND_MADVISE)
		add_madvise_meaning(text, view, step);
	else
		add_mprotect_meaning(text, view, step);
}

static void add_deed(struct text_buffer *text, struct view *view, const struct step *step)
{
	if (step->ev->error) {
		add_failure(text, view, step);
		return;
	}
	switch (step->ev->kind) {
	case BRKWATCH_EVENT_KIND_MMAP:
		add_mmap_meaning(text, view, step);
		break;
	case BRKWATCH_EVENT_KIND_MUNMAP:
		add_munmap_meaning(text, view, step);
		break;
	case BRKWATCH_EVENT_KIND_SHMAT:
		text_add(text, "shared memory attached");
		break;
	case BRKWATCH_EVENT_KIND_SHMDT:
		text_add(text, "shared memory detached");
		break;
	default:
		add_range_meaning(text, view, step);
		break;
	}
}

void add_meaning(struct text_buffer *text, struct view *view, const struct step *step)
{
	if (step->ev->kind == BRKWATCH_EVENT_KIND_BRK) {
		add_brk_meaning(text, view, step);
		return;
	}
	add_deed(text, view, step);
	if (step->change.uncertain)
		text_add(text, ", uncertain");
}
