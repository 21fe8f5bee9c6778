// SPDX-License-Identifier: GPL-2.0
/* Which calls of a process failed, and whether seccomp(2) can deny calls before they are seen. */
#include <inttypes.h>
#include <linux/seccomp.h>

#include "lib/names.h"
#include "view/json_line.h"
#include "view/summary.h"

/* The module's entries, refused calls of brk, and the calls that no entry had room for. */
#define SHOWN_MAX (REFUSALS_MAX + 2)

/**
 * struct shown - failed calls as a view lists them
 * @call: name of the call, NULL for calls of several kinds
 * @error: the errno, 0 without one
 * @calls: how many
 */
struct shown {
	const char *call;
	uint32_t error;
	uint64_t calls;
};

/* Refused calls of brk have no errno, unless a fatal signal ended their wait. */
static uint64_t brk_refusals(const struct counters *c)
{
	const struct refusals *refusals = &c->refusals;
	uint64_t interrupted = 0;
	size_t i;

	for (i = 0; i < refusals->n; i++)
		if (refusals->v[i].kind == BRKWATCH_EVENT_KIND_BRK)
			interrupted += refusals->v[i].calls;
	return c->brk_refused > interrupted ? c->brk_refused - interrupted : 0;
}

static size_t list(const struct counters *c, struct shown shown[SHOWN_MAX])
{
	const struct refusals *refusals = &c->refusals;
	uint64_t brk = brk_refusals(c);
	size_t n;

	for (n = 0; n < refusals->n; n++)
		shown[n] = (struct shown){
			.call = names_event(refusals->v[n].kind),
			.error = refusals->v[n].error,
			.calls = refusals->v[n].calls,
		};
	if (brk)
		shown[n++] = (struct shown){
			.call = names_event(BRKWATCH_EVENT_KIND_BRK),
			.calls = brk,
		};
	if (refusals->others)
		shown[n++] = (struct shown){ .calls = refusals->others };
	return n;
}

void put_refusals(FILE *out, const struct counters *c)
{
	struct shown shown[SHOWN_MAX];
	char buf[NAMES_MAX];
	size_t n, i;

	/* Another line has the refusals of brk. */
	if (!c->refusals.n && !c->refusals.others)
		return;
	n = list(c, shown);
	fprintf(out, "refused:   ");
	for (i = 0; i < n; i++)
		fprintf(out, "%s%s%s%s %" PRIu64, i ? ", " : "", shown[i].call ?: "others",
			shown[i].error ? " " : "",
			shown[i].error ? names_errno(buf, shown[i].error) : "", shown[i].calls);
	fputc('\n', out);
}

static void add_shown(struct line *line, const struct shown *shown)
{
	char buf[NAMES_MAX];

	line_begin_object(line, NULL);
	if (shown->call)
		line_string(line, "call", shown->call);
	else
		line_null(line, "call");
	if (shown->error)
		line_string(line, "error", names_errno(buf, shown->error));
	else
		line_null(line, "error");
	line_u64(line, "calls", shown->calls);
	line_end_object(line);
}

void line_refusals(struct line *line, const struct counters *c)
{
	struct shown shown[SHOWN_MAX];
	size_t n, i;

	if (c->refusals.unknown) {
		line_null(line, "refusals");
		return;
	}
	n = list(c, shown);
	line_begin_array(line, "refusals");
	for (i = 0; i < n; i++)
		add_shown(line, &shown[i]);
	line_end_array(line);
}

void put_seccomp(FILE *out, const struct counters *c)
{
	if (c->seccomp == SECCOMP_MODE_FILTER)
		fprintf(out, "seccomp:   a filter is installed: calls that it denies never reach "
			     "brkwatch\n");
	else if (c->seccomp == SECCOMP_MODE_STRICT)
		fprintf(out,
			"seccomp:   strict mode is on: a call that it denies kills the process "
			"and never reaches brkwatch\n");
}

void put_seccomp_filters(FILE *out, const struct rank *total)
{
	if (total->seccomp_filter)
		fprintf(out,
			"seccomp:   a filter is installed in %s%" PRIu64 " of %" PRIu64
			" processes: calls that it denies never reach brkwatch\n",
			total->seccomp_unknown ? "at least " : "", total->seccomp_filter,
			total->processes);
}
