// SPDX-License-Identifier: GPL-2.0
/* What each call but mremap(2) does to an address space. */
#include <errno.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "ledger/calls.h"

#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08
#endif

uint64_t call_up(const struct call *call, uint64_t length)
{
	return (length + call->page - 1) & -call->page;
}

uint64_t call_tag(const struct call *call)
{
	struct address_space *space = call->space;

	if (space->holdings && !call->change->call)
		call->change->call =
			holdings_new(space->holdings, &space->rest, call->moment.ended);
	return (uint64_t)call->change->call << TAG_CALL_SHIFT;
}

/* The pages of a call's range; false if it has none, or the kernel found it too long. */
static bool pages(const struct call *call, uint64_t addr, uint64_t length, struct effect *effect)
{
	effect->start = addr;
	effect->end = addr + call_up(call, length);
	return call_up(call, length) >= length && effect->end > addr && !(addr & (call->page - 1));
}

int call_effect(const struct call *call, const struct effect *effect, struct ranges *found)
{
	struct change *change = call->change;
	struct sums gone;
	int err = address_space_book(call->space, &call->moment, effect, found, &gone);

	change->removed += gone.counted;
	change->removed_inherited += gone.inherited;
	change->removed_file += gone.file;
	change->removed_other += gone.other;
	if (effect->kind == EFFECT_SET && effect->tag & TAG_COUNTED)
		change->added += effect->end - effect->start;
	return err;
}

static int prot_of(const struct event *ev, uint64_t prot)
{
	int bits = prot & (PROT_BIT_READ | PROT_BIT_WRITE | PROT_BIT_EXEC);

	if (bits & PROT_BIT_READ && ev->traits & BRKWATCH_TRAIT_READ_IMPLIES_EXEC)
		bits |= PROT_BIT_EXEC;
	return bits;
}

/* If moves overlap in time, no event says where the break was between them. */
static int doubt_brk(const struct call *call, uint64_t from, uint64_t to)
{
	struct address_space *space = call->space;
	uint64_t low = from < to ? from : to;
	uint64_t high = from < to ? to : from;

	space->brk_low = low < space->brk_low ? low : space->brk_low;
	space->brk_high = high > space->brk_high ? high : space->brk_high;
	space->brk = to;
	space->whole = false;
	return address_space_doubt(space, call_up(call, space->brk_low),
				   call_up(call, space->brk_high));
}

static int move_brk(const struct call *call, uint64_t from, uint64_t to)
{
	struct address_space *space = call->space;
	struct effect effect = { .kind = EFFECT_CLEAR,
				 .start = call_up(call, to),
				 .end = call_up(call, from) };

	if (call->moment.began < space->brk_moved)
		return doubt_brk(call, from, to);
	space->brk_moved = call->moment.ended;
	space->brk_low = from < to ? from : to;
	space->brk_high = from < to ? to : from;
	space->brk = to;
	if (to > from)
		effect = (struct effect){
			.kind = EFFECT_SET,
			.need = NEED_FREE,
			.start = call_up(call, from),
			.end = call_up(call, to),
			.tag = call_tag(call) |
			       tag_of(CLASS_ANONYMOUS,
				      prot_of(call->ev, PROT_BIT_READ | PROT_BIT_WRITE), 0) |
			       ledger_origin(call->ledger, &call->ledger->asked),
		};
	return call_effect(call, &effect, NULL);
}

/*
 * The module read the break before the call without a lock, so with more than one thread the
 * account is better. With one thread this break shows whether something else has moved it.
 */
static int book_brk(const struct call *call)
{
	struct address_space *space = call->space;
	const struct event *ev = call->ev;
	uint64_t before = ev->move.before;

	call->ledger->asked = origin_of_call(ev, 0, &call->ledger->asker);
	if (space->overlap.crowd && space->whole)
		before = space->brk;
	else if (space->whole && space->brk != before && space->snapshot_time < call->moment.began)
		space->whole = false;
	if (ev->move.requested != ev->move.after || before == ev->move.after) {
		space->brk = space->whole ? space->brk : ev->move.after;
		return 0;
	}
	return move_brk(call, before, ev->move.after);
}

/* A failed call has no address, so nothing lies under it. */
static void find_asked(const struct call *call)
{
	const struct event *ev = call->ev;
	const struct range *over = ev->error ? NULL :
					       ranges_find(&call->space->ranges, ev->map.result);

	if (ev->map.flags & MAP_ANONYMOUS)
		call->ledger->asked =
			origin_of_call(ev, over ? over->tag : 0, &call->ledger->asker);
}

