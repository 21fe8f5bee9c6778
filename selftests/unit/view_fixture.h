/* SPDX-License-Identifier: GPL-2.0 */
/* A view with its surroundings, to which a test passes events. */
#ifndef UNIT_FEED_H
#define UNIT_FEED_H

#include <json-c/json.h>

#include "ledger/ledger.h"
#include "view/normalize.h"
#include "view/view.h"

#define PAGE 4096ULL
#define HEAP 0x555500000000ULL
#define MAPS 0x7fff00000000ULL
#define SECOND 1000000000ULL

struct line;

/**
 * struct fixture - a view and what it wrote
 * @view: the view
 * @ledger: its ledger
 * @normalizer: names of addresses
 * @text: the text written so far, after fixture_text()
 * @size: length of @text
 * @file: after fixture_open_file(), the file
 */
struct fixture {
	struct view *view;
	struct ledger ledger;
	struct normalizer normalizer;
	char *text;
	size_t size;
	FILE *file;
};

void fixture_begin(struct fixture *fixture, const struct view_type *type);
/* With settings; the ledger and the page among them are replaced by the fixture's. */
void fixture_open(struct fixture *fixture, const struct view_type *type,
		  struct view_context context);
/* For a view that writes a file. */
void fixture_begin_file(struct fixture *fixture, const struct view_type *type, const char *file);
/* The same with settings; fixture_file() ends the view, and returns what the file has. */
void fixture_open_file(struct fixture *fixture, const struct view_type *type, struct view settings);
char *fixture_file(struct fixture *fixture, const struct report *report);
void fixture_event(struct fixture *fixture, struct event ev);
void fixture_end(struct fixture *fixture, const struct report *report);
/* The text written since the last call. */
const char *fixture_text(struct fixture *fixture);
void fixture_free(struct fixture *fixture);

/* The data in a page of --html. */
json_object *run_in_page(const char *page);

/* The value of a line, NULL if it has none; ends the line. */
json_object *json_of(struct line *line);

/* A member of a JSON object, by the keys that lead to it; NULL without one. */
json_object *json_at(json_object *object, const char *const *keys);
#define JSON_AT(object, ...) json_at(object, (const char *const[]){ __VA_ARGS__, NULL })

/* Events of one process whose heap begins at HEAP, a second after the session. */
struct event brk_event(uint32_t kind, uint64_t requested, uint64_t before, uint64_t after);
struct event mmap_event(uint64_t addr, uint64_t length, uint64_t flags, uint64_t result);
struct event munmap_event(uint64_t addr, uint64_t length);
struct event mremap_event(uint64_t addr, uint64_t length, uint64_t new_length, uint64_t flags,
			  uint64_t result);
struct event mprotect_event(uint64_t addr, uint64_t length, uint64_t prot);
struct event madvise_event(uint64_t addr, uint64_t length, int32_t advice);
struct event shmat_event(uint64_t addr, uint64_t flags, uint64_t result);
struct event shmdt_event(uint64_t addr);
struct event clone_event(uint32_t kind, uint32_t child, uint32_t watch);
struct event exec_event(const char *comm);
struct event exit_event(uint32_t status);
struct event fault_event(uint32_t signal, int32_t code, uint64_t addr);
struct event snapshot_event(uint32_t number);
struct event leave_event(void);
struct event mark_event(const char *text);
struct event failed(struct event ev, uint32_t error);
struct event with_prot(struct event ev, uint64_t prot);

/* How many kinds of events there are, and one of each. */
#define KINDS (BRKWATCH_EVENT_KIND_MARK + 1)
struct event any_event(enum brkwatch_event_kind kind);

#endif
