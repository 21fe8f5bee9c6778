/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses as text: as they are, or as places that two runs of one program
 * have in common although the kernel maps everything elsewhere in each run.
 */
#ifndef BRKWATCH_NORMALIZE_H
#define BRKWATCH_NORMALIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "view/place_names.h"
#include "event/event.h"
#include "event/geometry.h"

/* "<map4294967295>+0x" and 16 digits. */
#define PLACE_MAX 40

/*
 * The addresses of one event as text, named like the event's fields. A text is
 * empty if the event has no such field, if the field means nothing, and for the
 * result of a failed call; see also @terse of struct normalizer. An address 0 is "0x0".
 */
struct places {
	char heap_start[PLACE_MAX];
	char brk[PLACE_MAX];
	char requested[PLACE_MAX];
	char before[PLACE_MAX];
	char after[PLACE_MAX];
	char addr[PLACE_MAX];
	char new_addr[PLACE_MAX];
	char result[PLACE_MAX];
};

/**
 * pointer() - an address as an argument
 * @addr: the address
 * @place: the same as text
 *
 * Return: @place, or "NULL".
 */
static inline const char *pointer(uint64_t addr, const char *place)
{
	return addr ? place : "NULL";
}

/**
 * struct normalizer - the names that addresses have so far
 * @on: give names; otherwise write addresses as they are
 * @terse: of addresses as they are, write only that of a fault; a line of text writes those of
 *	calls itself, and shows no others
 * @geometry: see struct geometry
 * @names: the names of each watch
 */
struct normalizer {
	bool on;
	bool terse;
	struct geometry geometry;
	struct place_names_all names;
};

/**
 * normalize() - write an event's addresses and learn its mappings
 * @normalizer: names so far
 * @ev: the event; the caller must pass all events of a watch, in order
 * @places: filled
 *
 * Return: 0 or -ENOMEM.
 */
int normalize(struct normalizer *normalizer, const struct event *ev, struct places *places);

/**
 * returns_place() - check whether the result of a call is an address
 * @ev: a call
 *
 * Return: whether it is.
 */
bool returns_place(const struct event *ev);

/**
 * is_literal() - check whether an argument is a number rather than a place
 * @addr: an argument of a system call
 *
 * Programs pass small numbers and -1 to provoke an error: no layout moves them.
 *
 * Return: whether nothing can be there in any layout.
 */
bool is_literal(uint64_t addr);

/**
 * is_out_of_reach() - check whether no heap could ever get there
 * @ev: a call of brk(2)
 * @addr: the break that it asked for
 *
 * The distance of such an address from the heap differs from run to run and
 * means nothing.
 *
 * Return: whether it is a mere number, 1 MiB below the heap or 16 TiB above its start.
 */
bool is_out_of_reach(const struct event *ev, uint64_t addr);

/**
 * is_near_heap() - check whether the distance of a fault from the heap means something
 * @ev: the fault
 *
 * Return: whether it is at most 1 MiB below the heap or 1 GiB above the break.
 */
bool is_near_heap(const struct event *ev);

/**
 * normalizer_forget() - forget the names of a process that is gone
 * @normalizer: the names
 * @watch: id of its watch
 */
void normalizer_forget(struct normalizer *normalizer, uint32_t watch);

/**
 * normalizer_free() - forget all names
 * @normalizer: the names
 */
void normalizer_free(struct normalizer *normalizer);

#endif
