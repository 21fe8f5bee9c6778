// SPDX-License-Identifier: GPL-2.0
/* What mremap(2) does to an address space. */
#include <sys/mman.h>

#include "ledger/calls.h"

/* An mremap in hand; lengths in whole pages. */
struct move {
	const struct call *call;
	uint64_t from;
	uint64_t to;
	uint64_t old;
	uint64_t new;
	bool fixed;
	bool keeps;
};

static bool is_move(struct move *move, const struct call *call)
{
	const struct event *ev = call->ev;

	*move = (struct move){
		.call = call,
		.from = ev->map.addr,
		.to = ev->error ? ev->map.new_addr : ev->map.result,
		.old = call_up(call, ev->map.length),
		.new = call_up(call, ev->map.new_length),
		.fixed = !!(ev->map.flags & MREMAP_FIXED),
		.keeps = !!(ev->map.flags & MREMAP_DONTUNMAP),
	};
	/*
	 * The kernel lets an old length near 2^64 wrap to 0, and then treats it as 0. It
	 * refuses late a range that ends beyond 2^64.
	 */
	return move->new && move->new >= ev->map.new_length &&
	       (ev->error || move->from + move->old >= move->from) &&
	       !(move->from & (call->page - 1));
}

/*
 * Before the call fails, the kernel may have unmapped the destination and cut off the source's
 * end. New kernels move several mappings in one call, and may have moved some of them.
 */
static int book_failed_move(const struct move *move)
{
	const struct address_space *space = move->call->space;
	uint64_t gone = move->new < move->old ? move->new : 0;
	struct effect source = { .kind = EFFECT_DOUBT, .end = move->from + move->old };
	struct effect destination = { .kind = EFFECT_DOUBT, .start = move->to };
	int err;

	source.start = move->from + gone;
	destination.end = move->to + move->new;
	/* The kernel first refuses flags that do not go together. */
	if (!(move->call->ev->map.flags & MREMAP_MAYMOVE) ||
	    (move->keeps && move->old != move->new))
		return 0;
	if (!move->fixed || destination.end < move->to || move->to & (move->call->page - 1) ||
	    (move->from < destination.end && source.end > destination.start))
		return 0;
	/* With more threads, a later event may report what was there. */
	if (move->new == move->old &&
	    (space->overlap.crowd || ranges_find(&space->ranges, move->from)))
		destination.tag = TAG_UNCERTAIN;
	err = call_effect(move->call, &destination, NULL);
	if (err || move->new > move->old || source.end <= source.start)
		return err;
	return call_effect(move->call, &source, NULL);
}

static int book_cut(const struct move *move)
{
	struct effect tail = {
		.kind = EFFECT_CLEAR,
		.start = move->from + move->new,
		.end = move->from + move->old,
	};

	return move->old > move->new ? call_effect(move->call, &tail, NULL) : 0;
}

/*
 * Growth of memory without a file is anonymous, whatever call mapped that memory, and this call
 * got it.
 */
static uint64_t tag_of_growth(const struct move *move, uint64_t last)
{
	uint64_t tag = last & ~(TAG_GIVEN_BACK | TAG_INHERITED | TAG_GREW | TAG_CALL);

	if (tag_class(tag) == CLASS_ANONYMOUS || tag_class(tag) == CLASS_GROWS_DOWN)
		tag |= TAG_COUNTED;
	return tag & TAG_COUNTED ? tag | call_tag(move->call) : tag;
}

/* Books the pages behind the source's last one; they are like that page. */
static int book_growth(const struct move *move, uint64_t kept, uint64_t last)
{
	struct effect effect = {
		.kind = EFFECT_SET,
		.need = move->fixed ? NEED_NOTHING : NEED_FREE,
		.start = move->to + kept,
		.end = move->to + move->new,
	};

	if (move->new <= kept)
		return 0;
	effect.tag = tag_of_growth(move, last);
	return call_effect(move->call, &effect, NULL);
}

static int book_in_place(const struct move *move)
{
	struct effect last = {
		.kind = EFFECT_CHANGE,
		.need = NEED_MAPPED,
		.start = move->from + move->old - move->call->page,
		.end = move->from + move->old,
		.moved_to = move->from + move->old,
		.moved_end = move->from + move->new,
	};
	struct ranges found = { 0 };
	int err;

	if (move->new <= move->old)
		return book_cut(move);
	err = call_effect(move->call, &last, &found);
	if (!err)
		err = book_growth(move, move->old, found.n ? found.v[0].tag : TAG_UNCERTAIN);
	ranges_free(&found);
	return err;
}

