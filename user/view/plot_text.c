// SPDX-License-Identifier: GPL-2.0
/* The picture in letters. */
#include <inttypes.h>
#include <string.h>

#include "lib/format.h"
#include "view/plot.h"
#include "lib/timestamp.h"

#define ROWS 16
/* The scale takes so many columns, including the line between it and the picture. */
#define SCALE 11
#define COLUMNS_DEFAULT 80
#define COLUMNS_MIN 40
#define COLUMNS_MAX 200

/* The tool draws the curves in this order, so that the last one is on top where they meet. */
static const struct {
	enum figure figure;
	char letter;
} curves[] = {
	{ FIGURE_COMMITTED, 'c' },
	{ FIGURE_RESIDENT, 'r' },
	{ FIGURE_MAPPED, 'm' },
	{ FIGURE_HEAP, 'h' },
};

#define CURVES (sizeof(curves) / sizeof(*curves))

/**
 * struct canvas - the picture in the making
 * @columns: its width
 * @from: time of its left edge, ns
 * @to: time of its right edge, ns
 * @top: bytes at its upper edge
 * @v: samples by column; a column without an event repeats the last values before it
 * @cells: letters
 */
struct canvas {
	unsigned int columns;
	uint64_t from;
	uint64_t to;
	uint64_t top;
	struct sample v[COLUMNS_MAX];
	char cells[ROWS][COLUMNS_MAX + 1];
};

static unsigned int column_of(const struct canvas *c, uint64_t time)
{
	uint64_t all = c->to - c->from;

	if (time <= c->from || !all)
		return 0;
	if (time >= c->to)
		return c->columns - 1;
	return (__uint128_t)(time - c->from) * (c->columns - 1) / all;
}

/* A sample that spans columns goes into the column where it ended. */
static void spread_out(struct canvas *c, const struct timeline *timeline)
{
	unsigned int column = 0, at;
	size_t i;

	c->v[0] = timeline->v[0];
	for (i = 1; i < timeline->n; i++) {
		at = column_of(c, timeline->v[i].to);
		if (at <= column) {
			sample_merge(&c->v[column], &timeline->v[i]);
			continue;
		}
		for (; column + 1 < at; column++)
			c->v[column + 1] = sample_after(&c->v[column]);
		c->v[++column] = timeline->v[i];
	}
	while (column + 1 < c->columns) {
		c->v[column + 1] = sample_after(&c->v[column]);
		column++;
	}
}

static unsigned int row_of(const struct canvas *c, uint64_t bytes)
{
	return (__uint128_t)bytes * (ROWS - 1) / c->top;
}

static void draw_curve(struct canvas *c, enum figure which, char letter)
{
	unsigned int column, row;

	for (column = 0; column < c->columns; column++) {
		const struct spread *s = &c->v[column].of[which];

		if (s->last == TIMELINE_UNKNOWN)
			continue;
		for (row = row_of(c, s->least); row <= row_of(c, s->most); row++)
			c->cells[row][column] = letter;
	}
}

/* Write a row without the blanks at its end. */
static void put_row(FILE *out, const char *head, char edge, const char *cells)
{
	size_t len = strlen(cells);

	while (len && cells[len - 1] == ' ')
		len--;
	if (len || edge != ' ')
		fprintf(out, "%*s %c%.*s\n", SCALE - 2, head, edge, (int)len, cells);
}

/* The upper edge is exact; between it and 0 a KiB does not matter. */
static void put_cells(FILE *out, const struct canvas *c)
{
	uint64_t unit = c->top < 16 << 10 ? 1 : 1 << 10;
	char size[FORMAT_MAX];
	int row;

	for (row = ROWS - 1; row >= 0; row--) {
		*size = '\0';
		if (row == ROWS - 1)
			format_size(size, c->top);
		else if (row % 5 == 0)
			format_size(size, c->top * row / (ROWS - 1) / unit * unit);
		put_row(out, size, '|', c->cells[row]);
	}
}