static uint64_t tag_of_mmap(const struct call *call)
{
	const struct event *ev = call->ev;
	uint64_t type = ev->map.flags & MAP_TYPE;
	bool shared = type == MAP_SHARED || type == MAP_SHARED_VALIDATE;
	int prot = prot_of(ev, ev->map.prot);

	if (!(ev->map.flags & MAP_ANONYMOUS))
		return tag_of(CLASS_FILE, prot, ORIGIN_UNKNOWN);
	return TAG_COUNTED | call_tag(call) | (shared ? TAG_SHARED : 0) |
	       (ev->map.flags & MAP_HUGETLB ? TAG_HUGE : 0) |
	       ledger_origin(call->ledger, &call->ledger->asked) |
	       (shared || ev->map.flags & MAP_HUGETLB ? tag_of(CLASS_FILE, prot, 0) :
		ev->map.flags & MAP_GROWSDOWN	      ? tag_of(CLASS_GROWS_DOWN, prot, 0) :
							tag_of(CLASS_ANONYMOUS, prot, 0));
}

/* Did the call fail before the kernel unmapped anything? */
static bool failed_early(const struct event *ev)
{
	switch (ev->error) {
	case EBADF:
	case EAGAIN:
	case EPERM:
	case EOVERFLOW:
		return true;
	case EINVAL:
		return ev->map.flags & MAP_ANONYMOUS;
	default:
		return false;
	}
}

/* The kernel unmaps first, so a call that fails later leaves a hole. */
static int book_failed_mmap(const struct call *call, const struct geometry *geometry)
{
	struct event done = *call->ev;
	struct effect effect = { .kind = EFFECT_DOUBT };

	done.error = 0;
	done.map.result = done.map.addr;
	if (failed_early(call->ev) || done.map.addr & (call->page - 1) ||
	    !event_span(&done, geometry, &effect.start, &effect.end))
		return 0;
	return call_effect(call, &effect, NULL);
}

static int book_mmap(const struct call *call, const struct geometry *geometry)
{
	const struct event *ev = call->ev;
	bool replaces = ev->map.flags & MAP_FIXED && !(ev->map.flags & MAP_FIXED_NOREPLACE);
	struct effect effect = {
		.kind = EFFECT_SET,
		.need = replaces ? NEED_NOTHING : NEED_FREE,
	};

	find_asked(call);
	if (ev->error)
		return replaces ? book_failed_mmap(call, geometry) : 0;
	if (!event_span(ev, geometry, &effect.start, &effect.end))
		return 0;
	effect.tag = tag_of_mmap(call);
	return call_effect(call, &effect, NULL);
}

static int book_munmap(const struct call *call, const struct geometry *geometry)
{
	struct effect effect = { .kind = EFFECT_CLEAR };

	if (!event_span(call->ev, geometry, &effect.start, &effect.end))
		return 0;
	return call_effect(call, &effect, NULL);
}

/* The kernel changes mapping by mapping and stops where it fails. */
static int book_failed_mprotect(const struct call *call, struct effect *effect)
{
	struct effect first = *effect;

	first.end = first.start + call->page;
	if (call->ev->error == EINVAL)
		return 0;
	effect->kind = EFFECT_MAY_CHANGE;
	effect->need = NEED_NOTHING;
	/* The call failed at once, because nothing is mapped where it began. */
	if (call->ev->error == ENOMEM && address_space_is_free(call->space, &call->moment, &first))
		return address_space_note(call->space, &call->moment, effect);
	return call_effect(call, effect, NULL);
}

static int book_mprotect(const struct call *call)
{
	const struct event *ev = call->ev;
	bool down = ev->map.prot & PROT_GROWSDOWN;
	struct effect effect = {
		.kind = EFFECT_CHANGE,
		.need = down ? NEED_NOTHING : NEED_MAPPED,
		.tag = tag_of(CLASS_NONE, prot_of(ev, ev->map.prot), 0),
		.mask = TAG_PROT | TAG_GIVEN_BACK,
	};
	struct sums before, after;
	int err;

	if (!pages(call, ev->map.addr, ev->map.length, &effect))
		return 0;
	if (ev->error) {
		effect.mask = TAG_PROT;
		return book_failed_mprotect(call, &effect);
	}
	before = address_space_sums(call->space, effect.start, effect.end);
	err = call_effect(call, &effect, NULL);
	after = address_space_sums(call->space, effect.start, effect.end);
	if (after.committed > before.committed)
		call->change->committed = after.committed - before.committed;
	else
		call->change->decommitted = before.committed - after.committed;
	return err;
}

