/* SPDX-License-Identifier: GPL-2.0 */
/* --html: a page that shows the run, event by event, in a browser. */
#ifndef BRKWATCH_HTML_H
#define BRKWATCH_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "event/event.h"
#include "view/callers.h"
#include "view/view.h"

struct address_space;
struct ledger;
struct line;

/**
 * struct box - neighbouring ranges that look alike in the page
 * @start: first address
 * @end: first address after
 * @label: index of its name, see html_labels()
 * @look: bits 0 to 2 enum tag_prot, 3 a guess, 4 given back, 5 uncertain; from 6 on the number of
 *	the stack whose call got it, 0 for none
 * @since: when that call got it, CLOCK_MONOTONIC in ns, 0 if that is not known
 */
struct box {
	uint64_t start;
	uint64_t end;
	uint32_t label;
	uint32_t look;
	uint64_t since;
};

/**
 * struct boxes - an address space as the page has it
 * @v: the boxes, by rising address
 * @n: how many
 * @cap: room in @v
 * @space: where they were found; they hold it, so that no other one gets its place in memory
 * @heap_start: its @heap_start then
 * @changes: its @changes then
 *
 * All zero has no boxes.
 */
struct boxes {
	struct box *v;
	size_t n;
	size_t cap;
	struct address_space *space;
	uint64_t heap_start;
	uint64_t changes;
};

/**
 * struct told - a process in the page
 * @watch: id of its watch
 * @pid: its number
 * @comm: its name at its last event
 * @steps: how many events it has
 * @loaded: how many there were after the last call of the loader before @own, 0 for no such call
 * @own: its first call that is known to be the program's own, counted from 1; 0 for none
 * @from_exec: an exec was its first event
 * @boxes: its address space after its last event, NULL before its first and after its end
 */
struct told {
	uint32_t watch;
	uint32_t pid;
	char comm[COMM_LEN];
	uint32_t steps;
	uint32_t loaded;
	uint32_t own;
	bool from_exec;
	struct boxes *boxes;
};

/**
 * struct html - the page in the making
 * @view: how the user sees it
 * @file: file that the page goes to
 * @page: @file while nothing is written to it, otherwise NULL
 * @steps: the events so far, as JSON, in a file without a name
 * @n_steps: how many
 * @callers: the stacks, with -k
 * @v: the processes, by rising watch
 * @n: how many
 * @cap: room in @v
 */
struct html {
	struct view view;
	const char *file;
	FILE *page;
	FILE *steps;
	uint64_t n_steps;
	struct callers callers;
	struct told *v;
	size_t n;
	size_t cap;
};

/**
 * html_begun() - see whether the program itself has begun
 * @told: the process, updated
 * @step: its next event
 * @page: bytes in a page
 *
 * Only calls that get memory show who made them, and a guess does not count.
 */
void html_begun(struct told *told, const struct step *step, uint64_t page);

/**
 * html_labels() - add an array of the names of boxes
 * @line: the line
 * @ledger: has the names of files
 */
void html_labels(struct line *line, const struct ledger *ledger);

/**
 * html_splice() - add how an address space changed since the last event
 * @line: the line, with an array open
 * @boxes: the old boxes; the function replaces them by the new ones
 * @space: the address space now
 * @ledger: has what calls hold, and the size of a page
 * @began: when the session began, CLOCK_MONOTONIC in ns
 *
 * Adds [index of the first changed box, number of removed boxes, then start, end, label, look and
 * time since @began, or -1, of each new box], and nothing if nothing changed. If boxes changed in
 * several places, adds an array of such arrays, of which each counts on the ones before it. Looks at
 * no more boxes than the space has changed since the last call, and some beside these.
 *
 * Return: whether it added something.
 */
bool html_splice(struct line *line, struct boxes *boxes, struct address_space *space,
		 const struct ledger *ledger, uint64_t began);

/**
 * html_boxes_free() - free boxes, and drop their reference to the address space
 * @boxes: the boxes; all zero afterwards
 */
void html_boxes_free(struct boxes *boxes);

#endif
