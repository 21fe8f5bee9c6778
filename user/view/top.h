/* SPDX-License-Identifier: GPL-2.0 */
/* --top: the processes that are watched, on a screen that is kept up to date. */
#ifndef BRKWATCH_TOP_H
#define BRKWATCH_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "view/last_events.h"
#include "view/view.h"

struct address_space;

#define TOP_FILTER 32

/* The figure is not known. */
#define TOP_UNKNOWN UINT64_MAX

/**
 * enum top_key - the figure that orders processes; all but the last put the most first
 * @TOP_GROWTH: growth of its private memory
 * @TOP_HEAP: the heap
 * @TOP_ANONYMOUS: anonymous mappings
 * @TOP_RESIDENT: resident memory
 * @TOP_REFUSED: calls that were refused
 * @TOP_LOST: events that were lost
 * @TOP_PID: its number
 * @TOP_KEYS: how many
 */
enum top_key {
	TOP_GROWTH,
	TOP_HEAP,
	TOP_ANONYMOUS,
	TOP_RESIDENT,
	TOP_REFUSED,
	TOP_LOST,
	TOP_PID,
	TOP_KEYS,
};

/**
 * struct top_row - a process
 * @watch: id of its watch
 * @pid: its number
 * @comm: its name
 * @ended: the process is gone
 * @counted: the tool has fetched the figures below at least once
 * @time: time of its last figures, ns
 * @growth: growth of its private memory between its last two figures, bytes a second
 * @data: private memory, bytes
 * @heap: from the start of the heap to the program break, bytes
 * @anonymous: anonymous mappings, bytes, or TOP_UNKNOWN
 * @resident: bytes at its last event, or TOP_UNKNOWN
 * @refused: calls of brk that were refused, and other calls that failed
 * @lost: number of its lost events
 * @space: its address space when it ended, or NULL
 * @map: the same as text, or NULL, if another process still lived in it then
 * @last: its last events
 */
struct top_row {
	uint32_t watch;
	uint32_t pid;
	char comm[COMM_LEN];
	bool ended;
	bool counted;
	uint64_t time;
	int64_t growth;
	uint64_t data;
	uint64_t heap;
	uint64_t anonymous;
	uint64_t resident;
	uint64_t refused;
	uint64_t lost;
	struct address_space *space;
	char *map;
	struct last_events last;
};

/**
 * struct top - all processes, and which of them the user sees
 * @v: the processes, by rising watch
 * @n: how many
 * @cap: room in @v
 * @ended: how many of them are gone
 * @key: the figure that orders them
 * @filter: text that a shown name contains; empty for all
 * @losses: losses of the session
 */
struct top {
	struct top_row *v;
	size_t n;
	size_t cap;
	size_t ended;
	enum top_key key;
	char filter[TOP_FILTER];
	struct losses losses;
};

/**
 * top_event() - learn from an event
 * @top: the processes
 * @view: the view that writes the map of a process that ends
 * @step: the event
 *
 * Return: 0 or -ENOMEM.
 */
int top_event(struct top *top, const struct view *view, const struct step *step);

/**
 * top_count() - learn from the kernel's counters
 * @top: the processes
 * @c: counters of one process
 * @time: when they were read, ns; 0 if this is unknown, so that rates stay as they are
 *
 * Return: 0 or -ENOMEM.
 */
int top_count(struct top *top, const struct counters *c, uint64_t time);

/**
 * top_map() - write the address space of a process as text
 * @view: the view that writes it
 * @row: the process; if it has ended, the text shows what it had then
 *
 * Return: the text, which the caller frees, or NULL if memory runs out.
 */
char *top_map(const struct view *view, const struct top_row *row);

/**
 * top_forget() - drop ended processes, the oldest first, if there are many
 * @top: the processes
 */
void top_forget(struct top *top);

/**
 * top_order() - sort the processes that pass the filter
 * @top: the processes
 * @n: set to how many
 *
 * Return: pointers to them in an array that the caller frees; NULL if memory runs out.
 */
const struct top_row **top_order(const struct top *top, size_t *n);

/**
 * top_find() - find a process
 * @top: the processes
 * @watch: id of its watch
 *
 * Return: the process, or NULL.
 */
const struct top_row *top_find(const struct top *top, uint32_t watch);

/**
 * top_free() - release the memory
 * @top: the processes
 */
void top_free(struct top *top);

#endif
