// SPDX-License-Identifier: GPL-2.0
/*
 * What the memory of a process came from. The module's counters know only which call got it; only
 * events say who asked, and what was made usable after it had been reserved.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/origin.h"
#include "lib/format.h"
#include "view/json_line.h"
#include "view/summary.h"

/* So many libraries are named, those that got most. */
#define LIBRARIES_NAMED 8

#define PORTIONS (SHARES + LIBRARIES_NAMED)

/**
 * struct portion - committed memory from one place
 * @bytes: how much
 * @tag: a tag with its origin, and with the file of a library that is named
 * @others: it is what named libraries left of that origin
 */
struct portion {
	uint64_t bytes;
	uint64_t tag;
	bool others;
};

/* Use floating point, because the product may not fit into 64 bits. */
static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * part / whole : 0.0;
}

static int compare(const void *a, const void *b)
{
	const struct portion *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return x->tag < y->tag ? -1 : 1;
}

/* Fills @portions by falling bytes. Returns how many there are. */
static size_t divide(const struct shares *shares, struct portion portions[SHARES])
{
	unsigned int i;
	size_t n = 0;

	for (i = 0; i < SHARES; i++)
		if (shares->bytes[i])
			portions[n++] = (struct portion){ shares->bytes[i], share_tag(i), false };
	qsort(portions, n, sizeof(*portions), compare);
	return n;
}

/* Fills @named by falling bytes. Returns how many there are. */
static size_t name_libraries(const struct shares *shares, struct portion named[LIBRARIES_NAMED])
{
	struct portion all[SHARES_LIBRARIES];
	size_t i, n = 0;

	for (i = 0; i < SHARES_LIBRARIES; i++)
		if (shares->libraries[i].bytes)
			all[n++] = (struct portion){ shares->libraries[i].bytes,
						     shares->libraries[i].who, false };
	qsort(all, n, sizeof(*all), compare);
	n = n < LIBRARIES_NAMED ? n : LIBRARIES_NAMED;
	memcpy(named, all, n * sizeof(*named));
	return n;
}

/* As divide(), with portions for libraries. */
static size_t divide_further(const struct shares *shares, struct portion portions[PORTIONS])
{
	struct portion named[LIBRARIES_NAMED];
	size_t libraries = name_libraries(shares, named);
	struct shares rest = *shares;
	size_t i, n;

	for (i = 0; i < libraries; i++)
		rest.bytes[share_of(named[i].tag)] -= named[i].bytes;
	n = divide(&rest, portions);
	for (i = 0; i < n; i++)
		portions[i].others = libraries && tag_origin(portions[i].tag) == ORIGIN_LIBRARY;
	memcpy(portions + n, named, libraries * sizeof(*named));
	n += libraries;
	qsort(portions, n, sizeof(*portions), compare);
	return n;
}

/* Addresses may be reserved after the peak, or given up after it. */
static uint64_t reserved(const struct process *p)
{
	return p->unusable > p->served.unusable ? p->unusable : p->served.unusable;
}

static bool is_known(const struct process *p)
{
	return p && p->served.committed;
}

static void put_reserved(FILE *out, uint64_t bytes, const char *when)
{
	char size[FORMAT_MAX];

	if (bytes)
		fprintf(out, "reserved:  %s of addresses (PROT_NONE)%s\n", format_size(size, bytes),
			when);
}

/* This is no share of what the process used, because what was unmapped again counts as well. */
static void put_got(FILE *out, const struct counters *c, const struct process *p)
{
	uint64_t mapped = c->mapped_bytes + process_remapped(p, c) - c->reserved_bytes;
	uint64_t sum = c->grown_bytes + mapped;
	char brk[FORMAT_MAX], mmap[FORMAT_MAX];

	fprintf(out, "got:       brk %s (%.1f %%), mmap %s (%.1f %%)%s\n",
		format_size(brk, c->grown_bytes), percent(c->grown_bytes, sum),
		format_size(mmap, mapped), percent(mapped, sum),
		process_remaps_unknown(p, c) ? " at least" : "");
	put_reserved(out, c->reserved_bytes, " in all");
}

/* Write the kind before the name of a library, because anybody can call a file "heap". */
static void put_name(const struct view *view, const struct portion *portion)
{
	const struct asked asked = asked_of_tag(view->ledger, portion->tag);
	const char *kind = portion->others ? "other libraries" : origin_name(asked.origin);

	fprintf(view->out, " %s%s", kind, asked.guess ? "?" : "");
	if (asked.file)
		fprintf(view->out, " (%s)", asked.file);
}

void put_served(const struct view *view, const struct counters *c, const struct process *p)
{
	struct portion portions[PORTIONS];
	FILE *out = view->out;
	char size[FORMAT_MAX];
	size_t i, n;

	if (!is_known(p)) {
		put_got(out, c, p);
		return;
	}
	n = divide_further(&p->served.by_origin, portions);
	fprintf(out, "served:    %s at the peak:", format_size(size, p->served.committed));
	for (i = 0; i < n; i++) {
		fputs(i ? "," : "", out);
		put_name(view, &portions[i]);
		fprintf(out, " %s (%.1f %%)", format_size(size, portions[i].bytes),
			percent(portions[i].bytes, p->served.committed));
	}
	fputc('\n', out);
	put_reserved(out, reserved(p), "");
}

/* The file is null for what named libraries left. */
static void add_library(struct line *line, const char *file, uint64_t bytes)
{
	line_begin_object(line, NULL);
	if (file)
		line_string(line, "file", file);
	else
		line_null(line, "file");
	line_u64(line, "bytes", bytes);
	line_end_object(line);
}

/* List who got the memory of @whole, which is a share of ORIGIN_LIBRARY. */
static void add_libraries(struct line *line, const struct view *view, const struct shares *shares,
			  const struct portion *whole)
{
	struct portion named[LIBRARIES_NAMED];
	size_t i, n = name_libraries(shares, named);
	uint64_t rest = whole->bytes;

	line_begin_array(line, "files");
	for (i = 0; i < n; i++) {
		if (share_of(named[i].tag) != share_of(whole->tag))
			continue;
		add_library(line, asked_of_tag(view->ledger, named[i].tag).file, named[i].bytes);
		rest -= named[i].bytes;
	}
	if (rest)
		add_library(line, NULL, rest);
	line_end_array(line);
}

static void add_portion(struct line *line, const struct view *view, const struct shares *shares,
			const struct portion *portion)
{
	enum origin origin = tag_origin(portion->tag);
	bool guess = tag_is_guess(portion->tag);

	line_begin_object(line, NULL);
	if (origin == ORIGIN_UNKNOWN || guess)
		line_null(line, "origin");
	else
		line_string(line, "origin", origin_name(origin));
	if (guess)
		line_string(line, "origin_guess", origin_name(origin));
	else
		line_null(line, "origin_guess");
	line_u64(line, "bytes", portion->bytes);
	if (origin == ORIGIN_LIBRARY)
		add_libraries(line, view, shares, portion);
	line_end_object(line);
}

void line_committed(struct line *line, const struct view *view, const struct process *p)
{
	struct portion portions[SHARES];
	size_t i, n;

	if (!is_known(p)) {
		line_null(line, "committed_by");
		line_null(line, "reserved_bytes");
		return;
	}
	n = divide(&p->served.by_origin, portions);
	line_begin_array(line, "committed_by");
	for (i = 0; i < n; i++)
		add_portion(line, view, &p->served.by_origin, &portions[i]);
	line_end_array(line);
	line_u64(line, "reserved_bytes", reserved(p));
}
