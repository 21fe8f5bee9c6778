/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of an event in attributes. */
#ifndef BRKWATCH_DECODE_EVENT_H
#define BRKWATCH_DECODE_EVENT_H

#include <stdint.h>
#include <netlink/attr.h>

#include "event/event.h"

/**
 * struct event_place - where in a struct event a number goes
 * @offset: bytes from the beginning
 * @size: bytes of the number, 4 or 8; 0 if the attribute is no number, or has no place in events
 *	of the kind
 */
struct event_place {
	uint16_t offset;
	uint16_t size;
};

/**
 * event_places() - find where the numbers of a call go
 * @kind: enum brkwatch_event_kind, or any number that a message says
 *
 * Return: the places of all numbers but of the kind itself, by attribute, BRKWATCH_A_EVENT_MAX + 1
 * of them; NULL if no call has this kind.
 */
const struct event_place *event_places(uint32_t kind);

/**
 * event_get() - read an event
 * @tb: its attributes, by number
 * @ev: filled
 *
 * Return: 0, or an error as of decode_event().
 */
int event_get(const struct nlattr **tb, struct event *ev);

/**
 * event_get_own() - read what the events of one kind have besides what all have
 * @tb: attributes of the event, by number
 * @ev: the event, whose kind is known
 *
 * Return: 0 or -EBADMSG.
 */
int event_get_own(const struct nlattr **tb, struct event *ev);

/**
 * event_get_words() - read the words of who made a call
 * @words: the attribute, or NULL
 * @asker: its words are filled
 *
 * Return: 0 or -EBADMSG.
 */
int event_get_words(const struct nlattr *words, struct event_asker *asker);

/**
 * event_check() - check whether values are in the ranges on which the rest of the tool relies
 * @ev: the event
 *
 * Return: 0, or an error as of decode_event().
 */
int event_check(const struct event *ev);

#endif