static uint64_t give_back(uint64_t tag, void *arg)
{
	(void)arg;
	return tag_class(tag) == CLASS_ANONYMOUS && tag_prot(tag) ? tag | TAG_GIVEN_BACK : tag;
}

static int book_give_back(const struct call *call, const struct effect *effect)
{
	struct address_space *space = call->space;
	uint64_t before = space->given_back.now;
	int err = address_space_change(space, effect->start, effect->end, give_back, NULL);

	call->change->given_back = space->given_back.now - before;
	return err;
}

/* ENOMEM says that a part was not mapped; the kernel has still dealt with the rest. */
static int book_madvise(const struct call *call)
{
	const struct event *ev = call->ev;
	bool done = !ev->error || ev->error == ENOMEM;
	struct effect effect = {
		.kind = done ? EFFECT_CHANGE : EFFECT_MAY_CHANGE,
		.tag = ev->map.advice == MADV_DONTFORK ? TAG_DONT_FORK : 0,
		.mask = TAG_DONT_FORK,
	};

	if (!pages(call, ev->map.addr, ev->map.length, &effect))
		return 0;
	switch (ev->map.advice) {
	case MADV_DONTNEED:
	case MADV_FREE:
	case MADV_DONTNEED_LOCKED:
		return done ? book_give_back(call, &effect) : 0;
	case MADV_DONTFORK:
		/* The kernel sees all that is wrong with the call before it does anything. */
		return ev->error == EINVAL ? 0 : call_effect(call, &effect, NULL);
	case MADV_DOFORK:
		return call_effect(call, &effect, NULL);
	default:
		return 0;
	}
}

/* shmat(2) does not report the size of a segment, so its first page stands for it. */
static int book_shmat(const struct call *call)
{
	const struct event *ev = call->ev;
	struct effect effect = { .kind = EFFECT_SET, .need = NEED_FREE };
	bool replaces = ev->map.flags & SHM_REMAP;

	if (replaces)
		call->space->whole = false;
	if (ev->error)
		return 0;
	effect.start = ev->map.result;
	effect.end = ev->map.result + call->page;
	if (replaces)
		effect.need = NEED_NOTHING;
	effect.tag = tag_of(CLASS_FILE, PROT_BIT_READ, ORIGIN_UNKNOWN);
	return call_effect(call, &effect, NULL);
}

static int book_shmdt(const struct call *call)
{
	const struct event *ev = call->ev;
	const struct range *range = ranges_find(&call->space->ranges, ev->map.addr);
	struct effect effect = {
		.kind = EFFECT_CLEAR,
		.start = ev->map.addr,
		.end = ev->map.addr + call->page,
	};

	if (ev->error || !range || tag_class(range->tag) != CLASS_FILE)
		return 0;
	return call_effect(call, &effect, NULL);
}

int call_book(struct ledger *ledger, struct address_space *space, const struct event *ev,
	      struct change *change)
{
	const struct geometry *geometry = &ledger->geometry;
	struct call call = {
		.ledger = ledger,
		.space = space,
		.ev = ev,
		.page = geometry->page,
		.moment = { ev->time - ev->duration, ev->time, ev->tid },
		.change = change,
	};

	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_BRK:
		return book_brk(&call);
	case BRKWATCH_EVENT_KIND_MMAP:
		return book_mmap(&call, geometry);
	case BRKWATCH_EVENT_KIND_MUNMAP:
		return book_munmap(&call, geometry);
	case BRKWATCH_EVENT_KIND_MREMAP:
		return call_remap(&call);
	case BRKWATCH_EVENT_KIND_MPROTECT:
	case BRKWATCH_EVENT_KIND_PKEY_MPROTECT:
		return book_mprotect(&call);
	case BRKWATCH_EVENT_KIND_MADVISE:
		return book_madvise(&call);
	case BRKWATCH_EVENT_KIND_SHMAT:
		return book_shmat(&call);
	case BRKWATCH_EVENT_KIND_SHMDT:
		return book_shmdt(&call);
	default:
		return 0;
	}
}
