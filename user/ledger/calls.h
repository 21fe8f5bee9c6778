/* SPDX-License-Identifier: GPL-2.0 */
/* What each call does to an address space. */
#ifndef BRKWATCH_CALLS_H
#define BRKWATCH_CALLS_H

#include "event/change.h"
#include "event/event.h"
#include "ledger/address_space.h"
#include "ledger/ledger.h"

/**
 * struct call - a call in hand
 * @ledger: has who made it, and gets who asked for memory
 * @space: where it was made
 * @ev: the call
 * @page: bytes in a page
 * @moment: when it was at work
 * @change: what it did
 */
struct call {
	struct ledger *ledger;
	struct address_space *space;
	const struct event *ev;
	uint64_t page;
	struct moment moment;
	struct change *change;
};

/**
 * call_up() - round up to whole pages
 * @call: the call
 * @length: bytes
 *
 * Return: bytes; less than @length when there is no such number.
 */
uint64_t call_up(const struct call *call, uint64_t length);

/**
 * call_tag() - the bits of a tag that say which call got the memory
 * @call: a call that gets some
 *
 * Return: its number in the place of TAG_CALL, 0 if no view asks for it.
 */
uint64_t call_tag(const struct call *call);

/**
 * call_effect() - book one effect of a call
 * @call: the call
 * @effect: the effect
 * @found: filled with what the call found there, if not NULL; to be freed
 *
 * Return: 0 or -ENOMEM.
 */
int call_effect(const struct call *call, const struct effect *effect, struct ranges *found);

/**
 * call_remap() - book an mremap
 * @call: the call
 *
 * Return: 0 or -ENOMEM.
 */
int call_remap(const struct call *call);

/**
 * call_book() - book a call
 * @ledger: see struct call
 * @space: where it was made
 * @ev: the event; ignored if it is no call
 * @change: what it did is added
 *
 * Return: 0 or -ENOMEM.
 */
int call_book(struct ledger *ledger, struct address_space *space, const struct event *ev,
	      struct change *change);

#endif
