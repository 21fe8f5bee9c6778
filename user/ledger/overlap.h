/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In which order did the kernel do what? Events come in the order of returns. The kernel may have
 * done calls that overlap in time in another order, but not every order is possible, because
 * where mmap(2) found room, nothing was mapped at that moment.
 */
#ifndef BRKWATCH_OVERLAP_H
#define BRKWATCH_OVERLAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ranges.h"

/**
 * enum effect_kind - what a call does to addresses
 * @EFFECT_SET: maps them, with a tag
 * @EFFECT_CLEAR: unmaps them
 * @EFFECT_CHANGE: changes bits of the tags of what is mapped
 * @EFFECT_MAY_CHANGE: the same, or not, or in part
 * @EFFECT_DOUBT: may have unmapped them, or mapped something else there
 * @EFFECT_STATE: nothing; says what was there, as a snapshot does
 */
enum effect_kind {
	EFFECT_SET,
	EFFECT_CLEAR,
	EFFECT_CHANGE,
	EFFECT_MAY_CHANGE,
	EFFECT_DOUBT,
	EFFECT_STATE,
};

/**
 * enum effect_need - what must have been there for the call to do this
 * @NEED_NOTHING: anything
 * @NEED_FREE: nothing was mapped
 * @NEED_MAPPED: something was
 */
enum effect_need {
	NEED_NOTHING,
	NEED_FREE,
	NEED_MAPPED,
};

/**
 * struct effect - what one call does to one range
 * @kind: see enum effect_kind
 * @need: see enum effect_need
 * @start: first address
 * @end: first address after
 * @tag: EFFECT_SET: the tag; EFFECT_CHANGE: the bits of @mask that are set after; EFFECT_DOUBT:
 *	what is there where nothing was mapped, TAG_UNCERTAIN or nothing
 * @mask: bits of the tag that EFFECT_CHANGE is about
 * @moved_to: where mremap(2) moved @start, 0 if it did not
 * @moved_end: end of what it made of the range there; growth is like the range's last page
 */
struct effect {
	enum effect_kind kind;
	enum effect_need need;
	uint64_t start;
	uint64_t end;
	uint64_t tag;
	uint64_t mask;
	uint64_t moved_to;
	uint64_t moved_end;
};

/**
 * struct moment - when a call was at work, and in which thread
 * @began: time of entry
 * @ended: time of return
 * @tid: thread
 */
struct moment {
	uint64_t began;
	uint64_t ended;
	uint32_t tid;
};

/**
 * struct recent - an effect that a later event may have to do with
 * @effect: the effect
 * @moment: see struct moment
 * @number: counts in the order of booking
 * @blind: addresses without a tag in @before may have been mapped
 * @before: what was there when it was booked
 * @state: EFFECT_STATE: what was there
 * @found: what an effect that moved has moved, as far as known when it was booked
 */
struct recent {
	struct effect effect;
	struct moment moment;
	uint64_t number;
	bool blind;
	struct ranges before;
	struct ranges state;
	struct ranges found;
};

/**
 * struct overlap - the recent effects in an address space, by time of return
 * @crowd: more than one thread may make calls
 * @horizon: return of the last call that was forgotten while there was a crowd
 * @number: effects so far
 * @v: the effects
 * @n: how many
 * @cap: room in @v
 */
struct overlap {
	bool crowd;
	uint64_t horizon;
	uint64_t number;
	struct recent *v;
	size_t n;
	size_t cap;
};

/**
 * struct outcome - what is at an address when all that is known is put in order
 * @tag: its tag, 0 for nothing, TAG_UNCERTAIN when there is more than one
 * @found: the same of the moment right before the effect in hand
 */
struct outcome {
	uint64_t tag;
	uint64_t found;
};

/**
 * effect_apply() - what an effect makes of an address
 * @effect: the effect
 * @tag: what was there
 * @possible: whether it could have happened
 *
 * Return: what is there after.
 */
uint64_t effect_apply(const struct effect *effect, uint64_t tag, bool *possible);

/**
 * overlap_concerns() - does the order matter
 * @overlap: the recent effects
 * @mine: an effect not yet among them
 *
 * Return: whether any of them touches @mine and was not surely before it.
 */
bool overlap_concerns(const struct overlap *overlap, const struct recent *mine);

/**
 * overlap_edge() - how far what happened at an address happened to all
 * @overlap: the recent effects
 * @mine: an effect not yet among them
 * @at: an address that it touches
 *
 * Return: the first address after @at for which overlap_resolve() may differ.
 */
uint64_t overlap_edge(const struct overlap *overlap, const struct recent *mine, uint64_t at);

/**
 * overlap_resolve() - try all orders that were possible
 * @overlap: the recent effects
 * @mine: an effect not yet among them
 * @at: an address that it touches
 * @now: what was there when the others were booked
 *
 * Return: see struct outcome. If no order is possible, a call that explains it is yet to come.
 */
struct outcome overlap_resolve(const struct overlap *overlap, const struct recent *mine,
			       uint64_t at, uint64_t now);

/**
 * overlap_is_news() - does an effect change what is known about an earlier one
 * @overlap: the recent effects
 * @mine: an effect not yet among them
 * @other: one of them, which moved
 * @at: an address that both touch
 *
 * Return: whether @other may have found something else there than was believed; false if no order
 * is possible, because then a call that explains it is yet to come.
 */
bool overlap_is_news(const struct overlap *overlap, const struct recent *mine,
		     const struct recent *other, uint64_t at);

/**
 * overlap_keep() - remember an effect as long as it can matter
 * @overlap: the recent effects
 * @mine: the effect; @overlap then owns its sets
 *
 * Return: 0 or -ENOMEM.
 */
int overlap_keep(struct overlap *overlap, struct recent *mine);

/**
 * overlap_forget_over() - forget what was over before a lone thread's next call
 * @overlap: the recent effects
 * @began: time of entry of that call
 */
void overlap_forget_over(struct overlap *overlap, uint64_t began);

/**
 * overlap_free() - forget all effects
 * @overlap: the effects
 */
void overlap_free(struct overlap *overlap);

#endif
