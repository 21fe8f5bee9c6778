// SPDX-License-Identifier: GPL-2.0
/* The lines of --top, cut to the width of a screen. */
#include <inttypes.h>
#include <stdio.h>

#include "lib/format.h"
#include "view/top_text.h"

/* On a narrower screen the tool leaves out no column, but cuts the line. */
#define WIDTH_MIN 80
#define NAME_MIN 14

static const char *const key_names[TOP_KEYS] = {
	[TOP_GROWTH] = "growth",     [TOP_HEAP] = "heap",	[TOP_ANONYMOUS] = "anonymous",
	[TOP_RESIDENT] = "resident", [TOP_REFUSED] = "refused", [TOP_LOST] = "lost",
	[TOP_PID] = "pid",
};

static const char *cut(char buf[TOP_TEXT_MAX], size_t columns)
{
	if (columns < TOP_TEXT_MAX)
		buf[columns] = '\0';
	return buf;
}

/* A wider screen has room for longer names. */
static int name_width(size_t columns)
{
	size_t width = columns < TOP_TEXT_MAX ? columns : TOP_TEXT_MAX - 1;

	return width > WIDTH_MIN ? NAME_MIN + width - WIDTH_MIN : NAME_MIN;
}

const char *top_head(char buf[TOP_TEXT_MAX], size_t columns, const struct top *top, size_t shown,
		     const char *state)
{
	const struct losses *l = &top->losses;

	snprintf(buf, TOP_TEXT_MAX, "brkwatch: %zu process%s, lost %s%" PRIu64 ", by %s%s%s", shown,
		 shown == 1 ? "" : "es", losses_least(l), losses_sum(l), key_names[top->key],
		 l->blind_to ? ", not exact: probes were off" : "", state);
	return cut(buf, columns);
}

const char *top_titles(char buf[TOP_TEXT_MAX], size_t columns)
{
	snprintf(buf, TOP_TEXT_MAX, "%7s %-*s %11s %10s %10s %10s %7s %4s", "PID",
		 name_width(columns), "NAME", "GROWTH/s", "HEAP", "ANONYMOUS", "RESIDENT",
		 "REFUSED", "LOST");
	return cut(buf, columns);
}

static const char *size_or(char buf[FORMAT_MAX], uint64_t bytes)
{
	return bytes == TOP_UNKNOWN ? "unknown" : format_short(buf, bytes);
}

static const char *rate_of(char buf[FORMAT_MAX], int64_t growth)
{
	uint64_t bytes = growth < 0 ? -growth : growth;
	char size[FORMAT_MAX];

	snprintf(buf, FORMAT_MAX, "%s%.40s",
		 !bytes	    ? "" :
		 growth < 0 ? "-" :
			      "+",
		 format_short(size, bytes));
	return buf;
}

const char *top_line(char buf[TOP_TEXT_MAX], size_t columns, const struct top_row *row)
{
	char growth[FORMAT_MAX], heap[FORMAT_MAX], anonymous[FORMAT_MAX], resident[FORMAT_MAX];
	char comm[FORMAT_MAX], name[FORMAT_MAX + 8];
	int width = name_width(columns);

	snprintf(name, sizeof(name), "%s%s", format_comm(comm, row->comm),
		 row->ended ? " ended" : "");
	snprintf(buf, TOP_TEXT_MAX,
		 "%7" PRIu32 " %-*.*s %11s %10s %10s %10s %7" PRIu64 " %4" PRIu64, row->pid, width,
		 width, name, rate_of(growth, row->growth), size_or(heap, row->heap),
		 size_or(anonymous, row->anonymous), size_or(resident, row->resident), row->refused,
		 row->lost);
	return cut(buf, columns);
}