/* Takes the source away, or leaves it empty; @found gets what was moved. */
static int book_source(const struct move *move, uint64_t kept, struct ranges *found)
{
	struct effect effect = {
		.kind = move->keeps ? EFFECT_CHANGE : EFFECT_CLEAR,
		/* New kernels move several mappings at once, with the holes between them. */
		.need = move->fixed && move->old == move->new ? NEED_NOTHING : NEED_MAPPED,
		.start = move->from,
		.end = move->from + kept,
		.tag = TAG_GIVEN_BACK,
		.mask = TAG_GIVEN_BACK,
		.moved_to = move->to,
		.moved_end = move->to + move->new,
	};

	/* An old length of 0 duplicates a shared mapping. */
	if (!move->old)
		effect = (struct effect){
			.kind = EFFECT_CHANGE,
			.start = move->from,
			.end = move->from + move->call->page,
			.moved_to = move->to,
			.moved_end = move->to + move->new,
		};
	return call_effect(move->call, &effect, found);
}

/* Counts only ranges with all bits of @tag. */
static uint64_t bytes_of(const struct ranges *set, uint64_t tag)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < set->n; i++)
		if ((set->v[i].tag & tag) == tag)
			bytes += set->v[i].end - set->v[i].start;
	return bytes;
}

/*
 * If the source seems to have a hole, either it is shared memory, because shmat(2) did not report
 * its size, or a new kernel moves several mappings in one call, and then the destination keeps
 * what it had.
 */
static int book_holes(const struct move *move, uint64_t kept)
{
	struct effect all = {
		.kind = move->old == move->new ? EFFECT_DOUBT : EFFECT_CLEAR,
		.start = move->to,
		.end = move->to + kept,
	};

	return move->fixed ? call_effect(move->call, &all, NULL) : 0;
}

/* The kernel moves each of several mappings by the same distance. */
static int book_destination(const struct move *move, uint64_t kept, const struct ranges *found)
{
	uint64_t by = move->to - move->from;
	size_t i;
	int err = 0;

	if (!found->n)
		return book_growth(move, 0, TAG_UNCERTAIN);
	if (bytes_of(found, 0) < kept)
		err = book_holes(move, kept);
	for (i = 0; i < found->n && kept && !err; i++) {
		struct effect piece = {
			.kind = EFFECT_SET,
			.need = move->fixed ? NEED_NOTHING : NEED_FREE,
			.start = found->v[i].start + by,
			.end = found->v[i].end + by,
			.tag = move->keeps ? tag_of_growth(move, found->v[i].tag) :
					     found->v[i].tag & ~TAG_GIVEN_BACK,
		};

		err = call_effect(move->call, &piece, NULL);
	}
	return err ?: book_growth(move, kept, found->v[found->n - 1].tag);
}

static uint64_t without(uint64_t bytes, uint64_t moved)
{
	return bytes > moved ? bytes - moved : 0;
}

static int book_elsewhere(const struct move *move)
{
	uint64_t kept = move->old < move->new ? move->old : move->new;
	struct sums moved = address_space_sums(move->call->space, move->from, move->from + kept);
	struct change *change = move->call->change;
	struct ranges found = { 0 };
	uint64_t same;
	int err;

	err = book_cut(move);
	if (!err)
		err = book_source(move, kept, &found);
	if (!err)
		err = book_destination(move, kept, &found);
	/* A snapshot taken meanwhile may have shown that the source is gone. */
	same = kept ? bytes_of(&found, TAG_COUNTED) : 0;
	ranges_free(&found);
	if (move->keeps)
		return err;
	change->added = without(change->added, same);
	change->removed = without(change->removed, moved.counted);
	change->removed_inherited = without(change->removed_inherited, moved.inherited);
	change->removed_file = without(change->removed_file, moved.file);
	change->removed_other = without(change->removed_other, moved.other);
	return err;
}

/* What was mapped keeps its origin; this is about the call that wants more. */
static void find_asked(const struct move *move)
{
	const struct call *call = move->call;
	const struct range *source = ranges_find(&call->space->ranges, move->from);

	if (move->new > move->old && source &&
	    (tag_class(source->tag) == CLASS_ANONYMOUS || source->tag & TAG_COUNTED))
		call->ledger->asked = origin_of_call(call->ev, source->tag, &call->ledger->asker);
}

int call_remap(const struct call *call)
{
	struct move move;

	if (!is_move(&move, call))
		return 0;
	find_asked(&move);
	if (call->ev->error)
		return book_failed_move(&move);
	return move.to == move.from ? book_in_place(&move) : book_elsewhere(&move);
}
