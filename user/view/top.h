/* SPDX-License-Identifier: GPL-2.0 */
/* --top: the processes that are watched, on a screen that is kept up to date. */
#ifndef BRKWATCH_TOP_H
#define BRKWATCH_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "view/view.h"

struct address_space;

#define TOP_LINES 64
#define TOP_FILTER 32

/* The figure is not known. */
#define TOP_UNKNOWN UINT64_MAX

/**
 * enum top_key - what processes are sorted by; all but the last by the most first
 * @TOP_GROWTH: what its private memory grows by
 * @TOP_HEAP: the heap
 * @TOP_ANONYMOUS: anonymous mappings
 * @TOP_RESIDENT: what is in memory
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
 * @ended: it is gone
 * @counted: the figures below were fetched once
 * @time: of its last figures, ns
 * @growth: bytes a second that its private memory grew by between the last two of them
 * @data: private memory, bytes
 * @heap: from the start of the heap to the program break, bytes
 * @anonymous: anonymous mappings, bytes, or TOP_UNKNOWN
 * @resident: bytes at its last event, or TOP_UNKNOWN
 * @refused: calls of brk that were refused and others that failed
 * @lost: its events that were lost
 * @map: its address space when it ended, as text, or NULL
 * @lines: its last events as text, the oldest at @lines_n modulo TOP_LINES once it is full
 * @lines_n: how many there were
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
	char *map;
	char *lines[TOP_LINES];
	uint64_t lines_n;
};

/**
 * struct top - all of them, and what of them is to be seen
 * @v: the processes, by rising watch
 * @n: how many
 * @cap: room in @v
 * @key: what they are sorted by
 * @filter: a part of their names; empty for all
 * @losses: of the session
 */
struct top {
	struct top_row *v;
	size_t n;
	size_t cap;
	enum top_key key;
	char filter[TOP_FILTER];
	struct losses losses;
};

/**
 * top_event() - learn from an event
 * @top: the processes
 * @view: what texts are made with
 * @step: the event
 *
 * Return: 0 or -ENOMEM.
 */
int top_event(struct top *top, struct view *view, const struct step *step);

/**
 * top_count() - learn from the kernel's counters
 * @top: the processes
 * @c: counters of one
 * @time: when they were read, ns; 0 if that is not known, and rates stay as they are
 *
 * Return: 0 or -ENOMEM.
 */
int top_count(struct top *top, const struct counters *c, uint64_t time);

/**
 * top_map() - the address space of a process as text
 * @view: what it is made with
 * @row: the process
 * @space: its address space
 *
 * Return: the text, to be freed, or NULL without memory.
 */
char *top_map(const struct view *view, const struct top_row *row,
	      const struct address_space *space);

/**
 * top_forget() - drop processes that are gone, the oldest first, if there are many
 * @top: the processes
 */
void top_forget(struct top *top);

/**
 * top_order() - those that pass the filter, sorted
 * @top: the processes
 * @n: set to how many
 *
 * Return: pointers to them, to be freed; NULL without memory.
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
 * top_free() - give back its memory
 * @top: the processes
 */
void top_free(struct top *top);

#endif
