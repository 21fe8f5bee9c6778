// SPDX-License-Identifier: GPL-2.0
/* The last events of a process, which become text when the user looks at them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "view/last_events.h"
#include "view/normalize.h"
#include "view/text.h"

/* Most processes of a busy machine make few calls and end. */
#define ROOM_MIN 4

/* Keep no struct event, because it is six times as large and most of it is not in the text. */
static void shorten(struct last_event *last, const struct event *ev)
{
	last->kind = ev->kind;
	last->error = ev->error;
	switch (ev->kind) {
	case BRKWATCH_EVENT_KIND_EXEC:
		memcpy(last->exec.comm, ev->comm, sizeof(last->exec.comm));
		last->exec.seccomp = ev->seccomp;
		break;
	case BRKWATCH_EVENT_KIND_FAULT:
		last->fault.signal = ev->fault.signal;
		last->fault.code = ev->fault.code;
		last->fault.addr = ev->fault.addr;
		last->fault.heap_start = ev->heap_start;
		last->fault.brk = ev->brk;
		break;
	default:
		memcpy(last->own, (const char *)ev + offsetof(struct event, move), EVENT_OWN);
		break;
	}
}

static void restore(struct event *ev, const struct last_event *last)
{
	*ev = (struct event){ .kind = last->kind, .error = last->error };
	switch (last->kind) {
	case BRKWATCH_EVENT_KIND_EXEC:
		memcpy(ev->comm, last->exec.comm, sizeof(ev->comm));
		ev->seccomp = last->exec.seccomp;
		break;
	case BRKWATCH_EVENT_KIND_FAULT:
		ev->fault.signal = last->fault.signal;
		ev->fault.code = last->fault.code;
		ev->fault.addr = last->fault.addr;
		ev->heap_start = last->fault.heap_start;
		ev->brk = last->fault.brk;
		break;
	default:
		memcpy((char *)ev + offsetof(struct event, move), last->own, EVENT_OWN);
		break;
	}
}

int last_events_add(struct last_events *events, const struct event *ev)
{
	struct last_event *v = events->v;

	if (events->n < LAST_EVENTS_MAX)
		v = array_room(v, events->n, &events->cap, sizeof(*v), ROOM_MIN);
	if (!v)
		return -ENOMEM;
	events->v = v;
	shorten(&v[events->n++ % LAST_EVENTS_MAX], ev);
	return 0;
}

char *last_events_text(const struct last_events *events, struct view *view, uint64_t number)
{
	struct normalizer as_they_are = { .terse = true };
	struct places places;
	struct event ev;
	const struct step step = { .ev = &ev, .places = &places };

	restore(&ev, &events->v[number % LAST_EVENTS_MAX]);
	if (normalize(&as_they_are, &ev, &places))
		return NULL;
	return text_of(view, &step, put_what);
}

void last_events_free(struct last_events *events)
{
	free(events->v);
	*events = (struct last_events){ 0 };
}
