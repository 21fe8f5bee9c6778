/* SPDX-License-Identifier: GPL-2.0 */
/* Which kinds of events there are, and which of them are calls. */
#ifndef BRKWATCH_KINDS_H
#define BRKWATCH_KINDS_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/brkwatch.h>

#define EVENT_BIT(kind) (1U << BRKWATCH_EVENT_KIND_##kind)

/*
 * The order of the kinds has no meaning, because they are ABI: the next call will stand behind
 * today's lifecycle events. Only this place says which kinds are calls.
 */
#define CALL_EVENTS                                                                               \
	(EVENT_BIT(BRK) | EVENT_BIT(MMAP) | EVENT_BIT(MUNMAP) | EVENT_BIT(MREMAP) |               \
	 EVENT_BIT(MPROTECT) | EVENT_BIT(PKEY_MPROTECT) | EVENT_BIT(MADVISE) | EVENT_BIT(SHMAT) | \
	 EVENT_BIT(SHMDT))
#define LIFECYCLE_EVENTS                                                           \
	(EVENT_BIT(CLONE) | EVENT_BIT(EXEC) | EVENT_BIT(EXIT) | EVENT_BIT(FAULT) | \
	 EVENT_BIT(SNAPSHOT) | EVENT_BIT(LEAVE) | EVENT_BIT(MARK))
#define ALL_EVENTS (CALL_EVENTS | LIFECYCLE_EVENTS)

/**
 * event_is_one_of() - is an event of certain kinds
 * @kind: enum brkwatch_event_kind, or any number that a message says
 * @events: the kinds, as bits (1 << kind)
 *
 * Return: whether it is.
 */
static inline bool event_is_one_of(uint32_t kind, uint32_t events)
{
	return kind < 32 && events >> kind & 1;
}

/* A thread makes or meets these; other lifecycle events belong to its process. */
#define THREAD_EVENTS (CALL_EVENTS | EVENT_BIT(CLONE) | EVENT_BIT(FAULT))

/**
 * event_is_call() - is an event a system call, rather than a lifecycle event
 * @kind: enum brkwatch_event_kind, or any number that a message says
 *
 * Return: whether it is.
 */
static inline bool event_is_call(uint32_t kind)
{
	return event_is_one_of(kind, CALL_EVENTS);
}

/**
 * event_is_of_thread() - is an event what one thread does or meets
 * @kind: enum brkwatch_event_kind, or any number that a message says
 *
 * Return: whether it is, rather than a lifecycle event of its process.
 */
static inline bool event_is_of_thread(uint32_t kind)
{
	return event_is_one_of(kind, THREAD_EVENTS);
}

#endif
