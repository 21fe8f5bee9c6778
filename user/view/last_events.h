/* SPDX-License-Identifier: GPL-2.0 */
/* The last events of a process, which become text when the user looks at them. */
#ifndef BRKWATCH_LAST_EVENTS_H
#define BRKWATCH_LAST_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "view/view.h"

/* So many are kept. */
#define LAST_EVENTS_MAX 64

/* Bytes of what only the events of one kind have. */
#define EVENT_OWN (sizeof(struct event) - offsetof(struct event, move))

/**
 * struct last_event - what the text of an event needs
 * @kind: enum brkwatch_event_kind
 * @error: errno of a failed call, else 0
 * @exec: when @kind is exec
 * @fault: when @kind is fault
 * @own: of other kinds: what only that kind has, as in struct event
 */
struct last_event {
	uint32_t kind;
	uint32_t error;
	union {
		struct {
			char comm[COMM_LEN];
			uint32_t seccomp;
		} exec;
		struct {
			uint32_t signal;
			int32_t code;
			uint64_t addr;
			uint64_t heap_start;
			uint64_t brk;
		} fault;
		unsigned char own[EVENT_OWN];
	};
};

/**
 * struct last_events - the last events of a process
 * @v: the events, the oldest at @n modulo LAST_EVENTS_MAX once there are so many
 * @cap: room in @v
 * @n: number of all events so far
 *
 * An all-zero structure is empty.
 */
struct last_events {
	struct last_event *v;
	size_t cap;
	uint64_t n;
};

/**
 * last_events_add() - keep an event in place of the oldest one
 * @events: the events
 * @ev: the event
 *
 * Return: 0 or -ENOMEM.
 */
int last_events_add(struct last_events *events, const struct event *ev);

/**
 * last_events_text() - write an event as text, with the addresses as they are and without its time
 * @events: the events
 * @view: the view that writes it, which shows no durations
 * @number: the event's number among all, from 0; one of the last LAST_EVENTS_MAX
 *
 * Return: the text, which the caller frees, or NULL if memory runs out.
 */
char *last_events_text(const struct last_events *events, struct view *view, uint64_t number);

/**
 * last_events_free() - release the memory
 * @events: the events
 */
void last_events_free(struct last_events *events);

#endif