static void put_axis(FILE *out, const struct canvas *c, uint64_t began)
{
	char from[32], to[32];
	unsigned int column;

	fprintf(out, "%*s +", SCALE - 2, "");
	for (column = 0; column < c->columns; column++)
		fputc('-', out);
	snprintf(from, sizeof(from), "%.6f s", (c->from - began) / 1e9);
	snprintf(to, sizeof(to), "%.6f s", (c->to - began) / 1e9);
	fprintf(out, "\n%*s%s%*s\n", SCALE, "", from, (int)(c->columns - strlen(from)), to);
}

static char move_letter(const struct sample *s)
{
	if (s->refused)
		return '!';
	if (s->grows && s->shrinks)
		return '*';
	return s->grows ? '+' : s->shrinks ? '-' : ' ';
}

static void put_moves(FILE *out, const struct canvas *c)
{
	char line[COLUMNS_MAX + 1] = "";
	unsigned int column;

	for (column = 0; column < c->columns; column++)
		line[column] = move_letter(&c->v[column]);
	put_row(out, "moves", ' ', line);
}

static void put_marks(FILE *out, const struct canvas *c, const struct timeline *timeline,
		      uint64_t began)
{
	size_t shown = timeline_marks(timeline), i;
	char line[COLUMNS_MAX + 1], text[FORMAT_MARK_MAX];

	if (!shown)
		return;
	memset(line, ' ', c->columns);
	line[c->columns] = '\0';
	for (i = 0; i < shown; i++)
		line[column_of(c, timeline->marks[i].time)] = i < 26 ? 'A' + i : 'a' + i - 26;
	put_row(out, "marks", ' ', line);
	for (i = 0; i < shown; i++)
		fprintf(out, "%*c %.6f s \"%s\"\n", SCALE - 2,
			(int)(i < 26 ? 'A' + i : 'a' + i - 26),
			(timeline->marks[i].time - began) / 1e9,
			format_mark(text, timeline->marks[i].text));
	if (shown < timeline->marks_n)
		fprintf(out, "%*s and %" PRIu64 " more\n", SCALE - 2, "",
			timeline->marks_n - shown);
}

static void put_figures(FILE *out, const struct sample *whole)
{
	char least[FORMAT_MAX], most[FORMAT_MAX], last[FORMAT_MAX];
	size_t i = CURVES;

	while (i--) {
		const struct spread *s = &whole->of[curves[i].figure];

		if (s->last == TIMELINE_UNKNOWN)
			fprintf(out, "  %c %-10s unknown\n", curves[i].letter,
				figure_names[curves[i].figure]);
		else
			fprintf(out, "  %c %-10s least %s, most %s, at the end %s\n",
				curves[i].letter, figure_names[curves[i].figure],
				format_size(least, s->least), format_size(most, s->most),
				format_size(last, s->last));
	}
	fprintf(out,
		"  moves of the break: + %" PRIu32 ", - %" PRIu32 ", refused ! %" PRIu32 "\n\n",
		whole->grows, whole->shrinks, whole->refused);
}

static unsigned int columns_of(const struct terminal *terminal)
{
	unsigned int columns = terminal->columns ?: COLUMNS_DEFAULT;

	if (columns < COLUMNS_MIN)
		columns = COLUMNS_MIN;
	return columns > COLUMNS_MAX ? COLUMNS_MAX - SCALE : columns - SCALE;
}

void plot_text(FILE *out, const struct plotted *p, uint64_t began, const struct terminal *terminal)
{
	const struct sample whole = timeline_whole(&p->timeline);
	struct canvas c = {
		.columns = columns_of(terminal),
		.from = whole.from,
		.to = whole.to,
		.top = sample_peak(&whole) ?: 1,
	};
	char name[FORMAT_MAX];
	size_t i;

	for (i = 0; i < ROWS; i++)
		memset(c.cells[i], ' ', c.columns);
	spread_out(&c, &p->timeline);
	for (i = 0; i < CURVES; i++)
		draw_curve(&c, curves[i].figure, curves[i].letter);
	fprintf(out, "pid %" PRIu32 " (%s)\n", p->pid, format_comm(name, p->comm));
	put_cells(out, &c);
	put_axis(out, &c, began);
	put_moves(out, &c);
	put_marks(out, &c, &p->timeline, began);
	put_figures(out, &whole);
}
